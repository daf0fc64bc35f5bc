"""Parties: risk carriers, and providers with their dated practices, AGB codes and IBANs.

What others may call is what this door exports.
"""

from app.parties.intake import PROVIDERS_FEED
from app.parties.model import ProviderFilter, ProviderSummary
from app.parties.queries import list_providers

__all__ = ["PROVIDERS_FEED", "ProviderFilter", "ProviderSummary", "list_providers"]
