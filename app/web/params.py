"""Parameters that many handlers take, each written once."""

from typing import Annotated

from litestar.params import HeaderParameter, QueryParameter

IdempotencyKey = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern="^[!-~]+$",
        description="Names this request: sent again with the same body it answers the same and adds nothing.",
    ),
]
"""Required by every POST that creates."""

RiskCarrierCode = Annotated[
    str | None,
    QueryParameter(name="riskCarrier", min_length=1, max_length=20, description="Only of this risk carrier: its code."),
]
"""Write `risk_carrier: RiskCarrierCode = None`; `database.risk_carrier_id` finds the id."""
