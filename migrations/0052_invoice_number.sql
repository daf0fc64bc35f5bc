-- 0052 A provider's invoice number leads to its declarations. A bloom filter per 32 pages: a night and an import do not pay for it as they would for a
-- tree of texts in no order, since a range is taken up once, by autovacuum, when it is full.
-- squawk-ignore require-concurrent-index-creation -- a file runs in one transaction; the table is read once
create index declaration_invoice on declaration using brin (invoice_number text_bloom_ops (n_distinct_per_range = 2500, false_positive_rate = 0.01))
  with (pages_per_range = 32, autosummarize = on);
