"""The door of the pages: language, session, role and the token of a form, before a handler sees the request."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from app.core.db import Pool
from app.core.errors import Refusal
from app.web import people_sessions, words
from app.web.page import (
    LANGUAGE,
    VISIT,
    check_origin,
    check_token,
    cookie_name,
    own_path,
    read_form,
    view_of,
)
from app.web.people import Person

PAGE_QUERY = frozenset({"lang", "csrf"})
"""Query parameters that every page takes: the language, and the token where the body is a file."""


class SignInNeeded(Exception):
    """Nobody is signed in; `path` is the address of signing in that leads back."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def note_view(connection: Any, opened: Mapping[str, frozenset[str]]) -> None:
    """What templates and helpers know of this request; takes the language from the query, else from the cookie."""
    view = view_of(connection)
    view.path = connection.scope["path"]
    view.opened = opened
    view.https = connection.scope.get("vereffen_https", False)
    query = dict(parse_qsl(connection.scope["query_string"].decode("latin-1")))
    view.lang_chosen = query.get("lang") in words.LANGUAGES
    words.choose(query["lang"] if view.lang_chosen else connection.cookies.get(LANGUAGE, "nl"))
    view.query_csrf = query.get("csrf", "")


async def enter(connection: Any, roles: frozenset[str], pool: Pool) -> Person | None:
    """Who comes in; None where nobody needs to be known. SignInNeeded, or Refusal 403 for another role's page.

    A POST also needs the token of a form of this session (in the field or the header; in the query only when the body
    is a file) and must come from a page of this server.
    """
    view = view_of(connection)
    scope = connection.scope
    writes = scope["method"] != "GET"
    if writes:
        check_origin(connection)
    secret = connection.cookies.get(cookie_name(view.https), "")
    if 0 < len(secret) <= 100:
        # a page that asks by itself every few seconds does not keep a session of nobody alive
        view.person = await people_sessions.read(pool, secret, counts="x-poll" not in connection.headers)
    if view.person is not None:
        view.secret, view.csrf = secret, view.person.csrf
        scope["auth"] = view.person
    elif roles:
        raise SignInNeeded(_sign_in(connection))
    else:
        view.csrf = people_sessions.csrf_token(visit) if (visit := connection.cookies.get(VISIT, "")) else ""
    if roles and view.person is not None and f"role:{view.person.role}" not in roles:
        raise Refusal("role_missing", f"The role {view.person.role} may not do this.", status=403)
    if writes:
        await _check_form(connection)
    return view.person


async def _check_form(connection: Any) -> None:
    view = view_of(connection)
    kind = connection.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "multipart/form-data":
        given = connection.headers.get("x-csrf-token") or view.query_csrf
    else:
        view.form = await read_form(connection)
        given = view.form.pop("csrf", "") or connection.headers.get("x-csrf-token", "")
    check_token(given, view.csrf)


def _sign_in(connection: Any) -> str:
    """Where to sign in. A form that was sent is lost, and the page there has to say so; signing out is done anyhow."""
    scope = connection.scope
    if scope["method"] != "GET":
        return "/sign-in" if scope["path"] == "/sign-out" else "/sign-in?lost=yes"
    query = scope["query_string"].decode("latin-1")
    path = scope["path"] + (f"?{query}" if query else "")
    back = own_path(path)
    return "/sign-in" if back == "/" else f"/sign-in?next={quote(back, safe='/')}"
