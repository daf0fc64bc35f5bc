"""The leak query: nothing in the catalog lets one tenant see another's rows (design §5, reliability 5.2)."""

from datetime import date
from pathlib import Path

import pytest

from app.core.db import Connection

FOLDER = Path(__file__).parent
LEAKS = (FOLDER / "leaks.sql").read_text()
KEYS = (FOLDER / "keys.sql").read_text()

# Functions that run with their owner's rights, and why they may.
DEFINERS = {
    "analyze_night(date)": "refreshes statistics, which asks for ownership; only the worker may call it",
}
# Keys that do not start with a tenant column, and why they tell nobody anything about another tenant.
GENERATED = "the id is drawn from a sequence: nobody can choose one and learn from a refusal"
LOOKED_UP = "a registry: it is looked up by this key before the tenant is known, and only workers and actions add to it"
WORKER = "written by the worker and imports only, which see every tenant; staff has no INSERT on it"
EXEMPT = {
    "agb_registration (agb, ?)": "an AGB code has one owner in the whole country on any day (CR-8); " + WORKER,
    "agb_registration (agb_id)": GENERATED,
    "agb_registration (practice_id) -> practice": WORKER,
    "audit (audit_id)": GENERATED,
    "batch (batch_id)": GENERATED,
    "batch_part (batch_id, part_no)": GENERATED,
    "batch_rejection (batch_id, rejection_no)": WORKER,
    "claim_reference (reference)": "made from the claim's id, which is drawn from a sequence; " + LOOKED_UP,
    "import_file (import_id)": GENERATED,
    "job (job_id)": GENERATED,
    "incident (incident_id)": GENERATED,
    "payee_iban (iban_id)": GENERATED,
    "payee_iban (practice_id) -> practice": WORKER,
    "payment_file (message_id)": "made from the risk carrier's id and the run's; " + WORKER,
    "payment_file (payment_file_id)": GENERATED,
    "payment_file (run_id) -> run": WORKER,
    "payment_file (run_id, sequence_no)": "a run belongs to one risk carrier; " + WORKER,
    "payment_instruction (payment_file_id) -> payment_file": WORKER,
    "payment_reference (reference)": "made from a sequence and never reused (CR-5); " + LOOKED_UP,
    "payout (payout_id)": GENERATED,
    "policy_version (policy_version_id)": GENERATED,
    "practice (practice_id)": GENERATED,
    "provider (number)": "the relation number is the same for all risk carriers; " + WORKER,
    "reason_code (reason_id)": GENERATED,
    "risk_carrier (code)": "the list of risk carriers is public; " + WORKER,
    "run (policy_version_id) -> policy_version": WORKER,
    "run (run_id)": GENERATED,
    "run_agreement (run_id, account_id)": "a run belongs to one risk carrier; " + WORKER,
    "run_batch (run_id) -> run": WORKER,
    "run_batch (run_id, batch_no)": "a run belongs to one risk carrier; " + WORKER,
    "run_parked (run_id) -> run": WORKER,
    "run_parked (run_id, account_id)": "a run belongs to one risk carrier; " + WORKER,
    "uzovi_code (uzovi, ?)": "an UZOVI code has one owner in the whole country on any day; " + WORKER,
}


async def leaks(db: Connection) -> set[tuple[str, str]]:
    found = {(row["why"], row["obj"]) for row in await db.fetch(LEAKS)}
    return found - {("security definer function", name) for name in DEFINERS}


async def test_the_migrated_database_leaks_nothing(db: Connection) -> None:
    assert await leaks(db) == set()


async def test_partitions_made_later_leak_nothing(db: Connection) -> None:
    made = await db.fetchval("select ensure_month_partitions($1, $2)", date(2031, 1, 1), date(2031, 3, 1))
    assert (made, await leaks(db)) == (6, set())


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("create table planted (risk_carrier_id smallint)", "tenant table without forced row-level security"),
        (
            "create table planted (provider_id int); alter table planted enable row level security;"
            " create policy p on planted to vereffen_staff using (provider_id = seen_provider())",
            "tenant table without forced row-level security",
        ),
        (
            "create table planted (account_id bigint); alter table planted enable row level security;"
            " alter table planted force row level security",
            "row-level security without a policy",
        ),
        (
            "create table planted (account_id bigint, risk_carrier_id smallint);"
            " select secure_tenant_table('planted'); create policy p on planted to vereffen_portal using (true)",
            "policy of a bound role that asks for no tenant",
        ),
        (
            "create table planted (policy_version_id int references policy_version)",
            "child of a tenant table without forced row-level security",
        ),
        ("create view planted as select * from claim", "view without security_invoker"),
        ("create materialized view planted as select * from claim", "materialized view"),
        (
            "create function planted() returns bigint language sql security definer as 'select count(*) from claim'",
            "security definer function",
        ),
        ("create table planted (id int); grant select on planted to public", "right given to everybody"),
        (
            "create table planted (id int); grant create on schema public to vereffen_staff;"
            " alter table planted owner to vereffen_staff",
            "role owns a relation or function",
        ),
    ],
)
async def test_a_planted_leak_is_found(db: Connection, planted: str, found: str) -> None:
    await db.execute(planted)
    assert {why for why, obj in await leaks(db) if obj.startswith("planted")} == {found}


async def test_a_table_secured_by_the_function_for_tenant_tables_leaks_nothing(db: Connection) -> None:
    await db.execute("create table planted (risk_carrier_id smallint, account_id bigint)")
    await db.execute("select secure_tenant_table('planted')")
    assert await leaks(db) == set()


async def test_a_key_of_a_tenant_table_starts_with_the_tenant_or_is_exempt_for_a_reason(db: Connection) -> None:
    assert {row["obj"] for row in await db.fetch(KEYS)} == set(EXEMPT)


async def test_only_the_worker_may_call_a_function_with_its_owners_rights(db: Connection) -> None:
    callers = {
        name: {
            role
            for role in ("staff", "portal", "agency", "worker", "readonly")
            if await db.fetchval(
                "select has_function_privilege($1, $2::text::regprocedure, 'execute')", f"vereffen_{role}", name
            )
        }
        for name in DEFINERS
    }
    assert callers == {name: {"worker"} for name in DEFINERS}


async def test_what_is_exempt_because_only_the_worker_writes_it_is_closed_to_staff(db: Connection) -> None:
    closed = {name.split(" ")[0] for name, reason in EXEMPT.items() if reason.endswith(WORKER)}
    open_to_staff = [
        name for name in closed if await db.fetchval("select has_table_privilege('vereffen_staff', $1, 'insert')", name)
    ]
    assert open_to_staff == []
