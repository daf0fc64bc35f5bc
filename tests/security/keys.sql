-- Unique indexes and foreign keys of tenant tables that do not start with a tenant column: through them one tenant could learn what
-- another has (a duplicate is refused, a missing parent is refused). obj = table, then the columns.
with tenant as (
  select distinct c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attname in ('risk_carrier_id', 'provider_id', 'account_id')
  where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition)
select c.relname || ' (' || (select string_agg(coalesce(a.attname, '?'), ', ' order by k.n)
    from unnest(i.indkey::int[]) with ordinality k (attnum, n) left join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum and k.attnum > 0
    where k.n <= i.indnkeyatts) || ')' as obj
from pg_index i join pg_class c on c.oid = i.indrelid join tenant t on t.oid = c.oid
  left join pg_attribute f on f.attrelid = c.oid and f.attnum = (i.indkey::int[])[0]
where (i.indisunique or i.indisexclusion) and coalesce(f.attname, '') not in ('risk_carrier_id', 'provider_id', 'account_id')
union all
select c.relname || ' (' || string_agg(a.attname, ', ' order by k.n) || ') -> ' || k.confrelid::regclass
from (select x.oid, x.conrelid, x.confrelid, u.attnum, u.n from pg_constraint x cross join lateral unnest(x.conkey) with ordinality u (attnum, n)
      where x.contype = 'f' and x.conparentid = 0) k
  join tenant t on t.oid = k.conrelid join pg_class c on c.oid = k.conrelid join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
group by k.oid, c.relname, k.confrelid
having (array_agg(a.attname order by k.n))[1] not in ('risk_carrier_id', 'provider_id', 'account_id')
order by 1
