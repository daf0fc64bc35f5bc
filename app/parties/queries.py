"""Parties as stored. Functions take a connection, see what its role sees, and never commit."""

from datetime import date
from typing import Any

import msgspec

from app.core.db import Connection
from app.parties.model import AgbOwner, Provider, ProviderFilter, ProviderSummary, RiskCarrier


async def risk_carriers(connection: Connection, on: date) -> list[RiskCarrier]:
    """The risk carriers, with brands and the UZOVI codes that are valid on a day."""
    rows = await connection.fetch(
        """
        select c.code, c.name, c.kvk, c.closed_through,
          array(select u.uzovi from uzovi_code u where u.risk_carrier_id = c.risk_carrier_id and u.valid_from <= $1
                  and (u.valid_until is null or u.valid_until >= $1) order by u.uzovi) as uzovi,
          coalesce((select jsonb_agg(jsonb_build_object('code', b.code, 'name', b.name) order by b.code)
                    from brand b where b.risk_carrier_id = c.risk_carrier_id), '[]') as brands
        from risk_carrier c order by c.code
        """,
        on,
    )
    return [_converted(row, RiskCarrier) for row in rows]


async def list_providers(
    connection: Connection, wanted: ProviderFilter, *, on: date, after: str | None, limit: int
) -> list[ProviderSummary]:
    """Providers in order of number after `after`, at most `limit`; `on` is the day of AGB codes and IBANs asked for."""
    rows = await connection.fetch(
        """
        select p.number, p.name, p.kvk, p.legal_form, p.natural_person,
          array(select a.agb from agb_registration a where a.provider_id = p.provider_id and a.valid_from <= $1
                  and (a.valid_until is null or a.valid_until >= $1) order by a.agb) as agb_codes,
          array(select c.code from running_account r join risk_carrier c using (risk_carrier_id)
                where r.provider_id = p.provider_id order by c.code) as risk_carriers
        from provider p
        where ($2::text is null or p.number > $2) and ($3::text is null or p.kvk = $3)
          and ($4::text is null or position(lower($4) in lower(p.name)) > 0)
          and ($5::text is null or p.provider_id in (
            select a.provider_id from agb_registration a where a.agb = $5 and a.valid_from <= $1
              and (a.valid_until is null or a.valid_until >= $1)))
          and ($6::text is null or p.provider_id in (select i.provider_id from payee_iban i where i.iban = $6))
          and ($7::text is null or exists (
            select from running_account r join risk_carrier c using (risk_carrier_id)
            where r.provider_id = p.provider_id and c.code = $7))
          and ($8::text is null or p.number = $8)
        order by p.number
        limit $9
        """,
        on,
        after,
        wanted.kvk,
        wanted.name,
        wanted.agb,
        wanted.iban,
        wanted.risk_carrier,
        wanted.number,
        limit,
    )
    return [ProviderSummary(**dict(row)) for row in rows]


async def read_provider(connection: Connection, number: str) -> Provider | None:
    """A provider with all that it had when, and the balances of its running accounts; None when there is none."""
    row = await connection.fetchrow(
        """
        select p.number, p.name, p.kvk, p.legal_form, p.natural_person,
          (select coalesce(jsonb_agg(jsonb_build_object('code', q.code, 'name', q.name, 'validFrom', q.valid_from,
                    'validUntil', q.valid_until) order by q.code), '[]')
           from practice q where q.provider_id = p.provider_id) as practices,
          (select coalesce(jsonb_agg(jsonb_build_object('agb', a.agb, 'practice', q.code, 'validFrom', a.valid_from,
                    'validUntil', a.valid_until) order by a.agb, a.valid_from), '[]')
           from agb_registration a left join practice q on q.practice_id = a.practice_id
           where a.provider_id = p.provider_id) as agb_codes,
          (select coalesce(jsonb_agg(jsonb_build_object('iban', i.iban, 'holderName', i.holder_name,
                    'practice', q.code, 'validFrom', i.valid_from, 'validUntil', i.valid_until)
                    order by i.valid_from, i.iban_id), '[]')
           from payee_iban i left join practice q on q.practice_id = i.practice_id
           where i.provider_id = p.provider_id) as ibans,
          (select coalesce(jsonb_agg(jsonb_build_object('riskCarrier', c.code, 'accountId', r.account_id,
                    'payableCents', b.payable, 'claimsCents', b.claims, 'onAccountCents', b.on_account,
                    'balanceCents', b.payable + b.on_account - b.claims) order by c.code), '[]')
           from running_account r join risk_carrier c using (risk_carrier_id)
             cross join lateral (
               select
                 coalesce(sum(case when t.credit = 1 then t.cents when t.debit = 1 then -t.cents end), 0) as payable,
                 coalesce(sum(case when t.debit in (2, 3, 4) then t.cents
                                   when t.credit in (2, 3, 4) then -t.cents end), 0) as claims,
                 coalesce(sum(case when t.credit = 8 then t.cents when t.debit = 8 then -t.cents end), 0) as on_account
               from posting t where t.account_id = r.account_id) b
           where r.provider_id = p.provider_id) as running_accounts
        from provider p where p.number = $1
        """,
        number,
    )
    return None if row is None else _converted(row, Provider)


async def agb_owner(connection: Connection, agb: str, on: date) -> AgbOwner | None:
    """Who had an AGB code on a day; None when nobody whom the role sees."""
    row = await connection.fetchrow(
        """
        select a.agb, $2::date as on_date, p.number as provider_number, p.name as provider, q.code as practice,
          a.valid_from, a.valid_until
        from agb_registration a
          join provider p using (provider_id)
          left join practice q on q.practice_id = a.practice_id
        where a.agb = $1 and a.valid_from <= $2 and (a.valid_until is null or a.valid_until >= $2)
        """,
        agb,
        on,
    )
    return None if row is None else AgbOwner(**dict(row))


def _converted(row: Any, kind: Any) -> Any:
    """A row with JSON columns as a Struct: its column names become the Struct's camelCase."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    return msgspec.convert({names[name]: value for name, value in row.items()}, kind)
