"""Parties: risk carriers, and providers with their dated practices, AGB codes and IBANs.

What others may call is what this door exports.
"""

from app.parties.intake import PROVIDERS_FEED

__all__ = ["PROVIDERS_FEED"]
