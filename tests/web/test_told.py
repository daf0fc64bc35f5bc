"""What the program stored or refused in English is said in Dutch on Dutch pages."""

import ast
import re
from collections.abc import Iterator

import pytest

from app.core.settings import ROOT
from app.web import words
from app.web.told import PARKED, REFUSALS, fault, parked, refused, told
from app.web.told_checks import GUARDS
from app.web.told_files import FAULTS

# What a page can meet: its own domains, what they call, and what a job of the queue ends with.
_MET = ("app/nights", "app/queue", "app/incidents", "app/batches", "app/payouts", "app/reports", "app/web")
_ALONE = ("jobs/night/plan.py", "jobs/night/run.py", "app/core/ids.py", "app/core/jobs.py")
_NEVER = {  # of commands and of the API alone
    "scope_unknown", "migrations_missing", "database_read_only", "payment_reference_range", "sign_in_limit",
    "too_many_requests", "timed_out", "database_unavailable", "body_slow",
}  # fmt: skip


def refusals() -> Iterator[tuple[str, str]]:
    """(file, code) of every refusal of 409 or 422 that a page can show."""
    files = [path for folder in _MET for path in sorted((ROOT / folder).glob("*.py"))] + [
        ROOT / each for each in _ALONE
    ]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Refusal" or not node.args:
                continue
            status = next((k.value for k in node.keywords if k.arg == "status"), None)
            code = node.args[0]
            shown = status is None or (isinstance(status, ast.Constant) and status.value in (409, 422))
            if shown and isinstance(code, ast.Constant) and code.value not in _NEVER:
                yield path.name, code.value


def test_every_refusal_that_a_page_can_show_has_a_dutch_sentence() -> None:
    found = list(refusals())
    assert sorted({each for each in found if each[1] not in REFUSALS and each[1] != "person_self"}) == []
    assert len(found) > 20


def test_every_fault_of_a_file_has_a_dutch_sentence() -> None:
    page = (ROOT / "docs" / "generated" / "file-errors.md").read_text(encoding="utf-8")
    codes = set(re.findall(r"^\| `(\w+)` \|", page, re.M))
    assert codes ^ set(FAULTS) == set()


def test_every_check_of_the_books_says_in_dutch_what_it_guards() -> None:
    checks = {path.stem for path in (ROOT / "jobs" / "night" / "checks").glob("*.sql")}
    assert checks ^ set(GUARDS) == set(), "write its sentence in app/web/told_checks.py"


def test_every_sentence_ends_and_begins_as_one() -> None:
    texts = [*REFUSALS.values(), *FAULTS.values(), *PARKED.values(), *GUARDS.values()]
    assert [text for text in texts if not text.endswith(".") or not text[0].isupper()] == []


@pytest.mark.parametrize(
    ("text", "dutch"),
    [
        (
            "feed claims is stale: newest cut-off 2026-09-08, at most 1 days old",
            "het bestand met vorderingen is te oud: het nieuwste is van 8 september 2026, het mag 1 dag oud zijn",
        ),
        (
            "feed declarations is stale: newest cut-off none, at most 2 days old",
            "het bestand met declaraties is te oud: er is er nog geen, het mag 2 dagen oud zijn",
        ),
        (
            "unresolved difference run_dates: 2026-09-03 is missing",
            "controle run_dates vond een verschil dat niemand nog oploste; de meldingen zeggen welk",
        ),
        (
            "the night of 2026-09-03 waiting: unresolved difference run_dates: a; unresolved difference run_dates: c",
            "de nacht van 3 september 2026 wacht: "
            "controle run_dates vond een verschil dat niemand nog oploste; de meldingen zeggen welk",
        ),
        ("claims_balance: 500 is not 400", "controle claims_balance vond een verschil; de meldingen zeggen welk"),
        ("another attempt", "een nieuwe poging"),
        (None, ""),
    ],
)
def test_what_is_stored_is_told_in_dutch(text: str | None, dutch: str) -> None:
    assert told(text) == dutch


def test_in_english_the_stored_sentence_itself_is_shown() -> None:
    with words.speaking("en"):
        assert told("another attempt") == "another attempt"
        assert refused("no_policy", "No policy is in force.") == "No policy is in force."
        assert fault("bad_iban", "its check digits are wrong") == "its check digits are wrong"
        assert parked("no IBAN") == "No valid IBAN on the booking date"


def test_a_fault_of_the_program_has_one_sentence_and_keeps_its_words_for_the_log() -> None:
    assert refused("KeyError", "'claim_id'").startswith("Er ging iets mis in het programma zelf")
