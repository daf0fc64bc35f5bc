-- A payout that was held goes to another IBAN only of its own provider, valid on the day of the decision, and never after it was sent.
-- Protects: law 2 (the payout keeps the IBAN of its night); never to another provider, never twice.
-- Scope: run; redirections from the night before on
-- Invariant: D2
select v.risk_carrier_id, v.account_id,
  format('redirection %s of payout %s on %s to IBAN %s (provider %s, %s to %s), account of provider %s, sent in file %s', v.redirection_id,
    v.payout_id, v.decided_on, v.iban_id, i.provider_id, i.valid_from, i.valid_until, a.provider_id, n.payment_file_id) as what
from payout_redirection v
  left join payout y on y.account_id = v.account_id and y.payout_id = v.payout_id
  left join running_account a on a.account_id = v.account_id
  left join payee_iban i on i.iban_id = v.iban_id
  left join payment_instruction n on n.account_id = v.account_id and n.payout_id = v.payout_id
where (:run_id is null or v.risk_carrier_id = :carrier and v.decided_on > :since)
  and (y.risk_carrier_id is distinct from v.risk_carrier_id or i.provider_id is distinct from a.provider_id
    or i.valid_from > v.decided_on or i.valid_until < v.decided_on or n.payment_file_id < v.redirection_id)
