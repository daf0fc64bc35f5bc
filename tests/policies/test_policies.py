"""Policies: TOML in and out, versions, and what is refused."""

from datetime import date
from pathlib import Path

import asyncpg
import pytest

from app.core import clock
from app.core.db import Connection
from app.core.errors import Refusal
from app.policies import actions, queries, rules

EXAMPLES = Path(actions.__file__).parent / "examples"
VGZ = (EXAMPLES / "vgz.toml").read_text()
ZILVEREN_KRUIS = (EXAMPLES / "zilveren_kruis.toml").read_text()

SMALL = """
name = "Klein"
valid_from = 2026-01-01
[allocation]
passes = ["own_agb"]
order = "due_date"
[reasons.CM98]
title_nl = "Controle"
title_en = "Check"
priority = 10
owning_team = "controle"
offset = { start = "at_once" }
"""


async def carrier(db: Connection, risk_carrier_id: int = 1) -> int:
    await db.execute(
        "insert into risk_carrier values ($1, $2, 'Verzekeraar N.V.', '12345678', 'NL91ABNA0417164300')",
        risk_carrier_id,
        f"V{risk_carrier_id}",
    )
    return risk_carrier_id


def findings(text: str) -> dict[str, str]:
    policy, found = rules.parse(text)
    assert policy is None
    return {finding.path: finding.message for finding in found}


@pytest.mark.parametrize("text", [VGZ, ZILVEREN_KRUIS, SMALL])
def test_the_canonical_form_reads_back_as_the_same_policy(text: str) -> None:
    policy, _ = rules.parse(text)
    assert policy is not None
    assert rules.parse(rules.canonical(policy))[0] == policy


async def test_a_policy_is_shown_byte_for_byte_as_it_was_applied(db: Connection) -> None:
    await carrier(db)
    await actions.apply_policy(db, 1, VGZ, actor="test", applied_at=clock.now())
    assert await actions.show_policy(db, 1, date(2026, 3, 1)) == VGZ


async def test_vgz_waits_for_the_reminder_and_zilveren_kruis_does_not(db: Connection) -> None:
    await carrier(db, 1)
    await carrier(db, 2)
    await actions.apply_policy(db, 1, VGZ, actor="test", applied_at=clock.now())
    await actions.apply_policy(db, 2, ZILVEREN_KRUIS, actor="test", applied_at=clock.now())
    rows = await db.fetch(
        """select code, offset_start, (select array_agg(days_after_due order by step_no) from dunning_policy d
             where d.policy_version_id = p.policy_version_id and d.reason_id = p.reason_id) as days
           from reason_policy p join reason_code using (reason_id) where code in ('CM98', 'MC', 'CREDIT')
           order by risk_carrier_id, code"""
    )
    assert [tuple(row) for row in rows] == [
        ("CM98", 3, [0]),
        ("CREDIT", 1, None),
        ("CREDIT", 1, None),
        ("MC", 1, [0, 30, 60]),
    ]


async def test_the_same_text_again_adds_no_version(db: Connection) -> None:
    await carrier(db)
    first = await actions.apply_policy(db, 1, SMALL, actor="test", applied_at=clock.now())
    second = await actions.apply_policy(db, 1, SMALL, actor="test", applied_at=clock.now())
    assert (first.added, second.added) == (True, False)
    assert second.policy_version_id == first.policy_version_id


async def test_the_newest_version_valid_on_the_day_is_in_force(db: Connection) -> None:
    await carrier(db)
    later = SMALL.replace("2026-01-01", "2026-06-01")
    first = await actions.apply_policy(db, 1, SMALL, actor="test", applied_at=clock.now())
    second = await actions.apply_policy(db, 1, later, actor="test", applied_at=clock.now())
    found = [
        await queries.policy_in_force(db, 1, day) for day in (date(2025, 12, 31), date(2026, 5, 31), date(2026, 6, 1))
    ]
    assert found == [None, first.policy_version_id, second.policy_version_id]


async def test_a_new_reason_code_needs_no_release(db: Connection) -> None:
    await carrier(db)
    await actions.apply_policy(db, 1, SMALL, actor="test", applied_at=clock.now())
    more = SMALL + SMALL[SMALL.index("[reasons.") :].replace("CM98", "NIEUW")
    assert (await actions.apply_policy(db, 1, more, actor="test", applied_at=clock.now())).new_reason_codes == (
        "NIEUW",
    )


async def test_a_diff_names_the_changed_settings_by_path(db: Connection) -> None:
    await carrier(db)
    await actions.apply_policy(db, 1, SMALL, actor="test", applied_at=clock.now())
    changed = SMALL.replace("priority = 10", "priority = 20").replace('order = "due_date"', 'order = "priority"')
    await actions.apply_policy(db, 1, changed, actor="test", applied_at=clock.now())
    found = [(c.path, c.before, c.after) for c in await actions.diff_policy(db, 1, 1, 2)]
    assert found == [("allocation.order", "due_date", "priority"), ("reasons.CM98.priority", 10, 20)]


async def test_applying_a_policy_writes_an_audit_row(db: Connection) -> None:
    await carrier(db)
    await actions.apply_policy(db, 1, SMALL, actor="anna", applied_at=clock.now())
    row = await db.fetchrow("select actor, action, body ->> 'version' from audit")
    assert row is not None
    assert tuple(row) == ("anna", "policy applied", "1")


async def test_a_refused_policy_stores_nothing(db: Connection) -> None:
    await carrier(db)
    with pytest.raises(Refusal) as refused:
        await actions.apply_policy(
            db, 1, SMALL.replace("priority = 10", "priority = 1.5"), actor="x", applied_at=clock.now()
        )
    assert refused.value.status == 422
    assert "reasons.CM98.priority: is 1.5; write a whole number from 1 to 9999." in refused.value.message
    assert await db.fetchval("select count(*) from policy_version") == 0


async def test_staff_cannot_write_a_policy_by_hand(db: Connection) -> None:
    from app.core import db as database

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction(db, role="staff", actor="anna", risk_carriers=[1]):
            await db.execute("insert into reason_code (risk_carrier_id, code) values (1, 'X')")


def test_an_unknown_setting_is_refused_with_the_settings_that_exist() -> None:
    assert (
        "the settings here are passes, order"
        in findings(SMALL.replace('order = "due_date"', 'order = "due_date"\nspeed = 1'))["allocation.speed"]
    )


def test_every_finding_is_told_at_once() -> None:
    text = SMALL.replace('"own_agb"', '"other"').replace('start = "at_once"', 'start = "soon"')
    assert findings(text).keys() >= {"allocation.passes", "reasons.CM98.offset.start"}


@pytest.mark.parametrize("written, points", [("25", 2500), ('"12.50"', 1250), ('"100"', 10000), ('"0,05"', 5)])
def test_a_percentage_becomes_basis_points(written: str, points: int) -> None:
    policy, _ = rules.parse(SMALL.replace('order = "due_date"', f'order = "due_date"\ncap_percent = {written}'))
    assert policy is not None
    assert policy.allocation.cap_basis_points == points


@pytest.mark.parametrize("written", ["12.5", '"12.5"', "101", '"-1"', "true", "nan"])
def test_a_percentage_that_is_a_float_or_out_of_range_is_refused(written: str) -> None:
    text = SMALL.replace('order = "due_date"', f'order = "due_date"\ncap_percent = {written}')
    assert 'such as "12.50"' in findings(text)["allocation.cap_percent"]


def test_a_percentage_mode_without_a_percentage_is_refused() -> None:
    assert "reasons.CM98.offset.percent" in findings(
        SMALL.replace('start = "at_once"', 'start = "at_once", mode = "percentage"')
    )


def test_a_credit_cannot_mature_to_an_unknown_code() -> None:
    assert (
        "add [reasons.DS93]" in findings(SMALL + 'matures_days = 90\nmatures_to = "DS93"\n')["reasons.CM98.matures_to"]
    )


def test_an_agency_step_without_its_dunning_step_is_refused() -> None:
    assert "reasons.CM98.agency.after_step" in findings(SMALL + "agency = { after_step = 1 }\n")


def test_a_text_that_is_not_toml_is_refused_with_the_place() -> None:
    assert "line 1" in findings("name = = 3")[""]


async def test_a_version_that_leaves_out_a_known_reason_code_is_refused(db: Connection) -> None:
    """Claims may be open under it, and a night would no longer decide them."""
    risk_carrier = await carrier(db)
    await actions.apply_policy(db, risk_carrier, SMALL, actor="test", applied_at=clock.now())
    other = SMALL.replace("CM98", "CM99").replace("2026-01-01", "2026-06-01")
    with pytest.raises(Refusal, match="leaves out CM98") as refused:
        await actions.apply_policy(db, risk_carrier, other, actor="test", applied_at=clock.now())
    assert refused.value.status == 422
    assert await db.fetchval("select count(*) from policy_version") == 1


def of_reason(passes: str) -> str:
    """SMALL with two passes, and those of its one reason code."""
    text = SMALL.replace('passes = ["own_agb"]', 'passes = ["exact_reference", "own_agb"]')
    return text.replace('offset = { start = "at_once" }', f'passes = {passes}\noffset = {{ start = "at_once" }}')


async def test_the_passes_of_a_reason_code_are_stored_with_its_version(db: Connection) -> None:
    await carrier(db)
    await actions.apply_policy(db, 1, SMALL, actor="test", applied_at=clock.now())
    await actions.apply_policy(db, 1, of_reason('["own_agb"]'), actor="test", applied_at=clock.now())
    rows = await db.fetch("select passes from reason_policy order by policy_version_id")
    assert [row["passes"] for row in rows] == [None, [3]]


async def test_a_diff_names_the_passes_of_a_reason_code(db: Connection) -> None:
    await carrier(db)
    for text in (of_reason('["exact_reference", "own_agb"]'), of_reason('["exact_reference"]')):
        await actions.apply_policy(db, 1, text, actor="test", applied_at=clock.now())
    (found,) = await actions.diff_policy(db, 1, 1, 2)
    assert (found.path, rules.shown(found.before), rules.shown(found.after)) == (
        "reasons.CM98.passes",
        '["exact_reference", "own_agb"]',
        '["exact_reference"]',
    )


def test_the_passes_of_a_reason_code_read_back_from_the_canonical_form() -> None:
    policy, _ = rules.parse(of_reason('["own_agb"]'))
    assert policy is not None
    assert policy.reasons["CM98"].passes == ("own_agb",)
    assert rules.parse(rules.canonical(policy))[0] == policy


@pytest.mark.parametrize(
    "passes, said",
    [
        ('["fuzzy"]', 'names \'fuzzy\', which is no pass; name one or more of "exact_reference", "own_agb"'),
        ('["same_entity"]', "names 'same_entity', which allocation.passes leaves out; add it there, or take it away"),
        ("[]", 'is []; write a list with one or more of "exact_reference", "own_agb", or leave it out for all'),
        ('"own_agb"', "is 'own_agb'; write a list with one or more of"),
        ('["own_agb", "own_agb"]', "names a pass twice; name each once"),
        (
            '["own_agb", "exact_reference"]',
            'is not in the order of allocation.passes; write ["exact_reference", "own_agb"]',
        ),
    ],
)
def test_passes_of_a_reason_code_that_its_policy_cannot_play_are_refused(passes: str, said: str) -> None:
    assert said in findings(of_reason(passes))["reasons.CM98.passes"]
