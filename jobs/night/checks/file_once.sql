-- The same content is loaded once, and what a batch says of its file is what happened: a loaded one names the file with its digest, a refused one
-- names none and says why, each with all rejections that it kept.
-- Protects: twice is once (CR-7); a file that is not loaded has no effect; a refusal reaches somebody.
-- Scope: all
-- Invariant: F2, F3, O3
select f.risk_carrier_id, null::bigint as account_id, format('%s file with digest %s was loaded %s times', f.kind, encode(f.sha256, 'hex'), count(*)) as what
from import_file f group by f.risk_carrier_id, f.kind, f.sha256 having count(*) > 1
union all
select b.risk_carrier_id, null,
  format('batch %s is %s, with file %s (digest %s) and %s rejections, %s of %s kept', b.batch_id, coalesce(b.outcome, 'open'), b.import_id,
    case when f.sha256 = b.sha256 then 'the same' else 'another' end, b.rejection_count, coalesce(r.kept, 0), b.rejections_kept)
from batch b left join import_file f on f.import_id = b.import_id
  left join (select x.batch_id, count(*) as kept from batch_rejection x group by x.batch_id) r on r.batch_id = b.batch_id
where case b.outcome when 'loaded' then f.sha256 is distinct from b.sha256 or f.risk_carrier_id <> b.risk_carrier_id or b.rejection_count > 0
    when 'refused' then b.import_id is not null or coalesce(b.rejection_count, 0) = 0 else b.import_id is not null end
  or coalesce(b.rejections_kept, 0) <> coalesce(r.kept, 0)
