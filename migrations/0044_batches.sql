-- 0044 Batches: files that came in by upload, in parts, until an import job has loaded or refused them; and what was refused of them.
-- Parts are written while the upload runs, one short transaction each. The row in `batch` comes last, so an upload that breaks off
-- leaves parts of which nobody knows; the sweep takes them away.

create sequence batch_id as bigint;
create table batch (
  batch_id bigint primary key, risk_carrier_id smallint not null references risk_carrier,
  idempotency_key text not null,
  file_name text not null check (length(file_name) between 1 and 200), content_type text not null,
  size_bytes bigint not null check (size_bytes > 0), sha256 bytea not null check (length(sha256) = 32), parts int not null check (parts > 0),
  business_date date not null, received_at timestamptz not null, received_by text not null,
  keep_days int not null check (keep_days >= 0),           -- how long the bytes stay after the batch was loaded or refused
  job_id bigint not null,
  outcome text check (outcome in ('loaded', 'refused')), ended_at timestamptz, content_until timestamptz, content_deleted_at timestamptz,
  kind text, source text, cut_off_date date, declared_rows bigint, declared_cents bigint,   -- what the file says of itself
  read bigint, added bigint, known bigint, changed bigint, control_total_cents bigint, rejection_count bigint, rejections_kept int,
  import_id bigint,
  unique (risk_carrier_id, idempotency_key),
  check ((outcome is null) = (ended_at is null)), check ((outcome is null) = (content_until is null)), check ((outcome is null) = (read is null))
);
create index batch_listed on batch (risk_carrier_id, batch_id);
create index batch_content on batch (content_until) where content_until is not null and content_deleted_at is null;
create table batch_part (
  batch_id bigint not null, part_no int not null, risk_carrier_id smallint not null, written_at timestamptz not null, content bytea not null,
  primary key (batch_id, part_no)
);
alter table batch_part alter column content set storage external;   -- most uploads are packed already; to pack again costs more than it saves
create index batch_part_begun on batch_part (written_at) where part_no = 1;
create table batch_rejection (
  batch_id bigint not null, rejection_no int not null, risk_carrier_id smallint not null,
  line bigint, code text not null, field text not null, value text, message text not null,
  primary key (batch_id, rejection_no)
);
select secure_tenant_table('batch');
select secure_tenant_table('batch_part');
select secure_tenant_table('batch_rejection');
grant usage on sequence batch_id to vereffen_staff;
grant select on batch, batch_rejection to vereffen_staff, vereffen_readonly;
grant select on batch, batch_part, batch_rejection to vereffen_worker;
grant insert on batch, batch_part to vereffen_staff;       -- staff writes the bytes of a file and never reads them back
grant insert on batch_rejection to vereffen_worker;
grant update (outcome, ended_at, content_until, content_deleted_at, kind, source, cut_off_date, declared_rows, declared_cents, read, added, known, changed,
  control_total_cents, rejection_count, rejections_kept, import_id) on batch to vereffen_worker;
grant delete on batch_part to vereffen_worker;
