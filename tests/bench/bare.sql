-- The same rows into heaps without key, index or check: what writing itself costs.
begin;
create table bare_payout (like payout);
create table bare_payout_entry (like payout_entry);
create table bare_posting (like posting);
create table bare_decision (like decision);
create table bare_position (like fin_position);
insert into bare_payout select * from fin_payout;
insert into bare_payout_entry select * from fin_payout_entry;
insert into bare_posting select * from fin_posting;
insert into bare_decision select * from fin_decision;
insert into bare_position select * from fin_position;
commit;
