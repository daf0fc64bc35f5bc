"""Risk carriers, providers and what they had when, as they are read. No I/O; names and IBANs are personal data."""

from datetime import date

import msgspec


class Brand(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A brand of a risk carrier."""

    code: str
    name: str


class RiskCarrier(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An insurer's legal person; `uzovi` are its codes that are valid today, `closedThrough` its last planned night."""

    code: str
    name: str
    kvk: str
    uzovi: list[str]
    brands: list[Brand]
    closed_through: date | None


class ProviderSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A provider in a list; `agbCodes` are those of today, `riskCarriers` those of its running accounts."""

    number: str
    name: str
    kvk: str | None
    legal_form: str
    natural_person: bool
    agb_codes: list[str]
    risk_carriers: list[str]


class Practice(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A practice of a provider; dates are first and last day, null: still."""

    code: str
    name: str
    valid_from: date
    valid_until: date | None


class AgbRegistration(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An AGB code that the provider has or had; `practice` is the practice's code."""

    agb: str
    practice: str | None
    valid_from: date
    valid_until: date | None


class PayeeIban(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An IBAN that payouts go or went to: the practice's, or the provider's own where `practice` is null."""

    iban: str
    holder_name: str
    practice: str | None
    valid_from: date
    valid_until: date | None


class AccountBalance(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A running account as posted: `balanceCents` = payable + on account - claims; above 0 the insurer owes."""

    risk_carrier: str
    account_id: int
    payable_cents: int
    claims_cents: int
    on_account_cents: int
    balance_cents: int


class Provider(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A provider with its practices, AGB codes and IBANs, each dated, and its running accounts."""

    number: str
    name: str
    kvk: str | None
    legal_form: str
    natural_person: bool
    practices: list[Practice]
    agb_codes: list[AgbRegistration]
    ibans: list[PayeeIban]
    running_accounts: list[AccountBalance]


class AgbOwner(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who had an AGB code on a day, and since and until when."""

    agb: str
    on_date: date
    provider_number: str
    provider: str
    practice: str | None
    valid_from: date
    valid_until: date | None


class ProviderFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which providers: what is None is not asked. `name` is a part of it, case aside; the others are whole."""

    risk_carrier: str | None = None
    kvk: str | None = None
    agb: str | None = None
    name: str | None = None
    iban: str | None = None
    number: str | None = None
