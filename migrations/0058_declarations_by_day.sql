-- 0058 The declarations of a night are found without reading those of all nights (declaration_settled): they come in by day, so a BRIN index tells where.

-- squawk-ignore require-concurrent-index-creation -- migrations run in a transaction; the BRIN index of a million rows is made in a fifth of a second
create index declaration_available on declaration using brin (available_on) with (pages_per_range = 32, autosummarize = on);
