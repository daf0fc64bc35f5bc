"""What every command gets, and what several of them look up."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from app.core import clock
from app.core.db import Connection, transaction
from app.core.errors import Refusal
from app.core.settings import Settings

Run = Callable[["Context"], Awaitable[int]]
ACTOR = "command line"


class Context:
    """What a command gets: its arguments, the settings, the database's URL and an open connection."""

    def __init__(self, args: argparse.Namespace, chosen: Settings, url: str, connection: Connection) -> None:
        self.args = args
        self.settings = chosen
        self.url = url
        self.connection = connection

    @property
    def today(self) -> date:
        """`VEREFFEN_BUSINESS_DATE`, or what the calendar says in Amsterdam."""
        return clock.business_day(self.settings.business_date)

    def day(self, name: str) -> date:
        """The date given as that argument, or today."""
        given: date | None = getattr(self.args, name)
        return given or self.today

    async def codes(self) -> dict[int, str]:
        """The codes of all risk carriers by id."""
        async with transaction(self.connection, role="readonly", actor=ACTOR, readonly=True):
            rows = await self.connection.fetch("select risk_carrier_id, code from risk_carrier")
        return {row["risk_carrier_id"]: row["code"] for row in rows}

    async def risk_carrier(self) -> int:
        """Id of the risk carrier named by `--risk-carrier`; Refusal that lists those there are."""
        code = self.args.risk_carrier
        found = await self.connection.fetchval("select risk_carrier_id from risk_carrier where code = $1", code)
        if found is None:
            known = await self.connection.fetchval("select string_agg(code, ', ' order by code) from risk_carrier")
            raise Refusal(
                "unknown_risk_carrier",
                f"There is no risk carrier {code!r}; there are: "
                f"{known or 'none yet, register one with `vereffen carrier`'}.",
                status=404,
                field="--risk-carrier",
            )
        return int(found)


def readable(path: Path) -> Path:
    """The path, when there is a file; Refusal that names it otherwise."""
    if not path.is_file():
        raise Refusal("no_file", f"There is no file {path}: check the name and the folder.", status=404, field="FILE")
    return path


def body_of(text: str | None) -> Any:
    """The JSON of an argument, or of standard input; Refusal that says where it does not parse."""
    raw = text if text is not None else sys.stdin.read()
    try:
        return msgspec.json.decode(raw.encode())
    except msgspec.DecodeError as error:
        raise Refusal("bad_json", f"The fact is not JSON: {error}.", status=422, field="--json") from None
