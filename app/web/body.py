"""Bodies of requests: strict JSON, bounded before it is read, and every field at fault named.

JSON of RFC 8259 in UTF-8, at most 1 MB, 32 levels and 10,000 elements in an array; no key twice (which of the two
counted would depend on who reads), no NUL and no half surrogate (PostgreSQL and UTF-8 hold neither), no NaN.
"""

import asyncio
import json
import re
from decimal import Decimal
from typing import Any, NoReturn

import msgspec
from litestar import Request

from app.core.errors import Refusal, Rejection
from app.web.problems import Rejected, Unavailable
from app.web.remedies import remedy

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_ITEMS = 10_000
# possessive, and the closing quote may be missing: else a string that never ends is walked from each quote in it
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.|\\\Z)*+"?|[\[\]{}]', re.DOTALL)
BODY_SECONDS = 20.0  # not money: who sends a JSON body more slowly holds a place that others need
_PATH = re.compile(r"^(?P<words>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def _malformed(code: str, message: str) -> Refusal:
    return Refusal(code, message, status=400)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _malformed("key_twice", f"{_shown(twice)} stands in one object twice; leave one out.")
    return found


def _no_constant(text: str) -> NoReturn:
    raise _malformed("json_invalid", f"{text} is not JSON.")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=Decimal, parse_constant=_no_constant)


def parse(raw: bytes) -> Any:
    """The value of a body; numbers with a point are Decimal. Refusal 400 (where it goes wrong) or 413."""
    if len(raw) > MAX_BYTES:
        raise Refusal("body_too_large", "A body may have at most 1 MB; load more by a batch.", status=413)
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _refuse_depth(raw)
    try:
        text = raw.decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise _malformed("json_invalid", f"The body is not UTF-8: byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise _malformed("json_invalid", f"The body is not JSON: {error.msg} at character {error.pos}.") from None
    except (ValueError, ArithmeticError, RecursionError):  # an integer or an exponent of thousands of digits
        raise _malformed("json_invalid", "The body holds a number that is too long.") from None
    if rb"\u" in raw or raw.count(b",") >= MAX_ITEMS:
        _refuse_content(value, "")
    return value


def _refuse_depth(raw: bytes) -> None:
    depth = 0
    for match in _STRUCTURE.finditer(raw):
        if (sign := match[0]) in (b"[", b"{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise _malformed("json_too_deep", f"The body is nested deeper than {MAX_DEPTH} levels.")
        elif sign in (b"]", b"}"):
            depth -= 1


def _refuse_content(value: Any, path: str) -> None:
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise _malformed("text_invalid", f"{path or 'The body'} holds a NUL or half a surrogate; leave it out.")
    elif isinstance(value, dict):
        for name, each in value.items():
            _refuse_content(name, f"A name in {path or 'the body'}")
            _refuse_content(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        if len(value) > MAX_ITEMS:
            raise _malformed("array_too_long", f"{path or 'The body'} has more than {MAX_ITEMS:,} elements.")
        for number, each in enumerate(value):
            _refuse_content(each, f"{path}[{number}]")


def convert(value: Any, kind: Any) -> Any:
    """`value` as `kind`, without leniency ("5" is no number). Rejected (422) names every field of a Struct at fault."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise Rejected(_rejections(value, kind, error)) from None


def _rejections(value: Any, kind: Any, error: msgspec.ValidationError) -> list[Rejection]:
    """One per field of a Struct (msgspec stops at the first); one in all for anything else."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict)):
        return [_rejection(str(error), "", value, kind)]
    found: list[Rejection] = []
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in fields.items():
        if name in value:
            try:
                msgspec.convert(value[name], field.type)
            except msgspec.ValidationError as wrong:
                found.append(_rejection(str(wrong), name, value[name], field.type))
        elif field.required:
            message = f"{name} is missing; give {remedy(field.type, name)}."
            found.append(Rejection(code="field_missing", field=name, message=message))
    for name in value:
        if name not in fields and kind.__struct_config__.forbid_unknown_fields:
            message = f"{_shown(name)} is not known here; leave it out. Known are {', '.join(fields)}."
            found.append(Rejection(code="field_unknown", field=_shown(name), message=message))
    return found or [_rejection(str(error), "", value, kind)]


def _rejection(words: str, name: str, value: Any, kind: Any) -> Rejection:
    """What msgspec said of a value (of the field `name`, or of the body), as field, value and remedy."""
    match = _PATH.match(words)
    path = (match["path"] or "") if match else ""
    where = f"{name}{path}" if name else path.lstrip(".")
    found = _scalar(_at(value, path))
    said = f" is {_shown(found) or 'empty'}" if found is not None else " does not fit"
    # of a missing or unknown field inside another msgspec names it, and a type has no more to say than that
    named = match is not None and match["words"].startswith("Object ")
    advice = f"{match['words']}" if named and match else f"give {remedy(kind, name, path)}"
    message = f"{where or 'The body'}{said}; {advice}."
    return Rejection(code="field_invalid", field=where, message=message, value=None if found is None else _shown(found))


def _at(value: Any, path: str) -> Any:
    """The value at a path such as `[0].cents`; an empty list, which nothing shows, where it leads nowhere."""
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return []
    return value


def _scalar(value: Any) -> str | None:
    """The value as it stood in the body, where it is short enough to be said."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, str | int | Decimal) else None


def _shown(text: str) -> str:
    """A sender's text, short and without what no answer can hold."""
    return text[:100].encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body becomes the handler's type here: the framework's own way takes "5" for a number."""

    async def body(self) -> bytes:
        """The body; 413 when larger than the route allows, 415 when it is not said to be JSON, 408 when slow."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                raw = await super().body()
        except TimeoutError:
            raise Unavailable("body_slow", "The body did not come in time; send it again.", status=408) from None
        if self.route_handler.parsed_data_field is not None and self.content_type[0] in ("", "application/json"):
            if not raw:
                raise _malformed("body_missing", "This request needs a JSON body.")
            if self.content_type[0] == "":
                raise Refusal("content_type", "Send the body as application/json.", status=415)
        return raw

    async def json(self) -> Any:
        """The body as the type of the handler's `data`."""
        kind, charset = self.content_type[0], self.content_type[1].get("charset", "utf-8")
        if kind != "application/json" or charset.lower() not in ("utf-8", "utf8"):
            raise Refusal("content_type", "Send the body as application/json in UTF-8.", status=415)
        expected = self.route_handler.parsed_data_field
        raw = await self.body()
        value = parse(raw)
        if reader := self.route_handler.opt.get("reader"):  # a record of a feed: faults in the words of its file
            return reader.read(raw)
        return value if expected is None else convert(value, expected.annotation)
