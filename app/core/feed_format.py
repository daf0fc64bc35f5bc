"""What the records of one kind of file look like, and how they get into the books; one value of each per kind."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Union, get_args

import msgspec
from asyncpg.pgproto.pgproto import UUID

from app.core.db import Connection
from app.core.errors import Refusal

MAX_CENTS = 10**12
LOAD_SECONDS = 3600
"""A statement over a whole file may take longer than a command of a screen."""
EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)

_CENTS = f"whole cents without a point or quotes, at most {MAX_CENTS}, such as 12500 for 125 euros"
_DATE = "a date as 2026-03-02"


class Finding(msgspec.Struct, frozen=True):
    """What a rule finds in one record: `field` and `value` as sent, `message` with the remedy."""

    code: str
    field: str
    value: object
    message: str


class LineRefusals(Refusal):
    """Lines that the rules do not allow now, found by the action that they ask for: (line, what is wrong with it)."""

    def __init__(self, lines: list[tuple[int, Finding]]) -> None:
        super().__init__(lines[0][1].code, lines[0][1].message)
        self.lines = lines


class Header(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """First line of a file. `rows` counts records; `control_total_cents` sums their amounts with their signs."""

    kind: str
    source: str
    risk_carrier: str
    cut_off_date: date | None = None
    rows: int | None = None
    control_total_cents: int | None = None


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """The records of one kind of file. `remedies` completes "give …" per field name; `cents` counts for the total."""

    kind: str
    records: tuple[type[msgspec.Struct], ...]
    remedies: Mapping[str, str]
    findings: Callable[[Any], Iterable[Finding]]
    cents: Callable[[Any], int]
    totals_required: bool = True
    cut_off_required: bool = False


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """How the records of a format get into the books, all set-based over temporary tables.

    `stage` creates the temporary table `table`, which `columns` names; `row` makes a row of it from (line, record).
    `resolve` are statements that lock running accounts and then look up what the records name; they and `checks`
    read `import_context`, which has one row. A check returns (code, line, value, detail); `messages` gives per code
    the field and a sentence with {value} and {detail}. `load` writes and returns (added, known, changed).
    """

    format: Format
    table: str
    stage: str
    columns: tuple[str, ...]
    row: Callable[[int, Any], tuple[object, ...]]
    resolve: tuple[str, ...]
    checks: tuple[str, ...]
    messages: Mapping[str, tuple[str, str]]
    load: Callable[[Connection], Awaitable[tuple[int, int, int]]]
    follow_ups: frozenset[str] = frozenset()
    """Codes that may only follow from a record that was refused already; kept silent then."""
    bulk: bool = False
    """Whether plain records of a large file take the short way (app/declarations/bulk.py)."""


def record_type(form: Format) -> Any:
    """The type to decode into: the one struct, or the union that field `type` tells apart."""
    return Union[form.records]  # noqa: UP007 - of a tuple


def columns(form: Format) -> dict[str, Callable[[str], object]]:
    """Every field as a CSV column, with how its cells are read."""
    known = {
        field.encode_name: _cell_reader(field.type) for each in form.records for field in msgspec.structs.fields(each)
    }
    return {"type": str, **known} if len(form.records) > 1 else known


def missing_fields(form: Format, raw: Mapping[str, object]) -> list[str]:
    """The required fields that a record lacks, all of them."""
    for each in form.records:
        if len(form.records) == 1 or each.__struct_config__.tag == raw.get("type"):
            return [
                field.encode_name
                for field in msgspec.structs.fields(each)
                if field.required and field.encode_name not in raw
            ]
    return ["type"]


def remedy(form: Format, name: str) -> str:
    """What to give for a field, to follow "give "."""
    if name == "type":
        return "one of " + ", ".join(str(each.__struct_config__.tag) for each in form.records)
    if name in form.remedies:
        return form.remedies[name]
    if name.lower().endswith("cents"):
        return _CENTS
    if name.endswith(("On", "Date", "End", "Until", "From")) or name in ("date", "from", "until"):
        return _DATE
    return "a text of 1 to 200 characters"


def date_findings(record: msgspec.Struct, path: str = "") -> Iterator[Finding]:
    """Dates of a record outside 1990 to 2099, which are typing errors in this field of work."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if type(value) is date and not EARLIEST <= value <= LATEST:
            field = path + record.__struct_encode_fields__[record.__struct_fields__.index(name)]
            yield Finding("date_out_of_range", field, value, f"give a date from {EARLIEST} to {LATEST}.")


canonical = msgspec.json.Encoder().encode
"""A record as JSON without what is left out or has its default: the same bytes for JSON Lines and CSV."""


def digest(canonical_bytes: bytes) -> bytes:
    """16 bytes of SHA-256, which processors compute faster than MD5: it compares, it protects nothing."""
    return hashlib.sha256(canonical_bytes).digest()[:16]


def content_hash(record: msgspec.Struct) -> UUID:
    """Digest of what a record says, however it came."""
    return UUID(digest(canonical(record)))


def _cell_reader(field_type: Any) -> Callable[[str], object]:
    inner = [each for each in get_args(field_type) if each is not type(None)] or [field_type]
    plain = getattr(inner[0], "__origin__", inner[0]) if not isinstance(inner[0], type) else inner[0]
    if plain is bool or bool in inner:
        return _truth
    if plain is int or int in inner:
        return _whole
    if plain in (list, tuple) or field_type is list or getattr(field_type, "__origin__", None) in (list, tuple):
        return _nested
    return str


def _truth(cell: str) -> object:
    return {"true": True, "false": False}.get(cell, cell)


def _whole(cell: str) -> object:
    """A whole number in plain digits; anything else stays text, which the decoder then refuses by name."""
    return int(cell) if re.fullmatch(r"-?[0-9]{1,15}", cell, re.ASCII) else cell


def _nested(cell: str) -> object:
    try:
        # of Python, not msgspec: a name that stands twice leaves the text, which is then refused
        return json.loads(cell, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return cell


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def shown(value: object) -> str:
    """A value as a message shows it: JSON, at most 60 characters."""
    text = str(value) if isinstance(value, str | date) else json.dumps(value, default=str, ensure_ascii=False)
    text = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:61])
    return text if len(text) <= 60 else text[:59] + "…"
