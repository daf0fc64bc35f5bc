-- 0040 Tokens of the API: who may call, with which scopes and for which risk carriers. The secret itself is never stored.

create table api_token (
  token_id int generated always as identity primary key,
  name text not null check (name ~ '^[a-z0-9][a-z0-9.-]{0,59}$'),    -- the system that calls; two tokens of one name while one replaces the other
  secret_sha256 bytea not null check (length(secret_sha256) = 32),   -- of 256 random bits: nothing to guess, so no slow hash is needed
  scopes text[] not null check (cardinality(scopes) > 0),
  carriers smallint[] not null,
  created_at timestamptz not null, created_by text not null,
  expires_at timestamptz not null check (expires_at > created_at),
  last_used_at timestamptz,                                          -- coarse: at most once an hour
  revoked_at timestamptz, revoked_by text,
  check ((revoked_at is null) = (revoked_by is null))
);
-- No other role sees a hash; not a tenant's table: a token may be for several risk carriers.
grant select, insert on api_token to vereffen_worker;
grant update (last_used_at, revoked_at, revoked_by) on api_token to vereffen_worker;
-- Whether this database has the migrations of this program is asked by /health/ready.
grant select (name) on schema_migration to vereffen_readonly;
