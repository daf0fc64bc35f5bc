"""Who calls: what a verified token gives. No I/O and no framework, so that any layer may name it."""

from typing import Protocol

import msgspec

SCOPES = frozenset(
    """
    claims:read claims:write declarations:read declarations:write batches:read batches:write providers:read
    policies:read nights:read nights:start offsets:reverse payouts:read payouts:write accounts:read payments:write
    holds:write references:read incidents:read incidents:write jobs:read metrics:read
    """.split()
)
"""Every scope there is; a token has some of them, `policy.toml` names the ones that open a route."""


class Reader(Protocol):
    """Whoever may see some risk carriers: the holder of a token, or a person who is signed in."""

    @property
    def actor(self) -> str:
        """Who stands in the audit rows."""

    @property
    def risk_carriers(self) -> tuple[int, ...]:
        """Ids of the risk carriers that this one may see."""


class Caller(msgspec.Struct, frozen=True):
    """The holder of a verified token: its name, scopes and the ids of the risk carriers that it may see."""

    token_id: int
    name: str
    scopes: frozenset[str]
    risk_carriers: tuple[int, ...]

    @property
    def actor(self) -> str:
        """Who stands in the audit rows."""
        return f"token:{self.name}"

    @property
    def logged(self) -> dict[str, int]:
        """What a line of the log says of who asked."""
        return {"token_id": self.token_id}
