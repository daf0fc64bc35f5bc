"""What each database role may do, tried as that role: the books are only ever added to (law 2, RA-1)."""

import asyncpg
import pytest

from app.core import db as database
from app.core.db import Connection, Role
from tests.security.conftest import Books
from tests.security.observe import ROLES, tables

# All that any role may change in place or delete. Neither a fact nor an amount of one is among them.
WORKER_AND_STAFF = {
    "claim_position": {
        "open_principal_cents", "open_costs_cents", "open_interest_cents", "held_cents", "last_answer", "reason_id",
        "due_date", "reminder_term_ends", "offset_requested_on",
    },
    "hold": {"ended_on", "active", "until_date"},
    "running_account": {"lock_only"},
}  # fmt: skip
UPDATES: dict[str, dict[str, set[str]]] = {
    "staff": {
        **WORKER_AND_STAFF,
        "risk_carrier": {"lock_only"},
        "offset_agreement": {"ended_on", "end_reason"},
        "incident": {"resolved_at", "resolved_by", "resolution"},
        "job": {"state", "attempts", "not_before", "waiting_for", "ended_at"},
    },
    "worker": {
        **WORKER_AND_STAFF,
        "run": {
            "policy_version_id", "state", "state_reason", "cut_off_at", "released_at", "holder", "fence", "lease_until",
        },
        "run_batch": {
            "state", "attempts", "entries", "declared_cents", "returned_cents", "advance_cents", "offset_cents",
            "net_cents", "payouts", "in_scope", "offset_claims", "left_out_claims", "fence",
        },
        "incident": {"resolved_at", "resolved_by", "resolution"},
        "payout": {"held"},
        "risk_carrier": {"closed_through", "name", "debtor_iban", "debtor_bic"},
        "provider": {"name", "kvk", "legal_form", "natural_person"},
        "practice": {"name", "valid_until"},
        "agb_registration": {"practice_id", "valid_until"},
        "payee_iban": {"holder_name", "valid_until"},
        "api_token": {"last_used_at", "revoked_at", "revoked_by"},
        "job": {
            "state", "attempts", "not_before", "holder", "fence", "lease_until", "waiting_for", "stage", "done",
            "total", "result", "error_code", "error_text", "started_at", "ended_at",
        },
        "person": {"name", "role", "carriers", "password_hash", "last_seen_at", "disabled_at", "disabled_by"},
        "person_session": {"seen_at"},
        "sign_in_try": {"succeeded"},
        "job_schedule": {"start_time", "days", "next_day", "active", "scheduled_through"},
        "batch": {
            "outcome", "ended_at", "content_until", "content_deleted_at", "kind", "source", "cut_off_date",
            "declared_rows", "declared_cents", "read", "added", "known", "changed", "control_total_cents",
            "rejection_count", "rejections_kept", "import_id",
        },
    },
}  # fmt: skip
DELETES = {"staff": {"payable"}, "worker": {"payable", "job", "batch_part", "person_session", "sign_in_try"}}
FACTS = (
    "posting", "decision", "audit", "payment_instruction", "claim", "claim_line", "declaration", "adjustment", "charge",
    "payment", "payout_confirmation", "offset_reversal", "declaration_withdrawal", "claim_step", "payout_entry",
    "allocation", "payout_redirection", "takeover", "takeover_return", "payment_file", "payment_reference",
    "claim_reference", "source_key", "idempotency_key", "policy_version", "reason_policy", "posting_kind",
    "import_file",
)  # fmt: skip


async def refused(db: Connection, role: Role, statement: str) -> bool:
    """Whether the server refuses this to the role, by rights and by nothing else; what it allows is undone."""
    undo = RuntimeError("undo")
    try:
        async with database.transaction(db, role=role, actor="test", risk_carriers=[1, 2]):
            await db.execute(statement)
            raise undo
    except asyncpg.InsufficientPrivilegeError:
        return True
    except RuntimeError as ended:
        if ended is not undo:
            raise
        return False


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_update_exactly_the_columns_listed(db: Connection, role: str) -> None:
    rows = await db.fetch(
        """select table_name, column_name from information_schema.column_privileges
           where privilege_type = 'UPDATE' and grantee in ('PUBLIC', $1) and table_schema = 'public'""",
        f"vereffen_{role}",
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["table_name"], set()).add(row["column_name"])
    assert found == UPDATES.get(role, {})


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_that_tries_can_truncate_or_delete_no_table_but_its_queue(books: Books, role: Role) -> None:
    allowed = {
        f"{verb} {name}"
        for name in [*await tables(books.db), "posting_other", "decision_other"]
        for verb in ("delete from", "truncate")
        if not await refused(books.db, role, f"{verb} {name}")
    }
    assert allowed == {f"delete from {name}" for name in DELETES.get(role, set())}


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_that_tries_can_update_no_column_of_a_fact(books: Books, role: Role) -> None:
    columns = await books.db.fetch(
        """select attrelid::regclass::text as name, attname from pg_attribute
           where attrelid = any ($1::text[]::regclass[]) and attnum > 0 and not attisdropped""",
        FACTS,
    )
    allowed = [
        f"{row['name']}.{row['attname']}"
        for row in columns
        if not await refused(books.db, role, f"update {row['name']} set {row['attname']} = default")
    ]
    assert (len(columns) > 150, allowed) == (True, [])


@pytest.mark.parametrize("role", ["portal", "agency", "readonly"])
async def test_a_role_that_only_looks_can_insert_nowhere(books: Books, role: Role) -> None:
    allowed = [
        name
        for name in await tables(books.db)
        if not await refused(books.db, role, f"insert into {name} default values")
    ]
    assert allowed == []


TAKING_GUARDS_AWAY = (
    "alter table claim_line disable trigger all",
    "set local session_replication_role = replica",
    "alter table posting no force row level security",
    "alter table claim disable row level security",
    "create policy mine on claim using (true)",
    "alter table posting drop constraint posting_kind_fits",
    "drop table audit",
    "create or replace function claim_lines_add_up() returns trigger language plpgsql as 'begin return null; end'",
    "create table mine (id int)",
    "select setval('event_id', 1)",
    "insert into schema_migration (name, sha256) values ('9999_mine.sql', '')",
    "set local role vereffen_owner",
)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_cannot_take_the_guards_away(books: Books, role: Role) -> None:
    done = []
    # the schema is closed to the agency: for that role there are no such tables and functions at all
    no_right = (asyncpg.InsufficientPrivilegeError, *((asyncpg.UndefinedTableError,) if role == "agency" else ()))
    for attempt in TAKING_GUARDS_AWAY:
        # As the session's own user, so that nothing of the superuser's is left to fall back on.
        transaction = books.db.transaction()
        await transaction.start()
        await books.db.execute(f"set local session authorization vereffen_{role}")
        try:
            await books.db.execute(attempt)
            done.append(attempt)
        except no_right:
            continue
        finally:
            await transaction.rollback()
    assert done == []


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_can_give_nobody_a_right(books: Books, role: Role) -> None:
    await refused(books.db, role, "grant update on posting to vereffen_staff")  # at most a warning of the server
    assert not await books.db.fetchval("select has_table_privilege('vereffen_staff', 'posting', 'update')")


async def test_only_who_writes_may_draw_ids_and_nobody_may_set_the_counter(db: Connection) -> None:
    held = {
        (role, right)
        for role in ROLES
        for right in ("usage", "update")
        if await db.fetchval("select has_sequence_privilege($1, 'event_id', $2)", f"vereffen_{role}", right)
    }
    assert held == {("staff", "usage"), ("worker", "usage")}


async def test_an_application_role_may_add_to_exactly_the_tables_that_its_doors_write(db: Connection) -> None:
    rows = await db.fetch(
        """select table_name from information_schema.table_privileges
           where privilege_type = 'INSERT' and grantee = 'vereffen_staff' and table_schema = 'public'"""
    )
    assert {row["table_name"] for row in rows} == {
        "payment", "adjustment", "charge", "claim_step", "hold", "offset_reversal", "offset_instruction", "posting",
        "payable", "claim", "claim_line", "claim_position", "claim_reference", "payment_reference",
        "payment_reference_claim", "declaration_withdrawal", "payout_confirmation", "source_key", "idempotency_key",
        "audit", "claim_due_date", "allocation", "payout_redirection", "job",
        "batch", "batch_part", "offset_agreement",
    }  # fmt: skip
