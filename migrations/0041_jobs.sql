-- 0041 Jobs: PostgreSQL is the queue, Redis only rings (law 1). One row per piece of work, with a natural unique key; a lease says who
-- does it, and the fence that grows with each lease keeps out whoever slept through his. Leases use the database's clock.

create table job (
  job_id bigint generated always as identity primary key,
  risk_carrier_id smallint references risk_carrier,        -- null: work for the whole installation
  kind text not null check (kind ~ '^[a-z]+$'),
  subject text not null check (length(subject) between 1 and 100),   -- what it is about: a business date, batch:17; with kind and carrier it is the key
  business_date date,
  payload jsonb not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  attempts int not null default 0,                         -- since somebody last asked for it; waiting for a gate is no attempt
  not_before timestamptz not null default clock_timestamp(),
  holder text, fence int not null default 0, lease_until timestamptz,
  waiting_for text,                                        -- why it was put off
  stage text, done bigint, total bigint,                   -- how far it is
  result jsonb, error_code text, error_text text,          -- no personal data: codes, ids, dates, counts
  created_by text not null, created_at timestamptz not null, started_at timestamptz, ended_at timestamptz,
  constraint job_once unique nulls not distinct (risk_carrier_id, kind, subject),
  check ((state = 'running') = (lease_until is not null)),
  check ((state in ('done', 'failed')) = (ended_at is not null)),
  check ((state = 'failed') <= (error_code is not null)),
  check (kind <> 'night' or (business_date is not null and risk_carrier_id is not null))
);
-- what the sweep asks every few seconds: few rows are open, whatever the age of the installation
create index job_open on job (not_before) where state in ('waiting', 'running');
select secure_tenant_table('job');
grant select on job to vereffen_staff, vereffen_worker, vereffen_readonly;
grant insert on job to vereffen_staff, vereffen_worker;
grant update (state, attempts, not_before, holder, fence, lease_until, waiting_for, stage, done, total, result, error_code, error_text, started_at, ended_at)
  on job to vereffen_worker;
grant update (state, attempts, not_before, waiting_for, ended_at) on job to vereffen_staff;   -- a failed job is asked for again
grant delete on job to vereffen_worker;                    -- previews are forgotten after a month

-- When work starts by itself: the local time in Europe/Amsterdam, on which days of the week, for the business date of that day or of the day before.
create table job_schedule (
  risk_carrier_id smallint references risk_carrier,        -- null: the checks over everything
  kind text not null check (kind in ('night', 'checks')),
  start_time time not null,
  days smallint[] not null check (days <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[] and cardinality(days) > 0),   -- of the business date; 1 = Monday
  next_day boolean not null,                               -- starts on the day after its business date: a night at 02:30
  active boolean not null,
  scheduled_through date not null,                         -- up to and including this business date the jobs were made
  constraint job_schedule_once unique nulls not distinct (risk_carrier_id, kind),
  check ((kind = 'night') = (risk_carrier_id is not null))
);
select secure_tenant_table('job_schedule');
grant select on job_schedule to vereffen_staff, vereffen_worker, vereffen_readonly;
grant insert on job_schedule to vereffen_worker;
grant update (start_time, days, next_day, active, scheduled_through) on job_schedule to vereffen_worker;
insert into job_schedule values (null, 'checks', '06:00', '{7}', false, true, (clock_timestamp() at time zone 'Europe/Amsterdam')::date);   -- every Sunday

-- A job that failed for good opens an incident; when it is done after all, the incident is resolved by it.
alter table incident add column job_id bigint;
