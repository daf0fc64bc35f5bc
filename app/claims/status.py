"""A claim's status is computed from facts, never typed or stored (CR-6)."""

from enum import StrEnum

import msgspec


class ClaimStatus(StrEnum):
    """What a claim is on a day, in one word; the facts behind it are in its timeline."""

    REQUESTED = "requested"
    WITHDRAWN = "withdrawn"
    WRITTEN_OFF = "written off"
    OFFSET = "offset"
    SETTLED = "settled"
    AT_AGENCY = "at agency"
    DISPUTED = "disputed"
    PLAN = "plan"
    ON_HOLD = "on hold"
    REMINDED = "reminded"
    MATURED = "matured"
    OPEN = "open"


class StatusFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a claim on a day; cents, counts and the kinds of the holds that run."""

    open_cents: int
    queued: bool
    withdrawn: bool
    written_off_cents: int
    offset_cents: int
    paid_cents: int
    hold_kinds: tuple[int, ...]
    reminders: int
    matured: bool


_HOLDS = {4: ClaimStatus.AT_AGENCY, 1: ClaimStatus.DISPUTED, 2: ClaimStatus.PLAN}


def status_of(facts: StatusFacts) -> ClaimStatus:
    """The first that fits: nothing open (and why), then holds by weight, then how far dunning is."""
    if facts.open_cents == 0:
        return _closed(facts)
    for kind, status in _HOLDS.items():
        if kind in facts.hold_kinds:
            return status
    if facts.hold_kinds:
        return ClaimStatus.ON_HOLD
    if facts.reminders:
        return ClaimStatus.REMINDED
    return ClaimStatus.MATURED if facts.matured else ClaimStatus.OPEN


def _closed(facts: StatusFacts) -> ClaimStatus:
    if facts.queued:
        return ClaimStatus.REQUESTED
    if facts.withdrawn:
        return ClaimStatus.WITHDRAWN
    if facts.written_off_cents:
        return ClaimStatus.WRITTEN_OFF
    return ClaimStatus.OFFSET if facts.offset_cents and not facts.paid_cents else ClaimStatus.SETTLED


def status_text(facts: StatusFacts) -> str:
    """The status with its number where it has one: `reminded 2`."""
    status = status_of(facts)
    return f"{status} {facts.reminders}" if status is ClaimStatus.REMINDED else str(status)
