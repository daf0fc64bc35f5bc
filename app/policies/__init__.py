"""Reason codes and dated policies: per risk carrier what is offset when, in which order, and which steps follow.

What others may call is what this door exports.
"""

from app.policies.actions import apply_policy, diff_policy, show_policy
from app.policies.queries import policy_in_force, reason_ids

__all__ = ["apply_policy", "diff_policy", "policy_in_force", "reason_ids", "show_policy"]
