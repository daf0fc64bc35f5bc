"""Reminders and hand-overs: what a night proposed, and taking a proposal over as a step on the claim.

Others call `accept_proposals` and `open_proposals`.
"""

from app.dunning.actions import Accepted, accept_proposals
from app.dunning.queries import Proposal, open_proposals

__all__ = ["Accepted", "Proposal", "accept_proposals", "open_proposals"]
