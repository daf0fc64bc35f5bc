"""The feed of opening claims: at go-live the books open with original amounts, and the history comes along as rows."""

from app.claims import opening_claims_file
from app.claims.intake import CLAIM_PROBLEMS, MESSAGES, NEW_CLAIM, register
from app.core.db import Connection
from app.core.feed_format import LOAD_SECONDS, Feed

_LOCK = """
select ra.account_id from running_account ra where ra.account_id in (
  select r.account_id from stage_opening s cross join import_context x join agb_registration a on a.agb = s.agb
  join running_account r on r.provider_id = a.provider_id and r.risk_carrier_id = x.risk_carrier_id)
order by ra.account_id for no key update
"""

_NEW = """
insert into new_claim (line, claim_id, known_id, problem, problem_value, problem_detail, account_id, kind, reason_id,
  agb_id, original_cents, open_cents, registered_on, effective_on, letter_date, due_date, number, ground, source_kind,
  source_id, content_hash, posting_kind, queued, opening, lines)
select o.line, case when o.problem is null and o.known_id is null then nextval('event_id') end, o.known_id, o.problem,
  case o.problem when 'other_content' then o.id when 'unknown_reason_code' then o.reason_code else o.agb end,
    o.detail,
  o.account_id, o.kind, o.reason_id, o.agb_id, o.cents, o.open_cents, o.registered_on, o.registered_on, o.letter_date,
  o.due_date, o.number, o.ground, 3, o.id, o.content_hash, 8, false, true, o.lines
from (
  select s.line, s.kind, s.id, s.content_hash, s.agb, s.reason_code, s.cents, s.open_cents, s.registered_on,
    s.letter_date, s.due_date, s.number, s.ground, s.lines, k.fact_id as known_id, coalesce(k.account_id,
    ra.account_id)
      as account_id, a.agb_id, rp.reason_id,
    case when k.fact_id is not null then case when k.content_hash <> s.content_hash then 'other_content' end
      when a.agb_id is null then 'unknown_agb' when ra.account_id is null then 'other_carrier'
      when rp.reason_id is null then 'unknown_reason_code' end as problem,
    case when a.agb_id is null then s.registered_on::text when ra.account_id is null then p.name
      when rp.reason_id is null then x.reason_codes end as detail
  from stage_opening s cross join import_context x
  left join source_key k on k.risk_carrier_id = x.risk_carrier_id and k.kind = 3 and k.source = x.source
    and k.source_id = s.id
  left join agb_registration a on a.agb = s.agb and a.valid_from <= s.registered_on
    and coalesce(a.valid_until, 'infinity') >= s.registered_on
  left join provider p on p.provider_id = a.provider_id
  left join running_account ra on ra.provider_id = a.provider_id and ra.risk_carrier_id = x.risk_carrier_id
  left join reason_code r on r.risk_carrier_id = x.risk_carrier_id and r.code = s.reason_code
  left join reason_policy rp on rp.policy_version_id = x.policy_version_id and rp.reason_id = r.reason_id
  order by coalesce(k.account_id, ra.account_id), s.line
) o
"""

# The history of new claims, one row per letter, payment, charge and hold, each with the id of a fact of its own.
_STEPS = """
create temp table new_step on commit drop as
select n.line, n.account_id, n.claim_id, nextval('event_id') as step_id, e.kind, e."stepNo" as step_no,
  e."sentOn" as sent_on, e."termEnd" as term_end, e."paymentReference" as reference, e."askedCents" as asked_cents,
  coalesce(e.channel, 'letter') as channel
from new_claim n join stage_opening s on s.line = n.line cross join lateral jsonb_to_recordset(s.steps) as e(kind
  smallint,
  "stepNo" smallint, "sentOn" date, "termEnd" date, "paymentReference" text, "askedCents" bigint, channel text)
where n.known_id is null
"""
_PAYMENTS = """
create temp table new_payment on commit drop as
select n.line, n.account_id, n.claim_id, nextval('event_id') as payment_id, e."receivedOn" as received_on, e.cents,
  e.reference
from new_claim n join stage_opening s on s.line = n.line cross join lateral jsonb_to_recordset(s.payments)
  as e("receivedOn" date, cents bigint, reference text)
where n.known_id is null
"""
_CHARGES = """
create temp table new_charge on commit drop as
select n.line, n.account_id, n.claim_id, nextval('event_id') as charge_id, case e.kind when 'costs' then 1 else 2
  end as kind, e.cents, e."chargedOn" as charged_on, e.reason
from new_claim n join stage_opening s on s.line = n.line cross join lateral jsonb_to_recordset(s.charges)
  as e(kind text, cents bigint, "chargedOn" date, reason text)
where n.known_id is null
"""
_HOLDS = """
create temp table new_hold on commit drop as
select n.line, n.account_id, n.claim_id, e.kind, e.cents, e."fromDate" as from_date, e."untilDate" as until_date,
  e.reason,
  e.owner, e.processes, e."fromDate" <= x.booking_date and coalesce(e."untilDate", 'infinity') >= x.booking_date as
  active
from new_claim n join stage_opening s on s.line = n.line cross join import_context x
  cross join lateral jsonb_to_recordset(s.holds) as e(kind smallint, cents bigint, "fromDate" date, "untilDate" date,
    reason text, owner text, processes jsonb)
where n.known_id is null
"""

_DUPLICATES = """
select 'duplicate_in_file', s.line, s.id, s.first_line::text
from (select t.line, t.id, min(t.line) over (partition by t.id) as first_line from stage_opening t) s
where s.line > s.first_line order by s.line limit 100001
"""
# A reference belongs to one provider for ever (CR-5); a letter may name several of its claims.
_REFERENCE_TAKEN = """
select 'reference_taken', n.line, n.reference, null from new_step n where n.reference is not null
  and (exists (select 1 from payment_reference p where p.reference = n.reference and p.account_id <> n.account_id)
    or exists (select 1 from new_step o where o.reference = n.reference and o.account_id <> n.account_id))
order by n.line limit 100001
"""

_HISTORY = (
    """
    insert into claim_step (account_id, claim_id, step_id, risk_carrier_id, kind, step_no, sent_on, term_end,
      payment_reference, asked_cents, channel)
    select n.account_id, n.claim_id, n.step_id, x.risk_carrier_id, n.kind, n.step_no, n.sent_on, n.term_end,
      n.reference, n.asked_cents, n.channel from new_step n cross join import_context x
    """,
    """
    insert into payment_reference (reference, risk_carrier_id, account_id, issued_on, document)
    select distinct on (n.reference) n.reference, x.risk_carrier_id, n.account_id, n.sent_on,
      case n.kind when 1 then 'claim letter' when 2 then 'reminder ' || n.step_no else 'last notice' end
    from new_step n cross join import_context x where n.reference is not null
      and not exists (select 1 from payment_reference p where p.reference = n.reference)
    order by n.reference, n.sent_on
    """,
    """
    insert into payment_reference_claim (reference, account_id, claim_id, risk_carrier_id)
    select distinct n.reference, n.account_id, n.claim_id, x.risk_carrier_id
    from new_step n cross join import_context x where n.reference is not null
    """,
    """
    insert into payment (account_id, payment_id, risk_carrier_id, received_on, recorded_on, cents, reference, opening)
    select n.account_id, n.payment_id, x.risk_carrier_id, n.received_on, x.booking_date, n.cents, n.reference, true
    from new_payment n cross join import_context x
    """,
    """
    insert into charge (account_id, charge_id, risk_carrier_id, claim_id, kind, cents, charged_on, reason)
    select n.account_id, n.charge_id, x.risk_carrier_id, n.claim_id, n.kind, n.cents, n.charged_on, n.reason
    from new_charge n cross join import_context x
    """,
    """
    insert into posting (account_id, event_id, claim_id, cents, recorded_at, line, booking_date, effective_date,
      kind, debit, credit, risk_carrier_id)
    select n.account_id, n.event_id, n.claim_id, n.cents, x.recorded_at, 0, x.booking_date, n.effective_date,
      k.posting_kind_id, k.debit, k.credit, x.risk_carrier_id
    from (select account_id, payment_id as event_id, claim_id, cents, received_on as effective_date, 18 as kind from
      new_payment
      union all select account_id, charge_id, claim_id, cents, charged_on, case kind when 1 then 21 else 20 end from
      new_charge) n
    cross join import_context x join posting_kind k on k.posting_kind_id = n.kind
    """,
    """
    insert into hold (account_id, risk_carrier_id, claim_id, kind, for_dunning, for_offset, for_payout, for_agency,
      cents, from_date, until_date, active, reason, owner)
    select n.account_id, x.risk_carrier_id, n.claim_id, n.kind, n.processes ? 'dunning', n.processes ? 'offset',
      n.processes ? 'payout', n.processes ? 'agency', n.cents, n.from_date, n.until_date, n.active, n.reason, n.owner
    from new_hold n cross join import_context x
    """,
    # the position was opened with the principal; the rest of it follows from the history
    """
    update claim_position p set open_costs_cents = c.costs, open_interest_cents = c.interest, reminder_term_ends =
      t.ends, held_cents = least(h.cents, p.open_principal_cents + c.costs + c.interest)
    from new_claim n
    cross join lateral (select coalesce(sum(e.cents) filter (where e.kind = 1), 0)::bigint as costs,
      coalesce(sum(e.cents) filter (where e.kind = 2), 0)::bigint as interest from new_charge e where e.line =
      n.line) c
    cross join lateral (select array_agg(e.term_end order by e.step_no) as ends from new_step e
      where e.line = n.line and e.kind = 2) t
    cross join lateral (select case when bool_or(e.cents is null) then 9223372036854775807
      else coalesce(sum(e.cents), 0)::bigint end as cents from new_hold e
      where e.line = n.line and e.active and e.processes ? 'offset') h
    where n.known_id is null and p.account_id = n.account_id and p.claim_id = n.claim_id and n.line in
      (select line from new_step union select line from new_charge union select line from new_hold)
    """,
)


async def _load(conn: Connection) -> tuple[int, int, int]:
    added, known = await register(conn)
    for statement in _HISTORY:
        await conn.execute(statement, timeout=LOAD_SECONDS)
    return added, known, 0


OPENING_CLAIMS_FEED = Feed(
    format=opening_claims_file.FORMAT,
    table="stage_opening",
    stage=opening_claims_file.STAGE,
    columns=opening_claims_file.COLUMNS,
    row=opening_claims_file.row,
    resolve=(
        "analyze stage_opening",
        _LOCK,
        NEW_CLAIM,
        _NEW,
        _STEPS,
        _PAYMENTS,
        _CHARGES,
        _HOLDS,
        "analyze new_claim",
        "analyze new_step",
    ),
    checks=(_DUPLICATES, CLAIM_PROBLEMS, _REFERENCE_TAKEN),
    messages={
        **MESSAGES,
        "reference_taken": (
            "paymentReference",
            "it leads to a claim of another provider already; a reference is never used twice, so correct it.",
        ),
    },
    load=_load,
)
