# ruff: noqa: E501 - inserts read best in one line each
"""Rows of the books, written as the night and the intake would, with plain SQL: a world for tests of what reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from app.core.db import Connection
from app.core.ids import claim_reference

VZ_IBAN = "NL91ABNA0417164300"
PAYEE_IBAN = "NL69INGB0123456789"
SECOND_IBAN = "NL44RABO0123456789"
DEBIT_CREDIT = {
    1: (5, 1),
    2: (1, 2),
    3: (1, 3),
    4: (1, 4),
    5: (1, 6),
    7: (2, 5),
    8: (2, 12),
    9: (2, 6),
    11: (7, 2),
    14: (7, 8),
    15: (8, 2),
    20: (4, 11),
    21: (3, 10),
    22: (5, 2),
    30: (2, 1),
    33: (1, 5),
}


def at(day: date, hour: int = 18) -> datetime:
    """A recorded moment on a day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@dataclass
class Books:
    """One risk carrier with one policy, one provider with two AGB codes, one running account."""

    db: Connection
    carrier: int = 1
    account: int = 0
    policy: int = 0
    reason: dict[str, int] = field(default_factory=dict)
    agb: dict[str, int] = field(default_factory=dict)
    iban: dict[str, int] = field(default_factory=dict)

    async def event(self) -> int:
        return int(await self.db.fetchval("select nextval('event_id')"))

    async def start(self, code: str = "VZ", name: str = "Verzekeraar Zorg N.V.") -> "Books":
        db = self.db
        await db.execute(
            "insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban) values ($1, $2, $3, '12345678', $4)",
            self.carrier,
            code,
            name,
            VZ_IBAN,
        )
        await db.execute(
            "insert into uzovi_code values ($1, $2, null, '2015-01-01', null)", self.carrier, f"{3000 + self.carrier}"
        )
        self.policy = await db.fetchval(
            """insert into policy_version (risk_carrier_id, version, valid_from, name, toml, sha256, applied_at, applied_by, passes, claim_order)
               values ($1, 1, '2015-01-01', 'test', '', '', now(), 'test', '{3,4}', 'priority') returning policy_version_id""",
            self.carrier,
        )
        for priority, (reason, title) in enumerate(
            {"CREDIT": "Creditnota", "CORR": "Correctie", "CM98": "Materiële controle", "VOOR": "Voorschot"}.items()
        ):
            self.reason[reason] = await db.fetchval(
                "insert into reason_code (risk_carrier_id, code) values ($1, $2) returning reason_id",
                self.carrier,
                reason,
            )
            await db.execute(
                """insert into reason_policy (policy_version_id, reason_id, priority, title_nl, title_en, owning_team, interest_regime, quiet,
                     payment_term_days, offset_start, offset_mode) values ($1, $2, $3, $4, $4, 'team', 'none', true, 30, 1, 3)""",
                self.policy,
                self.reason[reason],
                priority,
                title,
            )
        await self.provider()
        return self

    async def provider(
        self,
        number: str = "P1",
        name: str = "Fysio Ünal B.V.",
        agbs: Sequence[str] = ("04000001", "04000002"),
        iban: str = PAYEE_IBAN,
        holder: str = "Fysio Ünal B.V.",
    ) -> int:
        """A provider, its AGB codes, IBAN and running account; the books go on with that account."""
        db = self.db
        provider_id = await db.fetchval(
            "insert into provider (number, name, legal_form, natural_person) values ($1, $2, 'BV', false) returning provider_id",
            number,
            name,
        )
        for agb in agbs:
            self.agb[agb] = await db.fetchval(
                "insert into agb_registration (agb, provider_id, valid_from) values ($1, $2, '2015-01-01') returning agb_id",
                agb,
                provider_id,
            )
        self.iban[iban] = await db.fetchval(
            "insert into payee_iban (provider_id, iban, holder_name, valid_from) values ($1, $2, $3, '2015-01-01') returning iban_id",
            provider_id,
            iban,
            holder,
        )
        self.account = await db.fetchval(
            "insert into running_account (risk_carrier_id, provider_id, opened_on) values ($1, $2, '2015-01-01') returning account_id",
            self.carrier,
            provider_id,
        )
        return self.account

    async def post(
        self,
        day: date,
        kind: int,
        event: int,
        cents: int,
        *,
        line: int = 0,
        claim: int | None = None,
        payout: int | None = None,
        open_after: int | None = None,
        reverses: tuple[int, int] | None = None,
        recorded: datetime | None = None,
    ) -> None:
        debit, credit = DEBIT_CREDIT[kind]
        await self.db.execute(
            """insert into posting (account_id, event_id, claim_id, payout_id, cents, open_after_cents, reverses_event_id, reverses_line,
                 recorded_at, line, booking_date, effective_date, kind, debit, credit, risk_carrier_id)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14, $15)""",
            self.account,
            event,
            claim,
            payout,
            cents,
            open_after,
            *(reverses or (None, None)),
            recorded or at(day),
            line,
            day,
            kind,
            debit,
            credit,
            self.carrier,
        )

    async def declare(self, number: str, cents: int, day: date, agb: str = "04000001", *, queued: bool = False) -> int:
        """A declaration approved on a day; with `queued` it waits for a night."""
        declaration = await self.event()
        await self.db.execute(
            """insert into declaration (account_id, declaration_id, risk_carrier_id, agb_id, available_on, approved_at, awarded_cents, number,
                 invoice_number) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
            self.account,
            declaration,
            self.carrier,
            self.agb[agb],
            day,
            at(day, 9),
            cents,
            number,
            f"F-{number}",
        )
        if queued:
            await self.db.execute(
                """insert into payable (account_id, entry_id, risk_carrier_id, kind, agb_id, available_on, payable_on, approved_at, cents)
                   values ($1, $2, $3, 1, $4, $5, $5, $6, $7)""",
                self.account,
                declaration,
                self.carrier,
                self.agb[agb],
                day,
                at(day, 9),
                cents,
            )
        return declaration

    async def claim(
        self,
        number: str,
        cents: int,
        day: date,
        *,
        kind: int = 2,
        reason: str = "CREDIT",
        agb: str = "04000001",
        origin: int | None = None,
        lines: Sequence[int] = (),
        post: bool = True,
    ) -> int:
        """A claim registered and booked on a day."""
        claim = await self.event()
        await self.db.execute(
            """insert into claim (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, origin_declaration_id, original_cents,
                 registered_on, due_date, reference, number, ground) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, 'ground')""",
            self.account,
            claim,
            self.carrier,
            kind,
            self.reason[reason],
            self.agb[agb],
            origin,
            cents,
            day,
            claim_reference(claim, day.year),
            number,
        )
        for line_no, line_cents in enumerate(lines, 1):
            await self.db.execute(
                "insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, description, cents) values ($1, $2, $3, $4, $5, $6)",
                self.account,
                claim,
                line_no,
                self.carrier,
                f"regel {line_no}",
                line_cents,
            )
        if post:
            await self.post(day, 7, claim, cents, claim=claim)
        await self.db.execute(
            """insert into claim_position (account_id, claim_id, risk_carrier_id, kind, reason_id, agb_id, registered_on, due_date, open_principal_cents)
               values ($1, $2, $3, $4, $5, $6, $7, $7, $8)""",
            self.account,
            claim,
            self.carrier,
            kind,
            self.reason[reason],
            self.agb[agb],
            day,
            cents if post else 0,
        )
        await self.db.execute(
            "insert into claim_reference values ($1, $2, $3, $4)",
            claim_reference(claim, day.year),
            self.carrier,
            self.account,
            claim,
        )
        return claim

    async def run(self, day: date, *, state: str = "proven", payment_date: date | None = None) -> int:
        return int(
            await self.db.fetchval(
                "insert into run (risk_carrier_id, business_date, payment_date, policy_version_id, state) values ($1, $2, $3, $4, $5) returning run_id",
                self.carrier,
                day,
                payment_date or day,
                self.policy,
                state,
            )
        )

    async def pay(
        self,
        run: int,
        day: date,
        declarations: dict[int, int],
        offsets: Sequence[tuple[int, int, int, int]] = (),
        *,
        held: int = 0,
        returned: dict[int, int] | None = None,
        advances: dict[int, int] | None = None,
    ) -> int:
        """One payout: declarations with their cents, offsets as (declaration, claim, cents, principal open after)."""
        payout, db = await self.event(), self.db
        returned, advances = returned or {}, advances or {}
        iban = await db.fetchval(
            "select i.iban_id from payee_iban i join running_account a using (provider_id) where a.account_id = $1",
            self.account,
        )
        sums = (
            sum(declarations.values()),
            sum(returned.values()),
            sum(advances.values()),
            sum(cents for _, _, cents, _ in offsets),
        )
        entries = [*declarations, *returned, *advances]
        await db.execute(
            """insert into payout (account_id, payout_id, run_id, risk_carrier_id, iban_id, business_date, entries, declarations, held, declared_cents,
                 returned_cents, advance_cents, offset_cents, net_cents, first_entry_id, last_entry_id)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)""",
            self.account,
            payout,
            run,
            self.carrier,
            iban,
            day,
            len(entries),
            len(declarations),
            held,
            *sums,
            sum(sums[:3]) - sums[3],
            min(entries),
            max(entries),
        )
        for declaration, cents in declarations.items():
            await self.post(day, 1, declaration, cents, payout=payout)
            await db.execute("delete from payable where account_id = $1 and entry_id = $2", self.account, declaration)
        for line, (declaration, claim, cents, open_after) in enumerate(offsets, 1):
            await self.post(day, 2, declaration, cents, line=line, claim=claim, payout=payout, open_after=open_after)
        for entry_kind, entries_of_kind in ((2, returned), (3, advances)):
            for entry, cents in entries_of_kind.items():
                await db.execute(
                    "insert into payout_entry values ($1, $2, $3, $4, $5, $6)",
                    self.account,
                    entry,
                    payout,
                    self.carrier,
                    entry_kind,
                    cents,
                )
                if entry_kind == 3:
                    await self.post(day, 9, entry, cents, claim=entry, payout=payout)
        to_pay = sums[0] + sums[1] - sums[3]
        if to_pay > 0:
            await self.post(day, 5, payout, to_pay, payout=payout)
        return payout
