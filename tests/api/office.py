"""A clerk at the small insurer of tests/claims: asks the API, each POST with a key of its own."""

import uuid
from typing import Any

import httpx

from tests.api.client import Api
from tests.claims.world import World, small_world


class Office:
    """`world` makes facts by SQL, `client` holds every scope for risk carrier 1."""

    def __init__(self, api: Api, world: World, client: httpx.AsyncClient) -> None:
        self.api = api
        self.world = world
        self.client = client

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """GET /v1/…"""
        return await self.client.get(f"/v1{path}", params=query or None)

    async def post(self, path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        """POST /v1/… with an idempotency key."""
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        return await self.client.post(f"/v1{path}", json=body, headers=headers)

    async def stranger(self) -> "Office":
        """A clerk of another risk carrier, who may do everything there."""
        known = await self.api.db.fetchval("select true from risk_carrier where risk_carrier_id = 2")
        if not known:
            await self.api.db.execute(
                "insert into risk_carrier values (2, 'ZK', 'Zorgverzekeraar N.V.', '87654321', 'NL91ABNA0417164300')"
            )
        return Office(self.api, self.world, await self.api.as_(risk_carriers=[2]))


async def opened(api: Api) -> Office:
    """The small insurer, and a clerk who may do everything."""
    return Office(api, await small_world(api.db), await api.as_())


def same_but_for(one: httpx.Response, other: httpx.Response, *names: str) -> bool:
    """Whether two answers differ in nothing but what was asked for (`names` are cut out of the bodies)."""
    texts = [response.text for response in (one, other)]
    for name in names:
        texts = [text.replace(name, "…") for text in texts]
    return (one.status_code, texts[0]) == (other.status_code, texts[1])
