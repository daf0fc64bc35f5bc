"""What comes next of a claim by the policy of the day: pure, so without a database."""

from datetime import date
from typing import Any

import pytest

from app.claims.rules import NextFacts, NextStep, offset_base, what_next

ON = date(2026, 3, 2)


def facts(**more: Any) -> NextFacts:
    """An open claim that was due on 1 February; the policy offsets after the due date, reminds, and has no agency."""
    plain: dict[str, Any] = {
        "on": ON, "open_cents": 1_000, "offset_base_cents": 1_000, "offset_from": ON, "queued": False,
        "due_date": date(2026, 2, 1), "registered_on": date(2026, 1, 2),
        "reminder_term_ends": (), "held": set(), "requested_on": None,
        "quiet": False, "matures_days": None, "offset_start": 2, "offset_start_reminder": 1, "days_after_due": 0,
        "on_the_day": False, "after_step": None, "agency_on_the_day": None,
    }  # fmt: skip
    return NextFacts(**{**plain, **more})


def next_of(what: str, **more: Any) -> NextStep:
    """The step whose name begins with that word."""
    (found,) = (step for step in what_next(facts(**more)) if step.what.startswith(what))
    return found


@pytest.mark.parametrize(
    "more,expected",
    [
        ({"offset_start": 1}, NextStep(what="offset", from_date=ON)),
        ({"offset_start": 2, "due_date": date(2026, 4, 1)}, NextStep(what="offset", from_date=date(2026, 4, 2))),
        ({"offset_start": 3}, NextStep(what="offset", waits_for="reminder 1")),
        (
            {"offset_start": 3, "reminder_term_ends": (date(2026, 3, 9),)},
            NextStep(what="offset", from_date=date(2026, 3, 10)),
        ),
        ({"offset_start": 4}, NextStep(what="offset", waits_for="request of the provider")),
        ({"offset_start": 4, "requested_on": ON}, NextStep(what="offset", from_date=ON)),
        (
            {"offset_from": date(2026, 5, 1)},
            NextStep(what="offset", from_date=date(2026, 5, 1)),
        ),
        ({"offset_start": 1, "offset_from": date(2026, 5, 1)}, NextStep(what="offset", from_date=date(2026, 5, 1))),
        ({"held": {"offset"}}, NextStep(what="offset", waits_for="end of hold")),
    ],
)
def test_offset_starts_when_the_policy_says(more: dict[str, Any], expected: NextStep) -> None:
    assert next_of("offset", **more) == expected


@pytest.mark.parametrize(
    "start,mode,charges_too,expected",
    [
        (2, 3, True, 900),
        (2, 3, False, 700),
        (2, 1, None, 700),  # by a percentage or a fixed amount all of it is offset, in more nights
        (0, 3, True, 0),  # never
        (None, None, None, 0),  # no policy for the reason code
        (2, 0, True, 0),  # switched off by the policy or an instruction
    ],
)
def test_what_is_ever_offset_is_what_the_policy_and_the_instruction_say(
    start: int | None, mode: int | None, charges_too: bool | None, expected: int
) -> None:
    assert offset_base(700, 200, start=start, mode=mode, charges_too=charges_too) == expected


def test_what_is_never_offset_is_reminded_of_all_the_same() -> None:
    assert [step.what for step in what_next(facts(offset_base_cents=0))] == ["reminder 1"]


def test_a_reminder_waits_for_the_due_date_and_for_the_term_of_the_last_one() -> None:
    assert next_of("reminder", due_date=date(2026, 3, 10)).from_date == date(2026, 3, 11)
    later = next_of("reminder", reminder_term_ends=(date(2026, 3, 20),))
    assert (later.what, later.from_date) == ("reminder 2", date(2026, 3, 21))


def test_a_hold_keeps_the_reminder_back() -> None:
    assert next_of("reminder", held={"dunning"}).waits_for == "end of hold"


def test_a_quiet_claim_becomes_a_letter_when_its_days_are_over() -> None:
    steps = what_next(facts(quiet=True, matures_days=90))
    assert [(step.what, step.from_date) for step in steps] == [("offset", ON), ("letter", date(2026, 4, 2))]


def test_the_agency_follows_the_term_of_its_reminder() -> None:
    assert next_of("agency", after_step=1).waits_for == "reminder 1"
    ended = {"after_step": 1, "reminder_term_ends": (date(2026, 3, 9),), "agency_on_the_day": False}
    assert next_of("agency", **ended).from_date == date(2026, 3, 10)


def test_nothing_comes_of_a_claim_of_which_nothing_is_owed() -> None:
    assert what_next(facts(open_cents=0)) == []


def test_an_advance_that_was_asked_for_is_paid_by_the_night() -> None:
    assert what_next(facts(open_cents=0, queued=True)) == [NextStep(what="advance paid", waits_for="night")]
