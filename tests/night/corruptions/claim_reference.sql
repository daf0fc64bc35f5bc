-- A claim without reference.
delete from claim_reference where reference = human_reference('VOR', 2508, 2026);
