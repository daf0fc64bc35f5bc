"""The worked cases of the brief, and stories of our own for every rule that they leave out, each played in full."""

from pathlib import Path
from typing import Any

import pytest

from app.core.db import Connection
from app.offsetting import why
from jobs.night.checking import run_checks
from tests.night.player import Player, load_stories, played

HERE = Path(__file__).parent
STORIES = [
    *load_stories(HERE.parent / "cases" / "offsets.yaml"),
    *load_stories(HERE / "stories.yaml"),
]


@pytest.mark.parametrize("story", STORIES, ids=[story["id"] for story in STORIES])
async def test_a_story_ends_as_it_tells(story: dict[str, Any], db_url: str) -> None:
    player, connection = await played(story, db_url)
    try:
        expect = story["expect"]
        for name in expect:
            await EXPECTATIONS[name](player, connection, expect[name])
        assert await run_checks(connection, run_id=None) == []
    finally:
        await connection.close()


def test_there_are_twenty_stories_of_our_own() -> None:
    ids = [story["id"] for story in STORIES]
    assert len(set(ids)) == len(ids)
    assert len(load_stories(HERE / "stories.yaml")) >= 20


async def _payouts(player: Player, connection: Connection, expected: list[dict[str, Any]]) -> None:
    found = await player.payouts()
    assert [{k: f[k] for k in e} for f, e in zip(found, expected, strict=False)] == expected, found
    assert len(found) == len(expected), found


async def _documents(player: Player, connection: Connection, expected: list[dict[str, Any]]) -> None:
    wanted = [
        {**e, "for": [e["for"]] if isinstance(e["for"], str) else e["for"], "refers_to": sorted(e["refers_to"])}
        for e in expected
    ]
    found = [
        {key: document[key] for key in (wanted[0] | {"lines": 0}) if key in document}
        for document in await player.documents()
    ]
    for each in wanted:
        assert any(each.items() <= document.items() for document in found), (each, found)
    assert len(found) == len(wanted), found


async def _open_after(player: Player, connection: Connection, expected: int | dict[str, int]) -> None:
    if isinstance(expected, dict):
        assert {code: await player.open_cents(code) for code in expected} == expected
    else:
        assert await player.open_cents() == expected


async def _left_out(player: Player, connection: Connection, expected: list[dict[str, Any]]) -> None:
    for each in expected:
        found = await why(connection, await player._claim_reference(each["claim"]), each["night"])
        assert (found.code, found.decided_on) == (each["because"], each["night"])


async def _due_date(player: Player, connection: Connection, expected: Any) -> None:
    assert await connection.fetchval("select due_date from claim_position") == expected


async def _reminders(player: Player, connection: Connection, expected: list[Any]) -> None:
    rows = await connection.fetch("select sent_on from claim_step where kind = 2 order by step_no")
    assert [row["sent_on"] for row in rows] == expected


async def _proposals(connection: Connection, kind: int) -> list[Any]:
    rows = await connection.fetch("select proposed_on from dunning_proposal where kind = $1 order by proposed_on", kind)
    return [row["proposed_on"] for row in rows]


async def _agency_proposals(player: Player, connection: Connection, expected: list[Any]) -> None:
    assert await _proposals(connection, 2) == expected


async def _reminder_proposals(player: Player, connection: Connection, expected: list[Any]) -> None:
    assert await _proposals(connection, 1) == expected


async def _reminder_asks(player: Player, connection: Connection, expected: dict[str, int]) -> None:
    assert {name: player.asked[name] for name in expected} == expected


async def _new_reference_on(player: Player, connection: Connection, expected: list[str]) -> None:
    issued = [reference for references in player.references.values() for reference in references]
    assert len(set(issued)) == len(issued)
    assert all(player.references[name] for name in expected)


async def _net_per_declaration(player: Player, connection: Connection, expected: dict[str, int]) -> None:
    rows = await connection.fetch(
        """
        select d.number, d.awarded_cents - coalesce(sum(p.cents), 0)::bigint as net
        from declaration d left join posting p on p.account_id = d.account_id
          and p.event_id = d.declaration_id and p.kind in (2, 3, 4)
        where d.number = any($1) group by d.number, d.awarded_cents
        """,
        list(expected),
    )
    assert {row["number"]: row["net"] for row in rows} == expected


async def _open_per_claim(player: Player, connection: Connection, expected: dict[str, int]) -> None:
    found = {}
    for name in expected:
        found[name] = await connection.fetchval(
            """
            select (p.open_principal_cents + p.open_costs_cents + p.open_interest_cents)::bigint from claim c
            join claim_position p using (account_id, claim_id) where c.reference = $1
            """,
            await player._claim_reference(name),
        )
    assert found == expected


async def _on_account(player: Player, connection: Connection, expected: int) -> None:
    held = await connection.fetchval(
        """
        select coalesce(sum(case when credit = 8 then cents when debit = 8 then -cents else 0 end),
          0)::bigint from posting
        """
    )
    assert held == expected


async def _reasons(player: Player, connection: Connection, expected: dict[str, str]) -> None:
    found = {}
    for name in expected:
        found[name] = await connection.fetchval(
            """
            select r.code from claim c join claim_position p using (account_id, claim_id)
            join reason_code r on r.reason_id = p.reason_id where c.reference = $1
            """,
            await player._claim_reference(name),
        )
    assert found == expected


async def _effective(player: Player, connection: Connection, expected: dict[str, Any]) -> None:
    rows = await connection.fetch(
        """
        select d.number, p.effective_date from posting p
        join declaration d on d.account_id = p.account_id and d.declaration_id = p.event_id where p.kind = 2
          and d.number = any($1)
        """,
        list(expected),
    )
    assert {row["number"]: row["effective_date"] for row in rows} == expected


EXPECTATIONS = {
    "payouts": _payouts,
    "documents": _documents,
    "open_after": _open_after,
    "left_out": _left_out,
    "due_date": _due_date,
    "reminders": _reminders,
    "agency_proposals": _agency_proposals,
    "reminder_proposals": _reminder_proposals,
    "reminder_asks": _reminder_asks,
    "new_reference_on": _new_reference_on,
    "net_per_declaration": _net_per_declaration,
    "open_per_claim": _open_per_claim,
    "on_account": _on_account,
    "reasons": _reasons,
    "effective": _effective,
}
