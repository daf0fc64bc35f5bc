-- A claim without reference.
delete from claim_reference where reference = 'VOR-2026-2508';
