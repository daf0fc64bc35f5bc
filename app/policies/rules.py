"""Policy text in, policy out, and back: pure functions. Every finding names its path and the remedy."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypeVar, cast

import msgspec

from app.policies.model import (
    MODES,
    PASSES,
    REGIMES,
    STARTS,
    Agency,
    Allocation,
    Change,
    DunningStep,
    Finding,
    OffsetSetting,
    Policy,
    Reason,
)

T = TypeVar("T")
_REQUIRED: object = object()
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,29}")
_PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d{2}))?")
_MAX_CENTS = 1_000_000_000_000


class _Point:
    """A TOML number with a point: kept as text, since a float never holds money or a share of it."""

    def __init__(self, text: str) -> None:
        self.text = text


class _Table:
    """One TOML table being read: takes its keys out, notes what is wrong, and in the end what is left over."""

    def __init__(self, path: str, value: object, findings: list[Finding]) -> None:
        self.path = path
        self.findings = findings
        self.rest: dict[str, object] = {}
        if isinstance(value, dict):
            self.rest = dict(value)
        elif value is not None:
            self.note("", f"is {_shown(value)}; write a table here")

    def note(self, key: str, message: str) -> None:
        path = f"{self.path}.{key}" if self.path and key else self.path or key
        self.findings.append(Finding(path=path, message=message))

    def take(self, key: str, default: object = _REQUIRED) -> object:
        if key in self.rest:
            return self.rest.pop(key)
        if default is _REQUIRED:
            self.note(key, "is missing; add it")
            return None
        return default

    def text(self, key: str, allowed: Iterable[str] | None = None, default: object = _REQUIRED) -> str:
        value = self.take(key, default)
        if isinstance(value, str) and value.strip() and (allowed is None or value in allowed):
            return value
        if value is not None:
            self.note(key, f"is {_shown(value)}; write " + ("one of " + _listed(allowed) if allowed else "a text"))
        return ""

    def number(self, key: str, low: int, high: int, default: object = _REQUIRED) -> int:
        value = self.take(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        if value is not None:
            self.note(key, f"is {_shown(value)}; write a whole number from {low} to {high}")
        return low

    def optional_number(self, key: str, low: int, high: int) -> int | None:
        return self.number(key, low, high) if key in self.rest else None

    def flag(self, key: str, default: object = _REQUIRED) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool) and value is not None:
            self.note(key, f"is {_shown(value)}; write true or false")
        return value is True

    def percent(self, key: str) -> int | None:
        """Basis points; 25 or "12.50" in the file."""
        if key not in self.rest:
            return None
        value = self.rest.pop(key)
        match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
        points = (
            int(match[1]) * 100 + int(match[2] or 0)
            if match
            else value * 100
            if isinstance(value, int) and not isinstance(value, bool)
            else -1
        )
        if not 0 <= points <= 10_000:
            self.note(key, f'is {_shown(value)}; write a whole number from 0 to 100, or a text such as "12.50"')
            return None
        return points

    def table(self, key: str, *, required: bool = False) -> "_Table":
        value = self.take(key) if required else self.take(key, None)
        return _Table(f"{self.path}.{key}" if self.path else key, value, self.findings)

    def done(self, known: str) -> None:
        for key in self.rest:
            self.note(key, f"is not a setting; the settings here are {known}")


def _shown(value: object) -> str:
    if isinstance(value, _Point):
        return value.text
    return repr(value) if isinstance(value, str) else str(value)


def _listed(values: Iterable[str] | None) -> str:
    return ", ".join(f'"{value}"' for value in values or ())


def parse(text: str) -> tuple[Policy | None, list[Finding]]:
    """The policy of a TOML text, or what is wrong with it: all findings, not only the first."""
    try:
        raw = tomllib.loads(text, parse_float=_Point)
    except tomllib.TOMLDecodeError as error:
        return None, [Finding(path="", message=f"is not TOML: {error}; mend the file at that place")]
    findings: list[Finding] = []
    top = _Table("", raw, findings)
    name = top.text("name")
    valid_from = top.take("valid_from")
    if (not isinstance(valid_from, date) or isinstance(valid_from, datetime)) and valid_from is not None:
        top.note("valid_from", f"is {_shown(valid_from)}; write a date without quotes, such as 2026-01-01")
    allocation = _allocation(top.table("allocation", required=True))
    gate = top.table("gate")
    feeds = {feed: gate.number(feed, 0, 366) for feed in list(gate.rest)}
    table = top.table("reasons", required=True)
    reasons = {code: _reason(code, table.table(code), allocation) for code in list(table.rest)}
    top.done("name, valid_from, allocation, gate, reasons")
    _check_reasons(table, reasons)
    if findings:
        return None, findings
    return (
        Policy(name=name, valid_from=cast("date", valid_from), allocation=allocation, gate=feeds, reasons=reasons),
        [],
    )


def _check_reasons(table: _Table, reasons: Mapping[str, Reason]) -> None:
    if not reasons and not table.findings:
        table.note("", "is empty; add a table for each reason code, such as [reasons.CM98]")
    for code, reason in reasons.items():
        if not _CODE.fullmatch(code):
            table.note(code, "is not a reason code; write capitals, digits and underscores, at most 30")
        target = reasons.get(reason.matures_to or "")
        if reason.matures_to and target is None:
            table.note(f"{code}.matures_to", f"names {reason.matures_to!r}; add [reasons.{reason.matures_to}]")
        elif target is not None and target.quiet:
            table.note(f"{code}.matures_to", f"names {reason.matures_to!r}, which is quiet; name one with a letter")
        if (reason.matures_to is None) != (reason.matures_days is None):
            table.note(f"{code}.matures_days", "goes together with matures_to; write both or neither")
        if reason.quiet and (reason.dunning or reason.agency):
            table.note(f"{code}.quiet", "is true, so no letter goes out; take dunning and agency away, or write false")


def _allocation(table: _Table) -> Allocation:
    passes = table.take("passes")
    if not (isinstance(passes, list) and passes and all(isinstance(name, str) and name in PASSES for name in passes)):
        if passes is not None:
            table.note("passes", "is not understood; write a list with one or more of " + _listed(PASSES))
        passes = []
    if len(set(passes)) != len(passes):
        table.note("passes", "names a pass twice; name each once, in order")
    allocation = Allocation(
        passes=tuple(passes),
        order=table.text("order", ("priority", "due_date")),
        cap_basis_points=table.percent("cap_percent"),
        cap_cents=table.optional_number("cap_cents", 0, _MAX_CENTS),
        floor_cents=table.number("floor_cents", 0, _MAX_CENTS, 0),
    )
    table.done("passes, order, cap_percent, cap_cents, floor_cents")
    return allocation


def _reason_passes(table: _Table, allocation: Allocation) -> tuple[str, ...] | None:
    """The passes that a reason takes part in: some of the policy's, in its order, which no reason can change."""
    if "passes" not in table.rest:
        return None
    passes, known = table.take("passes"), allocation.passes
    if not (isinstance(passes, list) and passes and all(isinstance(name, str) for name in passes)):
        table.note(
            "passes", f"is {_shown(passes)}; write a list with one or more of {_listed(known)}, or leave it out for all"
        )
        return None
    if not known:  # what is wrong there has been said
        return None
    for name in dict.fromkeys(passes):
        if name not in PASSES:
            table.note("passes", f"names {name!r}, which is no pass; name one or more of {_listed(known)}")
        elif name not in known:
            table.note("passes", f"names {name!r}, which allocation.passes leaves out; add it there, or take it away")
    if len(set(passes)) != len(passes):
        table.note("passes", "names a pass twice; name each once")
    elif set(passes) <= set(known) and passes != (ordered := [name for name in known if name in passes]):
        table.note("passes", f"is not in the order of allocation.passes; write {_toml(tuple(ordered))}")
    return tuple(passes)


def _reason(code: str, table: _Table, allocation: Allocation) -> Reason:
    reason = Reason(
        title_nl=table.text("title_nl"),
        title_en=table.text("title_en"),
        priority=table.number("priority", 1, 9999),
        owning_team=table.text("owning_team"),
        appeal_days=table.optional_number("appeal_days", 0, 3660),
        interest_regime=table.text("interest_regime", REGIMES, "none"),
        quiet=table.flag("quiet", False),
        matures_days=table.optional_number("matures_days", 1, 3660),
        matures_to=table.text("matures_to") if "matures_to" in table.rest else None,
        payment_term_days=table.number("payment_term_days", 0, 366, 0 if table.rest.get("quiet") is True else 30),
        passes=_reason_passes(table, allocation),
        offset=_offset(table.table("offset", required=True)),
        dunning=_dunning(code, table),
        agency=_agency(table.table("agency")) if "agency" in table.rest else None,
    )
    if reason.agency and not 1 <= reason.agency.after_step <= len(reason.dunning):
        table.note("agency.after_step", f"is {reason.agency.after_step}; there are {len(reason.dunning)} dunning steps")
    if reason.offset.start == "after_reminder" and reason.offset.reminder > len(reason.dunning):
        table.note("offset.reminder", f"is {reason.offset.reminder}; there are {len(reason.dunning)} dunning steps")
    table.done(
        "title_nl, title_en, priority, owning_team, appeal_days, interest_regime, quiet, matures_days, matures_to, "
        "payment_term_days, passes, offset, dunning, agency"
    )
    return reason


def _offset(table: _Table) -> OffsetSetting:
    setting = OffsetSetting(
        start=table.text("start", STARTS),
        reminder=table.number("reminder", 1, 9, 1),
        mode=table.text("mode", MODES, "full"),
        basis_points=table.percent("percent"),
        fixed_cents=table.optional_number("fixed_cents", 1, _MAX_CENTS),
        charges=table.flag("charges", False),
    )
    if (setting.mode == "percentage") != bool(setting.basis_points):
        table.note("percent", 'goes together with mode = "percentage"; write both (above 0) or neither')
    if (setting.mode == "fixed") != (setting.fixed_cents is not None):
        table.note("fixed_cents", 'goes together with mode = "fixed"; write both or neither')
    table.done("start, reminder, mode, percent, fixed_cents, charges")
    return setting


def _dunning(code: str, table: _Table) -> tuple[DunningStep, ...]:
    rows = table.take("dunning", [])
    if not isinstance(rows, list) or len(rows) > 9:
        table.note("dunning", "is not understood; write a list of at most 9 steps")
        return ()
    steps = []
    for number, row in enumerate(rows, 1):
        step = _Table(f"{table.path}.dunning[{number}]", row, table.findings)
        steps.append(
            DunningStep(
                days_after_due=step.number("days_after_due", 0, 3660),
                on_the_day=step.flag("on_the_day", False),
                term_days=step.number("term_days", 0, 366),
                minimum_cents=step.number("minimum_cents", 0, _MAX_CENTS, 0),
            )
        )
        step.done("days_after_due, on_the_day, term_days, minimum_cents")
    return tuple(steps)


def _agency(table: _Table) -> Agency:
    agency = Agency(
        after_step=table.number("after_step", 1, 9),
        on_the_day=table.flag("on_the_day", False),
        idle_days=table.number("idle_days", 0, 3660, 0),
        minimum_cents=table.number("minimum_cents", 0, _MAX_CENTS, 0),
    )
    table.done("after_step, on_the_day, idle_days, minimum_cents")
    return agency


def canonical(policy: Policy) -> str:
    """The policy as TOML in one fixed form: every setting stated, no comments. Parsing it gives the same policy."""
    lines = [f"name = {_toml(policy.name)}", f"valid_from = {policy.valid_from.isoformat()}", "", "[allocation]"]
    lines += _settings(policy.allocation)
    if policy.gate:
        lines += ["", "[gate]", *(f"{_toml(feed)} = {days}" for feed, days in sorted(policy.gate.items()))]
    for code, reason in sorted(policy.reasons.items(), key=lambda item: (item[1].priority, item[0])):
        lines += ["", f"[reasons.{code}]", *_settings(reason)]
    return "\n".join(lines) + "\n"


def _settings(struct: msgspec.Struct) -> list[str]:
    lines = []
    for field in struct.__struct_fields__:
        value = getattr(struct, field)
        if value is None or (field == "dunning" and not value):
            continue
        if field.endswith("basis_points"):
            key = "cap_percent" if field.startswith("cap") else "percent"
            lines.append(f"{key} = {_toml(f'{value // 100}.{value % 100:02}')}")
        else:
            lines.append(f"{field} = {_toml(value)}")
    return lines


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return msgspec.json.encode(value).decode()  # a JSON string is a TOML basic string
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, msgspec.Struct):
        return "{" + ", ".join(_settings(value)) + "}"
    return str(value)


def differences(before: Policy, after: Policy) -> list[Change]:
    """Every setting that differs, by path, in order of path."""
    old, new = _flat("", msgspec.to_builtins(before)), _flat("", msgspec.to_builtins(after))
    paths = sorted(old.keys() | new.keys())
    return [Change(path=p, before=old.get(p), after=new.get(p)) for p in paths if old.get(p) != new.get(p)]


def _flat(path: str, value: object) -> dict[str, object]:
    if isinstance(value, dict):
        parts = [_flat(f"{path}.{key}" if path else str(key), item) for key, item in value.items()]
    elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        parts = [_flat(f"{path}[{number}]", item) for number, item in enumerate(value, 1)]
    else:
        return {path: value}
    return {key: item for part in parts for key, item in part.items()}


def shown(value: object) -> str | None:
    """A setting of `differences` as text: as TOML would write it; None where there is none."""
    if value is None or isinstance(value, str):
        return value
    return _toml(tuple(value) if isinstance(value, list) else value)
