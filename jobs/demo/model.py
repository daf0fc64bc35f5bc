"""What the demo insurer is made of. Records are as the files write them; nothing here reads or writes."""

from datetime import date, timedelta
from typing import Any

import msgspec

from app.core.business_days import is_target_day
from jobs.demo.names import iban

Record = dict[str, Any]

GO_LIVE = date(2026, 9, 1)
LAST_DAY = date(2026, 9, 10)
NEXT_DAY = LAST_DAY + timedelta(days=1)
"""The day that the demo stands on when it is shown: its files are in, and its night is still to be asked for."""
HISTORY_FROM = date(2026, 3, 2)
OPENING_DAY = GO_LIVE - timedelta(days=1)
NIGHTS = tuple(GO_LIVE + timedelta(days=n) for n in range((LAST_DAY - GO_LIVE).days + 1))
FEED_DAYS = tuple(day for day in NIGHTS if is_target_day(day))
"""Files of claims and declarations come on working days; a night runs every day."""


class Carrier(msgspec.Struct, frozen=True, kw_only=True):
    """A risk carrier of the demo and the file that holds its policy; codes as its files name them."""

    code: str
    name: str
    kvk: str
    iban: str
    bic: str
    policy: str
    letter_codes: tuple[str, ...]
    advance_code: str
    reminders: int
    """How many reminders its policy sends before the agency: the history of the opening claims follows it."""
    later_policy: tuple[tuple[str, str], ...] = ()
    """What its next policy version, of after the demo's days, says otherwise: (text of the first, text of the next)."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large the demo is: providers, declarations of both risk carriers together, claims with a letter."""

    providers: int
    declarations: int
    claims: int


FULL = Size(providers=300, declarations=20_000, claims=400)


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider: its record in the files, the risk carriers that know it, and how much it declares (0: nothing)."""

    record: Record
    carriers: tuple[str, ...]
    weight: int
    low_cents: int
    high_cents: int

    @property
    def agbs(self) -> list[str]:
        """Its AGB codes, the entity's own first."""
        return [each["agb"] for each in self.record["agbCodes"]]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A fact recorded by command after the night of `day`; `provider` stands for its running account."""

    carrier: str
    day: date
    key: str
    kind: str
    body: Record
    provider: str | None = None


class DemoFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file and the business date on which it comes in."""

    carrier: str
    day: date
    kind: str
    name: str
    records: list[Record]


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One provider with its own course of events, so that the demo holds an example of it for certain."""

    carrier: str
    provider: Provider
    opening: tuple[Record, ...] = ()
    claims: tuple[tuple[date, Record], ...] = ()
    declarations: tuple[tuple[date, Record], ...] = ()
    orders: tuple[Order, ...] = ()
    later: tuple[tuple[date, Record], ...] = ()
    """Provider records that come in later (a new IBAN)."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """The demo insurer: what comes in, and what is recorded between the nights."""

    carriers: tuple[Carrier, ...]
    files: tuple[DemoFile, ...]
    orders: tuple[Order, ...]
    waiting: tuple[DemoFile, ...]
    """Files of `NEXT_DAY`, for a night that nobody asked for yet."""


CARRIERS = (
    Carrier(
        code="VZ",
        name="Vereffen Zorgverzekeraar N.V.",
        kvk="99000001",
        iban=iban(900_000_001),
        bic="DEMONL2A",
        policy="vgz.toml",
        letter_codes=("CM98", "DS98", "CM93", "DS93", "CM96", "CM89"),
        advance_code="ADVANCE",
        reminders=1,
        later_policy=(
            ("valid_from = 2020-01-01", "valid_from = 2026-10-01"),
            ("floor_cents = 0", "floor_cents = 5000"),
            ("idle_days = 90", "idle_days = 120"),
        ),
    ),
    Carrier(
        code="ZK",
        name="Zuiderkroon Zorgverzekeringen N.V.",
        kvk="99000002",
        iban=iban(900_000_002),
        bic="DEMONL2A",
        policy="zilveren_kruis.toml",
        letter_codes=("FC", "COPE", "MC", "SZ", "EINDAFREKENING", "OPBRENGSTVERREKENING"),
        advance_code="VOORSCHOT",
        reminders=3,
    ),
)
