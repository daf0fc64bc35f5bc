"""`offset_merge` gives what the plain oracle gives, over random worlds of small numbers."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.core import db as database
from jobs.simulation.arena import with_database
from tests.night.merge_oracle import EVERY_PASS, INFINITE, Account, Claim, Entry, Limit, World, merge

TYPES = """
bigint[] int[] int[] bigint[] bigint[] boolean[] int[] int[] int[]
int[] int[]
bigint[] bigint[] date[] timestamptz[] bigint[]
bigint[] date[] bigint[] bigint[] bigint[] bigint[] int[] int[] int[]
int[] bigint[] bigint[] int int[] int[] int[] int[] int[] int[] smallint[] boolean[]
"""
CALL = f"select * from offset_merge({', '.join(f'${n}::{t}' for n, t in enumerate(TYPES.split(), start=1))})"
COLUMNS = ("account_id", "entry_id", "claim_id", "kind", "line", "cents", "open_after", "pass", "payout", "day")
FIRST = date(2026, 3, 2)
APPROVED = datetime(2026, 3, 1, tzinfo=UTC)
CODES = 3
"""AGB codes of each account, with declarations or without."""


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
    places = draw(st.permutations(range(draw(st.integers(0, most)))))
    for place in (each for n in range(0, len(places), 2) for each in sorted(places[n : n + 2])):  # two a day, by id
        cents, slot = draw(st.integers(1, 40)), draw(st.integers(1, CODES))
        give = cents if draw(st.booleans()) else draw(st.integers(0, cents))
        day = FIRST + timedelta(draw(st.integers(0, 9)))
        found.append(Entry(first_id + place, cents, give, slots + slot, payouts + 1 + slot % shares, day))
    return found


@st.composite
def owed(draw: st.DrawFn, first_id: int, slots: int, limits: list[int], charges: bool, most: int) -> list[Claim]:
    """Up to `most` claims of that account, some on AGB codes without a declaration, some under one of the limits.

    The claims of every other account or so take part in some of the passes only.
    """
    found = []
    some = st.sets(st.integers(1, 4), min_size=1).map(frozenset) if draw(st.booleans()) else st.just(EVERY_PASS)
    for n in range(draw(st.integers(0, most))):
        slot = draw(st.integers(0, CODES))
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
    """A few running accounts; `rich`: exact pairs, some with caps, floors and charges; else limits and AGB codes."""
    world = World([], {}, {}, [])
    for account_id in range(1, draw(st.integers(1, 3)) + 1):
        slots, payouts, shares = (account_id - 1) * CODES, len(world.budgets), draw(st.integers(1, 3))
        limits = [len(world.limits) + n + 1 for n in range(draw(st.integers(0, 3)))]
        for n in limits:
            share = draw(st.booleans())
            world.limits[n] = Limit(
                *((draw(st.integers(1, 10_000)), None) if share else (None, draw(st.integers(1, 60))))
            )
        for n in range(shares):
            world.budgets[payouts + n + 1] = draw(st.integers(0, 80))
        entries = draw(declarations(account_id * 100, slots, payouts, shares, most))
        calm = not rich or draw(st.booleans())
        claims = draw(owed(account_id * 100 + 50, slots, limits, not calm, most)) if entries else []
        account = Account(account_id, INFINITE, False, entries, claims)
        if draw(st.booleans()):
            account.share = draw(st.integers(0, 10_000))
            for entry in entries:
                entry.give = entry.cents * account.share // 10_000
        if rich and claims:
            account.cap = INFINITE if calm else draw(st.one_of(st.just(INFINITE), st.integers(0, 90)))
            account.floored = not calm and draw(st.booleans())
            pairs = st.sets(st.tuples(st.integers(0, len(entries) - 1), st.integers(0, len(claims) - 1)), max_size=3)
            account.by_reference = sorted(draw(pairs))
            account.by_amount = sorted((e, c) for e, c in draw(pairs) if entries[e].cents == claims[c].cents)
        world.accounts.append(account)
    passes = [[1, 2, 3, 4], [1, 3, 4], [1, 3], [2, 3], [2, 4], [1, 2], [3], [4]] if rich else [[3, 4], [3], [4]]
    world.passes = draw(st.permutations(draw(st.sampled_from(passes))))
    return world


def by_code(account: Account) -> list[int]:
    """The declarations of an account in the order in which the merge gets them: by AGB code, of a code by approval."""
    return sorted(range(len(account.entries)), key=lambda n: account.entries[n].slot)


def pairs(world: World, which: int) -> list[list[int]]:
    """The exact pairs of a pass in order of account and approval: ordinals of declaration and claim, the AGB code."""
    found: list[list[int]] = [[], [], []]
    first_entry = first_claim = 1
    for a in world.accounts:
        place = {n: first_entry + at for at, n in enumerate(by_code(a))}
        for e, c in a.by_reference if which == 1 else a.by_amount:
            if which in a.claims[c].passes:
                for column, value in zip(found, (place[e], first_claim + c, a.entries[e].slot), strict=True):
                    column.append(value)
        first_entry, first_claim = first_entry + len(a.entries), first_claim + len(a.claims)
    return found


def of_codes(world: World) -> list[list[int]]:
    """How many declarations each AGB code has, and its payout (any of its account's for one without)."""
    slots = [(a, index * CODES + code) for index, a in enumerate(world.accounts) for code in range(1, CODES + 1)]
    paid = [[e.payout for e in a.entries if e.slot == slot] + [e.payout for e in a.entries] for a, slot in slots]
    return [[sum(e.slot == slot for e in a.entries) for a, slot in slots], [(each or [1])[0] for each in paid]]


def arrays(world: World) -> list[Any]:
    """The world as the arguments of the merge; limits and groups renumbered as the decision numbers them."""
    shared = {e.id: a.share is not None for a in world.accounts for e in a.entries}
    order = [(n, a.entries[n]) for a in world.accounts for n in by_code(a)]
    entries = [e for _, e in order]
    claims = [c for a in world.accounts for c in a.claims]
    own = [c.slot if 3 in c.passes else 0 for c in claims]
    groups = {key: n for n, key in enumerate(sorted({(s, c.limit) for s, c in zip(own, claims, strict=True)}), start=1)}
    floors = any(a.floored for a in world.accounts)
    floored = {e.payout for a in world.accounts if a.floored for e in a.entries}
    return [
        [a.id for a in world.accounts],
        [len(a.entries) for a in world.accounts],
        [len(a.claims) for a in world.accounts],
        [sum(e.cents for e in a.entries) for a in world.accounts],
        [a.cap for a in world.accounts],
        [is_plain(world, a) for a in world.accounts],
        [CODES for _ in world.accounts],
        [len({e.payout for e in a.entries}) for a in world.accounts],
        [a.share for a in world.accounts] if any(a.share is not None for a in world.accounts) else None,
        *of_codes(world),
        [e.id for e in entries],
        [e.cents if shared[e.id] else e.give for e in entries],
        [e.day for e in entries],
        [APPROVED + timedelta(n // 2) for n, _ in order],
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
        len(world.budgets),
        *pairs(world, 1),
        *pairs(world, 2),
        world.passes,
        [4 not in c.passes for c in claims] if any(4 not in c.passes for c in claims) else None,
    ]


def is_plain(world: World, account: Account) -> bool:
    """No cap, floor, charge or amount a run: the merge takes such an account AGB code by AGB code."""
    amounts = any(c.limit and world.limits[c.limit].cents is not None for c in account.claims)
    charges = any(c.parts[1:] != (0, 0) for c in account.claims)
    return account.cap == INFINITE and not account.floored and not charges and not amounts


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


def of_one_code(claims: list[Claim], limits: dict[int, Limit], passes: list[int]) -> World:
    """One account with a declaration of 10 cents, which is the exact reference of the first claim."""
    account = Account(1, INFINITE, False, [Entry(100, 10, 10, 1, 1, FIRST)], claims, by_reference=[(0, 0)])
    return World([account], limits, {1: 80}, passes)


def of_one_declaration(cents: int, claims: list[Claim], limits: dict[int, Limit]) -> World:
    """One account with a declaration of so many cents on the first AGB code."""
    account = Account(1, INFINITE, False, [Entry(100, cents, cents, 1, 1, FIRST)], claims)
    return World([account], limits, {1: 80}, [3, 4])


BEHIND_A_SHARE = of_one_declaration(
    20, [Claim(150 + n, FIRST, (10, 0, 0), 0, 1, limit) for n, limit in enumerate((0, 1, 0))], {1: Limit(5_000, None)}
)
"""A claim stands behind one under a share: that one goes first."""
LEFT_FOR_OTHERS = of_one_declaration(
    40, [Claim(150 + n, FIRST, (5 + 5 * n, 0, 0), 0, 1 if n < 2 else 0, 0) for n in range(4)], {}
)
"""Two claims of the own AGB code are used up, and two of no code wait for what is left."""
REFERENCE_LAST = of_one_code(
    [Claim(150, FIRST, (5, 0, 0), 0, 0, 0), Claim(151, FIRST, (30, 0, 0), 0, 1, 0)], {}, [3, 1]
)
"""The own AGB code leaves nothing for the pass of the exact reference, which comes after it."""
USED_UP_LATER = of_one_code(
    [Claim(150, FIRST, (5, 0, 0), 0, 0, 1), Claim(151, FIRST, (30, 0, 0), 0, 1, 0)], {1: Limit(1, None)}, [1, 3]
)
"""The share of the first claim comes to nothing, and what it was paired with is used up in the next pass."""


@SOME
@example(world=USED_UP)
@example(world=SAME_NUMBER)
@example(world=BEHIND_A_SHARE)
@example(world=LEFT_FOR_OTHERS)
@given(world=worlds(rich=False))
def test_the_merge_of_chains_and_limits_is_the_oracles(call: Callable[[list[Any]], list[Any]], world: World) -> None:
    assert merged(call(arrays(world))) == merge(world)


@SOME
@example(world=REFERENCE_LAST)
@example(world=USED_UP_LATER)
@given(world=worlds(rich=True))
def test_the_merge_with_caps_floors_charges_and_exact_pairs_is_the_oracles(
    call: Callable[[list[Any]], list[Any]], world: World
) -> None:
    assert merged(call(arrays(world))) == merge(world)
