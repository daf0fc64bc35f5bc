"""Signing in and out, and choosing another password."""

import secrets
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from app.core import db
from app.core.db import Pool
from app.core.settings import Settings
from app.web import people_sessions
from app.web.database import writing
from app.web.limits import Clients
from app.web.page import VISIT, cookie_name, form_of, go, own_path, pages, render, set_cookie, view_of
from app.web.people import Person, set_password
from app.web.people_passwords import LONGEST, SHORTEST
from app.web.people_sign_in import sign_in
from app.web.problems import Unavailable
from app.web.words import gettext

Next = Annotated[str, QueryParameter(name="next", max_length=2000)]


def _form(
    request: Any, back: str, *, status: int = 200, login: str = "", error: str = "", lost: bool = False
) -> Response[str]:
    """The form, with a token of this visit: a site may not sign a visitor in under a login of its own.

    `lost`: who comes here sent a form after their session had ended.
    """
    view = view_of(request)
    visit = request.cookies.get(VISIT, "") or secrets.token_urlsafe(32)
    view.csrf = people_sessions.csrf_token(visit)
    made = render(request, "sign_in.html", status=status, back=back, login=login, error=error, lost=lost)
    made.cookies.append(set_cookie(VISIT, visit, https=view.https))
    return made


@get("/sign-in")
async def sign_in_form(
    request: Request[Any, Any, Any],
    back: Next = "/",
    lost: Annotated[str, QueryParameter(max_length=10)] = "",
) -> Response[str]:
    """The form; who is signed in goes on to where they were going."""
    if view_of(request).person is not None:
        return go(request, own_path(back))
    return _form(request, own_path(back), lost=lost == "yes")


@post("/sign-in", status_code=200)
async def signed_in(
    request: Request[Any, Any, Any], pool: NamedDependency[Pool], settings: NamedDependency[Settings]
) -> Response[str]:
    """Begin a session, always a new one; one sentence for a wrong login, a wrong password and a disabled person."""
    view = view_of(request)
    form = await form_of(request)
    back, login = own_path(form.get("next", "/")), form.get("login", "")[:80]
    network = Clients(settings.trusted_proxies).address(request.scope)
    try:
        secret = await sign_in(pool, login=login, password=form.get("password", ""), network=network)
    except Unavailable as refusal:
        if refusal.status != 429:
            raise
        error = gettext("Te vaak mislukt. Probeer het over een uur opnieuw, of vraag een beheerder.")
        return _form(request, back, status=429, login=login, error=error)
    if secret is None:
        error = gettext("Deze combinatie van naam en wachtwoord kennen we niet.")
        return _form(request, back, status=422, login=login, error=error)
    if view.secret:  # whoever signs in again leaves no session behind
        async with writing(pool) as conn, db.transaction(conn, role="worker", actor="session"):
            await people_sessions.end(conn, view.secret)
    made = go(request, back)
    made.cookies.append(set_cookie(cookie_name(view.https), secret, https=view.https))
    made.cookies.append(set_cookie(VISIT, "", https=view.https, seconds=0))
    return made


@post("/sign-out", status_code=200)
async def signed_out(
    request: Request[Any, Any, Any], pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """End this session here and on the server."""
    view = view_of(request)
    async with writing(pool) as conn, db.transaction(conn, role="worker", actor=person.actor):
        await people_sessions.end(conn, view.secret)
    made = go(request, "/sign-in")
    made.cookies.append(set_cookie(cookie_name(view.https), "", https=view.https, seconds=0))
    return made


@get("/password")
async def password_form(request: Request[Any, Any, Any], person: NamedDependency[Person]) -> Response[str]:
    """The form to choose another password."""
    return render(request, "password.html", login=person.login, errors={})


@post("/password", status_code=200)
async def password_set(
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    person: NamedDependency[Person],
    settings: NamedDependency[Settings],
) -> Response[str]:
    """Another password for whoever is signed in and knows the old one; all other sessions of theirs end."""
    form = await form_of(request)
    old, new = form.get("password", ""), form.get("new", "")
    network = Clients(settings.trusted_proxies).address(request.scope)
    errors = {}
    if not SHORTEST <= len(new) <= LONGEST:
        errors["new"] = gettext("Een wachtwoord heeft %(low)s tot %(high)s tekens.", low=SHORTEST, high=LONGEST)
    elif new != form.get("again", ""):
        errors["again"] = gettext("Dit is niet twee keer hetzelfde; typ het nieuwe wachtwoord opnieuw.")
    elif await sign_in(pool, login=person.login, password=old, network=network) is None:
        errors["password"] = gettext("Dit is niet uw huidige wachtwoord.")
    if errors:
        return render(request, "password.html", status=422, login=person.login, errors=errors)
    async with writing(pool) as conn:
        await set_password(conn, person.login, actor=person.actor, password=new)
    secret = await sign_in(pool, login=person.login, password=new, network=network)
    made = go(request, "/" if secret else "/sign-in")
    if secret:
        made.cookies.append(set_cookie(cookie_name(view_of(request).https), secret, https=view_of(request).https))
    return made


PAGES = pages(sign_in_form, signed_in, signed_out, password_form, password_set)
