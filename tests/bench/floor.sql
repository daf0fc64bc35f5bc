-- The floor: what a night leaves behind, written from finished rows (fin_*) by sets on one connection, in one transaction:
-- the same rows into the same tables with the same indexes, the same updates, deletes and account locks. Nothing is decided here.
begin;
insert into run select * from fin_run;
insert into run_batch select * from fin_run_batch;
update risk_carrier set closed_through = (select business_date from fin_run) where risk_carrier_id = (select risk_carrier_id from fin_run);
select count(*) from (
  select 1 from running_account where risk_carrier_id = (select risk_carrier_id from fin_run) order by account_id for no key update) l;
insert into payout select * from fin_payout;
insert into payout_entry select * from fin_payout_entry;
insert into posting select * from fin_posting;
insert into decision select * from fin_decision;
update claim_position p set open_principal_cents = f.open_principal_cents, open_costs_cents = f.open_costs_cents,
  open_interest_cents = f.open_interest_cents, last_answer = f.last_answer
from fin_position f where p.account_id = f.account_id and p.claim_id = f.claim_id;
delete from payable where risk_carrier_id = (select risk_carrier_id from fin_run) and available_on <= (select business_date from fin_run);
update run_batch set state = state;
insert into audit overriding system value select * from fin_audit;
commit;
