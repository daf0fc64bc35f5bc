"""What every HTML page is made with: `render`, `go`, `form_of`.

A domain's `pages.py`, whole:

    @get("/nights")
    async def nights(request: Request[Any, Any, Any], person: NamedDependency[Person], pool: NamedDependency[Pool]
    ) -> Response[str]:
        async with reading(pool, person) as connection:      # row-level security: the person's risk carriers
            found = await list_nights(connection, …)
        return render(request, "nights/list.html", nights=found)

    PAGES = pages(nights)                                    # listed in app/main.py

with the line `"GET /nights" = ["role:finance", "role:auditor"]` in policy.toml (no line: 404), the template in
`app/nights/templates/nights/list.html` (`{% extends "base.html" %}`), and its English in `locale/en.<area>.po`.
A POST reads `form = await form_of(request)` (the token and the origin were checked before), and ends in
`go("/nights", gettext("De nacht is gevraagd."))`. `request.headers.get("HX-Request")` tells who wants a part only.
"""

import base64
import hmac
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jinja2
import msgspec
from litestar import Request, Response, Router
from litestar.datastructures import Cookie
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from app.core.errors import Refusal
from app.web import people_sessions, told, words
from app.web.drawing import GLOBALS as DRAWING
from app.web.people import Person
from app.web.static_files import address
from app.web.words import gettext, marked

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {"content-security-policy": CSP, "referrer-policy": "same-origin", "vary": "Cookie, HX-Request"}
"""Of every page. The browser tells this server where a form came from, and no other server anything."""
FORM_BYTES = 100_000
API = ("/v1/", "/health/", "/metrics", "/static/")
NAVIGATION = (
    ("/", marked("Start")),
    ("/nights", marked("Nachten")),
    ("/claims", marked("Vorderingen")),
    ("/proposals", marked("Voorstellen")),
    ("/payouts", marked("Uitbetalingen")),
    ("/providers", marked("Zorgaanbieders")),
    ("/imports", marked("Inlezen")),
    ("/incidents", marked("Meldingen")),
    ("/jobs", marked("Taken")),
    ("/policies", marked("Beleid")),
    ("/people", marked("Mensen")),
)
"""The main navigation; an entry shows when policy.toml opens its page for the person's role."""
VISIT, LANGUAGE, _FLASH = "vereffen_visit", "vereffen_lang", "vereffen_flash"
_APP = Path(__file__).resolve().parents[1]


class View(msgspec.Struct):
    """What is known of a request before its handler runs; templates see it as `view`."""

    path: str = "/"
    person: Person | None = None
    secret: str = ""
    https: bool = False
    csrf: str = ""
    query_csrf: str = ""
    lang_chosen: bool = False
    form: dict[str, str] = {}
    opened: Mapping[str, frozenset[str]] = {}

    def may(self, route: str) -> bool:
        """`may("POST /nights")`: whether policy.toml opens that route for this person; hide what is closed."""
        roles = self.opened.get(route)
        return roles is not None and (not roles or (self.person is not None and f"role:{self.person.role}" in roles))


_view: ContextVar[View | None] = ContextVar("view", default=None)


def view_of(request: Any) -> View:
    """The view of a request; an empty one where no guard came by (an address that there is not)."""
    found: View = request.scope.setdefault("vereffen_view", View(path=request.scope.get("path", "/")))
    return found


def is_page(path: str) -> bool:
    """Whether that path is of the pages, and not of the API or of files."""
    return not path.startswith(API) and path != "/metrics"


def cookie_name(https: bool) -> str:
    """Of the session; `__Host-` lets no other host and no plain connection set it, and needs https."""
    return "__Host-vereffen" if https else "vereffen"


def set_cookie(name: str, value: str, *, https: bool, seconds: int | None = None) -> Cookie:
    """A cookie that no script reads and no other site sends along with a form."""
    return Cookie(key=name, value=value, path="/", httponly=True, samesite="lax", secure=https, max_age=seconds)


# ---------------------------------------------------------------- templates


def _csrf() -> Markup:
    view = _view.get()
    return Markup('<input type="hidden" name="csrf" value="{}">').format(view.csrf if view else "")


def _environment() -> jinja2.Environment:
    folders = [_APP / "web" / "templates", *sorted(_APP.glob("*/templates"))]
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(each) for each in dict.fromkeys(folders)]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        csrf=_csrf, static=address, euros=words.euros, day=words.day, short_day=words.short_day, moment=words.moment,
        count=words.count, share=words.share, translated=gettext,
        told=told.told, refused=told.refused, parked=told.parked, fault=told.fault, guarded=told.guarded,
        who=told.who, **DRAWING,
    )  # fmt: skip
    return made


TEMPLATES = _environment()


def render(request: Any, template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """The page `template` (a domain's `noun/name.html`) with that context, and what each page has around it."""
    view = view_of(request)
    _view.set(view)
    flash = _flash(request, view)
    text = TEMPLATES.get_template(template).render(
        view=view, person=view.person, path=view.path, lang=words.language(), flash=flash, other=_other(request),
        navigation=[(href, gettext(text)) for href, text in NAVIGATION if view.may(f"GET {href}")], **context,
    )  # fmt: skip
    cookies = []
    if flash:
        cookies.append(set_cookie(_FLASH, "", https=view.https, seconds=0))
    if view.lang_chosen:
        cookies.append(set_cookie(LANGUAGE, words.language(), https=view.https, seconds=31_536_000))
    return Response(text, status_code=status, media_type="text/html", headers=HEADERS, cookies=cookies)


def _other(request: Any) -> tuple[str, str]:
    """The other language: its name in itself, and the address of this page in it."""
    name, title = ("en", "English") if words.language() == "nl" else ("nl", "Nederlands")
    query = request.scope.get("query_string", b"").decode("latin-1")
    kept = "&".join(part for part in query.split("&") if part and not part.startswith("lang="))
    return title, f"?{kept + '&' if kept else ''}lang={name}"


def _flash(request: Any, view: View) -> str:
    value = request.cookies.get(_FLASH, "")
    signed, _, encoded = value.partition(".")
    if not encoded or not view.secret:
        return ""
    try:
        text = base64.urlsafe_b64decode(encoded.encode()).decode("utf-8")
    except ValueError:
        return ""
    return text if hmac.compare_digest(signed, people_sessions.signature(view.secret, text)) else ""


def go(request: Any, path: str, flash: str = "") -> Response[str]:
    """303 to `path` (of this server), where `flash` shows once as a sentence."""
    view = view_of(request)
    cookies = []
    if flash and view.secret:
        value = f"{people_sessions.signature(view.secret, flash)}.{base64.urlsafe_b64encode(flash.encode()).decode()}"
        cookies.append(set_cookie(_FLASH, value, https=view.https, seconds=60))
    headers = {**HEADERS, "location": path}
    if request.headers.get("hx-request") and not request.headers.get("hx-boosted"):
        return Response("", status_code=200, headers={**HEADERS, "hx-redirect": path}, cookies=cookies)
    return Response("", status_code=303, media_type="text/html", headers=headers, cookies=cookies)


def own_path(text: str) -> str:
    """`text` when it is a path of this server, else "/": a link may not send people elsewhere after signing in."""
    if not text.isprintable() or len(text) > 500 or "\\" in text:
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:  # half an IPv6 address
        return "/"
    if parts.scheme or parts.netloc or not text.startswith("/") or text.startswith("//"):
        return "/"
    return text if is_page(parts.path) and not parts.path.startswith("/sign-") else "/"


# ---------------------------------------------------------------- forms


async def form_of(request: Any) -> dict[str, str]:
    """The fields of a form that was checked at the door, stripped of blanks around them; each name once."""
    return dict(view_of(request).form)


async def read_form(request: Any) -> dict[str, str]:
    """Read `application/x-www-form-urlencoded` strictly. Refusal 400, 413 or 415."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refusal("content_type", "Send the form as application/x-www-form-urlencoded.", status=415)
    raw = await request.body()
    if len(raw) > FORM_BYTES:
        raise Refusal("body_too_large", "This form is too large.", status=413)
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        raise Refusal("form_invalid", "The form is not percent-encoded UTF-8.", status=400) from None
    if len({name for name, _ in pairs}) < len(pairs) or any("\0" in value for _, value in pairs):
        raise Refusal("form_invalid", "A field of the form stands there twice, or holds a NUL.", status=400)
    return {name: value.replace("\r\n", "\n").strip() for name, value in pairs}


def check_origin(request: Any) -> None:
    """Refusal 403 when a form of another site sent this: by Sec-Fetch-Site, else by Origin."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = request.headers.get("host", "").lower()
    if site not in (None, "same-origin") or (origin is not None and urlsplit(origin).netloc.lower() != own):
        raise Refusal("form_foreign", "This form came from another site; nothing was done.", status=403)


def check_token(given: str, expected: str) -> None:
    """Refusal 403 when the form is not one that this server gave to this person in this session."""
    if not expected or not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode()):
        raise Refusal("form_stale", "This form is of an earlier session; nothing was done.", status=403)


def pages(*handlers: ControllerRouterHandler) -> Router:
    """The router of a domain's pages."""
    return Router("/", route_handlers=list(handlers), include_in_schema=False)


def request_kind(request: Request[Any, Any, Any]) -> str:
    """ "part" for htmx that asks for a piece of a page, else "page"."""
    asked = request.headers.get("hx-request") and not request.headers.get("hx-boosted")
    return "part" if asked else "page"
