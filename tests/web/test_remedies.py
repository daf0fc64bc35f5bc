"""What to send instead: field, value and remedy of a body or a parameter, whatever its type."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest

from app.core.errors import Refusal
from app.web.body import convert
from app.web.problems import Rejected
from app.web.remedies import remedy
from tests.api.client import Api


class Colour(StrEnum):
    """Two colours."""

    RED = "red"
    BLUE = "blue"


class Part(msgspec.Struct, rename="camel"):
    """A part of a whole."""

    amount_cents: Annotated[int, msgspec.Meta(ge=1)]


class Whole(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A body with a field of each kind."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    delta_cents: Annotated[int, msgspec.Meta(ge=-9, le=9)] | None = None
    days: Annotated[int, msgspec.Meta(ge=0)] | None = None
    on: date | None = None
    parts: Annotated[list[Part], msgspec.Meta(max_length=2)] | None = None
    kind: Literal["dispute", "plan"] | None = None


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        (Annotated[int, msgspec.Meta(ge=1, le=9)], "cents", "whole cents 1 to 9 without a point or quotes"),
        (Annotated[int, msgspec.Meta(ge=0)] | None, "termDays", "a whole number at least 0"),
        (Annotated[int, msgspec.Meta(gt=0, lt=10)], "n", "a whole number 1 to 9"),
        (int, "n", "a whole number"),
        (Annotated[str, msgspec.Meta(max_length=3)], "x", "text of at most 3 characters"),
        (Annotated[str, msgspec.Meta(pattern="^a$")], "x", "text that matches ^a$"),
        (date | None, "on", "a date that exists, such as 2026-03-02"),
        (datetime, "at", "a moment with time zone"),
        (bool, "yes", "true or false"),
        (Colour | None, "colour", "one of red, blue"),
        (Literal["b", "a"], "word", "one of "),
        (Annotated[list[str], msgspec.Meta(min_length=1, max_length=5)], "claims", "a list of 1 to 5"),
        (Part, "part", "an object with amountCents"),
    ],
)
def test_each_type_has_its_remedy(kind: Any, name: str, said: str) -> None:
    assert remedy(kind, name).startswith(said)


def test_a_field_inside_a_list_has_its_own() -> None:
    assert remedy(list[Part], "parts", "[0].amountCents").startswith("whole cents at least 1")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"reason": ""}, "reason is empty; give text of 1 to 200 characters."),
        ({"reason": 5}, "reason is 5; give text of 1 to 200 characters."),
        ({"reason": None}, "reason is null; give text of 1 to 200 characters."),
        ({}, "reason is missing; give text of 1 to 200 characters."),
        ({"reason": "x", "kind": "nope"}, "kind is nope; give one of dispute, plan."),
        ({"reason": "x", "on": "2026-02-30"}, "on is 2026-02-30; give a date that exists, such as 2026-03-02."),
        ({"reason": "x", "parts": [{"amountCents": 0}]}, "parts[0].amountCents is 0; give whole cents at"),
        ({"reason": "x", "parts": [{}]}, "parts[0] does not fit; Object missing required field `amountCents`."),
        ({"reason": "x", "colour": 1}, "colour is not known here; leave it out. Known are reason, deltaCents"),
        ([], "The body does not fit; give an object with reason, deltaCents, days, on, parts, kind."),
    ],
)
def test_a_body_is_refused_with_field_value_and_remedy(body: Any, said: str) -> None:
    with pytest.raises(Rejected) as found:
        convert(body, Whole)
    assert found.value.message.startswith(said)
    assert isinstance(found.value, Refusal)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("pageSize=0", "pageSize is 0; give a whole number 1 to 200."),
        ("pageSize=many", "pageSize is many; give a whole number 1 to 200."),
        ("status=paid", "status is paid; give one of "),
        ("openOnly=perhaps", "openOnly is perhaps; give true or false."),
    ],
)
async def test_a_parameter_is_refused_with_value_and_remedy(api: Api, query: str, said: str) -> None:
    answer = await (await api.as_(["claims:read"])).get(f"/v1/claims?{query}")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(said)
