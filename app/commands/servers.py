"""Commands that prepare or keep servers: migrate, carrier."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import asyncpg
from stdnum import iban

from app.commands.context import ACTOR, Context
from app.console import say
from app.core import clock, embedded, migrate
from app.core.audit import audit
from app.core.db import Connection, transaction
from app.core.errors import Refusal


async def prepare(connection: Connection) -> list[str]:
    """Check the server's version, apply the migrations that are missing, and make the coming months' partitions.

    Refusal when the login may not change the schema, as the one that the service runs under.
    """
    embedded.check_server_version(connection)
    today = clock.today()
    months = (date(today.year - 1, today.month, 1), date(today.year + 2, 1, 1))
    try:
        applied = await migrate.migrate(connection)
        await connection.execute("select ensure_month_partitions($1, $2)", *months)
    except asyncpg.InsufficientPrivilegeError as error:
        login = await connection.fetchval("select session_user")
        raise Refusal(
            "may_not_migrate",
            f"The login {login} of DATABASE_URL may not change the schema ({error}). Migrate with the login that owns "
            "the database; the other commands need no more than this one.",
            status=403,
        ) from error
    return applied


@contextmanager
def running_valkey(context: Context) -> Iterator[str]:
    """REDIS_URL, or the embedded Valkey on the data folder."""
    if context.settings.redis_url is not None:
        yield context.settings.redis_url
        return
    context.settings.data.mkdir(parents=True, exist_ok=True)
    with embedded.valkey(context.settings.data / "valkey") as redis_url:
        yield redis_url


async def migrated(context: Context) -> int:
    """Say how far the schema is (the migrations themselves were applied before)."""
    count = await context.connection.fetchval("select count(*) from schema_migration")
    say(f"{count} migraties toegepast; het schema is bij.")
    return 0


async def carrier(context: Context) -> int:
    """Register a risk carrier, or change its name and the account that payouts leave from."""
    args = context.args
    if not iban.is_valid(args.iban):
        raise Refusal(
            "bad_iban", f"{args.iban!r} is not an IBAN: the check digits are wrong.", status=422, field="--iban"
        )
    async with transaction(context.connection, role="worker", actor=ACTOR):
        carrier_id = await context.connection.fetchval(
            """
            insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban, debtor_bic)
            select coalesce(max(risk_carrier_id), 0) + 1, $1, $2, $3, $4, $5 from risk_carrier
            on conflict (code) do update set name = excluded.name, debtor_iban = excluded.debtor_iban,
              debtor_bic = excluded.debtor_bic
            returning risk_carrier_id
            """,
            args.code,
            args.name,
            args.kvk,
            iban.compact(args.iban),
            args.bic,
        )
        await context.connection.executemany(
            """
            insert into uzovi_code (risk_carrier_id, uzovi, valid_from) values ($1, $2, '2000-01-01')
            on conflict do nothing
            """,
            [(carrier_id, code) for code in args.uzovi],
        )
        await audit(
            context.connection,
            risk_carrier_id=carrier_id,
            account_id=None,
            occurred_at=clock.now(),
            actor=ACTOR,
            action="risk carrier registered",
            subject=f"risk_carrier:{carrier_id}",
            body={"code": args.code},
        )
    say(f"{args.code} is risicodrager {carrier_id}.")
    return 0
