"""One JSON line per event on stderr, with an allowlist of keys, so that no name, BSN or IBAN slips into a log."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog

from app.core import clock

# A key is added here after somebody asked whether its values can hold personal data.
ALLOWED_KEYS = frozenset(
    """
    event level time request_id job run_id batch account_id risk_carrier_id provider_id claim_id payout_id
    feed business_date step attempt count lines cents duration_ms queue_depth code reason check role
    method route status process token_id person_id port version migration error_type stack dropped_keys
    """.split()
)

_encoder = msgspec.json.Encoder(enc_hook=str)


def allowlisted(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key outside ALLOWED_KEYS and say how many in `dropped_keys` (absent when none)."""
    kept = {key: value for key, value in event.items() if key in ALLOWED_KEYS}
    if dropped := len(event) - len(kept):
        kept["dropped_keys"] = dropped
    return kept


def _with_time(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["time"] = clock.now().isoformat(timespec="milliseconds")
    return event


def _with_error(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Type and frames of an exception; not its message, which quotes the row's values (`Key (iban)=(…)`)."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else sys.exc_info()[1] if info else None
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        event["error_type"] = type(error).__name__
        event["stack"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
    return event


def _render(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> bytes:
    return _encoder.encode(event)


def configure(level: str = "info") -> None:
    """Set up structlog for this process; call once, at start. `level`: debug, info, warning or error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _with_time,
            _with_error,
            allowlisted,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


class JsonLines(logging.Formatter):
    """Lines of libraries that use the standard library's logging, as ours: without values, with type and frames.

    Of the server the words are shown too, which hold addresses and numbers; others quote whatever they met.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One JSON line."""
        words = record.getMessage() if record.name.startswith("_granian") else f"a word of {record.name}"
        event: MutableMapping[str, Any] = {"event": words, "level": record.levelname.lower()}
        if record.exc_info:
            event["exc_info"] = record.exc_info[1]
        return _encoder.encode(allowlisted(None, "", _with_error(None, "", _with_time(None, "", event)))).decode()


_STANDARD_LIBRARY: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "app.core.log.JsonLines"}},
    "handlers": {"json": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "root": {"level": "WARNING", "handlers": ["json"]},
}


def standard_library(level: str = "info") -> dict[str, Any]:
    """For `logging.config.dictConfig`, of a server process; `level` is that of the server's own words."""
    server = {"level": level.upper(), "handlers": ["json"], "propagate": False}
    return {**_STANDARD_LIBRARY, "loggers": {"_granian": server}}
