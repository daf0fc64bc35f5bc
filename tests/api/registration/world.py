"""Registering without HTTP: a risk carrier, two providers, and the registrars of claims and declarations."""

import uuid
from datetime import date
from typing import Any

import msgspec

from app.claims import registration as claims
from app.core import db as database
from app.core.db import Connection, Pool
from app.declarations import registration as declarations
from app.web.records import Registered, Registrar
from tests import factories

ON = date(2026, 3, 2)
Record = dict[str, Any]


def claim(**more: Any) -> Record:
    plain = {"type": "claim", "id": "C1", "agb": "41000001", "reasonCode": "CM98", "ground": "Controle achteraf"}
    return {**plain, "amountCents": 100000, "letterDate": "2026-03-02", **more}


def declaration(**more: Any) -> Record:
    plain = {"type": "declaration", "id": "D1", "agb": "41000001", "awardedCents": 60000}
    return {**plain, "approvedAt": "2026-03-02T09:00:00+01:00", "number": "2026-1", **more}


def credit(**more: Any) -> Record:
    return {"type": "credit-note", "id": "N1", "declaration": "D1", "amountCents": -30000, **more}


def advance(**more: Any) -> Record:
    return {"type": "advance", "id": "A1", "agb": "41000001", "amountCents": 50000, "paid": "request", **more}


async def populated(db: Connection) -> None:
    """Risk carrier VZ (1) with two providers, and ZK (2) with one of its own; both with VGZ's policy."""
    vz = await factories.make_risk_carrier(db, "VZ")
    zk = await factories.make_risk_carrier(db, "ZK")
    for carrier in (vz, zk):
        await factories.make_policy_vgz(db, carrier)
    await factories.make_provider(db, vz, agbs=["41000001"])
    await factories.make_provider(db, vz, agbs=["41000005"])
    await factories.make_provider(db, zk, agbs=["41000002"])


class Desk:
    """What a process of the API has: a pool and two registrars; `claim` and `declaration` post one record."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.claims: Registrar = claims.claims_registrar(pool)
        self.declarations: Registrar = declarations.declarations_registrar(pool)

    async def claim(
        self, record: Record, key: str | None = None, *, carrier: int = 1, on: date = ON, source: str = "core"
    ) -> Registered:
        """POST a claim."""
        return await claims.register_claim(
            self.claims,
            claims.CLAIM_READER.read(msgspec.json.encode(record)),
            risk_carrier_id=carrier,
            business_date=on,
            actor="token:test",
            source=source,
            idempotency_key=key or uuid.uuid4().hex,
        )

    async def declaration(
        self, record: Record, key: str | None = None, *, carrier: int = 1, on: date = ON, source: str = "core"
    ) -> Registered:
        """POST a declaration, credit note, correction or advance."""
        return await declarations.register_declaration(
            self.declarations,
            declarations.DECLARATION_READER.read(msgspec.json.encode(record)),
            risk_carrier_id=carrier,
            business_date=on,
            actor="token:test",
            source=source,
            idempotency_key=key or uuid.uuid4().hex,
        )


async def desk(url: str, size: int = 4) -> Desk:
    """A desk with a pool of its own; the caller closes the pool."""
    return Desk(await database.create_pool(url, size))
