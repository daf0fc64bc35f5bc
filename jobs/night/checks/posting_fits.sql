-- Every posting is whole: it books the two ledger accounts of its kind, lies on a running account of its risk carrier, names a claim of that
-- account when it moves claims money (and else none), names the payout that holds it, an offset line the pass of the policy that made
-- it; and a settlement and a payout are one line each.
-- Protects: design §2, the column debit -> credit; no offset across risk carriers or providers (both debts between the same two parties,
-- art. 6:127 BW); law 5, the order is the policy's.
-- Scope: run; the account and claim of what the night itself wrote are proven payout by payout (declaration_settled, payout_totals) and claim by claim
-- (offset_lines), and over everything here, line by line
-- weight: 3
-- Invariant: L1, L2, L5, L10, C11, P5
with examined as not materialized (               -- over everything all of them, which the joins below look at; of a night those that were not made by it, and of its own million those
                                                  -- that fail by themselves: each is read once and joined with nothing
  select p.* from posting p
  where :run_id is null or p.booking_date = :day and (p.kind > 5 or p.risk_carrier_id = :carrier and (
    p.kind * 10000 + p.debit * 100 + p.credit <> all (array(select k.posting_kind_id * 10000 + k.debit * 100 + k.credit from posting_kind k where k.debit <> k.credit order by 1))
    or p.payout_id is null or p.cents <= 0
    or case when p.kind in (1, 5) then p.claim_id is not null or p.pass is not null or p.line <> 0   -- one line for all of a settlement: in two it would be settled twice
      else p.claim_id is null or p.pass = any ((select v.passes from run r join policy_version v using (policy_version_id) where r.run_id = :run_id)::smallint[]) is not true end)))
select p.risk_carrier_id, p.account_id,
  format('posting of event %s, kind %s, line %s, %s cents: books %s -> %s (its kind %s -> %s); account of risk carrier %s; claim %s %s; payout %s; pass %s of %s',
    p.event_id, p.kind, p.line, p.cents, p.debit, p.credit, k.debit, k.credit, ra.risk_carrier_id, p.claim_id,
    case when c.claim_id is null then 'not found here' else 'found' end, p.payout_id, p.pass, v.passes::text) as what
from examined p
  left join posting_kind k on k.posting_kind_id = p.kind
  left join running_account ra on ra.account_id = p.account_id
  left join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
  left join run r on r.business_date = p.booking_date and r.risk_carrier_id = p.risk_carrier_id
  left join policy_version v on v.policy_version_id = r.policy_version_id
where (:run_id is null or :carrier in (p.risk_carrier_id, ra.risk_carrier_id))
  and (k.debit is distinct from p.debit or k.credit is distinct from p.credit or p.debit = p.credit or p.cents <= 0
    or ra.risk_carrier_id is distinct from p.risk_carrier_id or p.claim_id is not null and c.claim_id is null or c.risk_carrier_id <> p.risk_carrier_id
    or (p.claim_id is null) <> (p.kind in (1, 5, 6, 14, 33))
    or (p.payout_id is null) = (p.kind in (1, 2, 3, 4, 5, 6, 9)) or p.kind in (1, 5) and p.line <> 0
    or case when p.kind in (2, 3, 4) then p.pass = any (v.passes) is not true else p.pass is not null end)
