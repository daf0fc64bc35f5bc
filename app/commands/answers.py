"""Commands that answer questions: why, explain, specification, statement, claim, find."""

import sys

import msgspec

from app.claims import claim_timeline, claims_register, find_reference, locate_claim
from app.commands.context import Context
from app.commands.words import REFERENCES, document_words, fact_words, status_words
from app.console import euros, say, table
from app.core import clock
from app.core.db import transaction
from app.core.errors import Refusal
from app.offsetting import Why
from app.offsetting import why as why_claim
from app.payouts import as_json, explain_payout, payment_csv, read_specification
from app.reports import StatementRequest, export_csv, export_json


async def why(context: Context) -> int:
    """Print the decision that holds for the claim on the day, with its facts."""
    found = await why_claim(context.connection, context.args.claim, context.day("on"))
    say(f"{found.reference} op {found.on:%d-%m-%Y}: {found.text_nl} ({found.code}).")
    for line in _facts(found):
        say(f"  {line}")
    return 0


def _facts(found: Why) -> list[str]:
    """The stored facts of a decision, as Dutch lines."""
    if found.decided_on is None:
        return []
    until = f" en geldt tot en met {found.until:%d-%m-%Y}" if found.until else " en geldt nog"
    lines = [
        f"besloten in de nacht van {found.decided_on:%d-%m-%Y} "
        f"(run {found.run_id}, beleid versie {found.policy_version}){until}"
    ]
    lines.append(
        f"open {euros(found.open_cents or 0)}, apart gezet {euros(found.held_cents or 0)}, "
        f"verrekend {euros(found.offset_cents or 0)}"
    )
    if found.fact_date:
        lines.append(f"de datum waar het op rust: {found.fact_date:%d-%m-%Y}")
    if found.hold:
        lines.append(f"reden om het apart te zetten: {found.hold}")
    return lines


async def explain(context: Context) -> int:
    """Print a payout in words: gross, each offset, net."""
    for line in await explain_payout(context.connection, context.args.number):
        say(line)
    return 0


async def specification(context: Context) -> int:
    """Print the specification of a payout as JSON or CSV."""
    found = await read_specification(context.connection, context.args.number)
    if context.args.format == "csv":
        sys.stdout.write("".join(payment_csv(found)))
    else:
        say(msgspec.json.format(as_json(found)).decode())
    return 0


async def statement(context: Context) -> int:
    """Print the running account over a period: opening + movements = closing."""
    carrier = await context.risk_carrier()
    if context.args.until < context.args.first:
        raise Refusal("dates_swapped", "--until lies before --from; swap them.", status=422, field="--until")
    account = await context.connection.fetchval(
        """
        select ra.account_id from running_account ra join provider p using (provider_id)
        where ra.risk_carrier_id = $1 and p.number = $2
        """,
        carrier,
        context.args.provider,
    )
    if account is None:
        raise Refusal(
            "unknown_provider",
            f"Provider {context.args.provider!r} has no running account here.",
            status=404,
            field="--provider",
        )
    request = StatementRequest(
        account_id=account, first=context.args.first, last=context.args.until, known_at=clock.now()
    )
    async with transaction(context.connection, role="readonly", actor="command line", readonly=True):
        if context.args.format == "csv":
            async for text in export_csv(context.connection, request):
                sys.stdout.write(text)
        else:
            async for part in export_json(context.connection, request):
                sys.stdout.write(part.decode())
            say()
    return 0


async def claim(context: Context) -> int:
    """Print a claim: its status, what is open, and every fact in order."""
    account_id, claim_id = await locate_claim(context.connection, context.args.claim)
    found = await claims_register(context.connection, account_id, on=context.today, claim_id=claim_id)
    for each in found:
        say(f"{each.reference}: {status_words(each.status)}, open {euros(each.open_cents)}")
    rows = await claim_timeline(context.connection, account_id, claim_id)
    table(
        ["datum", "wat", "bedrag", "gevolg van"],
        [
            (r.on_date, what, "" if r.cents is None else euros(r.cents), cause)
            for r in rows
            for what, cause in [fact_words(r.what, r.cause)]
        ],
        right=(2,),
    )
    return 0


async def find(context: Context) -> int:
    """Print what a reference leads to."""
    found = await find_reference(context.connection, context.args.reference)
    ((code, number, name),) = await context.connection.fetch(_WHOSE, found.account_id)
    document = "" if found.document is None else f", {document_words(found.document)}"
    when = "" if found.issued_on is None else f" van {found.issued_on:%d-%m-%Y}"
    say(f"{found.reference}: {REFERENCES[found.kind]}{document}{when}")
    say(f"  rekening-courant {found.account_id}: risicodrager {code}, zorgaanbieder {number} {name}")
    for reference in found.claims:
        say(f"  vordering {reference}")
    return 0


_WHOSE = """
select c.code, p.number, p.name from running_account a join risk_carrier c using (risk_carrier_id)
  join provider p using (provider_id)
where a.account_id = $1
"""
