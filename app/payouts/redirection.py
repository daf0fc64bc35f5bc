"""Sending a held payout to another registered IBAN of its provider: the way out when the one of its night closed."""

from typing import Any

from app.core import db
from app.core.db import Connection
from app.core.errors import Refusal
from app.core.ids import parse_reference, payout_number
from app.incidents import close_incidents
from app.ledger import Answer, Booking, Command, book
from app.payouts.model import RedirectPayout


async def redirect_payout(conn: Connection, command: Command, asked: RedirectPayout) -> dict[str, Any]:
    """Let a held payout go to another IBAN; it leaves with the next night or release, and its incident is closed.

    Only an IBAN that is registered for the same provider and valid on the business date, and never after the payout
    went to the bank. The payout row keeps the IBAN of its night. Refusal 404 for an unknown payout, 409 when it is
    not held or was sent, 422 for an IBAN that is not the provider's.
    """
    kind, payout_id = parse_reference(asked.payout)
    async with db.transaction(conn, role="readonly", actor=command.actor, readonly=True):
        found = await conn.fetchrow(
            "select account_id, risk_carrier_id, business_date from payout where payout_id = $1", payout_id
        )
    allowed = command.risk_carriers
    unknown = Refusal("payout_unknown", f"There is no payout {asked.payout}.", status=404, field="payout")
    if found is None or (allowed is not None and found["risk_carrier_id"] not in allowed):
        raise unknown
    if kind != "payout" or asked.payout != payout_number(payout_id, found["business_date"].year):
        raise unknown
    account_id: int = found["account_id"]

    async def work(booking: Booking) -> Answer:
        iban_id = await _iban(booking, payout_id, asked)
        fact = await booking.next_id()
        await conn.execute(
            "insert into payout_redirection values ($1, $2, $3, $4, $5, $6, $7)",
            *(account_id, fact, booking.risk_carrier_id, payout_id, iban_id, booking.business_date, asked.reason),
        )
        closed = await _close(booking, payout_id, asked)
        return Answer(
            action="payout redirected",
            subject=f"payout:{payout_id}",
            fact_id=fact,
            body={"payout": asked.payout, "ibanId": iban_id, "closedIncidents": closed},
        )

    return await book(conn, command, "redirection", asked, account_id, work)


async def _iban(booking: Booking, payout_id: int, asked: RedirectPayout) -> int:
    """Id of the IBAN that may take the payout; under the lock of the account, which a release takes before it frees."""
    payout = await booking.conn.fetchrow(
        """
        select y.held, y.net_cents, coalesce(v.iban_id, y.iban_id) as iban_id,
          exists (select from payment_instruction i
                  where (i.account_id, i.payout_id) = (y.account_id, y.payout_id)) as sent
        from payout y left join redirected_payout v using (account_id, payout_id)
        where y.account_id = $1 and y.payout_id = $2
        """,
        booking.account_id,
        payout_id,
    )
    assert payout is not None
    if payout["sent"] or payout["net_cents"] == 0 or payout["held"] == 0:
        why = (
            "went to the bank already" if payout["sent"]
            else "pays nothing" if payout["net_cents"] == 0
            else "is not held: it leaves by itself; set a hold for payouts on the running account first"
        )  # fmt: skip
        raise Refusal("payout_state", f"Payout {asked.payout} {why}.", field="payout")
    iban_id: int | None = await booking.conn.fetchval(
        """
        select i.iban_id from payee_iban i join running_account a using (provider_id)
        where a.account_id = $1 and i.iban = $2 and i.valid_from <= $3
          and (i.valid_until is null or i.valid_until >= $3)
        order by i.practice_id nulls first limit 1
        """,
        booking.account_id,
        asked.iban.replace(" ", "").upper(),
        booking.business_date,
    )
    if iban_id is None:
        raise Refusal(
            "iban_unregistered",
            f"That IBAN is not registered for this provider on {booking.business_date}; register it with a providers "
            "file first.",
            status=422,
            field="iban",
        )
    if iban_id == payout["iban_id"]:
        raise Refusal("iban_same", f"Payout {asked.payout} goes to that IBAN already.", field="iban")
    return iban_id


async def _close(booking: Booking, payout_id: int, asked: RedirectPayout) -> list[int]:
    """Close the incidents that this payout was held for because no bank would take it."""
    rows = await booking.conn.fetch(
        """
        select i.incident_id
        from payout y join incident i on i.account_id = y.account_id and i.run_id = y.run_id
          cross join lateral human_reference('AFR', y.payout_id, extract(year from y.business_date)::int) number
        where y.account_id = $1 and y.payout_id = $2 and i.check_name = 'payment_refused' and i.resolved_at is null
          and starts_with(i.what, 'payout ' || number || ' ')
        order by i.incident_id
        """,
        booking.account_id,
        payout_id,
    )
    return await close_incidents(
        booking.conn,
        [row["incident_id"] for row in rows],
        at=booking.recorded_at,
        actor=booking.command.actor,
        resolution=f"payout redirected: {asked.reason}",
    )
