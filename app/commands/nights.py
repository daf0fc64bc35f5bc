"""Commands around the nights: night, preview, check, proposals, incidents."""

from datetime import timedelta

from app.commands.context import ACTOR, Context
from app.console import Progress, complain, euros, say, table
from app.core.db import connect
from app.core.errors import Refusal
from app.dunning import accept_proposals, open_proposals
from app.incidents import ResolveIncident, resolve_incident
from app.ledger import Command
from app.nights import dates_to_run
from jobs.night.checking import load_checks, run_checks_on
from jobs.night.plan import Limits, read_run
from jobs.night.preview import preview_night
from jobs.night.run import NightReport, run_due_nights

MOST_NIGHTS = 31
_LAST_NIGHT = "select max(business_date) from run where risk_carrier_id = $1 and state = 'released'"
PROPOSAL_KINDS = {1: "herinnering", 2: "incassobureau", 3: "brief"}


async def night(context: Context) -> int:
    """Run every night that is due up to the date; 3 when one waits, 1 when one was stopped."""
    carrier = await context.risk_carrier()
    await _refuse_odd_date(context, carrier)
    bar = Progress(f"nacht {context.args.risk_carrier}")

    def tell(report: NightReport) -> None:
        bar.close()
        say(sentence(report))

    reports = await run_due_nights(
        context.url,
        carrier,
        context.day("date"),
        workers=context.args.workers or context.settings.workers,
        payments_folder=context.settings.data / "payments",
        progress=bar,
        each=tell,
        limits=Limits(lease=timedelta(seconds=context.settings.lease_seconds)),
    )
    if not reports:
        say("Die nacht is al vrijgegeven; er is niets te doen.")
        return 0
    return {"waiting": 3, "stopped": 1}.get(reports[-1].state, 0)


async def _refuse_odd_date(context: Context, carrier: int) -> None:
    """A night cannot be undone: a date before the first one, to come, or far ahead by a typing error, is refused."""
    until = context.day("date")
    last = await context.connection.fetchval(_LAST_NIGHT, carrier)
    # A day of grace for who runs the night before midnight or after it; a demo goes on from its own last night.
    latest = max(context.today, last or context.today) + timedelta(days=1)
    if until > latest and not context.args.ahead:
        raise Refusal(
            "night_to_come",
            f"{until} is still to come: today is {context.today}, and a night closes its date. "
            "If that is right, add --ahead.",
            field="--date",
        )
    due = await dates_to_run(context.connection, carrier, until)
    if not due and await read_run(context.connection, carrier, until) is None:
        raise Refusal("before_first_night", f"{until} lies before the first night; it cannot be run any more.")
    if len(due) > MOST_NIGHTS and not context.args.catch_up:
        raise Refusal(
            "many_nights",
            f"{len(due)} nights are due, from {due[0]} to {due[-1]}. If that is right, add --catch-up.",
            field="--date",
        )


def sentence(report: NightReport) -> str:
    """One night in one line of Dutch."""
    if report.state in ("waiting", "stopped"):
        word = "wacht" if report.state == "waiting" else "is gestopt"
        return f"{report.business_date}: {word}: {report.state_reason}"
    gross = report.declared_cents + report.returned_cents + report.advance_cents
    parked = f", {report.parked} geparkeerd" if report.parked else ""
    return (
        f"{report.business_date}: {report.entries} declaraties en andere posten {euros(gross)}, "
        f"verrekend {euros(report.offset_cents)}, "
        f"uitbetaald {euros(report.net_cents)} in {report.payouts} betalingen; vorderingen bekeken {report.in_scope} = "
        f"verrekend {report.offset_claims} + gelaten {report.left_out_claims}{parked}"
    )


async def preview(context: Context) -> int:
    """Print what the night of that date would do as the books stand now; nothing is written."""
    carrier = await context.risk_carrier()
    seen = await preview_night(context.connection, carrier, context.day("date"))
    gross = seen.declared_cents + seen.returned_cents + seen.advance_cents
    say(f"Nacht van {seen.business_date} (voorvertoning, er is niets geboekt)")
    run = await read_run(context.connection, carrier, seen.business_date)
    if run is not None and run.state == "released":
        say("Deze nacht is al vrijgegeven; hier staat wat er daarna nog in de boeken is.")
    table(
        ["", "aantal", "bedrag"],
        [
            ("declaraties en andere posten", seen.entries, euros(gross)),
            ("verrekend", seen.offset_claims, euros(seen.offset_cents)),
            ("uit te betalen", seen.payouts, euros(seen.net_cents)),
        ],
        right=(1, 2),
    )
    names = {r["answer"]: r["text_nl"] for r in await context.connection.fetch("select * from decision_answer")}
    if seen.left_out:
        say()
        table(["niet verrekend, omdat", "vorderingen"], [(names[k], n) for k, n in seen.left_out.items()], right=(1,))
    if seen.unpayable:
        say(f"{seen.unpayable} rekeningen-courant zonder geldige IBAN blijven staan.")
    return 0


async def check(context: Context) -> int:
    """Run the checks; 1 and a table when something is wrong."""
    run_id = None
    if context.args.date is not None:
        run = await read_run(context.connection, await context.risk_carrier(), context.args.date)
        if run is None:
            raise Refusal("no_night", f"There was no night on {context.args.date}.", status=404, field="--date")
        run_id = run.run_id
    other = await connect(context.url, command_timeout=None)  # two at a time: of a large book none waits for one
    try:
        found = await run_checks_on([context.connection, other], run_id=run_id, names=context.args.name)
    finally:
        await other.close()
    count = len(context.args.name or [each for each in load_checks() if run_id is None or not each.everything_only])
    if not found:
        say(f"{count} controles, niets gevonden.")
        return 0
    table(
        ["controle", "risicodrager", "rekening-courant", "wat"],
        [(v.check, v.risk_carrier_id, v.account_id, v.what) for v in found],
    )
    complain(f"{count} controles, {len(found)} bevindingen.")
    return 1


async def proposals(context: Context) -> int:
    """List what the nights propose, or take the reminders of a date over."""
    carrier = await context.risk_carrier()
    if not context.args.accept:
        found = await open_proposals(context.connection, carrier, proposed_on=context.args.date)
        table(
            ["voorgesteld", "wat", "stap", "vordering", "open"],
            [(p.proposed_on, PROPOSAL_KINDS[p.kind], p.step_no, p.reference, euros(p.open_cents)) for p in found],
            right=(2, 4),
        )
        return 0
    if context.args.date is None:
        raise Refusal("which_date", "Which date? vereffen proposals --accept --date 2026-03-31", field="--date")
    done = await accept_proposals(context.connection, carrier, proposed_on=context.args.date, actor=ACTOR)
    table(
        ["vordering", "herinnering", "gevraagd", "vervallen"],
        [(a.reference, a.step_no, euros(a.asked_cents), a.dropped) for a in done],
        right=(1, 2),
    )
    return 0


async def incidents(context: Context) -> int:
    """List what is not resolved, or resolve one with a reason."""
    connection = context.connection
    if context.args.resolve is None:
        rows = await connection.fetch(
            """
            select i.incident_id, c.code, r.business_date, i.account_id, i.check_name, i.what
            from incident i join risk_carrier c using (risk_carrier_id) left join run r on r.run_id = i.run_id
            where i.resolved_at is null order by i.incident_id
            """
        )
        if not rows:
            say("Geen incidenten open.")
            return 0
        table(["nummer", "risicodrager", "nacht", "rekening-courant", "controle", "wat"], [tuple(r) for r in rows])
        return 0
    if not context.args.because:
        raise Refusal("because", "Say how it was resolved: --because TEXT", field="--because")
    command = Command(actor=ACTOR, business_date=context.today)
    asked = ResolveIncident(resolution=context.args.because)
    await resolve_incident(connection, command, context.args.resolve, asked)
    say(f"Incident {context.args.resolve} is opgelost.")
    return 0
