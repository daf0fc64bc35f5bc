"""A small insurer in the books, from the files that docs/files.md shows: something stands behind every route."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

from app.core.db import Connection
from app.core.settings import ROOT
from app.declarations import import_file
from app.policies import apply_policy
from jobs.night.run import run_night

DAY = date(2026, 3, 2)
"""The day of the files; its night has been run, and the day after is open."""


async def small_world(db: Connection) -> None:
    """Risk carrier `VZ` (id 1) under VGZ's policy, and the files of the documentation."""
    await db.execute(
        """insert into risk_carrier (risk_carrier_id, code, name, kvk, debtor_iban, debtor_bic)
           values (1, 'VZ', 'Voorbeeld Zorgverzekeraar N.V.', '90000009', 'NL91ABNA0417164300', 'ABNANL2A')"""
    )
    policy = (ROOT / "app" / "policies" / "examples" / "vgz.toml").read_text(encoding="utf-8")
    await apply_policy(db, 1, policy, actor="test", applied_at=datetime(2026, 1, 1, tzinfo=UTC))
    shown = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    for number, text in enumerate(re.findall(r"^```jsonl\n(.*?)^```", shown, re.M | re.S)):
        report = await import_file(db, text.encode(), business_date=DAY, actor="test", file_name=f"{number}.jsonl")
        assert report.rejections == [], "the documentation shows files that load"


async def first_night(url: str, payments: Path) -> None:
    """The night of the files: offsets, payouts, decisions."""
    report = await run_night(url, 1, DAY, workers=1, payments_folder=payments)
    assert report.state == "released", report
