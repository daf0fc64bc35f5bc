-- 0057 A claim of which only costs or interest are open, which its reason does not offset, gets an answer that says so: before, "used up by earlier claims".
-- And the declarations of a night are found without reading those of all nights (declaration_settled): they come in by day, so a BRIN index tells where.

insert into decision_answer values (36, 'charges not offset', 'Er staan alleen nog kosten of rente open; die worden niet verrekend',
  'Only costs or interest are still open; they are not offset');

-- squawk-ignore require-concurrent-index-creation -- migrations run in a transaction; the BRIN index of a million rows is made in a fifth of a second
create index declaration_available on declaration using brin (available_on) with (pages_per_range = 32, autosummarize = on);
