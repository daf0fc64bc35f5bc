-- 0011 A final ceiling settlement that replaced an interim one: it brings no claim of its own, the interim claim is adjusted to it.
create table claim_settlement (
  account_id bigint not null, claim_id bigint not null, settlement_id bigint not null, risk_carrier_id smallint not null,
  settled_on date not null, cents bigint not null check (cents >= 0), import_id bigint,
  primary key (account_id, claim_id)           -- an interim settlement is replaced once
);
select secure_tenant_table('claim_settlement');
grant select on claim_settlement to vereffen_staff, vereffen_worker, vereffen_readonly, vereffen_portal;
grant insert on claim_settlement to vereffen_worker;
