"""Decisions on claims, pure: how a payment is spread, what is freed when a claim is lowered, which step may go."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from app.claims.model import ClaimState, StandingOffset
from app.ledger import PostingKind

PAYMENT_ORDER = (  # art. 6:44 BW: costs, then interest, then principal
    ("costs", PostingKind.PAYMENT_COSTS),
    ("interest", PostingKind.PAYMENT_INTEREST),
    ("principal", PostingKind.PAYMENT_PRINCIPAL),
)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Cents of one component of one claim."""

    claim_id: int
    component: str
    kind: PostingKind
    cents: int


def spread_payment(cents: int, claims: Sequence[ClaimState]) -> tuple[list[Part], int]:
    """Which cents go where, and what is left for on account.

    The oldest due claim first (art. 6:43 BW), within a claim costs, interest, principal (art. 6:44 BW).
    """
    parts = []
    for claim in sorted(claims, key=lambda claim: (claim.due_date, claim.claim_id)):
        for component, kind in PAYMENT_ORDER:
            take = min(cents, getattr(claim, component))
            if take > 0:
                parts.append(Part(claim_id=claim.claim_id, component=component, kind=kind, cents=take))
                cents -= take
    return parts, cents


class Freeing(msgspec.Struct, frozen=True, kw_only=True):
    """What must come back before a claim can be lowered: offset lines (whole or part), payments, and what cannot."""

    offsets: tuple[tuple[StandingOffset, int], ...]
    payment_cents: int
    short_cents: int


def plan_freeing(
    lower_by: int, open_principal: int, newest_first: Sequence[StandingOffset], paid_principal: int
) -> Freeing:
    """Free what the open principal does not cover: the newest offsets of principal first, then payments."""
    needed = max(0, lower_by - open_principal)
    offsets, needed = take_offsets(needed, [line for line in newest_first if line.part == 2])
    from_payments = min(needed, paid_principal)
    return Freeing(offsets=tuple(offsets), payment_cents=from_payments, short_cents=needed - from_payments)


def take_offsets(cents: int, lines: Sequence[StandingOffset]) -> tuple[list[tuple[StandingOffset, int]], int]:
    """Whole lines in the order given, the last one in part, until `cents` are reached; and what was not reached."""
    taken = []
    for line in lines:
        part = min(cents, line.cents)
        if part > 0:
            taken.append((line, part))
            cents -= part
    return taken, cents


def step_refusal(claim: ClaimState, kind: str, step_no: int, sent_on: date, on_the_day: bool) -> tuple[str, str] | None:
    """Why this step may not go out on that day: (code, sentence), or None when it may."""
    sent = len(claim.reminder_term_ends)
    if claim.open_cents == 0:
        return "nothing_open", f"Nothing is open on claim {claim.reference}, so no letter is due."
    if not claim.has_letter:
        return "quiet_claim", f"Claim {claim.reference} is quiet (credit, correction or advance): it gets no letter."
    if kind == "notice":
        return None
    if kind == "reminder" and step_no != sent + 1:
        return "step_order", f"Claim {claim.reference} has {sent} reminders; the next one is reminder {sent + 1}."
    last = claim.reminder_term_ends[-1] if sent else claim.due_date
    if sent_on < last + timedelta(days=0 if on_the_day else 1):
        what = f"The term of reminder {sent}" if sent else "The claim letter's term"
        return (
            "term_running",
            f"{what} of claim {claim.reference} runs until {last}; a letter of {sent_on} is too early.",
        )
    return None
