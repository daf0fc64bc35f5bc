"""What to send instead, out of the type that a field or parameter has: a parser's own words name no remedy."""

import re
from typing import Any

import msgspec.inspect as types

from app.core.feed_texts import NOT_BLANK

_STEPS = re.compile(r"\[[^\]]*\]|[^.\[\]]+")
_BOUNDS = ("gt", "ge", "lt", "le", "min_length", "max_length", "pattern")
_PLAIN = {
    types.BoolType: "true or false",
    types.DateType: "a date that exists, such as 2026-03-02",
    types.DateTimeType: "a moment with time zone, such as 2026-03-02T09:30:00+01:00",
    types.TimeType: "a time of day, such as 22:00:00",
    types.DecimalType: 'a number in quotes, such as "12.5"',
    types.FloatType: "a number",
}


def remedy(kind: Any, name: str, path: str = "", bounds: Any = None) -> str:
    """What fits at `path` (such as `lines[0].cents`) in a value of type `kind`, for a sentence that begins with "give".

    `name` is that of the whole field; `bounds` has the limits of a parameter as attributes (`ge`, `pattern`, …), where
    its type has none.
    """
    at = types.type_info(kind)
    for step in _STEPS.findall(path):
        at, name = _below(_without_null(at), step), name if step.startswith("[") else step
    return _said(_without_null(at), name, bounds)


def _without_null(at: types.Type) -> types.Type:
    """The type itself where null may stand for it too."""
    while isinstance(at, types.Metadata):
        at = at.type
    if isinstance(at, types.UnionType):
        rest = [each for each in at.types if not isinstance(each, types.NoneType)]
        return _without_null(rest[0]) if len(rest) == 1 else at
    return at


def _below(at: types.Type, step: str) -> types.Type:
    if isinstance(at, types.ListType | types.VarTupleType):
        return at.item_type
    if isinstance(at, types.StructType):
        return next((each.type for each in at.fields if each.encode_name == step), types.AnyType())
    return at.value_type if isinstance(at, types.DictType) else types.AnyType()


def _said(at: types.Type, name: str, bounds: Any) -> str:
    limits = {each: getattr(bounds, each, None) or getattr(at, each, None) for each in _BOUNDS}
    if bounds is not None and bounds.ge == 0:
        limits["ge"] = 0
    if isinstance(at, types.LiteralType):
        return f"one of {', '.join(map(str, at.values))}"
    if isinstance(at, types.EnumType):
        return f"one of {', '.join(str(each.value) for each in at.cls)}"
    if isinstance(at, types.IntType):
        return _whole(name, limits)
    if isinstance(at, types.StrType):
        return _text(limits)
    if isinstance(at, types.ListType | types.VarTupleType):
        return f"a list{_from_to(limits['min_length'], limits['max_length'], ' of ')}"
    if isinstance(at, types.StructType):
        return f"an object with {', '.join(each.encode_name for each in at.fields)}"
    return _PLAIN.get(type(at), "something of another form")


def _whole(name: str, limits: dict[str, Any]) -> str:
    low = limits["ge"] if limits["ge"] is not None else None if limits["gt"] is None else limits["gt"] + 1
    high = limits["le"] if limits["le"] is not None else None if limits["lt"] is None else limits["lt"] - 1
    if name.lower().endswith("cents"):
        return f"whole cents{_from_to(low, high, ' ')} without a point or quotes, such as 12500 for 125 euros"
    return f"a whole number{_from_to(low, high, ' ')}"


def _text(limits: dict[str, Any]) -> str:
    long = _from_to(limits["min_length"], limits["max_length"], " of ", " characters")
    if limits["pattern"] == NOT_BLANK:
        return f"text{long}, not only blanks"
    return f"text{long}" + (f" that matches {limits['pattern']}" if limits["pattern"] else "")


def _from_to(low: Any, high: Any, before: str, after: str = "") -> str:
    """` of 1 to 20 characters`, with what there is of the two."""
    if low is None and high is None:
        return ""
    said = f"at least {low}" if high is None else f"at most {high}" if low is None else f"{low} to {high}"
    return f"{before}{said}{after}"
