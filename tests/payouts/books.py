# ruff: noqa: E501 - inserts read best in one line each
"""Rows of the books, written as the night and the intake would, with plain SQL: a world for tests of what reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

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

    async def insert(self, table: str, **values: Any) -> None:
        """One row of a table that carries account and risk carrier."""
        row = {"account_id": self.account, "risk_carrier_id": self.carrier} | values
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        await self.db.execute(f"insert into {table} ({', '.join(row)}) values ({places})", *row.values())

    async def declare(self, number: str, cents: int, day: date, agb: str = "04000001", *, queued: bool = False) -> int:
        """A declaration approved on a day; with `queued` it waits for a night."""
        declaration = await self.event()
        shared = {"agb_id": self.agb[agb], "available_on": day, "approved_at": at(day, 9)}
        await self.insert(
            "declaration",
            declaration_id=declaration,
            awarded_cents=cents,
            number=number,
            invoice_number=f"F-{number}",
            **shared,
        )
        if queued:
            await self.insert("payable", entry_id=declaration, kind=1, payable_on=day, cents=cents, **shared)
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
        shared = {
            "claim_id": claim, "kind": kind, "reason_id": self.reason[reason], "agb_id": self.agb[agb],
            "registered_on": day, "due_date": day,
        }  # fmt: skip
        reference = claim_reference(claim, day.year)
        await self.insert(
            "claim",
            origin_declaration_id=origin,
            original_cents=cents,
            reference=reference,
            number=number,
            ground="ground",
            **shared,
        )
        await self.db.execute(  # in one statement: the lines add up to the claim
            """insert into claim_line (account_id, claim_id, line_no, risk_carrier_id, description, cents)
               select $1, $2, line_no, $3, 'regel ' || line_no, cents
               from unnest($4::bigint[]) with ordinality l (cents, line_no)""",
            *(self.account, claim, self.carrier, list(lines)),
        )
        if post:
            await self.post(day, 7, claim, cents, claim=claim)
        await self.insert("claim_position", open_principal_cents=cents if post else 0, **shared)
        await self.insert("claim_reference", reference=reference, claim_id=claim)
        return claim

    async def run(self, day: date, *, state: str = "proven", payment_date: date | None = None) -> int:
        """A run whose night has been proven."""
        found = await self.db.fetchval(
            """insert into run (risk_carrier_id, business_date, payment_date, policy_version_id, state)
               values ($1, $2, $3, $4, $5) returning run_id""",
            self.carrier, day, payment_date or day, self.policy, state,
        )  # fmt: skip
        return int(found)

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
        payout, returned, advances = await self.event(), returned or {}, advances or {}
        taken = sum(cents for _, _, cents, _ in offsets)
        declared, given_back, advanced = (sum(part.values()) for part in (declarations, returned, advances))
        iban = await self.db.fetchval(
            "select i.iban_id from payee_iban i join running_account a using (provider_id) where a.account_id = $1",
            self.account,
        )
        entries = [*declarations, *returned, *advances]
        await self.insert(
            "payout", payout_id=payout, run_id=run, iban_id=iban, business_date=day, entries=len(entries),
            declarations=len(declarations), held=held, declared_cents=declared, returned_cents=given_back,
            advance_cents=advanced, offset_cents=taken, net_cents=declared + given_back + advanced - taken,
            first_entry_id=min(entries), last_entry_id=max(entries),
        )  # fmt: skip
        for declaration, cents in declarations.items():
            await self.post(day, 1, declaration, cents, payout=payout)
        for line, (declaration, claim, cents, open_after) in enumerate(offsets, 1):
            await self.post(day, 2, declaration, cents, line=line, claim=claim, payout=payout, open_after=open_after)
        for entry, cents in returned.items():
            await self.insert("payout_entry", entry_id=entry, payout_id=payout, kind=2, cents=cents)
        for entry, cents in advances.items():
            await self.insert("payout_entry", entry_id=entry, payout_id=payout, kind=3, cents=cents)
            await self.post(day, 9, entry, cents, claim=entry, payout=payout)
        if declared + given_back > taken:
            await self.post(day, 5, payout, declared + given_back - taken, payout=payout)
        await self.db.execute(
            "delete from payable where account_id = $1 and entry_id = any ($2)", self.account, entries
        )
        return payout
