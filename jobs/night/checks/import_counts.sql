-- A loaded file counts what it brought: as many rows name it as it says that it added, and every record was added, known or changed.
-- Protects: a file is loaded whole or not at all; its trailer was checked in the same transaction.
-- Scope: all
-- Invariant: F1
with brought as (
  select x.import_id, count(*) as rows from declaration x where x.import_id is not null group by 1
  union all select x.import_id, count(*) from claim x where x.import_id is not null group by 1
  union all select x.import_id, count(*) from claim_settlement x where x.import_id is not null group by 1),
summed as (select b.import_id, sum(b.rows)::bigint as rows from brought b group by b.import_id),
moved as (select x.import_id, count(*) as rows from claim_due_date x where x.import_id is not null group by x.import_id)
select f.risk_carrier_id, null::bigint as account_id,
  format('file %s (%s) of %s records: added %s, known %s, changed %s; rows that name it: %s added, %s changed', f.import_id, f.kind, f.row_count, f.added, f.known, f.changed,
    coalesce(s.rows, 0), coalesce(m.rows, 0)) as what
from import_file f left join summed s on s.import_id = f.import_id left join moved m on m.import_id = f.import_id
where f.kind in ('claims', 'declarations', 'opening-claims')
  and (f.added <> coalesce(s.rows, 0) or f.changed <> coalesce(m.rows, 0) or f.row_count <> f.added + f.known + f.changed)
