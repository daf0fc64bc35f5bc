"""The demo insurer, made from a seed: the same world every time, on every machine, without clock or database."""

from datetime import date
from itertools import cycle
from random import Random

from jobs.demo.claims import Letters, amount, new_claim, quiet_credit, random_opening
from jobs.demo.declarations import advance, day_of_declarations, declaration
from jobs.demo.model import (
    CARRIERS,
    FEED_DAYS,
    NEXT_DAY,
    OPENING_DAY,
    Carrier,
    DemoFile,
    Provider,
    Record,
    Size,
    Story,
    World,
)
from jobs.demo.names import TRADES, iban, practice_name, surname, unique
from jobs.demo.stories import stories

_SEED = 20260901
_SINCE = date(2014, 1, 1)
_CREDITS = 12
"""Quiet credits per risk carrier that are open at go-live; few, so that most claims have a letter."""
_WAITING = (30, 10)
"""Declarations per risk carrier that wait for the next night: of those who declare, and of those who had stopped."""


def build_world(size: Size) -> World:
    """The demo insurer at that size. At least as many providers and claims as the stories need."""
    rng = Random(_SEED)  # noqa: S311 - a made-up world, not a secret
    letters = Letters()
    told = stories(letters)
    others = _providers(rng, size.providers - len(told))
    files: list[DemoFile] = []
    waiting: list[DemoFile] = []
    for carrier in CARRIERS:
        own = [story for story in told if story.carrier == carrier.code]
        known = [each for each in others if carrier.code in each.carriers]
        files += _provider_files(carrier, own, known)
        files += _claim_files(rng, letters, carrier, own, known, size.claims // 2)
        files += _declaration_files(rng, carrier, own, known, size.declarations // 2)
        waiting.append(_waiting_file(carrier, known))
    orders = tuple(order for story in told for order in story.orders)
    return World(carriers=CARRIERS, files=tuple(files), orders=orders, waiting=tuple(waiting))


def _providers(rng: Random, wanted: int) -> list[Provider]:
    names: set[str] = set()
    agbs: set[str] = set()
    return [_provider(rng, serial, names, agbs) for serial in range(1, wanted + 1)]


def _provider(rng: Random, serial: int, names: set[str], agbs: set[str]) -> Provider:
    trade = rng.choice(TRADES)
    form = rng.choice(trade.legal_forms)
    name = unique(names, lambda: practice_name(rng, trade, form))
    count = rng.choice((1, 1, 2, 3, 4))
    codes = [unique(agbs, lambda: f"{trade.agb}{rng.randrange(10_000, 89_999):06d}") for _ in range(count)]
    practices = [
        {"code": f"P{n}", "name": f"{name}, locatie {surname(rng)}", "from": _SINCE} for n in range(1, len(codes))
    ]
    agb_rows: list[Record] = [{"agb": codes[0], "from": _SINCE}]
    agb_rows += [{"agb": code, "from": _SINCE, "practice": f"P{n}"} for n, code in enumerate(codes[1:], 1)]
    ibans: list[Record] = [{"iban": iban(100_000_000 + 10 * serial), "holder": name, "from": _SINCE}]
    if practices and rng.randrange(3) == 0:  # one practice has an account of its own: two payouts a night
        ibans.append({"iban": iban(100_000_001 + 10 * serial), "holder": name, "from": _SINCE, "practice": "P1"})
    record: Record = {
        "number": f"R1{serial:05d}",
        "name": name,
        "legalForm": form,
        "naturalPerson": form == "eenmanszaak",
        "kvk": f"98{serial:06d}",
        "practices": practices,
        "agbCodes": agb_rows,
        "ibans": ibans,
    }
    carriers = ("VZ", "ZK") if serial % 4 else (("VZ",) if serial % 8 else ("ZK",))
    weight = 0 if serial % 7 == 3 else 60_000 // (serial + 6)  # one in seven has stopped; a few declare very much
    return Provider(
        record=record, carriers=carriers, weight=weight, low_cents=trade.low_cents, high_cents=trade.high_cents
    )


def _provider_files(carrier: Carrier, own: list[Story], known: list[Provider]) -> list[DemoFile]:
    records = [each.record for each in known] + [story.provider.record for story in own]
    files = [
        DemoFile(carrier=carrier.code, day=OPENING_DAY, kind="providers", name="zorgaanbieders.jsonl", records=records)
    ]
    for story in own:
        for day, record in story.later:
            files.append(
                DemoFile(carrier=carrier.code, day=day, kind="providers", name="zorgaanbieders.jsonl", records=[record])
            )
    return files


def _claim_files(
    rng: Random, letters: Letters, carrier: Carrier, own: list[Story], known: list[Provider], wanted: int
) -> list[DemoFile]:
    """Opening claims, and the claims of each day; together with those of the stories as many letters as wanted."""
    opening = [record for story in own for record in story.opening]
    later = {day: [r for story in own for d, r in story.claims if d == day] for day in FEED_DAYS}
    lacking = wanted - sum(1 for r in opening if r["kind"] == "claim") - sum(len(each) for each in later.values())
    codes = cycle(carrier.letter_codes)
    days = cycle(FEED_DAYS)
    for serial in range(1, lacking + 1):
        claim_id = f"{carrier.code}-V{serial:04d}"
        agb, code = rng.choice(rng.choice(known).agbs), next(codes)
        if serial % 8:
            opening.append(random_opening(rng, letters, carrier, claim_id, agb, code))
        else:
            day = next(days)
            later[day].append(new_claim(claim_id, agb, code, amount(rng), day))
    for serial in range(1, _CREDITS + 1):
        agb = rng.choice(rng.choice(known).agbs)
        registered = date(2026, 6 + serial % 3, 3 + 2 * serial)
        claim_id = f"{carrier.code}-K{serial:04d}"
        cents = rng.randrange(2_000, 90_000)
        opening.append(quiet_credit(claim_id, agb, cents, registered, correction=serial % 4 == 0))
    files = [
        DemoFile(
            carrier=carrier.code, day=OPENING_DAY, kind="opening-claims", name="openstaande-vorderingen.jsonl.gz",
            records=opening,
        )
    ]  # fmt: skip
    for number, day in enumerate(FEED_DAYS):
        if later[day]:
            name = "vorderingen.csv" if number % 2 else "vorderingen.jsonl"
            files.append(DemoFile(carrier=carrier.code, day=day, kind="claims", name=name, records=later[day]))
    return files


_FORMATS = ("jsonl", "jsonl.gz", "csv", "csv.gz")


def _declaration_files(
    rng: Random, carrier: Carrier, own: list[Story], known: list[Provider], wanted: int
) -> list[DemoFile]:
    told = {day: [r for story in own for d, r in story.declarations if d == day] for day in FEED_DAYS}
    lacking = wanted - sum(1 for records in told.values() for r in records if r["type"] == "declaration")
    share, rest = divmod(lacking, len(FEED_DAYS))
    earlier: list[Record] = []
    files = []
    for number, day in enumerate(FEED_DAYS):
        count = share + (rest if number == 0 else 0)
        records = day_of_declarations(rng, carrier.code, day, count, known, earlier) + told[day]
        if number % 3 == 0:
            records.append(_random_advance(rng, carrier, day, known))
        name = f"declaraties.{_FORMATS[number % len(_FORMATS)]}"
        files.append(DemoFile(carrier=carrier.code, day=day, kind="declarations", name=name, records=records))
    return files


def _random_advance(rng: Random, carrier: Carrier, day: date, known: list[Provider]) -> Record:
    provider = rng.choice([each for each in known if each.weight])
    cents = rng.randrange(2, 40) * 50_000
    return advance(f"{carrier.code}-A{day:%m%d}", provider.agbs[0], cents, carrier.advance_code, paid="request")


def _waiting_file(carrier: Carrier, known: list[Provider]) -> DemoFile:
    """Declarations for the next night; providers who had stopped declare again, so that old claims are offset."""
    rng = Random(f"{_SEED} {carrier.code}")  # noqa: S311 - its own, so that the days before stay as they are
    busy, stopped = _WAITING
    chosen = rng.choices(known, [each.weight for each in known], k=busy)
    chosen += [each for each in known if not each.weight][:stopped]
    records = [
        declaration(
            f"{carrier.code}{NEXT_DAY:%y%m%d}-{serial:05d}",
            provider.agbs[0],
            rng.randrange(provider.low_cents, provider.high_cents),
            NEXT_DAY,
            invoice=f"F{rng.randrange(10**6):06d}",
        )
        for serial, provider in enumerate(chosen, 1)
    ]
    return DemoFile(carrier=carrier.code, day=NEXT_DAY, kind="declarations", name="declaraties.jsonl", records=records)
