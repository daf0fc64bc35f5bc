"""The command line as a finance employee uses it: from files to payouts, and every question after."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from app.cli import main
from app.commands.servers import prepare
from app.core.db import Connection
from app.core.errors import Refusal
from tests.factories import EXAMPLES, iban


class Answer(NamedTuple):
    """What a command gave back."""

    code: int
    out: str
    err: str


Vereffen = Callable[..., Answer]


@pytest.fixture
def vereffen(
    db_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Vereffen:
    """Runs a command on a fresh, migrated database."""
    monkeypatch.setenv("DATABASE_URL", db_url)
    monkeypatch.setenv("VEREFFEN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("VEREFFEN_BUSINESS_DATE", "2026-06-01")

    def run(*arguments: str) -> Answer:
        capsys.readouterr()
        code = main(list(arguments))
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


def _file(path: Path, kind: str, records: list[dict[str, Any]], *, total: int = 0, day: str = "2026-03-02") -> str:
    head = {"kind": kind, "source": "core", "riskCarrier": "VZ", "cutOffDate": day, "rows": len(records)}
    head["controlTotalCents"] = total
    path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in (head, *records)))
    return str(path)


def _provider() -> dict[str, Any]:
    return {
        "number": "P1",
        "name": "Praktijk De Linde",
        "legalForm": "bv",
        "naturalPerson": False,
        "agbCodes": [{"agb": "41000001", "from": "2015-01-01"}],
        "ibans": [{"iban": iban(1), "holder": "Praktijk De Linde", "from": "2015-01-01"}],
    }


def _declaration(number: str, cents: int, day: str) -> dict[str, Any]:
    return {
        "type": "declaration",
        "id": number,
        "number": number,
        "agb": "41000001",
        "awardedCents": cents,
        "approvedAt": f"{day}T10:00:00+01:00",
        "invoiceNumber": f"F{number}",
    }


def _begin(vereffen: Vereffen, tmp_path: Path) -> None:
    """A risk carrier in VGZ's order with one provider, a declaration and a credit note on it."""
    assert vereffen(
        "carrier", "--code", "VZ", "--name", "Zorg N.V.", "--kvk", "30000001", "--iban", iban(9), "--uzovi", "7095"
    ).code == 0  # fmt: skip
    assert vereffen("policy", "apply", str(EXAMPLES / "vgz.toml"), "--risk-carrier", "VZ").code == 0
    declarations = [
        _declaration("A", 60000, "2026-03-02"),
        {"type": "credit-note", "id": "B", "number": "B", "declaration": "A", "amountCents": -30000},
    ]
    answer = vereffen(
        "import",
        "--business-date",
        "2026-03-02",
        _file(tmp_path / "providers.jsonl", "providers", [_provider()]),
        _file(tmp_path / "declarations.jsonl", "declarations", declarations, total=30000),
    )
    assert answer.code == 0, answer.err
    assert "2 toegevoegd" in answer.out


def test_from_files_to_a_payout_that_explains_itself(vereffen: Vereffen, tmp_path: Path) -> None:
    _begin(vereffen, tmp_path)
    seen = vereffen("preview", "--risk-carrier", "VZ", "--date", "2026-03-02")
    assert "€ 300,00" in seen.out
    assert "niets geboekt" in seen.out

    night = vereffen("night", "--risk-carrier", "VZ", "--date", "2026-03-02")
    assert night.code == 0, night.err
    assert "verrekend € 300,00, uitbetaald € 300,00 in 1 betalingen" in night.out
    assert len(list((tmp_path / "data" / "payments").glob("*.xml"))) == 1
    assert "niets te doen" in vereffen("night", "--risk-carrier", "VZ", "--date", "2026-03-02").out
    assert "al vrijgegeven" in vereffen("preview", "--risk-carrier", "VZ", "--date", "2026-03-02").out

    statement = vereffen(
        "statement", "--risk-carrier", "VZ", "--provider", "P1", "--from", "2026-03-01", "--until", "2026-03-31"
    )
    lines = json.loads(statement.out)["lines"]
    (number,) = {line["payoutNumber"] for line in lines if line.get("payoutNumber")}
    (reference,) = {line["claimReference"] for line in lines if line.get("claimReference")}

    assert "300,00" in vereffen("explain", number).out
    specification = json.loads(vereffen("specification", number).out)
    assert specification["netCents"] == 30000
    assert vereffen("specification", number, "--format", "csv").out.count("\n") > 1
    assert "Geheel verrekend" in vereffen("why", reference, "--on", "2026-03-02").out
    assert "bestond nog niet" in vereffen("why", reference, "--on", "2026-03-01").out
    assert f"{reference}: verrekend, open € 0,00" in vereffen("claim", reference).out
    assert "declaratie A" in vereffen("claim", reference).out
    assert f"{number}: uitbetaling van 02-03-2026" in vereffen("find", number).out
    found = vereffen("find", reference).out
    assert f"{reference}: vordering" in found
    assert "risicodrager VZ, zorgaanbieder P1 Praktijk De Linde" in found
    checked = vereffen("check")
    assert (checked.code, checked.out.endswith("niets gevonden.\n")) == (0, True)
    assert vereffen("check", "--risk-carrier", "VZ", "--date", "2026-03-02").code == 0


def test_reminders_are_proposed_and_taken_over(vereffen: Vereffen, tmp_path: Path) -> None:
    _begin(vereffen, tmp_path)
    claim = {
        "type": "claim",
        "id": "V",
        "agb": "41000001",
        "reasonCode": "CM98",
        "ground": "controle achteraf",
        "amountCents": 100000,
        "letterDate": "2026-03-02",
        "termDays": 30,
    }
    path = _file(tmp_path / "claims.jsonl", "claims", [claim], total=100000)
    assert vereffen("import", path, "--business-date", "2026-03-02", "--risk-carrier", "VZ").code == 0
    assert vereffen("night", "--risk-carrier", "VZ", "--date", "2026-04-02", "--workers", "1").code == 0
    listed = vereffen("proposals", "--risk-carrier", "VZ")
    assert "herinnering" in listed.out
    assert "€ 1.000,00" in listed.out
    taken = vereffen("proposals", "--risk-carrier", "VZ", "--date", "2026-04-02", "--accept")
    assert "€ 1.000,00" in taken.out
    assert "herinnering" not in vereffen("proposals", "--risk-carrier", "VZ").out


def test_a_fact_is_recorded_once_under_its_key(vereffen: Vereffen, tmp_path: Path) -> None:
    _begin(vereffen, tmp_path)
    fact = json.dumps({"declaration": "A", "reason": "verkeerd geladen"})
    command = ("record", "withdraw-declaration", "--json", fact, "--key", "k1", "--business-date", "2026-03-02")
    first, second = vereffen(*command), vereffen(*command)
    assert first.code == 0, first.err
    assert json.loads(first.out) == json.loads(second.out)
    other = vereffen("record", "withdraw-declaration", "--json", fact.replace("verkeerd", "foutief"), "--key", "k1")
    assert other.code == 1
    assert "niets geboekt" in vereffen("preview", "--risk-carrier", "VZ", "--date", "2026-03-02").out


def test_a_refused_file_names_line_field_value_and_remedy_and_loads_nothing(vereffen: Vereffen, tmp_path: Path) -> None:
    _begin(vereffen, tmp_path)
    bad = _file(
        tmp_path / "bad.jsonl", "declarations", [{**_declaration("C", 1, "2026-03-02"), "agb": "4100"}], total=1
    )
    answer = vereffen("import", bad, "--business-date", "2026-03-02", "--rejections", str(tmp_path / "rejected.jsonl"))
    assert answer.code == 1
    assert "bad.jsonl" in answer.err
    assert "line 2" in answer.err
    assert "4100" in answer.err
    assert "8 digits" in answer.err
    assert json.loads((tmp_path / "rejected.jsonl").read_text().splitlines()[0])["line"] == 2
    assert "1 betalingen" in vereffen("night", "--risk-carrier", "VZ", "--date", "2026-03-02").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("night", "--risk-carrier", "XX", "--date", "2026-03-02"), "there are: VZ"),
        (("why", "VOR-2026-00000001-1"), "VOR-2026-00000001-1"),
        (("explain", "AFR-2026-00000001-1"), "no payout"),
        (("explain", "AFR-2026-00000001-2"), "check digit"),
        (("record", "gift", "--json", "{}"), "cannot be recorded; choose payment"),
        (("record", "payment", "--json", "{"), "not JSON"),
        (("check", "--name", "no_such_check"), "no check named no_such_check"),
        (
            ("statement", "--risk-carrier", "VZ", "--provider", "P9", "--from", "2026-01-01", "--until", "2026-02-01"),
            "P9",
        ),
        (("incidents", "--resolve", "1"), "--because"),
        (("night", "--risk-carrier", "VZ", "--date", "2020-01-01"), "before the first night"),
        (("night", "--risk-carrier", "VZ", "--date", "2026-04-30"), "--catch-up"),
        (("night", "--risk-carrier", "VZ", "--date", "2026-06-03"), "still to come"),
        (("record", "payment", "--key", "k", "--json", '{"cents": 1, "account": 99999999999999999999}'), "too large"),
        (("record", "payment", "--json", '{"cents": 1, "account": 1}'), "--key"),
        (("record", "write-off", "--json", '{"claim": "V", "reason": "x", "source": "s"}'), "--key"),
        (("record", "hold", "--json", '{"kind": "plan", "reason": "a\\u0000", "owner": "x", "account": 1}'), "NUL"),
        (
            ("statement", "--risk-carrier", "VZ", "--provider", "P1", "--from", "2026-02-01", "--until", "2026-01-01"),
            "swap",
        ),
        (("import", "nothere.jsonl"), "nothere.jsonl"),
        (("policy", "apply", "nothere.toml", "--risk-carrier", "VZ"), "nothere.toml"),
    ],
)
def test_a_question_that_cannot_be_answered_gets_a_sentence(
    vereffen: Vereffen, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    _begin(vereffen, tmp_path)
    if arguments[0] == "night":
        assert vereffen("night", "--risk-carrier", "VZ", "--date", "2026-03-02").code == 0
    answer = vereffen(*arguments)
    assert answer.code == 1
    assert says in answer.err
    assert "Traceback" not in answer.err


def test_policies_are_shown_and_compared(vereffen: Vereffen, tmp_path: Path) -> None:
    _begin(vereffen, tmp_path)
    shown = vereffen("policy", "show", "--risk-carrier", "VZ", "--on", "2026-03-02")
    assert shown.out.rstrip("\n") == (EXAMPLES / "vgz.toml").read_text().rstrip("\n")
    changed = tmp_path / "changed.toml"
    changed.write_text(shown.out.replace("floor_cents = 0", "floor_cents = 5000").replace("2020-01-01", "2026-06-01"))
    assert "versie 2" in vereffen("policy", "apply", str(changed), "--risk-carrier", "VZ").out
    compared = vereffen("policy", "diff", "--risk-carrier", "VZ", "--versions", "1", "2")
    assert "allocation.floor_cents" in compared.out
    assert "5000" in compared.out


def test_a_night_to_come_runs_when_it_is_asked_for_in_so_many_words(vereffen: Vereffen, tmp_path: Path) -> None:
    _begin(vereffen, tmp_path)
    asked = ("night", "--risk-carrier", "VZ", "--date", "2036-03-02")
    assert "still to come" in vereffen(*asked).err
    assert vereffen(*asked, "--ahead").code == 0
    assert vereffen("night", "--risk-carrier", "VZ", "--date", "2036-03-03").code == 0  # it goes on from there


async def test_who_may_not_change_the_schema_hears_that_in_a_sentence(db: Connection) -> None:
    login = f"guest_{uuid.uuid4().hex[:12]}"
    await db.execute(f"create role {login} login; set session authorization {login}")
    try:
        with pytest.raises(Refusal, match=f"{login} of DATABASE_URL may not change the schema"):
            await prepare(db)
    finally:
        await db.execute(f"reset session authorization; drop role {login}")
