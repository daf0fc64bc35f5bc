-- A file was loaded twice.
-- run: none
alter table import_file drop constraint import_file_risk_carrier_id_kind_sha256_key;
insert into import_file select n, 1, 'policy', 'x', 'x', '\x01', null, 0, null, 0, 0, 0, '2026-03-03', 'x' from generate_series(9001, 9002) n;
