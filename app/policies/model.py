"""A policy as its TOML file says it: amounts in cents, percentages in basis points, days as whole numbers."""

from collections.abc import Mapping
from datetime import date

import msgspec

PASSES = {"exact_reference": 1, "exact_amount": 2, "own_agb": 3, "same_entity": 4}
STARTS = {"never": 0, "at_once": 1, "after_due": 2, "after_reminder": 3, "on_request": 4}
MODES = {"none": 0, "percentage": 1, "fixed": 2, "full": 3}
REGIMES = ("none", "6:119", "6:119a")


class Allocation(msgspec.Struct, frozen=True, kw_only=True):
    """The ordered passes, and what a declaration, a running account and a payout give at most."""

    passes: tuple[str, ...]
    order: str
    cap_basis_points: int | None
    cap_cents: int | None
    floor_cents: int


class OffsetSetting(msgspec.Struct, frozen=True, kw_only=True):
    """When offset starts for a reason code and how much it takes; `charges`: costs and interest too."""

    start: str
    reminder: int
    mode: str
    basis_points: int | None
    fixed_cents: int | None
    charges: bool


class DunningStep(msgspec.Struct, frozen=True, kw_only=True):
    """Reminder n: due so many days after the due date (`on_the_day`, else the day after) and after the earlier term."""

    days_after_due: int
    on_the_day: bool
    term_days: int
    minimum_cents: int


class Agency(msgspec.Struct, frozen=True, kw_only=True):
    """Ready for the agency: the term of `after_step` is over, and `idle_days` without declaration or payment."""

    after_step: int
    on_the_day: bool
    idle_days: int
    minimum_cents: int


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for the claims of one reason code; `passes`: those that it takes part in, None: all."""

    title_nl: str
    title_en: str
    priority: int
    owning_team: str
    appeal_days: int | None
    interest_regime: str
    quiet: bool
    matures_days: int | None
    matures_to: str | None
    payment_term_days: int
    passes: tuple[str, ...] | None
    offset: OffsetSetting
    dunning: tuple[DunningStep, ...]
    agency: Agency | None


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One policy file of one risk carrier."""

    name: str
    valid_from: date
    allocation: Allocation
    gate: Mapping[str, int]
    reasons: Mapping[str, Reason]


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as it was stored; `added` is False when the very same text was applied before."""

    policy_version_id: int
    risk_carrier_id: int
    version: int
    valid_from: date
    added: bool
    new_reason_codes: tuple[str, ...]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One setting that differs between two versions; None where a version does not have it."""

    path: str
    before: object
    after: object


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong at one path of a policy file, and what to write instead."""

    path: str
    message: str
