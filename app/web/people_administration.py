"""People as pages, for administrators: who may sign in, with which role, for which risk carriers."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from app.core import db
from app.core.db import Pool
from app.core.errors import Refusal
from app.web import people
from app.web.database import writing
from app.web.page import form_of, go, pages, render
from app.web.params import LoginPath
from app.web.people import ROLES, Listed, Person
from app.web.problems import missing
from app.web.words import gettext, marked

ROLE_WORDS = {
    "finance": marked("Financiën"),
    "supervisor": marked("Leidinggevende"),
    "auditor": marked("Controleur"),
    "administrator": marked("Beheerder"),
}
_ROLE_HINTS = {
    "finance": marked("werkt met nachten, vorderingen en uitbetalingen"),
    "supervisor": marked("doet wat Financiën doet, en beslist waar twee mensen nodig zijn"),
    "auditor": marked("ziet alles en verandert niets"),
    "administrator": marked("geeft mensen toegang en ziet geen geld"),
}
_WORDS = {  # what people.create refuses, said in Dutch
    "login_invalid": marked("Gebruik 1 tot 80 tekens: a-z, 0-9 en . @ _ -, met een letter of cijfer vooraan."),
    "login_taken": marked("Deze inlognaam bestaat al, misschien van iemand die uitgeschakeld is. Kies een andere."),
    "name_invalid": marked("Schrijf een naam van 1 tot 100 tekens."),
    "role_unknown": marked("Kies een van de rollen."),
}


async def _carriers(pool: Pool, actor: str) -> dict[int, str]:
    """Every risk carrier by id: an administrator gives access to those that they do not see themselves."""
    async with writing(pool) as connection, db.transaction(connection, role="worker", actor=actor, readonly=True):
        rows = await connection.fetch("select risk_carrier_id, code from risk_carrier order by code")
    return {row["risk_carrier_id"]: row["code"] for row in rows}


async def _every(pool: Pool) -> list[Listed]:
    async with writing(pool) as connection:
        return await people.every(connection)


async def _form(
    request: Any,
    pool: Pool,
    person: Person,
    *,
    status: int = 200,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    return render(
        request,
        "people/new.html",
        status=status,
        roles=[(role, gettext(word)) for role, word in ROLE_WORDS.items()],
        hints=[(gettext(word), gettext(_ROLE_HINTS[role])) for role, word in ROLE_WORDS.items()],
        carriers=await _carriers(pool, person.actor),
        form=form or {},
        errors=errors or {},
    )


@get("/people")
async def people_list(
    request: Request[Any, Any, Any], pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """Everybody who may sign in, and who no longer may."""
    carriers = await _carriers(pool, person.actor)
    return render(
        request,
        "people/list.html",
        people=await _every(pool),
        carriers=carriers,
        role_words=ROLE_WORDS,
        own=person.login,
    )


@get("/people/new")
async def person_form(
    request: Request[Any, Any, Any], pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """The form of a new person."""
    return await _form(request, pool, person)


@post("/people", status_code=200)
async def person_created(
    request: Request[Any, Any, Any], pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """Make a person and show the password once, in this answer: it is stored nowhere, so no redirect can show it."""
    form = await form_of(request)
    known = await _carriers(pool, person.actor)
    chosen = [number for number in known if form.get(f"carrier-{number}")]
    try:
        async with writing(pool) as connection:
            password = await people.create(
                connection,
                login=form.get("login", ""),
                name=form.get("name", ""),
                role=form.get("role", ""),
                carriers=chosen,
                actor=person.actor,
            )
    except Refusal as refusal:
        if refusal.code not in _WORDS:
            raise
        errors = {refusal.field or "": gettext(_WORDS[refusal.code])}
        return await _form(request, pool, person, status=422, form=form, errors=errors)
    return _password(request, form.get("login", "").lower(), password)


@get("/people/{login:str}")
async def person_page(
    request: Request[Any, Any, Any], login: LoginPath, pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """One person, and what an administrator may do."""
    found = next((each for each in await _every(pool) if each.login == login), None)
    if found is None:
        raise missing("person")
    carriers = await _carriers(pool, person.actor)
    return render(
        request,
        "people/one.html",
        one=found,
        carriers=carriers,
        role=ROLE_WORDS[found.role],
        own=login == person.login,
        roles=[(role, gettext(word)) for role, word in ROLE_WORDS.items()],
    )


@post("/people/{login:str}/disabling", status_code=200)
async def person_disabled(
    request: Request[Any, Any, Any], login: LoginPath, pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """Let somebody in no longer. Refusal 409 for oneself: there would soon be nobody who lets people in."""
    if login == person.login:
        raise Refusal("person_self", gettext("U kunt uzelf niet uitschakelen; vraag een andere beheerder."))
    async with writing(pool) as connection:
        await people.disable(connection, login, actor=person.actor)
    return go(request, "/people", gettext("%(login)s komt er niet meer in.", login=login))


@post("/people/{login:str}/enabling", status_code=200)
async def person_enabled(
    request: Request[Any, Any, Any], login: LoginPath, pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """Let somebody in again who was disabled."""
    async with writing(pool) as connection:
        await people.enable(connection, login, actor=person.actor)
    return go(request, f"/people/{login}", gettext("%(login)s kan weer inloggen.", login=login))


@post("/people/{login:str}/rights", status_code=200)
async def person_rights(
    request: Request[Any, Any, Any], login: LoginPath, pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """Another role or other risk carriers. Refusal 409 for oneself: who gives rights does not give them away unseen."""
    if login == person.login:
        raise Refusal("person_self", gettext("U kunt uw eigen rechten niet veranderen; vraag een andere beheerder."))
    form = await form_of(request)
    chosen = [number for number in await _carriers(pool, person.actor) if form.get(f"carrier-{number}")]
    async with writing(pool) as connection:
        await people.set_rights(connection, login, role=form.get("role", ""), carriers=chosen, actor=person.actor)
    return go(request, f"/people/{login}", gettext("De rechten van %(login)s zijn bewaard.", login=login))


@post("/people/{login:str}/password", status_code=200)
async def person_password(
    request: Request[Any, Any, Any], login: LoginPath, pool: NamedDependency[Pool], person: NamedDependency[Person]
) -> Response[str]:
    """Give a new password and show it once; the person's sessions end."""
    async with writing(pool) as connection:
        password = await people.set_password(connection, login, actor=person.actor)
    return _password(request, login, password)


def _password(request: Any, login: str, password: str) -> Response[str]:
    return render(request, "people/password.html", login=login, password=password)


assert set(ROLE_WORDS) == set(ROLES) == set(_ROLE_HINTS)
PAGES = pages(
    people_list,
    person_form,
    person_created,
    person_page,
    person_disabled,
    person_enabled,
    person_rights,
    person_password,
)
