"""Search by the invoice number that a provider gave: it leads to the declaration, and to nobody else's."""

from collections.abc import AsyncIterator

import pytest

from app.core.db import Connection, transaction
from app.core.ids import declaration_reference
from app.reports.search_pages import find
from tests import factories
from tests.api.client import DAY, Api, serving
from tests.web.visitor import visitor_as

INVOICE = "F337477"


@pytest.fixture
async def api(db: Connection, db_url: str) -> AsyncIterator[Api]:
    """Two risk carriers, VZ (1) and ZK (2), each with its policy."""
    for code in ("VZ", "ZK"):
        await factories.make_policy_vgz(db, await factories.make_risk_carrier(db, code))
    async with serving(db, db_url) as found:
        yield found


async def declared(db: Connection, carrier: int, invoice: str = INVOICE) -> str:
    """A declaration of a new provider with that invoice number; its reference."""
    provider = await factories.make_provider(db, carrier)
    made = await factories.make_declaration(db, carrier, provider.agbs[0], 1_000, on=DAY, invoiceNumber=invoice)
    return declaration_reference(provider.account_ids[carrier], made)


@pytest.mark.parametrize("text", [INVOICE, "f337477", f" {INVOICE} "])
async def test_an_invoice_number_leads_to_its_declaration(api: Api, text: str) -> None:
    reference = await declared(api.db, 1)
    answer = await (await visitor_as(api, "finance")).client.get("/search", params={"q": text})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/declarations/{reference}")


async def test_an_invoice_number_of_another_risk_carrier_is_as_unknown_as_any(api: Api) -> None:
    await declared(api.db, 2)
    answer = await (await visitor_as(api, "finance")).get(f"/search?q={INVOICE}")
    assert answer.status_code == 200
    assert "Hier is niets van bekend" in answer.text


async def test_an_invoice_number_that_two_providers_gave_is_a_list_of_both(api: Api) -> None:
    references = {await declared(api.db, 1), await declared(api.db, 1)}
    page = (await (await visitor_as(api, "finance")).get(f"/search?q={INVOICE}")).text
    assert {reference in page for reference in references} == {True}


async def test_an_invoice_number_that_is_an_agb_code_too_does_not_hide_the_provider(db: Connection) -> None:
    carrier = await factories.make_risk_carrier(db)
    await factories.make_policy_vgz(db, carrier)
    provider = await factories.make_provider(db, carrier)
    agb = provider.agbs[0]
    await factories.make_declaration(db, carrier, agb, 1_000, on=DAY, invoiceNumber=agb)
    async with transaction(db, role="staff", actor="test", risk_carriers=[carrier]):
        found = await find(db, agb, DAY)
    assert [hit.what for hit in found] == ["Declaratie met dit factuurnummer", "Zorgaanbieder"]


async def test_an_invoice_number_is_sought_by_its_index_under_the_rights_of_staff(db: Connection) -> None:
    async with transaction(db, role="staff", actor="test", risk_carriers=[1]):
        await db.execute("set local enable_seqscan = off")
        plan = await db.fetch("explain select 1 from declaration where invoice_number = any (array['F1', 'f1'])")
    assert any("declaration_invoice" in row[0] for row in plan)
