-- Every posting debits and credits the two ledger accounts that its kind says, and they differ.
-- Protects: design §2, the debit -> credit column of every row; double entry. Source: posting_kind.
-- Scope: run
select p.risk_carrier_id, p.account_id,
  format('posting of event %s, kind %s, line %s books %s -> %s for %s cents; its kind says %s -> %s',
    p.event_id, p.kind, p.line, p.debit, p.credit, p.cents, k.debit, k.credit) as what
from posting p left join posting_kind k on k.posting_kind_id = p.kind
where (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  and (k.posting_kind_id is null or k.debit <> p.debit or k.credit <> p.credit or p.debit = p.credit or p.cents <= 0)
