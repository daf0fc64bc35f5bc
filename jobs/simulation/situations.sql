-- The situations that the books themselves show, each with how often it was reached. Reads the books, writes nothing.
-- A new feature adds its situations here (or says `desk.saw(…)` in its actor); docs/proof.md explains the rest.
select 'offset_in_full', count(*) from decision where answer = 1
union all select 'offset_partial', count(*) from decision where answer = 2
union all select 'net_zero', count(*) from payout where net_cents = 0
union all select 'payout_without_offset', count(*) from payout where offset_cents = 0
union all select 'payout_held', count(*) from payout where held <> 0
union all select 'payout_held_then_sent', count(*) from payout y join payment_instruction i using (account_id, payout_id)
  join payment_file f using (payment_file_id) where f.sequence_no > 1
union all select 'offset_in_several_declarations', count(*) from (select from posting where kind = 2
  group by account_id, claim_id, booking_date having count(*) > 1) x
union all select 'declaration_pays_several_claims', count(*) from (select from posting where kind = 2
  group by account_id, event_id having count(*) > 1) x
union all select 'pass_exact_reference', count(*) from posting where pass = 1
union all select 'pass_exact_amount', count(*) from posting where pass = 2
union all select 'pass_own_agb', count(*) from posting where pass = 3
union all select 'pass_same_entity', count(*) from posting where pass = 4
union all select 'offset_of_costs', count(*) from posting where kind = 3
union all select 'offset_of_interest', count(*) from posting where kind = 4
union all select 'offset_reversed', count(*) from posting where kind between 30 and 32
union all select 'money_given_back_paid_out', count(*) from payout where returned_cents > 0
union all select 'advance_paid_out', count(*) from payout where advance_cents > 0
union all select 'advance_settled', count(*) from posting p join claim c using (account_id, claim_id)
  where p.kind = 2 and c.kind = 4
union all select 'credit_offset', count(*) from posting p join claim c using (account_id, claim_id)
  where p.kind = 2 and c.kind in (2, 3)
union all select 'withdrawn_declaration_offset', count(*) from posting p join claim c using (account_id, claim_id)
  where p.kind = 2 and c.kind = 7
union all select 'credit_became_letter', count(*) from claim_maturity
union all select 'agency_proposed', count(*) from dunning_proposal where kind = 2
union all select 'reminder_proposed', count(*) from dunning_proposal where kind = 1
union all select 'third_reminder', count(*) from claim_step where kind = 2 and step_no = 3
union all select 'payment_order_costs_first', count(*) from posting where kind = 12
union all select 'payment_of_interest', count(*) from posting where kind = 13
union all select 'money_stays_on_account', count(*) from posting where kind = 14
union all select 'payment_freed', count(*) from posting where kind between 34 and 36
union all select 'charge_cancelled', count(*) from posting where kind in (27, 28)
union all select 'charge_written_off', count(*) from posting where kind in (25, 26)
union all select 'account_without_iban', count(*) from run_parked where reason = 'no IBAN'
union all select 'payment_refused', count(*) from incident where check_name = 'payment_refused'
union all select 'hold_over_by_its_date', count(*) from hold where ended_on = until_date + 1
union all select 'hold_covers_a_part', count(*) from claim_position where held_cents > 0
  and held_cents < open_principal_cents + open_costs_cents + open_interest_cents
union all select 'payment_on_another_day', count(*) from run where payment_date > business_date and state = 'released'
union all select 'practice_paid_apart', count(*) from payout y join payee_iban i using (iban_id)
  where i.practice_id is not null
union all select 'two_payouts_a_night', count(*) from (select from payout group by account_id, run_id
  having count(*) > 1) x
union all select 'booked_in_the_next_open_day', count(*) from posting where effective_date < booking_date
union all select 'opening_claim_offset', count(*) from posting p join claim c using (account_id, claim_id)
  where p.kind = 2 and c.opening
union all select 'opening_claim_paid', count(*) from posting p join claim c using (account_id, claim_id)
  where p.kind = 11 and c.opening
union all select 'payment_from_before_freed', count(*) from posting p join claim c using (account_id, claim_id)
  where p.kind = 34 and c.opening
union all select 'taken_over', count(*) from takeover
union all select 'taken_over_of_another_risk_carrier', count(*) from takeover t join claim c
  on c.account_id = t.payer_account_id and c.claim_id = t.takeover_id where c.risk_carrier_id <> t.risk_carrier_id
union all select 'taken_over_of_two_in_one_night', count(*) from (select from takeover
  group by run_id, payer_account_id having count(distinct account_id) > 1) x
union all select 'taken_over_of_one_by_two', count(*) from (select from takeover
  group by account_id, claim_id having count(distinct payer_account_id) > 1) x
union all select 'taken_over_after_own_claims', count(*) from (select from posting p join claim c using (account_id, claim_id)
  where p.kind = 2 group by p.account_id, p.booking_date having bool_or(c.kind = 8) and bool_or(c.kind <> 8)) x
union all select 'given_back', count(*) from takeover_return
union all select 'given_back_in_part', count(*) from takeover_return r join takeover t using (account_id, takeover_id)
  where r.cents < t.cents
union all select 'given_back_and_taken_over_in_one_night', count(*) from takeover_return r
  join takeover t on t.account_id = r.account_id and t.claim_id = r.claim_id and t.run_id = r.run_id
union all select 'agreement_over_with_something_open', count(*) from takeover_return r
  join takeover t using (account_id, takeover_id)
  join offset_agreement g on g.account_id = t.payer_account_id and g.agreement_id = t.agreement_id
  where r.returned_on >= g.ended_on or r.returned_on > g.valid_until
