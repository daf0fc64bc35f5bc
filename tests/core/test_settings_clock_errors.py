"""What the environment decides, what the clock says, and what an error carries."""

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from app.core import clock, settings
from app.core.errors import Bug, Refusal, Rejection


def test_an_empty_environment_means_embedded_servers() -> None:
    read = settings.read({})
    assert (read.database_url, read.redis_url, read.data) == (None, None, settings.ROOT / ".data")


def test_the_environment_is_read_into_one_value() -> None:
    read = settings.read(
        {"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "redis://z", "VEREFFEN_DATA": "/var/v", "VEREFFEN_PORT": "81"}
    )
    assert (read.database_url, read.redis_url, read.data, read.port) == (
        "postgresql://x/y",
        "redis://z",
        Path("/var/v"),
        81,
    )


@pytest.mark.parametrize(
    "name, value",
    [("VEREFFEN_PORT", "80.5"), ("VEREFFEN_PORT", "70000"), ("VEREFFEN_WORKERS", "0"), ("VEREFFEN_LOG_LEVEL", "loud")],
)
def test_a_bad_value_is_refused_with_the_name_of_the_variable(name: str, value: str) -> None:
    with pytest.raises(SystemExit, match=f"{name} is '{value}'"):
        settings.read({name: value})


def test_a_bad_url_is_refused_without_showing_it() -> None:
    with pytest.raises(SystemExit) as refused:
        settings.read({"DATABASE_URL": "mysql://user:secret@host"})
    assert "DATABASE_URL must start with postgresql://" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_url_may_stand_in_a_file_that_a_variable_names(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://user:secret@host/name\n")
    assert settings.read({"DATABASE_URL_FILE": str(tmp_path / "url")}).database_url == (
        "postgresql://user:secret@host/name"
    )


def test_a_file_that_is_not_there_is_named_with_its_variable(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"REDIS_URL_FILE names '.*/gone', which cannot be read"):
        settings.read({"REDIS_URL_FILE": str(tmp_path / "gone")})


def test_the_clock_is_aware_and_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_today_is_the_calendar_date_of_the_zone() -> None:
    before = clock.now().astimezone(UTC).date()
    assert clock.today("UTC") in (before, clock.now().date())
    assert abs(clock.today() - before) <= timedelta(days=1)


def test_a_refusal_carries_a_code_a_sentence_and_a_status() -> None:
    refusal = Refusal("plan_exists", "Er loopt al een regeling.", field="planId")
    assert (refusal.code, str(refusal), refusal.status, refusal.field) == (
        "plan_exists",
        "Er loopt al een regeling.",
        409,
        "planId",
    )


def test_a_rejection_is_data_and_a_bug_is_an_assertion() -> None:
    rejection = Rejection(code="amount_zero", field="cents", message="Bedrag is 0.", value="0", line=3)
    assert (rejection.line, rejection.value) == (3, "0")
    assert not isinstance(rejection, Exception)
    assert issubclass(Bug, AssertionError)
