-- One line of text a row of every money table, by natural keys and amounts, in a fixed order.
-- Reads the books, writes nothing. fact: what an event id of a running account is called; name_of: the account itself.
with name_of as (
  select a.account_id, c.code || '/' || p.number as account
  from running_account a join risk_carrier c using (risk_carrier_id) join provider p using (provider_id)),
fact as (
  select account_id, fact_id as id,
    concat_ws('/', case kind when 1 then 'declaration' else 'claim' end, source_id) as name
  from source_key where kind between 1 and 4
  union all
  select y.account_id, y.payout_id, concat_ws('/', 'payout', y.business_date, i.iban)
  from payout y join payee_iban i using (iban_id)
  union all
  select c.account_id, c.claim_id, concat_ws('/', 'claim', c.kind, c.registered_on, c.original_cents, s.source_id)
  from claim c left join source_key s on s.account_id = c.account_id and s.fact_id = c.origin_declaration_id
  where not exists (select 1 from source_key k where k.account_id = c.account_id and k.fact_id = c.claim_id)),
more_fact as (
  select * from fact
  union all
  select r.account_id, r.reversal_id, concat_ws('/', 'reversal', d.name, c.name, r.offset_line, r.cents, r.decided_on)
  from offset_reversal r join fact d on d.account_id = r.account_id and d.id = r.declaration_id
    join fact c on c.account_id = r.account_id and c.id = r.claim_id
  union all
  select account_id, payment_id, concat_ws('/', 'payment', received_on, cents, opening) from payment
  union all
  select a.account_id, a.adjustment_id, concat_ws('/', 'adjustment', c.name, a.kind, a.delta_cents, a.decided_on)
  from adjustment a join fact c on c.account_id = a.account_id and c.id = a.claim_id
  union all
  select a.account_id, a.charge_id, concat_ws('/', 'charge', c.name, a.kind, a.cents, a.charged_on)
  from charge a join fact c on c.account_id = a.account_id and c.id = a.claim_id
  union all
  select w.account_id, w.withdrawal_id, concat_ws('/', 'withdrawal', d.name)
  from declaration_withdrawal w join fact d on d.account_id = w.account_id and d.id = w.declaration_id
  union all  -- of the debtor; the payer has a claim of that number
  select t.account_id, t.takeover_id, concat_ws('/', 'takeover', c.name, t.cents, t.taken_on, t.number)
  from takeover t join fact c on c.account_id = t.account_id and c.id = t.claim_id
  union all
  select t.account_id, t.return_id, concat_ws('/', 'return', c.name, t.cents, t.returned_on)
  from takeover_return t join fact c on c.account_id = t.account_id and c.id = t.claim_id),
line (text) as (
  select concat_ws('|', 'posting', n.account, e.name, p.kind, p.line, c.name, y.name, p.cents, p.open_after_cents,
    p.booking_date, p.effective_date, p.debit, p.credit, p.pass, r.name, p.reverses_line)
  from posting p join name_of n using (account_id)
    left join more_fact e on e.account_id = p.account_id and e.id = p.event_id
    left join more_fact c on c.account_id = p.account_id and c.id = p.claim_id
    left join more_fact y on y.account_id = p.account_id and y.id = p.payout_id
    left join more_fact r on r.account_id = p.account_id and r.id = p.reverses_event_id
  union all
  select concat_ws('|', 'payout', n.account, e.name, p.entries, p.declarations, p.held, p.declared_cents,
    p.returned_cents, p.advance_cents, p.offset_cents, p.net_cents)
  from payout p join name_of n using (account_id) join fact e on e.account_id = p.account_id and e.id = p.payout_id
  union all
  select concat_ws('|', 'payout entry', n.account, y.name, e.name, p.kind, p.cents)
  from payout_entry p join name_of n using (account_id)
    join fact y on y.account_id = p.account_id and y.id = p.payout_id
    join more_fact e on e.account_id = p.account_id and e.id = p.entry_id
  union all
  select concat_ws('|', 'position', n.account, c.name, r.code, p.due_date, p.open_principal_cents, p.open_costs_cents,
    p.open_interest_cents, p.held_cents, p.last_answer, p.reminder_term_ends::text)
  from claim_position p join name_of n using (account_id) join reason_code r using (reason_id)
    join fact c on c.account_id = p.account_id and c.id = p.claim_id
  union all
  select concat_ws('|', 'decision', n.account, c.name, u.business_date, p.valid_from, p.open_cents, p.held_cents,
    p.offset_cents, coalesce(p.fact_date::text, '-'), p.answer, p.with_money, p.hold_kind)
  from decision p join name_of n using (account_id) join run u using (run_id)
    join fact c on c.account_id = p.account_id and c.id = p.claim_id
  union all
  select concat_ws('|', 'queue', n.account, e.name, p.kind, p.cents, p.available_on)
  from payable p join name_of n using (account_id) join more_fact e on e.account_id = p.account_id and e.id = p.entry_id
  union all
  select concat_ws('|', 'instruction', n.account, y.name, p.cents, f.sequence_no)
  from payment_instruction p join payment_file f using (payment_file_id) join name_of n on n.account_id = p.account_id
    join fact y on y.account_id = p.account_id and y.id = p.payout_id
  union all
  select concat_ws('|', 'payment file', c.code, u.business_date, p.sequence_no, p.execution_date, p.transactions,
    p.control_sum_cents)
  from payment_file p join run u using (run_id) join risk_carrier c on c.risk_carrier_id = u.risk_carrier_id
  union all
  select concat_ws('|', 'run', c.code, u.business_date, u.payment_date, u.state, sum(b.entries), sum(b.declared_cents),
    sum(b.returned_cents), sum(b.advance_cents), sum(b.offset_cents), sum(b.net_cents), sum(b.payouts),
    sum(b.in_scope), sum(b.offset_claims), sum(b.left_out_claims))
  from run u join risk_carrier c using (risk_carrier_id) left join run_batch b on b.run_id = u.run_id and b.state = 1
  group by u.run_id, c.code
  union all
  select concat_ws('|', 'parked', n.account, u.business_date, p.reason, p.entries, p.cents)
  from run_parked p join run u using (run_id) join name_of n using (account_id)
  union all
  select concat_ws('|', 'incident', n.account, u.business_date, p.check_name)
  from incident p left join run u using (run_id) left join name_of n on n.account_id = p.account_id
  union all
  select concat_ws('|', 'matured', n.account, c.name, p.matured_on, p.due_date)
  from claim_maturity p join name_of n using (account_id)
    join fact c on c.account_id = p.account_id and c.id = p.claim_id
  union all
  select concat_ws('|', 'proposal', n.account, c.name, p.kind, p.step_no, p.proposed_on, p.open_cents)
  from dunning_proposal p join name_of n using (account_id)
    join fact c on c.account_id = p.account_id and c.id = p.claim_id
  union all
  select concat_ws('|', 'agreement', n.account, o.account, p.number, p.valid_from, p.valid_until, p.ended_on)
  from offset_agreement p join name_of n using (account_id) join name_of o on o.account_id = p.debtor_account_id
  union all
  select concat_ws('|', 'takeover', n.account, o.account, c.name, u.business_date, p.cents, p.taken_on, p.number)
  from takeover p join name_of n using (account_id) join name_of o on o.account_id = p.payer_account_id
    join run u using (run_id) join fact c on c.account_id = p.account_id and c.id = p.claim_id
  union all
  select concat_ws('|', 'return', n.account, c.name, u.business_date, p.cents, p.returned_on, t.number, t.taken_on)
  from takeover_return p join name_of n using (account_id) join run u using (run_id)
    join takeover t on t.account_id = p.account_id and t.takeover_id = p.takeover_id
    join fact c on c.account_id = p.account_id and c.id = p.claim_id
  union all
  select concat_ws('|', 'hold', n.account, c.name, p.kind, p.cents, p.from_date, p.until_date, p.ended_on, p.active)
  from hold p join name_of n using (account_id) left join fact c on c.account_id = p.account_id and c.id = p.claim_id)
select text from line order by text collate "C"
