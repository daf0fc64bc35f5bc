-- A posting that moves claims money names a claim of its own running account and risk carrier; the others name none.
-- What a payout holds names that payout.
-- Protects: no offset across risk carriers or providers (art. 6:127 BW: both debts between the same two parties); claims ledger.
-- Scope: run
select p.risk_carrier_id, p.account_id,
  format('posting of event %s, kind %s, line %s: claim %s of this running account not found or not fitting, payout %s',
    p.event_id, p.kind, p.line, p.claim_id, p.payout_id) as what
from posting p left join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
where (:run_id is null or p.booking_date = :day and p.risk_carrier_id = :carrier)
  and ((p.claim_id is null) <> (p.kind in (1, 5, 6, 14, 33)) or p.claim_id is not null and c.claim_id is null
    or c.risk_carrier_id <> p.risk_carrier_id or (p.payout_id is not null) <> (p.kind in (1, 2, 3, 4, 5, 6, 9)))
