-- A claim lies with the provider that owns its AGB registration, under its own risk carrier's reason codes; a claim that comes from a
-- declaration lies on the running account of that declaration.
-- Protects: guard "no offset across providers or risk carriers" (both debts between the same two parties, art. 6:127 BW).
-- Scope: run; claims registered from the night before on
-- Invariant: C11
select c.risk_carrier_id, c.account_id,
  format('claim %s on account %s of risk carrier %s, provider %s: AGB registration %s of provider %s, reason code of %s, declaration %s %s', c.claim_id,
    c.account_id, ra.risk_carrier_id, ra.provider_id, c.agb_id, a.provider_id, rc.risk_carrier_id, c.origin_declaration_id,
    case when d.declaration_id is null then '' else 'found' end) as what
from claim c left join running_account ra on ra.account_id = c.account_id left join agb_registration a on a.agb_id = c.agb_id
  left join reason_code rc on rc.reason_id = c.reason_id
  left join declaration d on d.account_id = c.account_id and d.declaration_id = c.origin_declaration_id
where (:run_id is null or c.risk_carrier_id = :carrier and c.registered_on >= :since)
  and (ra.risk_carrier_id is distinct from c.risk_carrier_id or a.provider_id is distinct from ra.provider_id
    or rc.risk_carrier_id is distinct from c.risk_carrier_id or c.origin_declaration_id is not null and d.declaration_id is null)
