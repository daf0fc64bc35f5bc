-- Run once by the postgres image, when it makes its data folder. The login of the API and the worker owns nothing and
-- may create nothing: it is a member of three of the roles that migration 0001 gives their rights, and of the loader of
-- migration 0043, which may add to three tables by COPY and nothing else.
\set password `cat "${SERVICE_PASSWORD_FILE:-/run/secrets/service_password}"`
create role vereffen_staff nologin;
create role vereffen_worker nologin;
create role vereffen_readonly nologin;
create role vereffen_loader nologin bypassrls;
create role vereffen_service login nosuperuser nocreatedb nocreaterole noreplication password :'password';
grant vereffen_staff, vereffen_worker, vereffen_readonly, vereffen_loader to vereffen_service;
