"""How a posting reads on a statement: its Dutch word, its sides, its balances; JSON and CSV of a statement. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from app.core.errors import Refusal
from app.core.ids import payout_number
from app.payouts import CLAIM_KINDS, Cell, csv_lines
from app.reports.model import Side, SideTotals, StatementHead, StatementLine

Key = tuple[date, int, int, int]  # booking date, event, kind, line: what orders a statement

KINDS = {
    1: "declaratie", 2: "verrekening", 3: "verrekening", 4: "verrekening", 5: "uitbetaling",
    8: "beginstand vordering", 9: "voorschot", 10: "voorschot", 11: "betaling", 12: "betaling", 13: "betaling",
    14: "betaling op rekening", 15: "toewijzing betaling", 16: "toewijzing betaling", 17: "toewijzing betaling",
    18: "betaling voor ingang", 20: "rente", 21: "kosten", 22: "verlaging", 23: "verhoging", 24: "afboeking",
    25: "afboeking", 26: "afboeking", 27: "rente vervallen", 28: "kosten vervallen", 30: "verrekening teruggedraaid",
    31: "verrekening teruggedraaid", 32: "verrekening teruggedraaid", 33: "declaratie ingetrokken",
    34: "betaling vrijgevallen", 35: "betaling vrijgevallen", 36: "betaling vrijgevallen",
    40: "overname onder overeenkomst", 41: "verrekening onder overeenkomst", 42: "teruggave overname",
    43: "terug van de betaler",
}  # fmt: skip
_REGISTERED = 7
_CURSOR = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,19})\.([0-9]{1,5})\.([0-9]{1,10})")
_DECLARATION_KINDS = frozenset((1, 2, 3, 4, 30, 31, 32, 33))

SIDES_NL = {Side.PAYABLE: "te betalen", Side.CLAIMS: "vorderingen", Side.ON_ACCOUNT: "op rekening"}
COLUMNS = (
    "Boekdatum", "Valutadatum", "Kant", "Soort", "Redencode", "Reden", "Ons nummer", "Uw factuurnummer", "AGB-code",
    "Vordering", "Debet", "Credit", "Saldo kant", "Saldo rekening-courant", "Uitbetaling",
)  # fmt: skip


def kind_text(kind: int, claim_kind: int | None) -> str:
    """The Dutch word for a posting kind; a registration is called after the kind of its claim."""
    return CLAIM_KINDS[claim_kind or 1] if kind == _REGISTERED else KINDS[kind]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What the postings of one day did to each side, in cents: net, and what raised it. `on` None: all days before."""

    on: date | None
    postings: int
    lines: int
    moved: dict[Side, int]
    raised: dict[Side, int]


def side_totals(days: Sequence[Day]) -> tuple[SideTotals, ...]:
    """Totals of each side from its days."""
    period = [day for day in days if day.on is not None]
    return tuple(
        _side(
            side,
            opening=sum(day.moved[side] for day in days if day.on is None),
            up=sum(day.raised[side] for day in period),
            down=sum(day.raised[side] - day.moved[side] for day in period),
        )
        for side in Side
    )


def _side(side: Side, *, opening: int, up: int, down: int) -> SideTotals:
    return SideTotals(
        side=side,
        opening_cents=opening,
        # what the provider owes grows by a debit, what it is owed by a credit
        debit_cents=up if side is Side.CLAIMS else down,
        credit_cents=down if side is Side.CLAIMS else up,
        closing_cents=opening + up - down,
    )


def balances_before(days: Sequence[Day], on: date) -> dict[Side, int]:
    """The balance of each side before the first posting of a day."""
    return {side: sum(day.moved[side] for day in days if day.on is None or day.on < on) for side in Side}


def window(days: Sequence[Day], after: date | None, count: int) -> tuple[date, date] | None:
    """First and last day that hold the next `count` postings; None when there is no day.

    `after`: the day of the last posting shown, of which some may follow; so it belongs to the window and counts for
    nothing.
    """
    first = last = None
    for day in days:
        if day.on is None or (after is not None and day.on < after):
            continue
        first, last = first or day.on, day.on
        count -= 0 if day.on == after else day.postings
        if count <= 0:
            break
    return None if first is None or last is None else (first, last)


def account_balance(balances: dict[Side, int]) -> int:
    """Above 0 the insurer owes the provider, below 0 the provider owes the insurer."""
    return balances[Side.PAYABLE] + balances[Side.ON_ACCOUNT] - balances[Side.CLAIMS]


def lines_of(movement: Any, detail: Any, balances: dict[Side, int]) -> Iterator[StatementLine]:
    """The lines of one posting, one per side that it moves; `balances` goes along and is changed."""
    deltas = {
        Side.PAYABLE: movement["payable_delta"],
        Side.CLAIMS: movement["claims_delta"],
        Side.ON_ACCOUNT: movement["on_account_delta"],
    }
    for side, delta in deltas.items():
        if delta == 0:
            continue
        balances[side] += delta
        debit = (delta > 0) == (side is Side.CLAIMS)
        yield _line(side, abs(delta), debit=debit, detail=detail, balances=balances)


def _line(side: Side, cents: int, *, debit: bool, detail: Any, balances: dict[Side, int]) -> StatementLine:
    about_claim = side is Side.CLAIMS or detail["kind"] not in _DECLARATION_KINDS
    declaration = (detail["declaration_number"], detail["invoice_number"], detail["declaration_agb"])
    claim = (detail["claim_number"], detail["origin_invoice"], detail["claim_agb"])
    number, invoice, agb = claim if about_claim else declaration
    payout = None if detail["payout_id"] is None else payout_number(detail["payout_id"], detail["payout_date"].year)
    return StatementLine(
        booking_date=detail["booking_date"],
        value_date=detail["effective_date"],
        side=side,
        kind=kind_text(detail["kind"], detail["claim_kind"]),
        reason_code=detail["reason_code"],
        reason=detail["decision"] or detail["reason"],
        number=number or detail["payment_reference"] or payout,
        invoice_number=invoice,
        agb=agb,
        claim_reference=detail["claim_reference"],
        debit_cents=cents if debit else 0,
        credit_cents=0 if debit else cents,
        balance_cents=balances[side],
        account_balance_cents=account_balance(balances),
        payout_number=payout,
    )


def encode_cursor(key: Key) -> str:
    """The place after a posting, as text for a caller to hand back."""
    day, event_id, kind, line = key
    return f"{day.isoformat()}.{event_id}.{kind}.{line}"


def decode_cursor(text: str) -> Key:
    """The place behind a cursor. Refusal (400) when it is none of ours."""
    refused = Refusal(
        "cursor_invalid", "This cursor is not one of ours; start again without it.", status=400, field="cursor"
    )
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise refused
    day, event_id, kind, line = found.group(1), *(int(number) for number in found.groups()[1:])
    if event_id >= 2**63 or kind >= 2**15 or line >= 2**31:
        raise refused
    try:
        return date.fromisoformat(day), event_id, kind, line
    except ValueError as error:
        raise refused from error


def csv_head(head: StatementHead) -> str:
    """The first part of a statement's CSV: the column names and the opening balance of each side."""
    return csv_lines([COLUMNS, *(_balance_row("beginsaldo", head, total) for total in head.sides)])


def csv_part(lines: Sequence[StatementLine]) -> str:
    """The CSV of some lines."""
    return csv_lines(_row(line) for line in lines)


def csv_tail(head: StatementHead) -> str:
    """The last part: the closing balance of each side, what is still to come, and the account's balance."""
    rows: list[tuple[Cell, ...]] = [_balance_row("eindsaldo", head, total) for total in head.sides]
    rows.append(_sum_row("nog te verwerken", head, None, head.pending_cents))
    rows.append(_sum_row("eindsaldo rekening-courant", head, head.closing_balance_cents, None))
    return csv_lines(rows)


def _row(line: StatementLine) -> tuple[Cell, ...]:
    return (
        line.booking_date, line.value_date, SIDES_NL[line.side], line.kind, line.reason_code, line.reason, line.number,
        line.invoice_number, line.agb, line.claim_reference, line.debit_cents or None, line.credit_cents or None,
        line.balance_cents, line.account_balance_cents, line.payout_number,
    )  # fmt: skip


def _balance_row(word: str, head: StatementHead, total: SideTotals) -> tuple[Cell, ...]:
    opening = word == "beginsaldo"
    day = head.first_date if opening else head.last_date
    cents = total.opening_cents if opening else total.closing_cents
    moved: tuple[Cell, ...] = (None, None) if opening else (total.debit_cents, total.credit_cents)
    return (day, None, SIDES_NL[total.side], word, *(None,) * 6, *moved, cents, None, None)


def _sum_row(word: str, head: StatementHead, balance: int | None, amount: int | None) -> tuple[Cell, ...]:
    return (head.last_date, None, None, word, *(None,) * 7, amount, None, balance, None)


def json_head(head: StatementHead) -> bytes:
    """The first part of a statement's JSON, up to its lines."""
    return b'{"head":' + msgspec.json.encode(head) + b',"lines":['


def json_part(lines: Sequence[StatementLine], *, first: bool) -> bytes:
    """The JSON of some lines; `first` when none went before."""
    body = msgspec.json.encode(lines)[1:-1]
    return body if first or not body else b"," + body


JSON_TAIL = b'],"nextCursor":null}'
"""What closes the JSON of a statement."""
