"""Limits by token, and by the address that can be trusted."""

import asyncio

import pytest

from app.core.db import Connection
from app.core.settings import Settings
from app.web.limits import Buckets, Clients
from app.web.problems import Unavailable
from tests.api.client import DAY, serving


def scope(peer: str | None, *forwarded: str) -> dict[str, object]:
    return {
        "client": (peer, 1) if peer else None,
        "headers": [(b"x-forwarded-for", each.encode()) for each in forwarded],
    }


@pytest.mark.parametrize(
    "trusted, peer, forwarded, expected",
    [
        ([], "198.51.100.7", ["203.0.113.1"], "198.51.100.7"),
        (["10.0.0.0/8"], "198.51.100.7", ["203.0.113.1"], "198.51.100.7"),
        (["10.0.0.0/8"], "10.1.1.1", ["203.0.113.1"], "203.0.113.1"),
        (["10.0.0.0/8"], "10.1.1.1", ["6.6.6.6, 203.0.113.1"], "203.0.113.1"),
        (["10.0.0.0/8"], "10.1.1.1", ["6.6.6.6", "203.0.113.1"], "203.0.113.1"),
        (["10.0.0.0/8"], "10.1.1.1", ["203.0.113.1, 10.2.2.2"], "203.0.113.1"),
        (["10.0.0.0/8"], "10.1.1.1", ["not an address"], "10.1.1.1"),
        (["10.0.0.0/8"], "10.1.1.1", ["6.6.6.6, , 10.2.2.2"], "10.2.2.2"),
        (["10.0.0.0/8"], "10.1.1.1", [], "10.1.1.1"),
        (["::ffff:10.1.1.1", "10.1.1.1"], "::ffff:10.1.1.1", ["203.0.113.1"], "203.0.113.1"),
        (["10.0.0.0/8"], "10.1.1.1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
        ([], None, ["203.0.113.1"], "local socket"),
    ],
)
def test_the_address_is_the_first_that_no_proxy_of_ours_wrote(
    trusted: list[str], peer: str | None, forwarded: list[str], expected: str
) -> None:
    assert Clients(trusted).address(scope(peer, *forwarded)) == expected


def test_a_bucket_gives_its_burst_and_says_how_long_to_wait() -> None:
    buckets = Buckets(rate=0.5, burst=3)
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(Unavailable) as refused:
        buckets.take("a")
    assert (refused.value.status, refused.value.seconds) == (429, 2)
    buckets.take("b")


async def test_a_bucket_fills_again() -> None:
    buckets = Buckets(rate=50, burst=1)
    buckets.take("a")
    await asyncio.sleep(0.03)
    assert not buckets.empty("a")


def test_a_flood_of_keys_keeps_the_memory_flat() -> None:
    buckets = Buckets(rate=1, burst=1, keys=100)
    for number in range(10_000):
        buckets.take(number)
    assert len(buckets._found) == 100


async def test_a_token_that_asks_too_much_gets_429_with_the_seconds_to_wait(db: Connection, db_url: str) -> None:
    async with serving(db, db_url, Settings(rate=5, business_date=DAY)) as api:
        one, other = await api.as_(["claims:read"]), await api.as_(["jobs:read"])
        answers = [await one.get("/v1/claims") for _ in range(11)]
        assert [each.status_code for each in answers] == [200] * 10 + [429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert (await other.get("/v1/jobs")).status_code == 200


async def test_a_thousand_forged_addresses_share_the_bucket_of_the_one_that_sends_them(
    db: Connection, db_url: str
) -> None:
    async with serving(db, db_url) as api:
        client = api.with_token("vrf_1_guess", address="198.51.100.7")
        found = [
            (await client.get("/v1/claims", headers={"x-forwarded-for": f"10.{n >> 8}.{n & 255}.1"})).status_code
            for n in range(1000)
        ]
    assert (found.count(401), found.count(429)) == (10, 990)


async def test_who_guesses_holds_up_nobody_with_a_good_token_at_the_same_address(db: Connection, db_url: str) -> None:
    async with serving(db, db_url) as api:
        good = await api.as_(["claims:read"])
        assert (await good.get("/v1/claims")).status_code == 200
        bad = api.with_token("vrf_1_guess")
        assert [(await bad.get("/v1/claims")).status_code for _ in range(11)][-1] == 429
        assert (await good.get("/v1/claims")).status_code == 200


async def test_a_good_token_is_refused_while_its_address_still_guesses_and_it_was_not_seen_before(
    db: Connection, db_url: str
) -> None:
    async with serving(db, db_url) as api:
        bad = api.with_token("vrf_1_guess")
        for _ in range(11):
            await bad.get("/v1/claims")
        fresh = await api.as_(["claims:read"])
        assert (await fresh.get("/v1/claims")).status_code == 429
