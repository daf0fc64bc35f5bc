"""`offset_merge` gives what the plain oracle gives, over random worlds of small numbers."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.core import db as database
from jobs.simulation.arena import with_database
from tests.night.merge_oracle import EVERY_PASS, INFINITE, Account, Claim, Entry, Limit, World, merge

TYPES = """
bigint[] int[] int[] bigint[] bigint[] boolean[] int[] int[]
bigint[] bigint[] int[] int[] date[] bigint[]
bigint[] date[] bigint[] bigint[] bigint[] bigint[] int[] int[] int[]
int[] bigint[] bigint[] int int int[] int[] int[] int[] smallint[] boolean[]
"""
CALL = f"select * from offset_merge({', '.join(f'${n}::{t}' for n, t in enumerate(TYPES.split(), start=1))})"
COLUMNS = ("account_id", "entry_id", "claim_id", "kind", "line", "cents", "open_after", "pass", "payout", "day")
FIRST = date(2026, 3, 2)


@pytest.fixture(scope="module")
def call(server_url: str, template: str) -> Iterator[Callable[[list[Any]], list[Any]]]:
    """Runs the merge on a database of this module, from tests that are not async (hypothesis wants them so)."""
    loop = asyncio.new_event_loop()
    name = f"vereffen_test_{uuid.uuid4().hex[:12]}"
    admin = loop.run_until_complete(database.connect(server_url))
    loop.run_until_complete(admin.execute(f"create database {name} template {template} strategy file_copy"))
    connection = loop.run_until_complete(database.connect(with_database(server_url, name)))
    yield lambda arguments: list(loop.run_until_complete(connection.fetch(CALL, *arguments)))
    loop.run_until_complete(connection.close())
    loop.run_until_complete(admin.execute(f"drop database {name} with (force)"))
    loop.run_until_complete(admin.close())
    loop.close()


@st.composite
def declarations(draw: st.DrawFn, first_id: int, slots: int, payouts: int, shares: int, most: int) -> list[Entry]:
    """Up to `most` of one account whose AGB codes come after `slots`, spread over `shares` payouts."""
    found = []
    for n in range(draw(st.integers(0, most))):
        cents, slot = draw(st.integers(1, 40)), draw(st.integers(1, 3))
        give = cents if draw(st.booleans()) else draw(st.integers(0, cents))
        day = FIRST + timedelta(draw(st.integers(0, 9)))
        found.append(Entry(first_id + n, cents, give, slots + slot, payouts + 1 + slot % shares, day))
    return found


@st.composite
def owed(draw: st.DrawFn, first_id: int, slots: int, limits: list[int], charges: bool, most: int) -> list[Claim]:
    """Up to `most` claims of that account, some on AGB codes without a declaration, some under one of the limits.

    The claims of every other account or so take part in some of the passes only.
    """
    found = []
    some = st.sets(st.integers(1, 4), min_size=1).map(frozenset) if draw(st.booleans()) else st.just(EVERY_PASS)
    for n in range(draw(st.integers(0, most))):
        slot = draw(st.integers(0, 3))
        parts = (draw(st.integers(1, 40)), 0, 0)
        if charges and draw(st.booleans()):
            parts = (draw(st.integers(0, 20)), draw(st.integers(0, 9)), draw(st.integers(0, 9)))
        due = FIRST + timedelta(draw(st.integers(0, 9)))
        limit = draw(st.sampled_from([0, *limits]))
        kept, slot = draw(st.integers(0, 5)), slots + slot if slot else 0
        found.append(Claim(first_id + n, due, parts, kept, slot, limit, draw(some)))
    return found


@st.composite
def worlds(draw: st.DrawFn, *, rich: bool, most: int = 7) -> World:
    """A few running accounts; `rich`: with caps, floors, charges and exact pairs, else only limits and AGB codes."""
    world = World([], {}, {}, [])
    for account_id in range(1, draw(st.integers(1, 3)) + 1):
        slots, payouts, shares = (account_id - 1) * 3, len(world.budgets), draw(st.integers(1, 3))
        limits = [len(world.limits) + n + 1 for n in range(draw(st.integers(0, 3)))]
        for n in limits:
            share = draw(st.booleans())
            world.limits[n] = Limit(
                *((draw(st.integers(1, 10_000)), None) if share else (None, draw(st.integers(1, 60))))
            )
        for n in range(shares):
            world.budgets[payouts + n + 1] = draw(st.integers(0, 80))
        entries = draw(declarations(account_id * 100, slots, payouts, shares, most))
        claims = draw(owed(account_id * 100 + 50, slots, limits, rich, most)) if entries else []
        account = Account(account_id, INFINITE, False, entries, claims)
        if rich and claims:
            account.cap = draw(st.one_of(st.just(INFINITE), st.integers(0, 90)))
            account.floored = draw(st.booleans())
            pairs = st.sets(st.tuples(st.integers(0, len(entries) - 1), st.integers(0, len(claims) - 1)), max_size=3)
            account.by_reference = sorted(draw(pairs))
            account.by_amount = sorted((e, c) for e, c in draw(pairs) if entries[e].cents == claims[c].cents)
        world.accounts.append(account)
    passes = [[1, 2, 3, 4], [1, 3, 4], [2, 4], [1, 2], [3], [4]] if rich else [[3, 4], [3], [4]]
    world.passes = draw(st.sampled_from(passes))
    return world


def arrays(world: World) -> list[Any]:
    """The world as the arguments of the merge; limits and groups renumbered as the decision numbers them."""
    entries = [e for a in world.accounts for e in a.entries]
    claims = [c for a in world.accounts for c in a.claims]
    own = [c.slot if 3 in c.passes else 0 for c in claims]
    groups = {key: n for n, key in enumerate(sorted({(s, c.limit) for s, c in zip(own, claims, strict=True)}), start=1)}
    floors = any(a.floored for a in world.accounts)
    floored = {e.payout for a in world.accounts if a.floored for e in a.entries}
    pairs: list[list[int]] = [[], [], [], []]
    first_entry = first_claim = 1
    for a in world.accounts:
        for n, which, every in ((0, 1, a.by_reference), (2, 2, a.by_amount)):
            found = [(e, c) for e, c in every if which in a.claims[c].passes]
            pairs[n] += [first_entry + e for e, _ in found]
            pairs[n + 1] += [first_claim + c for _, c in found]
        first_entry, first_claim = first_entry + len(a.entries), first_claim + len(a.claims)
    plain = [
        a.cap == INFINITE and not a.floored and all(c.parts[1:] == (0, 0) for c in a.claims) for a in world.accounts
    ]
    return [
        [a.id for a in world.accounts],
        [len(a.entries) for a in world.accounts],
        [len(a.claims) for a in world.accounts],
        [sum(e.cents for e in a.entries) for a in world.accounts],
        [a.cap for a in world.accounts],
        plain,
        [len({e.slot for e in a.entries}) for a in world.accounts],
        [len({e.payout for e in a.entries}) for a in world.accounts],
        [e.id for e in entries],
        [e.give for e in entries],
        [e.slot for e in entries],
        [e.payout for e in entries],
        [e.day for e in entries],
        [e.cents for e in entries],
        [c.id for c in claims],
        [c.due for c in claims],
        [c.cents for c in claims],
        [c.parts[0] for c in claims],
        [c.parts[1] for c in claims],
        [c.kept for c in claims],
        own,
        [c.limit for c in claims],
        [groups[s, c.limit] for s, c in zip(own, claims, strict=True)],
        [world.limits[n].basis_points for n in sorted(world.limits)] or None,
        [world.limits[n].cents for n in sorted(world.limits)] or None,
        [b if n in floored else INFINITE for n, b in sorted(world.budgets.items())] if floors else None,
        max([0, *(e.slot for e in entries), *(c.slot for c in claims)]),
        len(world.budgets),
        *pairs,
        world.passes,
        [4 not in c.passes for c in claims] if any(4 not in c.passes for c in claims) else None,
    ]


def merged(rows: list[Any]) -> tuple[list[Any], dict[int, Any], dict[int, int]]:
    """The rows of the merge in the oracle's shape."""
    lines = [tuple(r[name] for name in COLUMNS) for r in rows if r["what"] == 2]
    results = {r["claim_id"]: (r["cents"], r["open_after"], r["entry_id"], r["kind"]) for r in rows if r["what"] == 4}
    return sorted(lines, key=str), results, {r["payout"]: r["cents"] for r in rows if r["what"] == 3}


SOME = settings(
    max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def of_two_codes(claims: list[Claim], limits: int) -> World:
    """One account with a declaration of 10 cents on each of two AGB codes, and limits of 60 cents a run."""
    entries = [Entry(100, 10, 10, 1, 1, FIRST), Entry(101, 10, 10, 2, 1, FIRST)]
    ample = {n: Limit(None, 60) for n in range(1, limits + 1)}
    return World([Account(1, INFINITE, False, entries, claims)], ample, {1: 80}, [3, 4])


OWN = frozenset((3,))
USED_UP = of_two_codes([Claim(150, FIRST, (10, 0, 0), 0, 1, 0), Claim(151, FIRST, (5, 0, 0), 0, 1, 0, OWN)], limits=0)
"""The second claim's own code is used up, the other has money that it may not have, and nothing is capped."""
SAME_NUMBER = of_two_codes(
    [Claim(150, FIRST, (5, 0, 0), 0, 0, 1), Claim(151, FIRST, (30, 0, 0), 0, 1, 2, OWN)], limits=2
)
"""The second claim heads a group of its own code whose number is that of its limit, and is not in the next pass."""


@SOME
@example(world=USED_UP)
@example(world=SAME_NUMBER)
@given(world=worlds(rich=False))
def test_the_merge_of_chains_and_limits_is_the_oracles(call: Callable[[list[Any]], list[Any]], world: World) -> None:
    assert merged(call(arrays(world))) == merge(world)


@SOME
@given(world=worlds(rich=True))
def test_the_merge_with_caps_floors_charges_and_exact_pairs_is_the_oracles(
    call: Callable[[list[Any]], list[Any]], world: World
) -> None:
    assert merged(call(arrays(world))) == merge(world)
