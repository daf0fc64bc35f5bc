"""A small insurer for tests of the actions: one risk carrier, one provider with two AGB codes, VGZ's policy.

Claims, declarations and what a night does are written by SQL as the contract of the books says, so that these tests
need neither intake nor the night.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from app import policies
from app.core import clock, ids
from app.core.db import Connection
from app.ledger import Command, Posting, PostingKind, post

EXAMPLES = Path(policies.__file__).parent / "examples"
TODAY = date(2026, 5, 4)


class Claim(msgspec.Struct):
    id: int
    reference: str
    payment_reference: str | None


class World:
    """Handles of the small insurer; see `small_world`."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.account = 0
        self.agb = [0, 0]
        self.iban = 0
        self.run = 0

    def command(self, on: date = TODAY, **more: Any) -> Command:
        return Command(actor="anna", business_date=on, **more)

    async def next_id(self) -> int:
        return int(await self.db.fetchval("select nextval('event_id')"))

    async def post(self, *rows: Posting, on: date = TODAY) -> None:
        await post(self.db, rows, account_id=self.account, risk_carrier_id=1, booking_date=on, recorded_at=clock.now())

    async def claim(
        self, cents: int, reason: str = "CM98", *, kind: int = 1, on: date = date(2026, 3, 2), of: int | None = None
    ) -> Claim:
        """A claim: with a letter of `on` and 30 days, or (kind 2 and up) quiet."""
        claim_id = await self.next_id()
        reference = ids.claim_reference(claim_id, on.year)
        letter, due = (on, on + timedelta(days=30)) if kind == 1 else (None, on)
        reason_id = await self.db.fetchval("select reason_id from reason_code where code = $1", reason)
        await self.db.execute(
            """insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, origin_declaration_id,
                 original_cents, registered_on, letter_date, due_date, reference, ground)
               values ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'controle')""",
            *(self.account, claim_id, kind, reason_id, self.agb[0], of, cents, on, letter, due, reference),
        )
        await self.db.execute(
            """insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id,
                 registered_on, due_date, open_principal_cents) values ($1, $2, 1, $3, $4, $5, $6, $7, $8)""",
            *(self.account, claim_id, kind, reason_id, self.agb[0], on, due, cents),
        )
        await self.db.execute("insert into claim_reference values ($1, 1, $2, $3)", reference, self.account, claim_id)
        paying = None
        if letter:
            paying = ids.payment_reference(claim_id)
            await self.db.execute(
                "insert into payment_reference values ($1, 1, $2, $3, 'claim letter')", paying, self.account, letter
            )
            await self.db.execute(
                "insert into payment_reference_claim values ($1, $2, $3, 1)", paying, self.account, claim_id
            )
        registered = PostingKind.CLAIM_REGISTERED
        await self.post(
            Posting(kind=registered, event_id=claim_id, cents=cents, effective_date=on, claim_id=claim_id), on=on
        )
        return Claim(claim_id, reference, paying)

    async def declaration(self, cents: int, name: str, *, agb: int = 0, on: date = TODAY) -> int:
        """A declaration in the queue, known to the source as `name`."""
        declaration_id = await self.next_id()
        approved = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
        await self.db.execute(
            """insert into declaration (account_id, declaration_id, risk_carrier_id, agb_id, available_on, approved_at,
                 awarded_cents, number) values ($1, $2, 1, $3, $4, $5, $6, $7)""",
            *(self.account, declaration_id, self.agb[agb], on, approved, cents, name),
        )
        await self.db.execute(
            "insert into payable values ($1, $2, 1, 1, $3, $4, $4, $5, $6)",
            *(self.account, declaration_id, self.agb[agb], on, approved, cents),
        )
        await self.db.execute(
            "insert into source_key values (1, 1, 'core', $1, $2, $3, gen_random_uuid())",
            *(name, self.account, declaration_id),
        )
        return declaration_id

    async def send(self, run_id: int, payout_id: int, cents: int, on: date) -> None:
        """Instruct the bank, as the release of the night does."""
        file_id = await self.next_id()
        await self.db.execute(
            """
            insert into payment_file (payment_file_id, risk_carrier_id, run_id, sequence_no, message_id, execution_date,
              transactions, control_sum_cents, sha256, created_at)
            values ($1, 1, $2, (select count(*) + 1 from payment_file where run_id = $2), $5, $3, 1, $4, '\\x00', now())
            """,
            *(file_id, run_id, on, cents, f"M{file_id}"),
        )
        await self.db.execute(
            """
            insert into payment_instruction (account_id, payout_id, payment_file_id, risk_carrier_id, cents)
            values ($1, $2, $3, 1, $4)
            """,
            *(self.account, payout_id, file_id, cents),
        )

    async def settle(
        self, declaration_id: int, *offsets: tuple[Claim, int], on: date = TODAY, sent: bool = True
    ) -> int:
        """What a night does with one declaration: settle, offset principal with these claims, pay the rest."""
        row = await self.db.fetchrow("delete from payable where entry_id = $1 returning cents", declaration_id)
        assert row is not None
        cents, taken, payout_id = row["cents"], sum(part for _, part in offsets), await self.next_id()
        run_id = await self.db.fetchval(
            """insert into run (risk_carrier_id, business_date, payment_date, state)
               values (1, $1, $1, 'released') on conflict (risk_carrier_id, business_date)
               do update set state = 'released' returning run_id""",
            on,
        )
        await self.db.execute(
            "insert into payout values ($1, $2, $3, 1, $4, $5, 1, 1, 0, $6, 0, 0, $7, $8, $9, $9)",
            *(self.account, payout_id, run_id, self.iban, on, cents, taken, cents - taken, declaration_id),
        )
        if sent and cents > taken:
            await self.send(run_id, payout_id, cents - taken, on)
        event: dict[str, Any] = {"event_id": declaration_id, "payout_id": payout_id, "effective_date": on}
        rows = [Posting(kind=PostingKind.DECLARATION_SETTLED, cents=cents, **event)]
        for line, (claim, part) in enumerate(offsets, 1):
            left = await self.db.fetchval(
                """update claim_position set open_principal_cents = open_principal_cents - $2
                   where claim_id = $1 returning open_principal_cents""",
                *(claim.id, part),
            )
            rows.append(
                Posting(
                    kind=PostingKind.OFFSET_PRINCIPAL,
                    cents=part,
                    line=line,
                    claim_id=claim.id,
                    open_after_cents=left,
                    **event,
                )
            )
        if cents > taken:
            event["event_id"] = payout_id
            rows.append(Posting(kind=PostingKind.PAYOUT, cents=cents - taken, **event))
        await self.post(*rows, on=on)
        return payout_id

    async def open(self, claim: Claim) -> int:
        """Open cents of a claim, all components."""
        return int(
            await self.db.fetchval(
                """select open_principal_cents + open_costs_cents + open_interest_cents from claim_position
                   where claim_id = $1""",
                claim.id,
            )
        )

    async def queued(self) -> dict[int, int]:
        """Cents in the queue by kind."""
        rows = await self.db.fetch("select kind, sum(cents)::bigint as cents from payable group by kind")
        return {row["kind"]: row["cents"] for row in rows}

    async def booked(self, kind: PostingKind) -> int:
        """Cents of all postings of a kind."""
        return int(
            await self.db.fetchval("select coalesce(sum(cents), 0)::bigint from posting where kind = $1", int(kind))
        )

    async def assert_sound(self) -> None:
        """The algebra that every action keeps: ledger = positions, nothing lost, an audit row per write."""
        wrong = await self.db.fetch(
            """select p.claim_id from claim_position p left join lateral (
                 select coalesce(sum(cents * ((debit = 2)::int - (credit = 2)::int)), 0) as principal,
                   coalesce(sum(cents * ((debit = 3)::int - (credit = 3)::int)), 0) as costs,
                   coalesce(sum(cents * ((debit = 4)::int - (credit = 4)::int)), 0) as interest
                 from posting where claim_id = p.claim_id) s on true
               where (p.open_principal_cents, p.open_costs_cents, p.open_interest_cents)
                 is distinct from (s.principal, s.costs, s.interest)"""
        )
        assert wrong == [], "positions differ from the postings"
        # what was settled, or given back, went to claims or out, or waits in the queue
        owed = await self.db.fetchval(
            "select coalesce(sum(cents * ((credit = 1)::int - (debit = 1)::int)), 0) from posting"
        )
        assert owed == (await self.queued()).get(2, 0), "payable differs from the queue of money given back"
        changed = await self.db.fetch(
            """select c.claim_id from claim c
                 join lateral (select coalesce(sum(case when kind in (7, 8, 23) then cents else -cents end), 0) as cents
                   from posting where claim_id = c.claim_id and kind in (7, 8, 22, 23)) b on true
                 left join lateral (select coalesce(sum(delta_cents) filter (where kind <> 3), 0) as cents
                   from adjustment where claim_id = c.claim_id) a on true
               where c.original_cents + a.cents <> b.cents"""
        )
        assert changed == [], "amounts differ from their postings"


async def small_world(db: Connection) -> World:
    """Risk carrier 1 with VGZ's policy, a provider with two AGB codes and one IBAN, and their running account."""
    world = World(db)
    await db.execute("insert into risk_carrier values (1, 'VZ', 'Verzekeraar N.V.', '12345678', 'NL91ABNA0417164300')")
    await policies.apply_policy(db, 1, (EXAMPLES / "vgz.toml").read_text(), actor="test", applied_at=clock.now())
    provider = await db.fetchval(
        """insert into provider (number, name, legal_form, natural_person) values ('R1', 'Praktijk', 'bv', false)
           returning provider_id"""
    )
    for n in range(2):
        world.agb[n] = await db.fetchval(
            "insert into agb_registration (agb, provider_id, valid_from) values ($1, $2, '2020-1-1') returning agb_id",
            *(f"0100000{n}", provider),
        )
    world.iban = await db.fetchval(
        """insert into payee_iban (provider_id, iban, holder_name, valid_from)
           values ($1, 'NL20INGB0001234567', 'Praktijk', '2020-01-01') returning iban_id""",
        provider,
    )
    world.account = await db.fetchval(
        """insert into running_account (risk_carrier_id, provider_id, opened_on) values (1, $1, '2020-01-01')
           returning account_id""",
        provider,
    )
    await db.execute(
        """insert into import_file (risk_carrier_id, kind, source, file_name, sha256, row_count, added, known, changed,
             loaded_at, loaded_by) values (1, 'declarations', 'core', 'f', '\\x00', 1, 1, 0, 0, now(), 'test')"""
    )
    return world
