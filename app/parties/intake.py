"""Loading providers: each entity with its dated practices, AGB codes and IBANs, and its running account with the
  risk carrier.

A code has one owner on any day: a take-over needs the old registration ended first (in the same file is soon enough).
"""

from app.core.db import Connection
from app.core.feed_format import LOAD_SECONDS, Feed
from app.parties import providers_file

_PROVIDER = """
create temp table new_provider on commit drop as
select s.line, s.number, p.provider_id as known_id, p.provider_id,
  p.provider_id is not null and (p.name, p.kvk, p.legal_form, p.natural_person) is distinct from
    (s.name, s.kvk, s.legal_form, s.natural_person) as changed
from stage_provider s left join provider p on p.number = s.number
"""
_PRACTICES = """
create temp table new_practice on commit drop as
select s.line, s.number, e."from" as valid_from, e.until as valid_until, e.code, e.name from stage_provider s
cross join lateral jsonb_to_recordset(s.practices) as e(code text, name text, "from" date, until date)
"""
_AGB_CODES = """
create temp table new_agb on commit drop as
select s.line, s.number, e.agb, e."from" as valid_from, e.until as valid_until, e.practice from stage_provider s
cross join lateral jsonb_to_recordset(s.agb_codes) as e(agb text, "from" date, until date, practice text)
"""
_IBANS = """
create temp table new_iban on commit drop as
select s.line, s.number, e.iban, e.holder, e."from" as valid_from, e.until as valid_until, e.practice from
  stage_provider s
cross join lateral jsonb_to_recordset(s.ibans) as e(iban text, holder text, "from" date, until date, practice text)
"""

_DUPLICATES = """
select 'duplicate_in_file', s.line, s.number, s.first_line::text
from (select t.line, t.number, min(t.line) over (partition by t.number) as first_line from stage_provider t) s
where s.line > s.first_line order by s.line limit 100001
"""
_UNKNOWN_PRACTICE = """
select 'unknown_practice', u.line, u.practice, null
from (select line, number, practice from new_agb union select line, number, practice from new_iban) u
where u.practice is not null and not exists (select 1 from new_practice n where n.number = u.number and n.code =
  u.practice)
  and not exists (select 1 from provider p join practice q using (provider_id) where p.number = u.number and q.code
    = u.practice)
order by u.line limit 100001
"""
# As it will be: rows of the database with the end dates of the file, and the rows that the file adds.
_AGB_OVERLAP = """
with after as (
  select coalesce(n.line, 0) as line, a.agb, p.number, a.valid_from, case when n.agb is null then a.valid_until else
    n.valid_until end as valid_until
  from agb_registration a join provider p using (provider_id)
  left join new_agb n on n.number = p.number and n.agb = a.agb and n.valid_from = a.valid_from
  where a.agb in (select agb from new_agb)
  union all
  select n.line, n.agb, n.number, n.valid_from, n.valid_until from new_agb n
  where not exists (select 1 from agb_registration a join provider p using (provider_id)
    where p.number = n.number and a.agb = n.agb and a.valid_from = n.valid_from)),
numbered as (select t.*, row_number() over (order by t.line, t.valid_from, t.number) as nth from after t)
select distinct on (b.line, b.agb) 'agb_taken', b.line, b.agb,
  'provider ' || a.number || ' from ' || a.valid_from || coalesce(' until ' || a.valid_until, ' on')
from numbered a join numbered b on a.agb = b.agb and a.nth < b.nth
where daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')
order by b.line, b.agb limit 100001
"""
_IBAN_OVERLAP = """
with after as (
  select coalesce(n.line, 0) as line, p.number, coalesce(q.code, '') as practice, i.iban, i.valid_from,
    case when n.iban is null then i.valid_until else n.valid_until end as valid_until
  from payee_iban i join provider p using (provider_id) left join practice q on q.practice_id = i.practice_id
  left join new_iban n on n.number = p.number and n.iban = i.iban and n.valid_from = i.valid_from and
    coalesce(n.practice, '') = coalesce(q.code, '')
  where p.number in (select number from new_iban)
  union all
  select n.line, n.number, coalesce(n.practice, ''), n.iban, n.valid_from, n.valid_until from new_iban n
  where not exists (select 1 from payee_iban i join provider p using (provider_id) left join practice q on
    q.practice_id = i.practice_id
    where p.number = n.number and i.iban = n.iban and i.valid_from = n.valid_from and coalesce(n.practice, '') =
      coalesce(q.code, ''))),
numbered as (select t.*, row_number() over (order by t.line, t.valid_from, t.iban) as nth from after t)
select distinct on (b.line, b.iban) 'iban_overlap', b.line, b.iban, a.iban || ' from ' || a.valid_from || coalesce(
  ' until ' || a.valid_until, ' on')
from numbered a join numbered b on a.number = b.number and a.practice = b.practice and a.nth < b.nth
where daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')
order by b.line, b.iban limit 100001
"""

_INSERT_PROVIDERS = """
insert into provider (number, name, kvk, legal_form, natural_person)
select s.number, s.name, s.kvk, s.legal_form, s.natural_person from stage_provider s join new_provider n on n.line =
  s.line
where n.known_id is null order by s.line
"""
_UPDATE_PROVIDERS = """
update provider p set name = s.name, kvk = s.kvk, legal_form = s.legal_form, natural_person = s.natural_person
from stage_provider s join new_provider n on n.line = s.line where n.changed and p.provider_id = n.known_id
"""
_NAME_PROVIDERS = "update new_provider n set provider_id = p.provider_id from provider p where p.number = n.number"
# Each returns the providers to which it changed or added something.
_CHANGES = (
    """
    update practice q set name = n.name, valid_until = n.valid_until from new_practice n join new_provider v on
      v.number = n.number
    where q.provider_id = v.provider_id and q.code = n.code and (q.name, q.valid_until) is distinct from (n.name,
      n.valid_until)
    returning v.provider_id
    """,
    """
    insert into practice (provider_id, code, name, valid_from, valid_until)
    select v.provider_id, n.code, n.name, n.valid_from, n.valid_until from new_practice n join new_provider v on
      v.number = n.number
    where not exists (select 1 from practice q where q.provider_id = v.provider_id and q.code = n.code)
    order by v.provider_id, n.code returning provider_id
    """,
    """
    update agb_registration a set valid_until = n.valid_until,
      practice_id = coalesce((select q.practice_id from practice q where q.provider_id = a.provider_id and q.code =
      n.practice), a.practice_id)
    from new_agb n join new_provider v on v.number = n.number
    where a.provider_id = v.provider_id and a.agb = n.agb and a.valid_from = n.valid_from and (a.valid_until is
      distinct from n.valid_until
      or (n.practice is not null and a.practice_id is distinct from
        (select q.practice_id from practice q where q.provider_id = a.provider_id and q.code = n.practice)))
    returning v.provider_id
    """,
    """
    insert into agb_registration (agb, provider_id, practice_id, valid_from, valid_until)
    select n.agb, v.provider_id, q.practice_id, n.valid_from, n.valid_until from new_agb n join new_provider v on
      v.number = n.number
      left join practice q on q.provider_id = v.provider_id and q.code = n.practice
    where not exists (select 1 from agb_registration a where a.provider_id = v.provider_id and a.agb = n.agb and
      a.valid_from = n.valid_from)
    order by v.provider_id, n.agb returning provider_id
    """,
    """
    update payee_iban i set valid_until = n.valid_until, holder_name = n.holder
    from new_iban n join new_provider v on v.number = n.number left join practice q on q.provider_id = v.provider_id
      and q.code = n.practice
    where i.provider_id = v.provider_id and i.practice_id is not distinct from q.practice_id and i.iban = n.iban
      and i.valid_from = n.valid_from and (i.valid_until, i.holder_name) is distinct from (n.valid_until, n.holder)
    returning v.provider_id
    """,
    """
    insert into payee_iban (provider_id, practice_id, iban, holder_name, valid_from, valid_until)
    select v.provider_id, q.practice_id, n.iban, n.holder, n.valid_from, n.valid_until from new_iban n
      join new_provider v on v.number = n.number left join practice q on q.provider_id = v.provider_id and q.code =
        n.practice
    where not exists (select 1 from payee_iban i where i.provider_id = v.provider_id and i.practice_id is not
      distinct from q.practice_id
      and i.iban = n.iban and i.valid_from = n.valid_from)
    order by v.provider_id, n.valid_from returning provider_id
    """,
    """
    insert into running_account (risk_carrier_id, provider_id, opened_on)
    select x.risk_carrier_id, v.provider_id, x.business_date from new_provider v cross join import_context x
    where not exists (select 1 from running_account a where a.risk_carrier_id = x.risk_carrier_id and a.provider_id
      = v.provider_id)
    order by v.provider_id returning provider_id
    """,
)


async def _load(conn: Connection) -> tuple[int, int, int]:
    for statement in (_INSERT_PROVIDERS, _UPDATE_PROVIDERS, _NAME_PROVIDERS):
        await conn.execute(statement, timeout=LOAD_SECONDS)
    rows = await conn.fetch("select provider_id, known_id is null as added, changed from new_provider")
    touched = {row["provider_id"] for row in rows if row["changed"]}
    for statement in _CHANGES:
        touched.update(row[0] for row in await conn.fetch(statement, timeout=LOAD_SECONDS))
    added = {row["provider_id"] for row in rows if row["added"]}
    changed = len(touched - added)
    return len(added), len(rows) - len(added) - changed, changed


PROVIDERS_FEED = Feed(
    format=providers_file.FORMAT,
    table="stage_provider",
    stage=providers_file.STAGE,
    columns=providers_file.COLUMNS,
    row=providers_file.row,
    resolve=(
        "analyze stage_provider",
        _PROVIDER,
        _PRACTICES,
        _AGB_CODES,
        _IBANS,
        "analyze new_provider",
        "analyze new_agb",
        "analyze new_iban",
    ),
    checks=(_DUPLICATES, _UNKNOWN_PRACTICE, _AGB_OVERLAP, _IBAN_OVERLAP),
    messages={
        "duplicate_in_file": ("number", "line {detail} has the same number; send one record per provider."),
        "unknown_practice": (
            "practice",
            "this provider has no practice with that code; add it to practices, or correct the code.",
        ),
        "agb_taken": (
            "agb",
            "it belongs to {detail}; end that registration first, with an until date in the old owner's record.",
        ),
        "iban_overlap": ("iban", "{detail} holds in the same days; end that one with an until date first."),
    },
    load=_load,
)
