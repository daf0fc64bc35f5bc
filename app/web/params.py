"""Parameters that many handlers take, each written once."""

from typing import Annotated

from litestar.openapi.spec import Example
from litestar.params import HeaderParameter, PathParameter, QueryParameter

PLAIN = r"^[^\x00-\x1f\x7f]+$(?!\n)"
"""Pattern of a name or number: no control characters, which no column holds and no name needs. `$` alone would let a
newline at the end through."""

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
    QueryParameter(
        name="riskCarrier",
        min_length=1,
        max_length=20,
        pattern=PLAIN,
        description="Only of this risk carrier: its code.",
    ),
]
"""Write `risk_carrier: RiskCarrierCode = None`; `database.risk_carrier_id` finds the id."""

ProviderNumber = Annotated[
    str | None,
    QueryParameter(
        name="provider", min_length=1, max_length=64, pattern=PLAIN, description="Only of this provider: its number."
    ),
]
"""Write `provider: ProviderNumber = None`."""

ClaimName = Annotated[
    str,
    PathParameter(
        min_length=1,
        max_length=64,
        pattern=PLAIN,
        description="The claim's reference (VOR-…); a payment reference or the source's id does too when it is one's.",
        examples=[Example(value="VOR-2026-00000123-3")],
    ),
]
"""Write `reference: ClaimName` for a path with `{reference:str}`."""

RiskCarrierPath = Annotated[
    str,
    PathParameter(
        min_length=1,
        max_length=20,
        pattern=PLAIN,
        description="Code of the risk carrier.",
        examples=[Example(value="VZ")],
    ),
]
"""Write `risk_carrier: RiskCarrierPath` for a path with `{risk_carrier:str}`."""

ProviderPath = Annotated[
    str,
    PathParameter(
        min_length=1,
        max_length=64,
        pattern=PLAIN,
        description="Number of the provider.",
        examples=[Example(value="P000123")],
    ),
]
"""Write `provider: ProviderPath` for a path with `{provider:str}`."""


PayoutPath = Annotated[
    str, PathParameter(min_length=1, max_length=64, pattern=PLAIN, description="Number of the payout (AFR-…).")
]
FileForm = Annotated[str, PathParameter(min_length=1, max_length=8, pattern=PLAIN, description="csv or json.")]
LoginPath = Annotated[str, PathParameter(min_length=1, max_length=80, pattern=PLAIN, description="A person's login.")]
MessageId = Annotated[str, PathParameter(min_length=1, max_length=35, pattern=PLAIN, description="Of a payment file.")]
"""Of paths of the pages, which are in no document."""
