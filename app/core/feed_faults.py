"""Why a line could not be decoded, in terms of the sender: field, value and remedy instead of a parser's message."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.feed_format import Finding, Format, missing_fields, remedy

_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_QUOTED = re.compile(r"`([^`]*)`")


def split_path(error: Exception) -> tuple[str, str]:
    """(message without path, path such as lines[0].cents) of a decoder's error."""
    text = str(error)
    found = _PATH.search(text)
    return _PATH.sub("", text), found[1] if found else ""


def unparsed(line: bytes, error: Exception) -> Finding:
    """Why a line is no JSON object or row of CSV at all."""
    if isinstance(error, csv.Error):
        return _file("bad_csv", f"cannot be read as CSV: {error}. Quote a cell that holds a quote or a separator.")
    if isinstance(error, UnicodeDecodeError):
        return _file("not_utf8", "is not UTF-8; save the file as UTF-8.")
    if not line.strip():
        return _file("empty_line", "is empty; put one record on each line.")
    if found := _not_a_number(line):
        field, value = found
        return Finding("bad_value", field, value, "this is no number; give whole cents, such as 12500 for 125 euros.")
    if "truncated" in str(error):
        return _file("cut_line", "ends in the middle of a record, so the file was cut; send it whole.")
    return _file("not_json", f"is no JSON ({error}); write one JSON object a line.")


def invalid(form: Format, raw: object, error: Exception) -> Iterator[Finding]:
    """Why a record that was read is not what the format asks: one finding, or one per missing field."""
    bare, path = split_path(error)
    if not isinstance(raw, dict):
        yield Finding("not_a_record", "record", raw, "write one JSON object a line, in braces.")
    elif bare.startswith("Object missing required field"):
        for name in _QUOTED.findall(bare) if path else missing_fields(form, raw):
            yield Finding("missing_field", _joined(path, name), None, f"give {remedy(form, name)}.")
    elif bare.startswith("Object contains unknown field"):
        field = _joined(path, _QUOTED.findall(bare)[0])
        yield Finding("unknown_field", field, _at(raw, field), "no such field here; leave it out or correct its name.")
    else:
        name = re.sub(r"\[[^]]*\]", "", path).split(".")[-1]
        yield Finding("bad_value", path, _at(raw, path), f"give {remedy(form, name)}.")


def repeated(line: bytes) -> Finding | None:
    """The first name that an object of a sound line holds twice."""
    found: list[tuple[str, object]] = []

    def pairs(given: list[tuple[str, object]]) -> dict[str, object]:
        if len(whole := dict(given)) < len(given):
            names = [name for name, _ in given]
            name = next(each for each in names if names.count(each) > 1)
            found.append((name, whole[name]))
        return whole

    json.loads(line, object_pairs_hook=pairs)
    if not found:
        return None
    name, value = found[0]
    return Finding("duplicate_field", name, value, "it stands more than once in its object; give each field once.")


def _file(code: str, message: str) -> Finding:
    return Finding(code, "file", None, message)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _at(raw: Any, path: str) -> object:
    """The value at a path such as lines[0].cents; the record itself where the path leads nowhere."""
    value = raw
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, Mapping) and step in value:
            value = value[step]
        else:
            return value
    return "null" if value is None else value


class _NotANumber(str):
    """Marks where NaN or Infinity stood; Python's reader takes them, JSON has neither."""


def _not_a_number(line: bytes) -> tuple[str, str] | None:
    try:
        raw = json.loads(line, parse_constant=_NotANumber)
    except (ValueError, RecursionError):
        return None  # no JSON for another cause, which the caller names
    todo: list[tuple[str, object]] = [("", raw)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, _NotANumber):
            return path, str(value)
        if isinstance(value, dict):
            todo += [(_joined(path, name), each) for name, each in value.items()]
        elif isinstance(value, list):
            todo += [(f"{path}[{index}]", each) for index, each in enumerate(value)]
    return None
