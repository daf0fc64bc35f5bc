"""Declarations, credit notes, corrections and advances of the demo insurer as their files write them."""

from datetime import date, datetime, timedelta, timezone
from random import Random

from jobs.demo.model import Provider, Record

_SUMMER_TIME = timezone(timedelta(hours=2))  # Amsterdam, in all of the demo's months


def declaration(number: str, agb: str, cents: int, day: date, *, invoice: str | None = None) -> Record:
    """A declaration approved in the morning of `day`, about care of the weeks before."""
    minutes = int("".join(filter(str.isdigit, number))[-4:]) % 240
    treated = day - timedelta(days=14 + minutes % 30)
    return {
        "type": "declaration",
        "id": number,
        "agb": agb,
        "awardedCents": cents,
        "approvedAt": datetime(day.year, day.month, day.day, 8 + minutes // 60, minutes % 60, tzinfo=_SUMMER_TIME),
        "number": number,
        "invoiceNumber": invoice or f"F{number[-6:]}",
        "treatedFrom": treated,
        "treatedUntil": treated + timedelta(days=minutes % 12),
    }


def advance(number: str, agb: str, cents: int, code: str, *, paid: str) -> Record:
    """An advance: `paid` by the next night (request), or elsewhere already."""
    return {
        "type": "advance", "id": number, "agb": agb, "amountCents": cents, "paid": paid, "reasonCode": code,
        "number": number, "ground": "Voorschot op declaraties",
    }  # fmt: skip


def credit_note(number: str, credited: Record, cents: int) -> Record:
    """The provider takes (a part of) a declaration back."""
    return {
        "type": "credit-note", "id": number, "declaration": credited["id"], "amountCents": -cents, "number": number,
        "ground": "Creditnota van de zorgaanbieder",
    }  # fmt: skip


def correction(number: str, corrected: Record, cents: int) -> Record:
    """The insurer lowers a declaration, in one line or two."""
    awarded = corrected["awardedCents"]
    first, half = awarded // 2, cents // 2
    parts = [(first, half), (awarded - first, cents - half)] if 1 < cents <= first else [(awarded, cents)]
    lines = [
        {
            "cents": -part,
            "wasCents": was,
            "becomesCents": was - part,
            "invoiceNumber": corrected["invoiceNumber"],
            "description": "Verzekerde had een Wlz-indicatie op de behandeldatum",
        }
        for was, part in parts
    ]
    return {
        "type": "correction", "id": number, "declaration": corrected["id"], "lines": lines, "number": number,
        "reason": "Correctie na nacontrole",
    }  # fmt: skip


def day_of_declarations(
    rng: Random, code: str, day: date, wanted: int, providers: list[Provider], earlier: list[Record]
) -> list[Record]:
    """What one risk carrier gets on one day: declarations, and credits of those that came before.

    `earlier` holds declarations that nobody credited yet, and is kept up.
    """
    records: list[Record] = []
    chosen = rng.choices(providers, [each.weight for each in providers], k=wanted)
    for serial, provider in enumerate(chosen, 1):
        cents = rng.randrange(provider.low_cents, provider.high_cents)
        number = f"{code}{day:%y%m%d}-{serial:05d}"
        made = declaration(number, rng.choice(provider.agbs), cents, day, invoice=f"F{rng.randrange(10**6):06d}")
        records.append(made)
        if serial % 37 == 0 and earlier:
            records.append(_credit(rng, f"{number}C", earlier.pop(rng.randrange(len(earlier)))))
        earlier.append(made)
    return records


def _credit(rng: Random, number: str, credited: Record) -> Record:
    awarded = credited["awardedCents"]
    cents = awarded if rng.randrange(3) == 0 else max(1, awarded * rng.randrange(10, 90) // 100)
    if rng.randrange(5) < 2:
        return correction(number, credited, cents)
    return credit_note(number, credited, cents)
