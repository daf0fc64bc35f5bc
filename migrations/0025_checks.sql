-- 0025 What the checks of the night lean on.

-- Sum of cents that stays a bigint: sum(bigint) is numeric, with a state of its own per group; over a million groups that is most of the
-- work. An overflow is an error, not a wrong sum.
create aggregate sum_cents(bigint) (sfunc = int8pl, stype = bigint, initcond = '0', combinefunc = int8pl, parallel = safe);

-- A month holds some twenty nights, written one after the other: where each begins and ends costs a few pages to know.
-- squawk-ignore require-concurrent-index-creation -- a partitioned table takes none; nothing is live yet
create index posting_booked on posting using brin (booking_date);

-- After a large night the planner knows nothing of its business date yet, expects one row of it, and looks up a million by nested loops.
-- ANALYZE asks for ownership, which a worker has not: this does it for the tables that a night fills or empties.
create function analyze_night(p_day date) returns void language plpgsql security definer set search_path from current as $$
begin
  execute format('analyze %s (booking_date, risk_carrier_id, kind, account_id, claim_id)', coalesce(to_regclass('posting' || to_char(p_day, '_YYYY_MM')), 'posting_other'::regclass));
  execute format('analyze %s', coalesce(to_regclass('decision' || to_char(p_day, '_YYYY_MM')), 'decision_other'::regclass));
  analyze payout, payout_entry, payable, run_batch, run;
end $$;
revoke execute on function analyze_night(date) from public;
grant execute on function analyze_night(date) to vereffen_worker;
