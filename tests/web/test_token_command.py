"""`vereffen token`, as an operator uses it; and the settings of the service."""

import argparse
from datetime import date
from typing import Any

import pytest

from app.commands.context import Context
from app.commands.serving import token
from app.core import settings
from app.core.db import Connection
from app.core.errors import Refusal
from app.core.settings import Settings


def asked(db: Connection, action: str, **more: Any) -> Context:
    given = {"token": None, "name": None, "scope": None, "risk_carrier": None, "days": 90, **more}
    return Context(argparse.Namespace(action=action, **given), Settings(), "", db)


async def carrier(db: Connection) -> None:
    await db.execute(
        """insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban)
           values (1, 'VZ', 'VZ', '90000009', 'NL91ABNA0417164300')"""
    )


async def test_a_token_is_printed_once_alone_on_standard_output(
    db: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    await carrier(db)
    await token(asked(db, "create", name="sap", scope=["claims:read"], risk_carrier=["VZ"]))
    made = capsys.readouterr().out
    await token(asked(db, "list"))
    listed = capsys.readouterr().out
    assert made.startswith("vrf_")
    assert made.count("\n") == 1
    assert "sap" in listed
    assert "VZ" in listed
    assert made.strip().split("_", 2)[2] not in listed


@pytest.mark.parametrize(
    "more, words",
    [
        ({"name": "sap", "scope": ["claims:read"]}, "Say --name, --scope and --risk-carrier"),
        ({"name": "sap", "scope": ["claims:read"], "risk_carrier": ["ZZ"]}, "no risk carrier 'ZZ'; there are: VZ"),
        ({"name": "sap", "scope": ["all"], "risk_carrier": ["VZ"]}, "no scope all; there are: accounts:read"),
    ],
)
async def test_a_token_that_cannot_be_made_says_what_to_change(
    db: Connection, more: dict[str, Any], words: str
) -> None:
    await carrier(db)
    with pytest.raises(Refusal, match=words):
        await token(asked(db, "create", **more))


async def test_revoking_asks_for_a_number(db: Connection) -> None:
    with pytest.raises(Refusal, match="token revoke NUMBER"):
        await token(asked(db, "revoke"))


def test_the_settings_of_the_service_are_read_from_the_environment() -> None:
    found = settings.read(
        {
            "VEREFFEN_HOSTS": "API.example, b.example",
            "VEREFFEN_TRUSTED_PROXIES": "10.0.0.0/8,::1",
            "VEREFFEN_METRICS_OPEN": "1",
            "VEREFFEN_BUSINESS_DATE": "2026-03-02",
        }
    )
    assert found.hosts == ("api.example", "b.example")
    assert found.trusted_proxies == ("10.0.0.0/8", "::1")
    assert (found.metrics_open, found.business_date) == (True, date(2026, 3, 2))


@pytest.mark.parametrize(
    "name, value",
    [("VEREFFEN_TRUSTED_PROXIES", "all"), ("VEREFFEN_BUSINESS_DATE", "02-03-2026"), ("VEREFFEN_RATE", "0")],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SystemExit, match=name):
        settings.read({name: value})
