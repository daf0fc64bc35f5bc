"""The Dutch words of the command line: one for every code that the books use."""

import re

import pytest

from app.claims.status import ClaimStatus
from app.commands.words import FACTS, JOBS, STATUS, fact_words, status_words
from app.core.db import Connection
from jobs.kinds import KINDS


def test_every_status_and_kind_of_job_has_a_word() -> None:
    assert set(STATUS) == {str(each) for each in ClaimStatus}
    assert set(JOBS) == set(KINDS)


async def test_every_fact_of_a_timeline_has_a_word(db: Connection) -> None:
    source = await db.fetchval("select prosrc from pg_proc where proname = 'claim_timeline'")
    named = re.findall(r"'([a-z][a-z ]+?) ?'(?: as what|,| \|\| step_no| end|\s+else| when)", source)
    assert {"registered", "last notice", "hold started", "offset requested"} <= set(named)
    assert set(named) - {"reference", "term until", "claim", "no reference"} <= set(FACTS)


@pytest.mark.parametrize(
    "what, cause, said",
    [
        ("reminder 2", "term until 2026-09-03, reference 07",
         ("herinnering 2", "termijn tot en met 2026-09-03, kenmerk 07")),
        ("notice 1", "term until 2026-07-05", ("vorderingsbrief 1", "termijn tot en met 2026-07-05")),
        ("offset", "declaration D-1", ("verrekend", "declaratie D-1")),
        ("payment", "no reference", ("betaling", "zonder kenmerk")),
        ("registered", "declaration twice", ("geregistreerd", "declaration twice")),
    ],
)  # fmt: skip
def test_a_fact_is_said_in_dutch_and_somebodys_own_words_stay(what: str, cause: str, said: tuple[str, str]) -> None:
    assert fact_words(what, cause) == said


def test_a_status_keeps_its_number() -> None:
    assert (status_words("reminded 3"), status_words("written off")) == ("herinnerd 3", "afgeboekt")
