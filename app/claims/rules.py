"""Decisions on claims, pure: how a payment is spread, what is freed when a claim is lowered, which step may go."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from app.claims.model import ClaimState, StandingOffset
from app.core.errors import Refusal
from app.core.money import euros
from app.ledger import PostingKind

PAYMENT_ORDER = (  # art. 6:44 BW: costs, then interest, then principal
    ("costs", PostingKind.PAYMENT_COSTS),
    ("interest", PostingKind.PAYMENT_INTEREST),
    ("principal", PostingKind.PAYMENT_PRINCIPAL),
)


LONGEST_TERM_DAYS = 366  # of `termDays` too; a longer one is a plan, or a typing error


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


def not_free(claim: ClaimState, cents: int, short_cents: int, taken: tuple[int, str] | None) -> Refusal:
    """Why so much of a claim cannot be freed: offset under an agreement (`taken`: cents, payer's claim), or gone."""
    if taken is not None:
        return Refusal(
            "offset_under_agreement",
            f"{euros(taken[0])} of claim {claim.reference} was offset under an agreement, as claim {taken[1]} of the "
            "one who paid. Hold this claim (or end the agreement) and give that offset back; it returns in the next "
            "night.",
            field="claim",
        )
    return Refusal(
        "written_off",
        f"{euros(short_cents)} of claim {claim.reference} was written off; lower it by at most "
        f"{euros(cents - short_cents)}.",
        field="deltaCents",
    )


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


def term_refusal(sent_on: date, term_end: date) -> tuple[str, str] | None:
    """Why a letter of that day cannot give until that day: (code, sentence), or None when it can."""
    if term_end < sent_on:
        return "term_before_letter", f"The term ends on {term_end}, before the letter of {sent_on}."
    if (term_end - sent_on).days > LONGEST_TERM_DAYS:
        return (
            "term_too_long",
            f"The term ends on {term_end}; from the letter of {sent_on} on it may last {LONGEST_TERM_DAYS} days.",
        )
    return None


def offset_base(
    principal_cents: int, charges_cents: int, *, start: int | None, mode: int | None, charges_too: bool | None
) -> int:
    """Open cents that are offset by the policy and the instructions of the day, whatever their start moment.

    What is held is counted in, and so is what a cap or floor of the running account may keep back.

    `start`: the start moment in the policy of the day (None: no policy, 0: never); `mode`: of the newest instruction,
    else the policy's (0: switched off); `charges_too`: whether the reason code offsets costs and interest.
    """
    if not start or not mode:
        return 0
    return principal_cents + (charges_cents if charges_too else 0)


class NextFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What decides how a claim goes on: the claim, what is held, and its reason code in the policy of the day.

    `offset_base_cents`: what of it is offset at all (`offset_base`), from the day `offset_from` on, which is later than
    `on` where an instruction switches offset off until then.
    """

    on: date
    open_cents: int
    offset_base_cents: int
    offset_from: date
    queued: bool
    due_date: date
    registered_on: date
    reminder_term_ends: tuple[date, ...]
    held: set[str]
    requested_on: date | None
    quiet: bool | None
    matures_days: int | None
    offset_start: int | None
    offset_start_reminder: int | None
    days_after_due: int | None
    on_the_day: bool | None
    after_step: int | None
    agency_on_the_day: bool | None


class NextStep(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What comes next of a claim: `fromDate` when it can first happen, or `waitsFor` what must happen before."""

    what: str
    from_date: date | None = None
    waits_for: str | None = None


def what_next(facts: NextFacts) -> list[NextStep]:
    """What the policy of the day has in store, each with its first day; nothing when nothing is owed any more."""
    if facts.open_cents == 0:
        return [NextStep(what="advance paid", waits_for="night")] if facts.queued else []
    return [step for step in (_next_offset(facts), _next_letter(facts), _next_agency(facts)) if step is not None]


def _next_offset(facts: NextFacts) -> NextStep | None:
    """The start of offset by the policy: 1 at once, 2 after the due date, 3 after a reminder's term, 4 on request."""
    if facts.offset_base_cents == 0:
        return None
    if "offset" in facts.held:
        return NextStep(what="offset", waits_for="end of hold")
    if facts.offset_start == 1:
        return NextStep(what="offset", from_date=max(facts.offset_from, facts.registered_on))
    if facts.offset_start == 2:
        return NextStep(what="offset", from_date=max(facts.offset_from, facts.due_date + timedelta(days=1)))
    if facts.offset_start == 3:
        number = facts.offset_start_reminder or 1
        if len(facts.reminder_term_ends) < number:
            return NextStep(what="offset", waits_for=f"reminder {number}")
        return NextStep(
            what="offset", from_date=max(facts.offset_from, facts.reminder_term_ends[number - 1] + timedelta(days=1))
        )
    if facts.requested_on is None:
        return NextStep(what="offset", waits_for="request of the provider")
    return NextStep(what="offset", from_date=max(facts.offset_from, facts.requested_on))


def _next_letter(facts: NextFacts) -> NextStep | None:
    """The next reminder; of a quiet claim the letter that it becomes."""
    if facts.quiet:
        if facts.matures_days is None:
            return None
        ripe = facts.registered_on + timedelta(days=facts.matures_days)
        return NextStep(what="letter", from_date=max(facts.on, ripe))
    if facts.days_after_due is None:
        return None
    what = f"reminder {len(facts.reminder_term_ends) + 1}"
    if "dunning" in facts.held:
        return NextStep(what=what, waits_for="end of hold")
    later = timedelta(days=0 if facts.on_the_day else 1)
    days = [facts.on, facts.due_date + timedelta(days=facts.days_after_due) + later]
    days += [facts.reminder_term_ends[-1] + later] if facts.reminder_term_ends else []
    return NextStep(what=what, from_date=max(days))


def _next_agency(facts: NextFacts) -> NextStep | None:
    """The hand-over to the agency, once the steps before it were taken."""
    if facts.after_step is None or facts.quiet:
        return None
    if "agency" in facts.held:
        return NextStep(what="agency", waits_for="end of hold")
    if not 1 <= facts.after_step <= len(facts.reminder_term_ends):
        return NextStep(what="agency", waits_for=f"reminder {facts.after_step}")
    ended = facts.reminder_term_ends[facts.after_step - 1]
    return NextStep(what="agency", from_date=max(facts.on, ended + timedelta(days=0 if facts.agency_on_the_day else 1)))
