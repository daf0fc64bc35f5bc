"""A browser without a window: httpx that keeps cookies, fills in forms and follows no redirect by itself."""

import re
from html import unescape

import httpx

from app.web import people
from tests.api.client import Api

PASSWORD = "a long enough word"  # noqa: S105 - of people who exist in tests only
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]*)"')


class Visitor:
    """One browser at an address; `token` is that of the last form seen."""

    def __init__(self, api: Api, address: str = "127.0.0.1", **headers: str) -> None:
        self.client = api.with_token(None, address=address, accept="text/html", **headers)
        self.token = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """GET; remembers the token of the page's forms."""
        answer = await self.client.get(path, headers=headers)
        if found := _TOKEN.search(answer.text):
            self.token = unescape(found[1])
        return answer

    async def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """POST a form with the token of the last page; `csrf=…` sends another."""
        return await self.client.post(path, data={"csrf": self.token, **fields}, headers=headers)

    async def sign_in(self, login: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Open the form and send it."""
        await self.get("/sign-in")
        return await self.post("/sign-in", login=login, password=password, **fields)


async def add_person(api: Api, login: str, role: str = "finance", carriers: tuple[int, ...] = (1,)) -> None:
    """A person with PASSWORD."""
    await people.create(
        api.db, login=login, name=login.capitalize(), role=role, carriers=carriers, actor="test", password=PASSWORD
    )


async def visitor_as(api: Api, role: str, carriers: tuple[int, ...] = (1,)) -> Visitor:
    """A browser in which a new person of that role is signed in."""
    known = await api.db.fetchval("select count(*) from person")
    await add_person(api, f"{role}{known}", role, carriers)
    visitor = Visitor(api)
    assert (await visitor.sign_in(f"{role}{known}")).status_code == 303
    return visitor
