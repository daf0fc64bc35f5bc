"""Errors on pages: a sentence, and a way out; to programs the same error stays a problem of RFC 9457."""

from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from litestar import Response
from litestar.types import ExceptionHandlersMap

from app.web import words
from app.web.door import SignInNeeded
from app.web.page import LANGUAGE, go, is_page, render, view_of
from app.web.problems import HANDLERS as PROBLEMS
from app.web.problems import Problem
from app.web.told import REFUSALS
from app.web.words import gettext, marked

_TITLES = {
    400: marked("Dit verzoek is niet te lezen"),
    403: marked("Dit mag u niet"),
    404: marked("Niet gevonden"),
    405: marked("Zo is deze pagina niet te vragen"),
    409: marked("Dit kan nu niet"),
    413: marked("Dit is te groot"),
    422: marked("Er klopt iets niet"),
    429: marked("Te veel verzoeken"),
    500: marked("Er ging hier iets mis"),
    503: marked("Nu niet beschikbaar"),
}
_SENTENCES = {
    400: marked("Het adres of het formulier is onvolledig. Ga terug en probeer het opnieuw."),
    403: marked("Uw rol geeft geen toegang tot deze pagina of handeling. Een beheerder kan uw rol veranderen."),
    404: marked("Dit bestaat niet, of het hoort bij een risicodrager die u niet mag zien."),
    405: marked("Ga naar het begin en kies daar wat u wilt doen."),
    409: marked("De regels laten dit nu niet toe."),
    413: marked("Stuur minder in een keer."),
    422: marked("Pas aan wat hieronder staat en probeer het opnieuw."),
    429: marked("Wacht even en probeer het dan opnieuw."),
    500: marked("Er is niets half gedaan. Probeer het opnieuw; blijft het misgaan, noem dan het nummer hieronder."),
    503: marked("De database is druk of even weg. Er is niets half gedaan; probeer het zo opnieuw."),
}
_BY_CODE = {
    "form_stale": marked("Dit formulier hoort bij een eerdere sessie. Er is niets gedaan; open de pagina opnieuw."),
    "form_foreign": marked("Dit formulier kwam van een andere site. Er is niets gedaan."),
}
_DUTCH_ALREADY = ("person_self",)
_OWN_WORDS = (409, 422)  # here the rule that stands in the way has its own sentence


def _answer(request: Any, problem: Problem, headers: Any) -> Response[str]:
    view = view_of(request)
    if not view.opened:  # no guard came by: an address that there is not
        view.path = request.scope.get("path", "/")
        words.choose(request.cookies.get(LANGUAGE, "nl"))
    sentence = gettext(_BY_CODE.get(problem.code, _SENTENCES.get(problem.status, _SENTENCES[500])))
    made = render(
        request,
        "error.html",
        status=problem.status,
        title=gettext(_TITLES.get(problem.status, _TITLES[500])),
        sentence=sentence,
        detail=_told(problem) if problem.status in _OWN_WORDS else "",
        number=_request_id(),
    )
    for name, value in headers.items():
        if name.lower() in ("retry-after", "allow"):
            made.headers[name] = value
    return made


def _told(problem: Problem) -> str:
    """The rule that stands in the way: in Dutch by its code, and nothing where the code has no sentence."""
    if words.language() != "nl" or problem.code in _DUTCH_ALREADY:
        return problem.detail
    return REFUSALS.get(problem.code, "")


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def _wanted(request: Any) -> bool:
    if not is_page(request.scope.get("path", "/")):
        return False
    return bool(view_of(request).opened) or "text/html" in request.headers.get("accept", "")


def _either(handler: Callable[[Any, Any], Response[bytes]]) -> Callable[[Any, Any], Response[Any]]:
    def answer(request: Any, error: Any) -> Response[Any]:
        made = handler(request, error)
        if not _wanted(request):
            return made
        return _answer(request, msgspec.json.decode(made.content, type=Problem), made.headers)

    return answer


def _sign_in(request: Any, error: SignInNeeded) -> Response[str]:
    return go(request, error.path)


HANDLERS: ExceptionHandlersMap = {
    SignInNeeded: _sign_in,
    **{kind: _either(handler) for kind, handler in PROBLEMS.items()},
}
"""For the application: as a page to browsers, as a problem to programs."""
