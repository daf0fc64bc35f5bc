-- 0035 Least rights: what a role never needs it does not have, and policy settings are as secret as the version that they belong to.

-- The tables of a policy carry no tenant column; who sees their version (row-level security of policy_version) sees them.
do $$
declare t text;
begin
  foreach t in array array['reason_policy', 'dunning_policy', 'agency_policy', 'gate_policy'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy books_all on %I to vereffen_owner, vereffen_worker using (true) with check (true)', t);
    execute format('create policy books_read on %I for select to vereffen_readonly using (true)', t);
    execute format('create policy staff_carrier on %I for select to vereffen_staff using (exists (select 1 from policy_version v where v.policy_version_id = %I.policy_version_id))', t, t);
  end loop;
  -- a provider sees the risk carriers, brands and reason codes that it has a running account with
  foreach t in array array['risk_carrier', 'brand', 'reason_code'] loop
    execute format('create policy portal_own on %I for select to vereffen_portal using (exists (select 1 from running_account ra where ra.risk_carrier_id = %I.risk_carrier_id))', t, t);
  end loop;
end $$;

-- Only the owner of the schema writes its history; reference lists come from migrations.
revoke insert on schema_migration from vereffen_worker;
revoke select on schema_migration from vereffen_staff, vereffen_worker, vereffen_readonly;

-- UPDATE by column: identities, amounts and who owns what are never among them.
revoke update on run, run_batch, incident, provider, practice, agb_registration, payee_iban from vereffen_worker;
grant update (policy_version_id, state, state_reason, cut_off_at, released_at, holder, fence, lease_until) on run to vereffen_worker;
grant update (state, attempts, entries, declared_cents, returned_cents, advance_cents, offset_cents, net_cents, payouts, in_scope, offset_claims, left_out_claims, fence)
  on run_batch to vereffen_worker;
grant update (resolved_at, resolved_by, resolution) on incident to vereffen_worker;
grant update (name, kvk, legal_form, natural_person) on provider to vereffen_worker;
grant update (name, valid_until) on practice to vereffen_worker;
grant update (practice_id, valid_until) on agb_registration to vereffen_worker;
grant update (holder_name, valid_until) on payee_iban to vereffen_worker;   -- another IBAN is another row

-- FOR SHARE asks for an UPDATE right on some column: one that nobody writes, so that staff cannot move the closing date.
alter table risk_carrier add column lock_only boolean;
revoke update (closed_through) on risk_carrier from vereffen_staff;
grant update (lock_only) on risk_carrier to vereffen_staff;
revoke update (valid_until) on agb_registration, payee_iban from vereffen_staff;   -- parties change by import, as worker
