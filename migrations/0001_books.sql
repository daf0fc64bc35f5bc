-- 0001 The books: parties, policies, ledger, claims, declarations, offsetting, payouts, runs; roles and row-level security.
-- Every hot key starts with account_id (one risk carrier x one provider) and is written in order: see docs/architecture.md.
-- All facts draw their id from one sequence, event_id: a posting names the fact that caused it, so its key
-- (account, event, kind, line) says by itself that no fact is booked twice.

-- ---------------------------------------------------------------- roles
do $$
declare r text;
begin
  foreach r in array array['owner','staff','portal','agency','worker','readonly'] loop
    if not exists (select 1 from pg_roles where rolname = 'vereffen_' || r) then
      execute format('create role %I nologin', 'vereffen_' || r);
    end if;
    execute format('grant %I to %I', 'vereffen_' || r, current_user);
  end loop;
exception when duplicate_object or unique_violation then null;  -- another database of the cluster made them a moment ago
end $$;

create extension if not exists btree_gist;
create sequence event_id as bigint cache 1;

-- ---------------------------------------------------------------- parties
create table risk_carrier (
  risk_carrier_id smallint primary key,
  code text not null unique, name text not null,
  kvk text not null check (kvk ~ '^[0-9]{8}$'),
  debtor_iban text not null, debtor_bic text,
  closed_through date                       -- last business date whose night has been planned; intake reads it FOR SHARE
);
create table brand (
  risk_carrier_id smallint not null references risk_carrier, code text not null, name text not null,
  primary key (risk_carrier_id, code)
);
create table uzovi_code (
  risk_carrier_id smallint not null references risk_carrier, uzovi text not null check (uzovi ~ '^[0-9]{4}$'), brand_code text,
  valid_from date not null, valid_until date, primary key (risk_carrier_id, uzovi, valid_from),
  exclude using gist (uzovi with =, daterange(valid_from, valid_until, '[]') with &&)
);
create table provider (
  provider_id int generated always as identity primary key,
  number text not null unique,              -- the relation number that the insurer's systems use
  name text not null, kvk text check (kvk ~ '^[0-9]{8}$'),
  legal_form text not null, natural_person boolean not null
);
create table practice (
  provider_id int not null references provider, practice_id int generated always as identity primary key,
  code text not null, name text not null, valid_from date not null, valid_until date,
  unique (provider_id, code)
);
create table agb_registration (
  agb_id int generated always as identity primary key,
  agb text not null check (agb ~ '^[0-9]{8}$'),
  provider_id int not null references provider, practice_id int references practice,
  valid_from date not null, valid_until date,
  exclude using gist (agb with =, daterange(valid_from, valid_until, '[]') with &&)   -- one owner on any day (CR-8)
);
create index agb_registration_provider on agb_registration (provider_id);
create index agb_registration_agb on agb_registration (agb);
create table payee_iban (
  iban_id int generated always as identity primary key,
  provider_id int not null references provider, practice_id int references practice,   -- null: the entity's own
  iban text not null check (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$'), holder_name text not null,
  valid_from date not null, valid_until date,
  exclude using gist (provider_id with =, coalesce(practice_id, 0) with =, daterange(valid_from, valid_until, '[]') with &&)
);
create index payee_iban_provider on payee_iban (provider_id);
create table running_account (
  account_id bigint generated always as identity primary key,
  risk_carrier_id smallint not null references risk_carrier, provider_id int not null references provider,
  opened_on date not null,
  lock_only boolean,                        -- never written: the UPDATE right on it is what FOR UPDATE asks for
  unique (risk_carrier_id, provider_id)
) with (fillfactor = 70);
create index running_account_provider on running_account (provider_id);

-- ---------------------------------------------------------------- policies
create table reason_code (
  reason_id smallint generated always as identity primary key,
  risk_carrier_id smallint not null references risk_carrier, code text not null,
  unique (risk_carrier_id, code)
);
create table policy_version (
  policy_version_id int generated always as identity primary key,
  risk_carrier_id smallint not null references risk_carrier, version int not null,
  valid_from date not null, name text not null, toml text not null, sha256 bytea not null,
  applied_at timestamptz not null, applied_by text not null,
  passes smallint[] not null,               -- 1 exact reference, 2 exact amount, 3 own AGB, 4 same legal entity
  claim_order text not null check (claim_order in ('priority', 'due_date')),
  cap_basis_points int check (cap_basis_points between 0 and 10000),   -- a declaration gives at most this share
  cap_cents bigint check (cap_cents >= 0),   -- a running account gives at most this in one run
  floor_cents bigint not null default 0 check (floor_cents >= 0),      -- a payout is not pushed below this by offset
  unique (risk_carrier_id, version)
);
create table reason_policy (
  policy_version_id int not null references policy_version, reason_id smallint not null references reason_code,
  priority smallint not null,
  title_nl text not null, title_en text not null, owning_team text not null, appeal_days int,
  interest_regime text not null check (interest_regime in ('none', '6:119', '6:119a')),
  quiet boolean not null,                   -- credits, corrections, advances: no letter
  matures_days int, matures_to smallint references reason_code,        -- CR-9: after n days open it becomes a claim with a letter
  payment_term_days int not null,
  offset_start smallint not null check (offset_start between 0 and 4), -- 0 never, 1 at once, 2 after due, 3 after reminder n, 4 on request
  offset_start_reminder smallint not null default 1 check (offset_start_reminder between 1 and 9),
  offset_mode smallint not null check (offset_mode between 0 and 3),   -- 0 none, 1 percentage, 2 fixed amount a run, 3 full
  offset_basis_points int check (offset_basis_points between 1 and 10000), offset_fixed_cents bigint check (offset_fixed_cents > 0),
  offset_charges boolean not null default false,                       -- also costs and interest, after the principal
  primary key (policy_version_id, reason_id),
  check ((offset_mode = 1) = (offset_basis_points is not null)), check ((offset_mode = 2) = (offset_fixed_cents is not null))
);
create table dunning_policy (                -- the steps of a reason code, in order
  policy_version_id int not null references policy_version, reason_id smallint not null references reason_code,
  step_no smallint not null check (step_no between 1 and 9),
  days_after_due int not null, on_the_day boolean not null,            -- on_the_day: on the date itself, else the day after
  term_days int not null, minimum_cents bigint not null default 0,
  primary key (policy_version_id, reason_id, step_no)
);
create table agency_policy (
  policy_version_id int not null references policy_version, reason_id smallint not null references reason_code,
  after_step smallint not null, on_the_day boolean not null,
  idle_days int not null default 0,          -- days without declarations or payment; 0: the step's term is enough
  minimum_cents bigint not null default 0,
  primary key (policy_version_id, reason_id)
);
create table gate_policy (                   -- which feeds must be how fresh before a night starts
  policy_version_id int not null references policy_version, feed text not null, max_age_days int not null,
  primary key (policy_version_id, feed)
);

-- ---------------------------------------------------------------- intake
create table import_file (
  import_id bigint primary key default nextval('event_id'),
  risk_carrier_id smallint not null references risk_carrier,
  kind text not null check (kind in ('providers', 'claims', 'declarations', 'opening-claims', 'policy')),
  source text not null, file_name text not null, sha256 bytea not null,
  cut_off_date date, row_count bigint not null, control_total_cents bigint, added bigint not null, known bigint not null, changed bigint not null,
  loaded_at timestamptz not null, loaded_by text not null,
  unique (risk_carrier_id, kind, sha256)
);
create table source_key (                    -- idempotency by source and source id: what it looks up is its key
  risk_carrier_id smallint not null, kind smallint not null,           -- 1 declaration, 2 credit or correction, 3 claim, 4 advance, 5 payment, 6 step, 7 hold, 8 withdrawal, 9 adjustment
  source text not null, source_id text not null,
  account_id bigint not null, fact_id bigint not null, content_hash uuid not null,
  primary key (risk_carrier_id, kind, source, source_id)
);
create table idempotency_key (
  risk_carrier_id smallint not null, key text not null, body_hash uuid not null, answer jsonb not null, recorded_at timestamptz not null,
  primary key (risk_carrier_id, key)
);

-- ---------------------------------------------------------------- declarations
create table declaration (
  account_id bigint not null, declaration_id bigint not null, risk_carrier_id smallint not null, agb_id int not null,
  available_on date not null,                -- the first night that may settle it
  approved_at timestamptz not null, awarded_cents bigint not null check (awarded_cents between 1 and 1000000000000),
  import_id bigint, number text not null, invoice_number text, treated_from date, treated_until date,
  primary key (account_id, declaration_id)
);
create table payable (                       -- the queue: what the next night settles or pays out; a row leaves it in the statement that does so
  account_id bigint not null, entry_id bigint not null, risk_carrier_id smallint not null,
  kind smallint not null check (kind between 1 and 3),                 -- 1 declaration, 2 offset given back, 3 advance
  agb_id int not null, available_on date not null, payable_on date not null,   -- payable_on: the day on which it could be paid (6:129 BW counts from it)
  approved_at timestamptz not null,
  cents bigint not null check (cents > 0), offset_claim_id bigint,     -- the claim that this declaration names, if any
  primary key (account_id, entry_id)
);
create table declaration_withdrawal (
  account_id bigint not null, withdrawal_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  declaration_id bigint not null, decided_on date not null, reason text not null, settled boolean not null,
  primary key (account_id, withdrawal_id), unique (account_id, declaration_id)
);

-- ---------------------------------------------------------------- claims
create table claim (
  account_id bigint not null, claim_id bigint not null, risk_carrier_id smallint not null,
  kind smallint not null check (kind between 1 and 7),                 -- 1 claim, 2 credit note, 3 correction, 4 advance, 5 interim ceiling settlement, 6 final ceiling settlement, 7 paid part of a withdrawn declaration
  reason_id smallint not null, agb_id int not null, origin_declaration_id bigint, settles_claim_id bigint,   -- a final ceiling settlement names the interim one it replaces
  original_cents bigint not null check (original_cents between 1 and 1000000000000),
  registered_on date not null, letter_date date, due_date date not null,
  reference text not null, number text, ground text not null, opening boolean not null default false, import_id bigint,
  primary key (account_id, claim_id), check (letter_date is null or due_date >= letter_date)
);
create index claim_origin on claim (account_id, origin_declaration_id) where origin_declaration_id is not null;
create table claim_line (
  account_id bigint not null, claim_id bigint not null, line_no int not null, risk_carrier_id smallint not null,
  declaration_number text, invoice_number text, period_from date, period_until date, description text,
  cents bigint not null check (cents > 0),
  primary key (account_id, claim_id, line_no)
);
create table claim_position (                -- the one stored exception of law 2: what guards a claim; proven against the postings every night
  account_id bigint not null, claim_id bigint not null, risk_carrier_id smallint not null, kind smallint not null,
  reason_id smallint not null, agb_id int not null, registered_on date not null, due_date date not null, offset_requested_on date,
  last_answer smallint not null default 0,   -- answer of the last decision row: a new row is written when it changes
  open_principal_cents bigint not null check (open_principal_cents >= 0),
  open_costs_cents bigint not null default 0 check (open_costs_cents >= 0),
  open_interest_cents bigint not null default 0 check (open_interest_cents >= 0),
  held_cents bigint not null default 0,      -- kept out of offset by disputes, plans, blocks, agency, insolvency
  reminder_term_ends date[],                 -- [n] = last day of reminder n's term
  primary key (account_id, claim_id),
  constraint held_within_open check (held_cents between 0 and open_principal_cents + open_costs_cents + open_interest_cents)
) with (fillfactor = 50);                    -- open cents are in no index: every update of them is HOT
create table claim_maturity (                -- CR-9: a quiet credit that became a claim with a letter
  account_id bigint not null, claim_id bigint not null, risk_carrier_id smallint not null,
  matured_on date not null, from_reason_id smallint not null, to_reason_id smallint not null, letter_date date not null, due_date date not null,
  primary key (account_id, claim_id)
);
create table claim_due_date (                -- CR-7: a due date changed at the source comes through, and the old one stays readable
  account_id bigint not null, claim_id bigint not null, change_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  changed_on date not null, old_due_date date not null, new_due_date date not null, import_id bigint,
  primary key (account_id, claim_id, change_id)
);
create table adjustment (                    -- CR-4: the amount changes only by a reasoned entry
  account_id bigint not null, adjustment_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null, claim_id bigint not null,
  kind smallint not null check (kind between 1 and 3),                 -- 1 adjustment, 2 withdrawal, 3 write-off
  delta_cents bigint not null check (delta_cents <> 0), decided_on date not null, effective_date date not null, reason text not null,
  primary key (account_id, adjustment_id)
);
create table charge (                        -- interest and costs, at the moment that charges them
  account_id bigint not null, charge_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null, claim_id bigint not null,
  kind smallint not null check (kind in (1, 2)),                       -- 1 costs, 2 interest
  cents bigint not null check (cents > 0), charged_on date not null, reason text not null,
  primary key (account_id, charge_id)
);
create table claim_step (
  account_id bigint not null, claim_id bigint not null, step_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  kind smallint not null check (kind between 1 and 3),                 -- 1 notice (claim letter), 2 reminder, 3 last notice
  step_no smallint not null, sent_on date not null, term_end date not null check (term_end >= sent_on),
  payment_reference text, asked_cents bigint not null check (asked_cents >= 0), channel text not null default 'letter',
  primary key (account_id, claim_id, step_id), unique (account_id, claim_id, kind, step_no)
);
create table hold (
  account_id bigint not null, hold_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  claim_id bigint,                           -- null: the whole running account
  kind smallint not null check (kind between 1 and 9),                 -- 1 dispute, 2 plan, 3 block, 4 agency, 5 insolvency, 6 cession, 7 attachment, 8 reservation, 9 investigation
  for_dunning boolean not null, for_offset boolean not null, for_payout boolean not null, for_agency boolean not null,
  cents bigint check (cents > 0),            -- null: everything that is open
  from_date date not null, until_date date, ended_on date, active boolean not null,   -- active: counted in claim_position.held_cents
  reason text not null, owner text not null,
  primary key (account_id, hold_id), check (until_date is null or until_date >= from_date), check (claim_id is not null or cents is null)
);
create index hold_claim on hold (account_id, claim_id) where ended_on is null;
create index hold_due on hold (risk_carrier_id, from_date) where ended_on is null and not active;
create index hold_until on hold (risk_carrier_id, until_date) where ended_on is null and until_date is not null;
create table payment_reference (             -- every reference ever issued; never reused (CR-5)
  reference text primary key, risk_carrier_id smallint not null, account_id bigint not null, issued_on date not null,
  document text not null                     -- claim letter, reminder 1, last notice, opening
);
create table payment_reference_claim (
  reference text not null, account_id bigint not null, claim_id bigint not null, risk_carrier_id smallint not null,
  primary key (account_id, claim_id, reference)
);
create index payment_reference_claim_reference on payment_reference_claim (reference);
create table claim_reference (reference text primary key, risk_carrier_id smallint not null, account_id bigint not null, claim_id bigint not null);

-- ---------------------------------------------------------------- ledger
create table ledger_account (ledger_account_id smallint primary key, code text not null unique, name_nl text not null, name_en text not null);
insert into ledger_account values
  (1, 'payable_to_provider', 'Te betalen aan zorgaanbieder', 'Payable to provider'),
  (2, 'claims_principal', 'Vorderingen, hoofdsom', 'Claims, principal'),
  (3, 'claims_costs', 'Vorderingen, kosten', 'Claims, costs'),
  (4, 'claims_interest', 'Vorderingen, rente', 'Claims, interest'),
  (5, 'care_costs', 'Zorgkosten', 'Care costs'),
  (6, 'payouts_under_way', 'Betalingen onderweg', 'Payouts under way'),
  (7, 'bank', 'Bank', 'Bank'),
  (8, 'suspense', 'Tussenrekening', 'Suspense'),
  (9, 'written_off', 'Afgeboekt', 'Written off'),
  (10, 'costs_income', 'Opbrengst incassokosten', 'Collection costs income'),
  (11, 'interest_income', 'Opbrengst rente', 'Interest income'),
  (12, 'booked_elsewhere', 'Elders geboekt', 'Booked elsewhere');
create table posting_kind (
  posting_kind_id smallint primary key, code text not null unique,
  debit smallint not null references ledger_account, credit smallint not null references ledger_account
);
insert into posting_kind values
  (1, 'declaration_settled', 5, 1), (2, 'offset_principal', 1, 2), (3, 'offset_costs', 1, 3), (4, 'offset_interest', 1, 4),
  (5, 'payout', 1, 6), (6, 'payout_confirmed', 6, 7),
  (7, 'claim_registered', 2, 5), (8, 'claim_opening', 2, 12), (9, 'advance_paid', 2, 6), (10, 'advance_paid_elsewhere', 2, 12),
  (11, 'payment_principal', 7, 2), (12, 'payment_costs', 7, 3), (13, 'payment_interest', 7, 4), (14, 'payment_on_account', 7, 8),
  (15, 'suspense_principal', 8, 2), (16, 'suspense_costs', 8, 3), (17, 'suspense_interest', 8, 4), (18, 'opening_payment', 12, 2),
  (20, 'interest_charged', 4, 11), (21, 'costs_charged', 3, 10), (22, 'adjusted_down', 5, 2), (23, 'adjusted_up', 2, 5),
  (24, 'written_off_principal', 9, 2), (25, 'written_off_costs', 9, 3), (26, 'written_off_interest', 9, 4),
  (27, 'interest_cancelled', 11, 4), (28, 'costs_cancelled', 10, 3),
  (30, 'offset_principal_reversed', 2, 1), (31, 'offset_costs_reversed', 3, 1), (32, 'offset_interest_reversed', 4, 1),
  (33, 'settlement_withdrawn', 1, 5), (34, 'payment_freed', 2, 8);
create table posting (
  account_id bigint not null, event_id bigint not null,
  claim_id bigint, payout_id bigint,
  cents bigint not null check (cents > 0),
  open_after_cents bigint check (open_after_cents >= 0),               -- offset and its reversal: principal still open on the claim after this line
  reverses_event_id bigint,                  -- a mirror names the event, kind and line that it turns back
  recorded_at timestamptz not null,
  line int not null, booking_date date not null, effective_date date not null, reverses_line int,
  kind smallint not null, debit smallint not null, credit smallint not null, risk_carrier_id smallint not null, pass smallint,
  primary key (account_id, event_id, kind, line, booking_date),
  constraint posting_kind_fits check ((kind * 10000 + debit * 100 + credit) = any (
    '{10501,20102,30103,40104,50106,60607,70205,80212,90206,100212,110702,120703,130704,140708,150802,160803,170804,181202,200411,210310,220502,230205,240902,250903,260904,271104,281003,300201,310301,320401,330105,340208}'::int[]))
) partition by range (booking_date);
create table posting_other partition of posting default;
create index posting_claim on posting (account_id, claim_id) where claim_id is not null;
create index posting_reverses on posting (account_id, reverses_event_id) where reverses_event_id is not null;

-- ---------------------------------------------------------------- facts that move money besides the night
create table payment (
  account_id bigint not null, payment_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  received_on date not null, recorded_on date not null, cents bigint not null check (cents > 0), reference text, opening boolean not null default false,
  primary key (account_id, payment_id)
);
create table offset_reversal (
  account_id bigint not null, reversal_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  declaration_id bigint not null, claim_id bigint not null, offset_line int not null, cents bigint not null check (cents > 0),
  decided_on date not null, effective_date date not null, reason text not null,
  cause smallint not null check (cause between 1 and 3), cause_id bigint,            -- 1 decision, 2 adjustment, 3 withdrawal of the declaration
  primary key (account_id, reversal_id)
);
create table payout_confirmation (
  account_id bigint not null, confirmation_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  payout_id bigint not null, confirmed_on date not null, cents bigint not null check (cents > 0),
  primary key (account_id, confirmation_id), unique (account_id, payout_id)
);

-- ---------------------------------------------------------------- offsetting and runs
create table offset_instruction (            -- OF-3: for one claim or one running account; later rows win over the policy
  account_id bigint not null, instruction_id bigint not null default nextval('event_id'), risk_carrier_id smallint not null,
  claim_id bigint,
  mode smallint check (mode between 0 and 3), basis_points int check (basis_points between 1 and 10000), fixed_cents bigint check (fixed_cents > 0),
  cap_basis_points int check (cap_basis_points between 0 and 10000), cap_cents bigint check (cap_cents >= 0), floor_cents bigint check (floor_cents >= 0),
  valid_from date not null, valid_until date, reason text not null,
  primary key (account_id, instruction_id),
  check ((mode is not distinct from 1) = (basis_points is not null)), check ((mode is not distinct from 2) = (fixed_cents is not null)),
  check (claim_id is null or (cap_basis_points is null and cap_cents is null and floor_cents is null))
);
create table run (
  run_id bigint primary key default nextval('event_id'),
  risk_carrier_id smallint not null references risk_carrier, business_date date not null, payment_date date not null,
  policy_version_id int references policy_version,
  state text not null check (state in ('waiting', 'planned', 'matching', 'proven', 'released', 'stopped')), state_reason text,
  cut_off_at timestamptz, released_at timestamptz,
  holder text, fence int not null default 0, lease_until timestamptz,  -- leases use the database's clock
  unique (risk_carrier_id, business_date)
);
create table run_batch (
  run_id bigint not null references run, batch_no int not null, risk_carrier_id smallint not null,
  first_account_id bigint not null, last_account_id bigint not null, planned_entries bigint not null,
  state smallint not null default 0 check (state between 0 and 2),     -- 0 open, 1 done, 2 split: its accounts became batches of their own
  attempts smallint not null default 0,
  entries bigint, declared_cents bigint, returned_cents bigint, advance_cents bigint, offset_cents bigint, net_cents bigint, payouts bigint,
  in_scope bigint, offset_claims bigint, left_out_claims bigint, fence int,
  primary key (run_id, batch_no),
  check (state <> 1 or (declared_cents + returned_cents + advance_cents = offset_cents + net_cents and in_scope = offset_claims + left_out_claims))
);
create table run_parked (
  run_id bigint not null references run, account_id bigint not null, risk_carrier_id smallint not null, reason text not null, detail text not null, entries bigint not null, cents bigint not null,
  primary key (run_id, account_id)
);
create table payout (
  account_id bigint not null, payout_id bigint not null, run_id bigint not null, risk_carrier_id smallint not null, iban_id int not null,
  business_date date not null, entries int not null, declarations int not null, held smallint not null default 0,   -- 0 free, 1 payout hold on the account, 2 failed proof
  declared_cents bigint not null check (declared_cents >= 0), returned_cents bigint not null check (returned_cents >= 0), advance_cents bigint not null check (advance_cents >= 0),
  offset_cents bigint not null check (offset_cents >= 0), net_cents bigint not null check (net_cents >= 0),
  first_entry_id bigint not null, last_entry_id bigint not null,
  primary key (account_id, payout_id), unique (account_id, run_id, iban_id),
  constraint net_is_gross_less_offset check (net_cents = declared_cents + returned_cents + advance_cents - offset_cents)
);
create unique index payout_number on payout (payout_id);
create index payout_run on payout (run_id, account_id);
create index payout_held on payout (risk_carrier_id, run_id) where held <> 0;
create table payout_entry (                  -- what a payout holds besides declarations (those are found by posting.payout_id)
  account_id bigint not null, entry_id bigint not null, payout_id bigint not null, risk_carrier_id smallint not null,
  kind smallint not null check (kind in (2, 3)), cents bigint not null check (cents > 0),
  primary key (account_id, entry_id)
);
create table payment_file (
  payment_file_id bigint primary key default nextval('event_id'), risk_carrier_id smallint not null, run_id bigint not null references run, sequence_no smallint not null,
  message_id text not null unique, execution_date date not null, transactions int not null, control_sum_cents bigint not null,
  sha256 bytea not null, created_at timestamptz not null,
  unique (run_id, sequence_no)
);
create table payment_instruction (           -- a payout goes out once: its key says so
  account_id bigint not null, payout_id bigint not null, payment_file_id bigint not null references payment_file, risk_carrier_id smallint not null, cents bigint not null check (cents > 0),
  primary key (account_id, payout_id)
);
create table decision (
  account_id bigint not null, claim_id bigint not null, run_id bigint not null, valid_from date not null,
  open_cents bigint not null, held_cents bigint not null, offset_cents bigint not null,
  fact_date date, policy_version_id int not null, answer smallint not null, with_money boolean not null, hold_kind smallint, risk_carrier_id smallint not null,
  primary key (account_id, claim_id, valid_from)
) partition by range (valid_from);
create table decision_other partition of decision default;
create table decision_answer (answer smallint primary key, code text not null unique, text_nl text not null, text_en text not null);
insert into decision_answer values
  (1, 'offset in full', 'Geheel verrekend', 'Offset in full'),
  (2, 'offset in part', 'Deels verrekend; de rest blijft openstaan', 'Offset in part; the rest stays open'),
  (20, 'account on hold', 'De rekening-courant staat stil', 'The running account is on hold'),
  (21, 'held', 'Het openstaande bedrag is apart gezet', 'The open amount is held'),
  (30, 'never by policy', 'Deze soort vordering wordt niet verrekend', 'This kind of claim is not offset'),
  (31, 'not yet due', 'Nog niet vervallen', 'Not yet due'),
  (32, 'not yet reminded', 'Nog niet herinnerd', 'Not yet reminded'),
  (33, 'reminder term running', 'De termijn van de herinnering loopt nog', 'The term of the reminder is still running'),
  (34, 'not requested', 'Er is niet om verrekening gevraagd', 'Offset was not requested'),
  (35, 'offset switched off', 'Verrekening is voor deze vordering uitgezet', 'Offset is switched off for this claim'),
  (40, 'no declarations', 'Er kwamen geen declaraties binnen om mee te verrekenen', 'No declarations came in to offset against'),
  (41, 'cap reached', 'Het maximum per keer is bereikt', 'The cap is reached'),
  (42, 'declarations used up', 'De declaraties waren al verrekend met eerdere vorderingen', 'The declarations were used up by earlier claims'),
  (43, 'floor reached', 'De uitbetaling zou onder de bodem komen', 'The payout would fall below the floor'),
  (44, 'parked', 'De rekening-courant is geparkeerd na een fout', 'The running account was parked after an error'),
  (45, 'advance not yet paid', 'Het voorschot is nog niet uitbetaald', 'The advance has not been paid out yet'),
  (50, 'nothing open', 'Er staat niets meer open', 'Nothing is open any more');
create table dunning_proposal (
  account_id bigint not null, claim_id bigint not null, kind smallint not null check (kind between 1 and 3),   -- 1 reminder, 2 agency, 3 letter for a matured credit
  step_no smallint not null, run_id bigint not null, risk_carrier_id smallint not null, proposed_on date not null, open_cents bigint not null,
  primary key (account_id, claim_id, kind, step_no)
);
create table incident (
  incident_id bigint primary key default nextval('event_id'), risk_carrier_id smallint not null, account_id bigint, run_id bigint,
  check_name text not null, what text not null, opened_at timestamptz not null, resolved_at timestamptz, resolved_by text, resolution text
);
create table audit (
  audit_id bigint generated always as identity primary key, risk_carrier_id smallint, account_id bigint,
  occurred_at timestamptz not null, actor text not null, action text not null, subject text not null, body jsonb not null
);

-- ---------------------------------------------------------------- partitions by month; `vereffen migrate` keeps the coming years ready
create function ensure_month_partitions(first_month date, last_month date) returns int language plpgsql as $$
declare month date := date_trunc('month', first_month)::date; made int := 0; parent text; part text; taken boolean;
begin
  while month <= last_month loop
    foreach parent in array array['posting', 'decision'] loop
      part := parent || to_char(month, '_YYYY_MM');
      execute format('select exists (select 1 from %I where %I >= $1 and %I < $1 + interval ''1 month'')', parent || '_other',
        case parent when 'posting' then 'booking_date' else 'valid_from' end, case parent when 'posting' then 'booking_date' else 'valid_from' end) into taken using month;
      if to_regclass(part) is null and not taken then           -- rows of that month that already lie in the rest partition stay there
        execute format('create table %I partition of %I for values from (%L) to (%L)', part, parent, month, (month + interval '1 month')::date);
        perform secure_tenant_table(part::regclass);
        made := made + 1;
      end if;
    end loop;
    month := (month + interval '1 month')::date;
  end loop;
  return made;
end $$;

-- ---------------------------------------------------------------- who may see what: forced row-level security
-- Context comes by SET LOCAL only: vereffen.risk_carriers ('{1,2}'), vereffen.accounts ('{17}'), vereffen.provider_id.
create function seen_risk_carriers() returns int[] language sql stable as
  $$ select nullif(current_setting('vereffen.risk_carriers', true), '')::int[] $$;
create function seen_accounts() returns bigint[] language sql stable as
  $$ select nullif(current_setting('vereffen.accounts', true), '')::bigint[] $$;
create function seen_provider() returns int language sql stable as
  $$ select nullif(current_setting('vereffen.provider_id', true), '')::int $$;

-- Forces row-level security on one table and writes the policies that its tenant columns ask for.
create function secure_tenant_table(t regclass) returns void language plpgsql as $$
declare has_carrier boolean; has_account boolean; has_provider boolean; staff text; portal text;
begin
  select bool_or(attname = 'risk_carrier_id'), bool_or(attname = 'account_id'), bool_or(attname = 'provider_id')
    into has_carrier, has_account, has_provider from pg_attribute where attrelid = t and attnum > 0 and not attisdropped;
  execute format('alter table %s enable row level security', t);
  execute format('alter table %s force row level security', t);
  execute format('create policy books_all on %s to vereffen_owner, vereffen_worker using (true) with check (true)', t);
  execute format('create policy books_read on %s for select to vereffen_readonly using (true)', t);
  if has_carrier then staff := 'risk_carrier_id = any ((select seen_risk_carriers())::int[])';
  elsif has_provider then staff := 'exists (select 1 from running_account ra where ra.provider_id = ' || t::text || '.provider_id and ra.risk_carrier_id = any ((select seen_risk_carriers())::int[]))';
  end if;
  if staff is not null then execute format('create policy staff_carrier on %s to vereffen_staff using (%s) with check (%s)', t, staff, staff); end if;
  if has_account then portal := 'account_id = any ((select seen_accounts())::bigint[])';
  elsif has_provider then portal := 'provider_id = (select seen_provider())';
  end if;
  if portal is not null then execute format('create policy portal_own on %s for select to vereffen_portal using (%s)', t, portal); end if;
end $$;

do $$
declare t regclass; r text;
begin
  for t in select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = current_schema() and c.relkind in ('r', 'p')
              and exists (select 1 from pg_attribute a where a.attrelid = c.oid and not a.attisdropped and a.attname in ('risk_carrier_id', 'provider_id', 'account_id')) loop
    perform secure_tenant_table(t);
  end loop;
  -- what each role may do at all; no application role may change or delete a posting, a decision, a payment instruction or an audit row
  foreach r in array array['staff', 'worker', 'readonly', 'portal'] loop
    execute format('grant usage on schema %I to vereffen_%s', current_schema(), r);
  end loop;
  execute format('grant select on all tables in schema %I to vereffen_staff, vereffen_worker, vereffen_readonly', current_schema());
  execute format('grant insert on all tables in schema %I to vereffen_worker', current_schema());
  execute format('grant usage on all sequences in schema %I to vereffen_worker, vereffen_staff', current_schema());
end $$;
grant select on risk_carrier, brand, provider, practice, agb_registration, payee_iban, running_account, reason_code, ledger_account, posting_kind, decision_answer,
  declaration, claim, claim_line, claim_position, claim_step, posting, payout, payout_entry, offset_reversal, payment, adjustment, charge to vereffen_portal;
revoke insert on ledger_account, posting_kind, decision_answer from vereffen_worker;
grant insert on payment, adjustment, charge, claim_step, hold, offset_reversal, offset_instruction, posting, payable, claim, claim_line, claim_position, claim_reference, payment_reference,
  payment_reference_claim, declaration_withdrawal, payout_confirmation, source_key, idempotency_key, audit, claim_due_date to vereffen_staff;
grant update (lock_only) on running_account to vereffen_worker, vereffen_staff;
grant update (open_principal_cents, open_costs_cents, open_interest_cents, held_cents, last_answer, reason_id, due_date, reminder_term_ends, offset_requested_on)
  on claim_position to vereffen_worker, vereffen_staff;
grant delete on payable to vereffen_worker, vereffen_staff;
grant update (ended_on, active, until_date) on hold to vereffen_worker, vereffen_staff;
grant update on run, run_batch, incident, provider, practice, agb_registration, payee_iban to vereffen_worker;
grant update (closed_through, name, debtor_iban, debtor_bic) on risk_carrier to vereffen_worker;
grant update (closed_through) on risk_carrier to vereffen_staff;              -- FOR SHARE asks for it
grant update (held) on payout to vereffen_worker;
grant update (valid_until) on agb_registration, payee_iban to vereffen_staff;
