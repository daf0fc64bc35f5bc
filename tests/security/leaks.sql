-- What could let one tenant see another's rows; zero rows when all is well. Reads the catalog of schema public only.
with tenant as (
  select c.oid, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity,
    bool_or(a.attname = 'risk_carrier_id') as carrier, bool_or(a.attname = 'account_id') as account, bool_or(a.attname = 'provider_id') as provider
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attname in ('risk_carrier_id', 'provider_id', 'account_id')
  where n.nspname = 'public' and c.relkind in ('r', 'p', 'f') group by c.oid)
select 'tenant table without forced row-level security' as why, relname::text as obj from tenant where not (relrowsecurity and relforcerowsecurity)
union all
select 'child of a tenant table without forced row-level security', c.relname::text
from pg_constraint k join tenant t on t.oid = k.confrelid join pg_class c on c.oid = k.conrelid
where k.contype = 'f' and not (c.relrowsecurity and c.relforcerowsecurity)
union all
select 'row-level security without a policy', c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relrowsecurity and not exists (select 1 from pg_policy p where p.polrelid = c.oid)
union all
-- staff, portal, agency and everybody: a policy that asks for no tenant lets every row through
select 'policy of a bound role that asks for no tenant', c.relname || ' ' || p.polname
from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public'
  and (0 = any (p.polroles) or exists (select 1 from pg_roles r where r.oid = any (p.polroles) and r.rolname in ('vereffen_staff', 'vereffen_portal', 'vereffen_agency')))
  and (coalesce(pg_get_expr(p.polqual, p.polrelid), '') || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')) !~ 'seen_(risk_carriers|accounts|provider)\(|running_account|policy_version'
union all
select 'view without security_invoker', c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind = 'v' and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false)
union all
select 'materialized view', c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'm'
union all
select 'security definer function', p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'public' and p.prosecdef
union all
-- a partition is reached through its parent, whose policies hold; on its own it must be out of reach or secured
select 'right given to everybody', c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(c.relacl) x
where n.nspname = 'public' and x.grantee = 0
union all
select 'role can log in or pass row-level security', rolname::text from pg_roles
where rolname like 'vereffen\_%' and (rolcanlogin or rolsuper or rolcreaterole or rolbypassrls and rolname <> 'vereffen_loader' or rolcreatedb or rolreplication)
union all
-- the loader passes row-level security, as COPY asks, so it may add to three tables and see or change nothing at all
select 'loader may more than add', c.relname::text || ' ' || x.privilege_type from pg_class c cross join lateral aclexplode(c.relacl) x join pg_roles r on r.oid = x.grantee
where r.rolname = 'vereffen_loader' and (x.privilege_type <> 'INSERT' or c.relname not in ('declaration', 'payable', 'source_key'))
union all
select 'role owns a relation or function', c.relname::text from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname like 'vereffen\_%'
union all
select 'role owns a relation or function', p.proname::text from pg_proc p join pg_roles r on r.oid = p.proowner where r.rolname like 'vereffen\_%'
union all
select 'role is a member of another role', m.rolname || ' of ' || g.rolname
from pg_auth_members x join pg_roles m on m.oid = x.member join pg_roles g on g.oid = x.roleid where m.rolname like 'vereffen\_%'
order by 1, 2
