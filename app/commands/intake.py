"""Commands that bring something in: import, policy, record."""

from pathlib import Path

import msgspec

from app.commands.context import ACTOR, Context, body_of, readable
from app.console import Progress, complain, euros, say, table
from app.core import clock
from app.core.errors import Refusal
from app.declarations import ImportReport, import_file
from app.policies import apply_policy, diff_policy, show_policy
from app.record import record

# Facts that no other rule keeps from being booked a second time when the command is repeated (design §5, RA-5).
MOVES_MONEY = frozenset(("payment", "charge", "write-off", "adjustment", "reverse-offset"))


async def imported(context: Context) -> int:
    """Load the files one after the other, each whole or not at all; stops at the first that is refused."""
    paths = [readable(path) for path in context.args.files]
    for path in paths:
        report = await _import_one(context, path)
        if not report.loaded:
            return 1
    return 0


async def _import_one(context: Context, path: Path) -> ImportReport:
    bar = Progress(path.name)
    report = await import_file(
        context.connection,
        path,
        business_date=context.day("business_date"),
        actor=ACTOR,
        risk_carrier_code=context.args.risk_carrier,
        progress=lambda read: bar("regels", read, read),
    )
    bar.close()
    if report.loaded:
        say(
            f"{path.name}: {report.read} regels, {report.added} toegevoegd, {report.known} al bekend, "
            f"{report.changed} gewijzigd, totaal {euros(report.control_total_cents)}"
        )
        return report
    complain(f"{path.name}: niets geladen, {report.rejection_count} regels geweigerd")
    for rejection in report.rejections[:20]:  # each message names file, line, field, value and remedy
        complain(f"  {rejection.message}")
    if report.rejection_count > 20:
        complain(f"  … en nog {report.rejection_count - 20}; `--rejections FILE` bewaart de eerste duizend.")
    if context.args.rejections:
        lines = b"\n".join(msgspec.json.encode(each) for each in report.rejections)
        Path(context.args.rejections).write_bytes(lines + b"\n")  # noqa: ASYNC240 - one command, nothing else waits
    return report


async def policy(context: Context) -> int:
    """Show, apply or compare the policies of a risk carrier."""
    carrier = await context.risk_carrier()
    args = context.args
    if args.action == "apply":
        if args.file is None:
            complain("Which file? vereffen policy apply FILE --risk-carrier CODE")
            return 2
        text = readable(args.file).read_text(encoding="utf-8")
        version = await apply_policy(context.connection, carrier, text, actor=ACTOR, applied_at=clock.now())
        say(f"Beleid versie {version.version} geldt vanaf {version.valid_from}.")
    elif args.action == "show":
        say(await show_policy(context.connection, carrier, context.day("on"), version=args.version))
    else:
        if args.versions is None:
            complain("Which versions? vereffen policy diff --risk-carrier CODE --versions 1 2")
            return 2
        changes = await diff_policy(context.connection, carrier, *args.versions)
        table(["instelling", "was", "wordt"], [(c.path, c.before, c.after) for c in changes])
    return 0


async def recorded(context: Context) -> int:
    """Record one fact and print what it did as JSON."""
    payload = body_of(context.args.body)
    if not isinstance(payload, dict):
        raise Refusal("bad_json", "A fact is one JSON object.", status=422, field="--json")
    if context.args.key is not None:
        payload["idempotencyKey"] = context.args.key
    named = payload.get("idempotencyKey") or (payload.get("source") and payload.get("sourceId"))
    if context.args.kind in MOVES_MONEY and not named:
        raise Refusal(
            "key_required",
            f"A {context.args.kind} that is given twice would count twice: name it by --key TEXT, "
            "or by source and sourceId in its JSON.",
            status=422,
            field="--key",
        )
    answer = await record(
        context.connection, context.args.kind, payload, actor=ACTOR, business_date=context.day("business_date")
    )
    say(msgspec.json.format(msgspec.json.encode(answer)).decode())
    return 0
