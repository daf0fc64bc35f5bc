"""Facts recorded by command or API: a name per kind, a JSON object each, the same rows that letters and bank write."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from app import banking, blocks, claims, declarations, offsetting, payouts
from app.core.db import Connection
from app.core.errors import Refusal
from app.ledger import Command, Input

Action = Callable[[Connection, Command, Any], Awaitable[dict[str, Any]]]

KINDS: Mapping[str, tuple[type[Input], Action]] = {
    "payment": (banking.RecordPayment, banking.record_payment),
    "step": (claims.RecordStep, claims.record_step),
    "hold": (blocks.RecordHold, blocks.record_hold),
    "end-hold": (blocks.EndHold, blocks.end_hold),
    "adjustment": (claims.AdjustClaim, claims.adjust_claim),
    "withdraw-claim": (claims.WithdrawClaim, claims.withdraw_claim),
    "withdraw-declaration": (declarations.WithdrawDeclaration, declarations.withdraw_declaration),
    "write-off": (claims.WriteOff, claims.write_off),
    "charge": (claims.ChargeClaim, claims.charge_claim),
    "reverse-offset": (offsetting.ReverseOffset, offsetting.reverse_offset),
    "offset-instruction": (offsetting.SetOffsetInstruction, offsetting.set_offset_instruction),
    "agreement": (offsetting.RegisterAgreement, offsetting.register_agreement),
    "end-agreement": (offsetting.EndAgreement, offsetting.end_agreement),
    "request-offset": (offsetting.RequestOffset, offsetting.request_offset),
    "allocation": (banking.AllocateMoney, banking.allocate_money),
    "confirm-payout": (banking.ConfirmPayout, banking.confirm_payout),
    "redirect-payout": (payouts.RedirectPayout, payouts.redirect_payout),
}
_KEYS = ("source", "sourceId", "idempotencyKey")


def fields_of(kind: str) -> str:
    """The JSON fields of a kind for help texts: required ones first, optional ones in brackets."""
    required: list[str] = []
    optional: list[str] = []
    for field in msgspec.structs.fields(_known(kind)[0]):
        (required if field.required else optional).append(field.encode_name)
    return ", ".join([*required, *(f"[{name}]" for name in (*optional, *_KEYS))])


def _known(kind: str) -> tuple[type[Input], Action]:
    if kind not in KINDS:
        raise Refusal(
            "kind_unknown", f"{kind!r} cannot be recorded; choose {', '.join(KINDS)}.", status=422, field="kind"
        )
    return KINDS[kind]


def _refuse_unstorable(payload: Mapping[str, Any]) -> None:
    for name, value in payload.items():
        if isinstance(value, str) and "\0" in value:
            raise Refusal("field_invalid", f"{name} holds a NUL character; leave it out.", status=422, field=name)
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise Refusal("field_invalid", f"{name} is too large a number.", status=422, field=name)


async def record(
    conn: Connection,
    kind: str,
    payload: Mapping[str, Any],
    *,
    actor: str,
    business_date: date,
    risk_carriers: tuple[int, ...] | None = None,
) -> dict[str, Any]:
    """Record one fact of a kind; `payload` is its JSON object. Answers the ids, references and cents that it made.

    `source` with `sourceId`, or `idempotencyKey`, make a repeat harmless. Refusal 422 when the payload does not fit
    the kind; other refusals as the action says.
    """
    expected, action = _known(kind)
    keys = {key: payload.get(key) for key in _KEYS}
    for key, value in keys.items():
        if value is not None and not isinstance(value, str):
            raise Refusal("field_invalid", f"{key} is not a text.", status=422, field=key)
    _refuse_unstorable(payload)
    try:
        asked = msgspec.convert({k: v for k, v in payload.items() if k not in _KEYS}, expected)
    except msgspec.ValidationError as error:
        raise Refusal(
            "field_invalid", f"This {kind} does not fit: {error}. Its fields are {fields_of(kind)}.", status=422
        ) from error
    command = Command(
        actor=actor,
        business_date=business_date,
        risk_carriers=risk_carriers,
        idempotency_key=keys["idempotencyKey"],
        source=keys["source"],
        source_id=keys["sourceId"],
    )
    return await action(conn, command, asked)
