"""Errors as RFC 9457 problems: title, status and detail always, a stable code, and the fields at fault."""

from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap

from app.core.errors import Refusal, Rejection
from app.web.remedies import remedy

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "The request cannot be read",
    401: "A valid token is needed",
    403: "This token may not do that",
    404: "Not found",
    405: "This method is not known here",
    408: "The request came too slowly",
    409: "The rules do not allow this now",
    413: "The body is too large",
    415: "This content type is not taken",
    422: "The content does not fit",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Not available now",
}
_CODES = {
    400: "request_invalid", 401: "token_missing", 403: "forbidden", 404: "not_found", 405: "method_unknown",
    413: "body_too_large", 415: "content_type", 429: "too_many_requests", 503: "busy",
}  # fmt: skip
_DETAILS = {
    404: "There is nothing at this address.",
    405: "See the Allow header for the methods that are.",
    413: "A body may have at most 1 MB.",
}
_log = structlog.get_logger()


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field at fault: its name as the sender wrote it, a stable code, and a sentence with the remedy."""

    field: str
    code: str
    message: str
    value: str | None = None


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What every error answers (RFC 9457). `code` is stable and for machines, `detail` is a sentence for people."""

    type: str = msgspec.field(default="about:blank", name="type")
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    errors: list[FieldError] | None = None


class Rejected(Refusal):
    """A refusal that names several fields at once: the rejections that a body or a list of lines met."""

    def __init__(self, rejections: list[Rejection], *, status: int = 422, code: str = "body_invalid") -> None:
        first = rejections[0]
        named = not first.field or first.message.startswith(first.field)
        super().__init__(code, first.message if named else f"{first.field}: {first.message}", status=status)
        self.rejections = rejections
        self.field = first.field or None


class Unavailable(Refusal):
    """Work that was not begun, or not finished and undone: the same request again after `seconds` may succeed."""

    def __init__(self, code: str, message: str, *, seconds: int = 1, status: int = 503) -> None:
        super().__init__(code, message, status=status)
        self.seconds = seconds


def missing(what: str) -> Refusal:
    """The one 404 of objects, for what is not there and for what is another's: `missing("claim VOR-…")`."""
    return Refusal("not_found", f"There is no {what} that this token may see.", status=404)


def _documented(status: int) -> ResponseSpec:
    return ResponseSpec(
        data_container=Problem, description=TITLES[status], media_type=MEDIA_TYPE, generate_examples=False
    )


PROBLEMS: dict[int, ResponseSpec] = {
    status: _documented(status) for status in (400, 401, 403, 404, 409, 415, 422, 429, 503)
}
"""`responses=` of a handler that writes."""
READ_PROBLEMS: dict[int, ResponseSpec] = {status: _documented(status) for status in (400, 401, 403, 404, 429, 503)}
"""`responses=` of a handler that only reads."""


def encoded(problem: Problem) -> bytes:
    """The body; `type` always stands in it, as the NL API design rules ask."""
    return msgspec.json.encode({"type": problem.type, **msgspec.to_builtins(problem)})


def _response(problem: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        encoded(problem), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers, type_encoders=None
    )


def headers_of(error: Refusal) -> dict[str, str]:
    """Header fields that belong to a refusal: how to sign in, when to come back."""
    if isinstance(error, Unavailable):
        return {"retry-after": str(error.seconds)}
    if error.status == 401:
        return {"www-authenticate": 'Bearer realm="vereffen"'}
    return {"retry-after": "1"} if error.status in (429, 503) else {}


def of_refusal(error: Refusal) -> Problem:
    """The problem of a refusal; the fields of a `Rejected` one by one."""
    errors = None
    if isinstance(error, Rejected):
        errors = [
            FieldError(
                field=each.field if each.line is None else f"[{each.line - 1}].{each.field}",
                code=each.code,
                message=each.message,
                value=each.value,
            )
            for each in error.rejections[:100]
        ]
    return Problem(
        title=TITLES.get(error.status, TITLES[409]),
        status=error.status,
        detail=error.message,
        code=error.code,
        field=error.field,
        errors=errors,
    )


def _refused(_request: Request[Any, Any, Any], error: Refusal) -> Response[bytes]:
    return _response(of_refusal(error), headers_of(error))


def _unfit(request: Request[Any, Any, Any], name: str, words: str) -> FieldError:
    """A parameter at fault, by the handler's name for it: as the request calls it, with its value and the remedy."""
    field = request.route_handler.parsed_fn_signature.parameters.get(name)
    bounds = field and field.kwarg_definition
    sent_as = getattr(bounds, "name", None) or name
    value = request.query_params.get(sent_as) or request.headers.get(sent_as) or request.path_params.get(name)
    if field is None:
        return FieldError(field=sent_as, code="parameter_invalid", message=f"{words}.")
    shown = None if value is None else str(value)[:100]
    said = "does not fit" if shown is None else f"is {shown or 'empty'}"
    message = f"{sent_as} {said}; give {remedy(field.annotation, sent_as, bounds=bounds)}."
    return FieldError(field=sent_as, code="parameter_invalid", message=message, value=shown)


def _invalid(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Parameters of path, query and header that do not fit; the framework names them in `extra`."""
    found = error.extra if isinstance(error.extra, list) else []
    errors = [
        _unfit(request, str(each.get("key", "")), str(each.get("message", "")))
        for each in found
        if isinstance(each, dict)
    ]
    detail = errors[0].message if errors else error.detail
    if not errors and "Missing required" in error.detail:
        name = error.detail.split("'")[1] if "'" in error.detail else ""
        detail = f"{name} is missing: it is required." if name else error.detail
        errors = [FieldError(field=name, code="parameter_missing", message="It is required.")]
    problem = Problem(
        title=TITLES[400],
        status=400,
        detail=detail,
        code=errors[0].code if errors else "request_invalid",
        field=errors[0].field if errors else None,
        errors=errors or None,
    )
    return _response(problem)


def _http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = error.status_code
    if status >= 500 and status != 503:
        return _unexpected(_request, error)
    title = TITLES.get(status, error.detail)
    details = {
        404: "There is nothing at this address.",
        413: "A body may have at most 1 MB.",
        405: "See the Allow header.",
    }
    detail = details.get(status, error.detail.splitlines()[0][:300] if error.detail else title)
    return _response(
        Problem(title=title, status=status, detail=detail, code=_CODES.get(status, "request_invalid")), error.headers
    )


def _unexpected(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A bug: the log has its type and frames, the caller gets nothing of the inside."""
    _log.error("request failed", exc_info=error)
    return _response(
        Problem(
            title=TITLES[500],
            status=500,
            detail="Nothing was changed, or the change is complete; ask again with the same idempotency key.",
            code="bug",
        )
    )


def unavailable(error: BaseException) -> Unavailable:
    """What a caller hears when the database is gone, was demoted or did not answer in time."""
    if isinstance(error, TimeoutError | asyncpg.QueryCanceledError | asyncpg.LockNotAvailableError):
        return Unavailable("timed_out", "This took too long and was undone; ask again, or for less.", seconds=2)
    return Unavailable(
        "database_unavailable",
        "The database does not answer. A write may be done or not: send it again with the same idempotency key.",
        seconds=5,
    )


def _database(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    if not is_gone(error):
        return _unexpected(request, error)
    _log.warning("database unavailable", error_type=type(error).__name__)
    return _refused(request, unavailable(error))


GONE: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,  # 08xxx
    asyncpg.OperatorInterventionError,  # 57xxx: shut down, crash, cannot connect now, cancelled
    asyncpg.ReadOnlySQLTransactionError,  # 25006: demoted
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,  # the driver's word for a connection that went away under it
    asyncpg.InternalClientError,  # and for one whose last word was fatal, before it is closed: nothing was sent
    asyncpg.LockNotAvailableError,
    ConnectionError,
    TimeoutError,
)
"""Errors that say nothing of the request: the server is away, demoted or too busy."""


def is_gone(error: BaseException) -> bool:
    """Whether this is trouble of the server's; a value that does not fit its column is an InterfaceError too."""
    return isinstance(error, GONE) and not isinstance(error, ValueError)


HANDLERS: ExceptionHandlersMap = {
    Refusal: _refused,
    ValidationException: _invalid,
    HTTPException: _http,
    Exception: _unexpected,
    **dict.fromkeys(GONE, _database),
}
