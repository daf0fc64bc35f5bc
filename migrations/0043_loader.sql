-- COPY into a table with row-level security is refused to every role that it binds, whatever the policies say. This role
-- may insert into what a file of declarations fills, and do nothing else: it reads nothing, so it can show nothing.
-- BYPASSRLS is given by a superuser only. Where the migrating user may not give it, intake takes its slower way.
do $$
begin
  if not exists (select 1 from pg_roles where rolname = 'vereffen_loader') then
    begin
      create role vereffen_loader nologin bypassrls;
    exception when insufficient_privilege then
      create role vereffen_loader nologin;
    end;
  end if;
  execute format('grant vereffen_loader to %I', current_user);
exception when duplicate_object or unique_violation then null;  -- another database of the cluster made it a moment ago
end $$;
grant insert on declaration, payable, source_key to vereffen_loader;
do $$ begin execute format('grant usage on schema %I to vereffen_loader', current_schema()); end $$;
