"""What may stand in a log line."""

import io
import json
from typing import Any

import pytest
import structlog

from app.core import log


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Configure logging into a buffer; call to get what was logged."""
    out = io.BytesIO()
    wrapper = io.TextIOWrapper(out)
    monkeypatch.setattr("sys.stderr", wrapper)
    log.configure("info")
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    structlog.reset_defaults()


def test_a_line_is_json_with_its_time_and_level(lines: Any) -> None:
    structlog.get_logger().info("night released", run_id=7, cents=1250)
    assert lines()[0] | {"time": ""} == {
        "event": "night released",
        "run_id": 7,
        "cents": 1250,
        "level": "info",
        "time": "",
    }


def test_a_key_outside_the_list_is_dropped_and_counted(lines: Any) -> None:
    structlog.get_logger().warning("odd", iban="NL91ABNA0417164300", name="De Vries", count=1)
    assert lines()[0]["dropped_keys"] == 2
    assert "De Vries" not in str(lines())


def test_an_exception_shows_its_type_and_frames_and_not_its_words(lines: Any) -> None:
    try:
        raise ValueError("Key (iban)=(NL91ABNA0417164300)")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert lines()[0]["error_type"] == "ValueError"
    assert any("test_log.py" in frame for frame in lines()[0]["stack"])
    assert "NL91" not in str(lines())


def test_a_level_below_the_one_asked_for_is_silent(lines: Any) -> None:
    structlog.get_logger().debug("small talk")
    assert lines() == []
