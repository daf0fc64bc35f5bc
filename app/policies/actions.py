"""Applying a policy: a new version beside the old ones, never in their place (law 5)."""

import hashlib
from datetime import date, datetime

from app.core import db
from app.core.db import Connection
from app.core.errors import Refusal
from app.policies import queries, rules
from app.policies.model import MODES, PASSES, STARTS, Change, Policy, PolicyVersion


def parsed(text: str) -> Policy:
    """The policy of a text; Refusal 422 that lists every finding with its path and remedy."""
    policy, findings = rules.parse(text)
    if policy is None:
        listed = "\n".join(f"{finding.path or 'file'}: {finding.message}." for finding in findings)
        raise Refusal("policy_invalid", f"The policy cannot be applied:\n{listed}", status=422, field=findings[0].path)
    return policy


async def apply_policy(
    conn: Connection, risk_carrier_id: int, text: str, *, actor: str, applied_at: datetime
) -> PolicyVersion:
    """Store a policy text as the next version of a risk carrier; new reason codes are added with it.

    The same text again adds nothing. Earlier versions stay: a run records the one that it used. Refusal 422
    (policy_invalid) names path and remedy, 404 when the risk carrier is unknown.
    """
    policy = parsed(text)
    digest = hashlib.sha256(text.encode()).digest()
    async with db.transaction(conn, role="worker", actor=actor, risk_carriers=[risk_carrier_id]):
        # Versions of one risk carrier are numbered without a gap: the lock serialises those who apply.
        if not await conn.fetchval(
            "select true from risk_carrier where risk_carrier_id = $1 for update", risk_carrier_id
        ):
            raise Refusal("risk_carrier_unknown", f"There is no risk carrier {risk_carrier_id}.", status=404)
        if known := await queries.known_version(conn, risk_carrier_id, digest):
            return PolicyVersion(
                policy_version_id=known[0],
                risk_carrier_id=risk_carrier_id,
                version=known[1],
                valid_from=known[2],
                added=False,
                new_reason_codes=(),
            )
        await _refuse_lost_codes(conn, risk_carrier_id, policy)
        added = await _add_codes(conn, risk_carrier_id, policy)
        version_id, version = await _insert_version(conn, risk_carrier_id, policy, text, digest, actor, applied_at)
        await _insert_reasons(conn, version_id, policy, await queries.reason_ids(conn, risk_carrier_id))
        await conn.execute(
            """insert into audit (risk_carrier_id, occurred_at, actor, action, subject, body)
               values ($1, $2, $3, 'policy applied', $4, $5)""",
            risk_carrier_id,
            applied_at,
            actor,
            f"policy:{version_id}",
            {"version": version, "validFrom": policy.valid_from.isoformat(), "sha256": digest.hex(), "added": added},
        )
    return PolicyVersion(
        policy_version_id=version_id,
        risk_carrier_id=risk_carrier_id,
        version=version,
        valid_from=policy.valid_from,
        added=True,
        new_reason_codes=tuple(added),
    )


async def _refuse_lost_codes(conn: Connection, risk_carrier_id: int, policy: Policy) -> None:
    """A code that claims were made under must stay, or no night would decide them any more."""
    lost = sorted(code for code in await queries.reason_ids(conn, risk_carrier_id) if code not in policy.reasons)
    if lost:
        raise Refusal(
            "reason_code_lost",
            f"The policy leaves out {', '.join(lost)}, which an earlier version has: claims may be open under it. "
            'Keep the code; to stop offsetting it give it offset = { start = "never" } and no dunning.',
            status=422,
            field="reasons",
        )


async def _add_codes(conn: Connection, risk_carrier_id: int, policy: Policy) -> list[str]:
    known = await queries.reason_ids(conn, risk_carrier_id)
    added = sorted(code for code in policy.reasons if code not in known)
    await conn.execute(
        "insert into reason_code (risk_carrier_id, code) select $1, unnest($2::text[])", risk_carrier_id, added
    )
    return added


async def _insert_version(
    conn: Connection, risk_carrier_id: int, policy: Policy, text: str, digest: bytes, actor: str, applied_at: datetime
) -> tuple[int, int]:
    allocation = policy.allocation
    row = await conn.fetchrow(
        """insert into policy_version (risk_carrier_id, version, valid_from, name, toml, sha256, applied_at, applied_by,
             passes, claim_order, cap_basis_points, cap_cents, floor_cents)
           select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
           from policy_version where risk_carrier_id = $1 returning policy_version_id, version""",
        risk_carrier_id,
        policy.valid_from,
        policy.name,
        text,
        digest,
        applied_at,
        actor,
        [PASSES[name] for name in allocation.passes],
        allocation.order,
        allocation.cap_basis_points,
        allocation.cap_cents,
        allocation.floor_cents,
    )
    assert row is not None
    return row["policy_version_id"], row["version"]


async def _insert_reasons(conn: Connection, version_id: int, policy: Policy, ids: dict[str, int]) -> None:
    await conn.executemany(
        """insert into reason_policy
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)""",
        [
            (
                *(version_id, ids[code], reason.priority, reason.title_nl, reason.title_en, reason.owning_team),
                *(reason.appeal_days, reason.interest_regime, reason.quiet, reason.matures_days),
                *(ids[reason.matures_to] if reason.matures_to else None, reason.payment_term_days),
                *(STARTS[reason.offset.start], reason.offset.reminder, MODES[reason.offset.mode]),
                *(reason.offset.basis_points, reason.offset.fixed_cents, reason.offset.charges),
                None if reason.passes is None else [PASSES[name] for name in reason.passes],
            )
            for code, reason in policy.reasons.items()
        ],
    )
    await conn.executemany(
        "insert into dunning_policy values ($1, $2, $3, $4, $5, $6, $7)",
        [
            (version_id, ids[code], number, step.days_after_due, step.on_the_day, step.term_days, step.minimum_cents)
            for code, reason in policy.reasons.items()
            for number, step in enumerate(reason.dunning, 1)
        ],
    )
    await conn.executemany(
        "insert into agency_policy values ($1, $2, $3, $4, $5, $6)",
        [
            (version_id, ids[code], agency.after_step, agency.on_the_day, agency.idle_days, agency.minimum_cents)
            for code, reason in policy.reasons.items()
            if (agency := reason.agency)
        ],
    )
    await conn.executemany(
        "insert into gate_policy values ($1, $2, $3)",
        [(version_id, feed, days) for feed, days in policy.gate.items()],
    )


async def show_policy(
    conn: Connection, risk_carrier_id: int, on: date, version: int | None = None, *, canonical: bool = False
) -> str:
    """The policy in force on a date (or of a version): byte-equal to what was applied, or in canonical form."""
    text = await queries.policy_text(conn, risk_carrier_id, on=on, version=version)
    return rules.canonical(parsed(text)) if canonical else text


async def diff_policy(conn: Connection, risk_carrier_id: int, before: int, after: int) -> list[Change]:
    """The settings that differ between two versions of a risk carrier, by path."""
    old = await queries.policy_text(conn, risk_carrier_id, on=None, version=before)
    new = await queries.policy_text(conn, risk_carrier_id, on=None, version=after)
    return rules.differences(parsed(old), parsed(new))
