"""Running accounts over HTTP: balances on a day, entries, and the statement that closes."""

import csv
import io
from typing import Any

import pytest

from app.web.paging import cursor
from tests.api.insurer import Insurer

PATH = "/running-accounts/VZ/P1"
YEAR: dict[str, Any] = {"fromDate": "2026-01-01", "untilDate": "2026-12-31"}


async def test_running_accounts_are_listed_for_the_risk_carriers_of_the_token(office: Insurer) -> None:
    items = (await office.get("/running-accounts", "accounts:read")).json()["items"]
    assert [(each["riskCarrier"], each["providerNumber"]) for each in items] == [("VZ", "P1"), ("VZ", "P2")]


async def test_a_running_account_is_found_by_its_provider(office: Insurer) -> None:
    (found,) = (await office.get("/running-accounts", riskCarrier="VZ", provider="P2")).json()["items"]
    assert found["accountId"] == office.held.account_id


async def test_balances_are_those_of_the_day_asked_for(office: Insurer) -> None:
    before = (await office.get(PATH, onDate="2026-02-28")).json()
    after = (await office.get(PATH, onDate="2026-03-02")).json()
    assert (before["balances"]["claimsCents"], before["balances"]["balanceCents"]) == (20_000, -20_000)
    assert after["balances"] == {"payableCents": 0, "claimsCents": 0, "onAccountCents": 0, "balanceCents": 0}
    assert sum(each["debitBalanceCents"] for each in after["ledgerAccounts"]) == 0
    assert after["pendingNow"]["payoutsUnconfirmedCents"] == 45_000


async def test_what_was_recorded_later_was_not_known_then(office: Insurer) -> None:
    found = (await office.get(PATH, onDate="2026-03-02", knownAt="2020-01-01T00:00:00Z")).json()
    assert found["ledgerAccounts"] == []


async def test_a_moment_without_an_offset_is_a_bad_request(office: Insurer) -> None:
    answer = await office.get(PATH, knownAt="2026-03-02T10:00:00")
    assert (answer.status_code, answer.json()["field"]) == (400, "knownAt")


async def test_entries_come_once_each_over_pages(office: Insurer) -> None:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = (await office.get(f"{PATH}/entries", pageSize=2, **({"cursor": cursor} if cursor else {}))).json()
        found += page["items"]
        if (cursor := page["nextCursor"]) is None:
            break
    assert sorted(each["kind"] for each in found) == [
        "claim-registered",
        "declaration-settled",
        "declaration-settled",
        "offset-principal",
        "payout",
    ]
    assert len({(each["fact"], each["kind"], each["line"]) for each in found}) == 5


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({"kind": "payout"}, ["payout"]),
        ({"agb": "04000002"}, ["declaration-settled"]),
        ({"untilDate": "2026-02-28"}, ["claim-registered"]),
        ({"fromDate": "2026-03-03"}, []),
    ],
)
async def test_entries_are_filtered(office: Insurer, query: dict[str, str], kinds: list[str]) -> None:
    assert [each["kind"] for each in (await office.get(f"{PATH}/entries", **query)).json()["items"]] == kinds


async def test_entries_of_a_claim_are_its_registration_and_what_was_offset(office: Insurer) -> None:
    reference = await office.api.db.fetchval("select reference from claim where risk_carrier_id = 1")
    items = (await office.get(f"{PATH}/entries", claim=reference)).json()["items"]
    assert {each["kind"]: each["cents"] for each in items} == {"claim-registered": 20_000, "offset-principal": 20_000}
    assert {each["declarationNumber"] for each in items} == {None, "D-1"}


async def test_the_statement_opens_moves_and_closes_over_its_pages(office: Insurer) -> None:
    lines: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = (
            await office.get(f"{PATH}/statement", pageSize=2, **YEAR, **({"cursor": cursor} if cursor else {}))
        ).json()
        lines += page["lines"]
        if (cursor := page["nextCursor"]) is None:
            break
    head = page["head"]
    assert len(lines) == head["movements"] == 6
    assert lines[-1]["accountBalanceCents"] == head["closingBalanceCents"]
    for side in head["sides"]:
        own = [line for line in lines if line["side"] == side["side"]]
        assert sum(line["debitCents"] for line in own) == side["debitCents"]
        assert sum(line["creditCents"] for line in own) == side["creditCents"]


async def test_the_statement_of_an_agb_code_and_of_a_claim_shows_their_own(office: Insurer) -> None:
    reference = await office.api.db.fetchval("select reference from claim where risk_carrier_id = 1")
    by_code = (await office.get(f"{PATH}/statement", agb="04000002", **YEAR)).json()
    by_claim = (await office.get(f"{PATH}/statement", claim=reference, **YEAR)).json()
    assert by_code["lines"][0]["number"] == "D-2"
    assert {line["side"] for line in by_claim["lines"]} == {"claims"}


async def test_the_csv_of_a_statement_is_whole_and_closes(office: Insurer) -> None:
    answer = await office.csv(f"{PATH}/statement", pageSize=1, **YEAR)
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert answer.headers["content-type"].startswith("text/csv")
    assert [row["Soort"] for row in rows].count("beginsaldo") == 3
    assert len(rows) == 3 + 6 + 3 + 2
    assert rows[-1]["Saldo rekening-courant"] == "0,00"


async def test_a_refused_csv_is_a_problem_and_not_half_a_file(office: Insurer) -> None:
    answer = await office.csv(f"{PATH}/statement", agb="99999999")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_download_gives_its_connection_back(office: Insurer) -> None:
    for _ in range(office.api.pool.get_max_size() + 2):
        assert (await office.csv(f"{PATH}/statement", **YEAR)).status_code == 200
    assert office.api.pool.get_idle_size() == office.api.pool.get_size()


@pytest.mark.parametrize(
    "query", [{"fromDate": "2026-05-01", "untilDate": "2026-04-01"}, {"agb": "04000001", "claim": "VOR-1"}, {"x": "1"}]
)
async def test_filters_that_do_not_fit_are_a_bad_request(office: Insurer, query: dict[str, str]) -> None:
    assert (await office.get(f"{PATH}/statement", **query)).status_code == 400


@pytest.mark.parametrize("cursor", ["x", "WzFd", "2026-03-02.1.1", "MjAyNi0wMy0wMg"])
async def test_a_cursor_of_another_list_is_a_bad_request(office: Insurer, cursor: str) -> None:
    statuses = [(await office.get(f"{PATH}/{what}", cursor=cursor)).status_code for what in ("entries", "statement")]
    assert statuses == [400, 400]


@pytest.mark.parametrize("rest", ["", "/entries", "/statement"])
async def test_a_foreign_running_account_and_one_that_is_not_there_are_alike(office: Insurer, rest: str) -> None:
    answers = [await office.get(f"/running-accounts/{name}{rest}") for name in ("ZK/P3", "ZK/P9", "VZ/P3")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert answers[0].text.replace("P3", "P9") == answers[1].text


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-02T12:00:00"])
async def test_a_moment_that_no_clock_shows_in_utc_is_refused(office: Insurer, moment: str) -> None:
    for path in (PATH, f"{PATH}/statement"):
        answer = await office.get(path, knownAt=moment)
        assert (answer.status_code, answer.json()["field"]) == (400, "knownAt")


@pytest.mark.parametrize("place", [(1, -(2**40), 3, "2026-01-01"), (1, 3, -(2**40), "2026-01-01"), (1, 3, 2**40, "x")])
async def test_a_cursor_beyond_what_an_entry_can_have_is_refused(office: Insurer, place: tuple[int | str, ...]) -> None:
    answer = await office.get(f"{PATH}/entries", cursor=cursor(*place))
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


async def test_a_parameter_that_does_not_fit_is_named_as_it_was_sent(office: Insurer) -> None:
    for name, path in (("untilDate", f"{PATH}/statement"), ("pageSize", "/claims"), ("onDate", PATH)):
        answer = await office.get(path, **{name: "nonsense"})
        assert (answer.status_code, answer.json()["field"]) == (400, name)
