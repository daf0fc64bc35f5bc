-- A declaration is settled by the night before the one that may.
update declaration set available_on = '2026-03-04' where declaration_id = 255;
