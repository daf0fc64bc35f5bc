"""The lines of the crash matrix for agreements: a night that gives back and takes over, and the two facts.

W4 and W2 pay what W1 and W0 owe. The night of DAY took over; then an offset of each was reversed, in part, and W2's
agreement has ended. What the night of the next day does: W2 gives back, W4 gives back and takes over more.
"""

from datetime import timedelta
from typing import Any

from app.core.db import Connection
from jobs.night.plan import Limits
from jobs.night.run import run_night
from jobs.simulation import matrix_world as world
from jobs.simulation.matrix_model import Job, Place, Work
from jobs.simulation.matrix_world import AGBS, CARRIER, DAY

NEXT = DAY + timedelta(days=1)
_TAKEN = """
select s.source_id as declaration, c.reference as claim, p.cents from posting p
  join source_key s on s.account_id = p.account_id and s.kind = 1 and s.fact_id = p.event_id
  join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
where p.kind = 2 and c.kind = 8 and p.account_id = $1 order by s.source_id
"""


async def agreement(connection: Connection, payer: str = "W0004", debtor: str = "W0001") -> dict[str, Any]:
    """The payload of an agreement between two providers of the world."""
    return {
        "payerAccount": await world.account_of(connection, payer),
        "debtorAccount": await world.account_of(connection, debtor),
        "number": f"OVK-{payer}",
        "evidence": "archief",
        "reasonCode": "CREDIT",
        "reason": "groep",
    }


async def end_agreement(connection: Connection) -> dict[str, Any]:
    """The payload that ends an agreement which is laid ready."""
    made = await world.note(connection, "agreement", await agreement(connection))
    return {"agreement": made["id"], "reason": "opgezegd"}


async def _under_agreements(connection: Connection) -> Work:
    await world.note(connection, "agreement", await agreement(connection))
    ending = await world.note(connection, "agreement", await agreement(connection, "W0002", "W0000"))
    await world.load(connection, "declarations", [world.declaration("P4", AGBS[4][0], 6_000)])
    # one worker with a connection that is given, and a lease that needs no renewal, opens no other one
    long = Limits(lease=timedelta(hours=1))
    before = await run_night("", CARRIER, DAY, workers=1, checks=False, connection=connection, limits=long)
    assert before.state == "released", before
    for payer in ("W0004", "W0002"):
        offset = await connection.fetchrow(_TAKEN, await world.account_of(connection, payer))
        assert offset is not None, f"{payer} took nothing over"
        back = {**dict(offset), "cents": offset["cents"] // 3, "effectiveDate": DAY.isoformat(), "reason": "bezwaar"}
        await world.note(connection, "reverse-offset", back, on=NEXT)
    await world.note(connection, "end-agreement", {"agreement": ending["id"], "reason": "opgezegd"}, on=NEXT)
    feed = [world.declaration(f"Q{n}", AGBS[n][0], 2_500, on=NEXT) for n in (2, 4)]
    await world.load(connection, "declarations", feed, on=NEXT)

    async def work(place: Place) -> object:
        limits = Limits(batch_entries=3)
        done = await run_night(
            place.url, CARRIER, NEXT, workers=1, payments_folder=place.folder, checks=False, limits=limits
        )
        assert done.state == "released", done
        return done

    return work


UNDER_AGREEMENTS = Job("night under agreements", "job night", _under_agreements)
