-- 0050 People who sign in to the pages: passwords as argon2id, sessions and tries to sign in as hashes.

create table person (
  person_id int generated always as identity primary key,
  login text not null unique check (login ~ '^[a-z0-9][a-z0-9.@_-]{0,79}$'),
  name text not null check (length(name) between 1 and 100),
  role text not null check (role in ('finance', 'supervisor', 'auditor', 'administrator')),
  carriers smallint[] not null,                                  -- risk carriers that the person sees; an administrator may see none
  password_hash text not null check (password_hash like '$argon2id$%'),
  created_at timestamptz not null, created_by text not null,
  last_seen_at timestamptz,                                      -- last time of signing in
  disabled_at timestamptz, disabled_by text,
  check ((disabled_at is null) = (disabled_by is null))
);

create table person_session (
  secret_sha256 bytea primary key check (length(secret_sha256) = 32),   -- of 256 random bits in a cookie
  person_id int not null,
  began_at timestamptz not null,
  seen_at timestamptz not null                                   -- to within half a minute; a page that asks by itself does not count
);
create index person_session_person on person_session (person_id);

-- Every try, so that guessing is bounded in all processes together. Logins are hashed: people type passwords there.
create table sign_in_try (
  try_id bigint generated always as identity primary key,
  login_sha256 bytea not null check (length(login_sha256) = 32),
  network text not null,                                         -- an IPv4 address, or the /64 of an IPv6 address
  tried_at timestamptz not null,
  succeeded boolean not null
);
create index sign_in_try_login on sign_in_try (login_sha256, tried_at);
create index sign_in_try_network on sign_in_try (network, tried_at);
create index sign_in_try_at on sign_in_try (tried_at);

-- No other role sees a hash. Whoever is in the audit rows stays there, so a person is disabled and never deleted.
grant select, insert on person to vereffen_worker;
grant update (name, role, carriers, password_hash, last_seen_at, disabled_at, disabled_by) on person to vereffen_worker;
grant select, insert, delete on person_session to vereffen_worker;
grant update (seen_at) on person_session to vereffen_worker;
grant select, insert, delete on sign_in_try to vereffen_worker;
grant update (succeeded) on sign_in_try to vereffen_worker;
