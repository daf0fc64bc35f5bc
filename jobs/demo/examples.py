"""Finds one of each kind of outcome back in the books, with the command that explains it."""

from collections.abc import Callable

import msgspec
from asyncpg import Record

from app.core.db import Connection
from app.core.errors import Bug
from app.core.ids import payout_number
from app.payouts import dutch_date, dutch_euros

Row = Record


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome in the books: its kind, its number, a Dutch sentence, and the command that explains it."""

    name: str
    number: str
    sentence: str
    command: str


class _Kind(msgspec.Struct, frozen=True):
    name: str
    statement: str
    say: Callable[[Row], tuple[str, str, str]]
    """Of a row: the number, the sentence, the command."""


def _payout(row: Row, sentence: str) -> tuple[str, str, str]:
    number = payout_number(row["payout_id"], row["business_date"].year)
    text = f"betaling {number} van {dutch_date(row['business_date'])} aan {row['name']}: {sentence}"
    return number, text, f"explain {number}"


def _net_zero(row: Row) -> tuple[str, str, str]:
    return _payout(row, f"{_euros(row['declared_cents'])} gedeclareerd, alles verrekend, niets uitbetaald")


def _part_offset(row: Row) -> tuple[str, str, str]:
    declared, offset, net = (_euros(row[f"{each}_cents"]) for each in ("declared", "offset", "net"))
    return _payout(row, f"{declared} gedeclareerd, {offset} verrekend, {net} uitbetaald")


def _matured(row: Row) -> tuple[str, str, str]:
    text = (
        f"creditnota {row['reference']} van {row['name']} ({_euros(row['original_cents'])}) stond open vanaf "
        f"{dutch_date(row['registered_on'])} en is sinds {dutch_date(row['matured_on'])} een vordering {row['code']}"
    )
    return row["reference"], text, f"claim {row['reference']}"


def _withdrawn(row: Row) -> tuple[str, str, str]:
    text = (
        f"declaratie {row['number']} van {row['name']} ({_euros(row['awarded_cents'])}) is ingetrokken; wat ervan was "
        f"uitbetaald, {_euros(row['original_cents'])}, wordt teruggevraagd als {row['reference']}"
    )
    return row["reference"], text, f"claim {row['reference']}"


def _other_agb(row: Row) -> tuple[str, str, str]:
    paying, owing = row["paying"], row["owing"]
    text = f"{_euros(row['cents'])} van AGB-code {paying} is verrekend met {row['reference']} op AGB-code {owing}"
    return _payout(row, text)


def _insolvency(row: Row) -> tuple[str, str, str]:
    day = row["valid_from"]
    text = f"{_claim(row)} is op {dutch_date(day)} niet verrekend, hoewel er declaraties waren"
    return row["reference"], text, f"why {row['reference']} --on {day}"


def _agency(row: Row) -> tuple[str, str, str]:
    day = row["proposed_on"]
    text = f"{_claim(row)}, voorgesteld op {dutch_date(day)}"
    return row["reference"], text, f"proposals --risk-carrier {row['carrier']} --date {day}"


def _reversed(row: Row) -> tuple[str, str, str]:
    text = f"{_euros(row['returned_cents'])} is teruggegeven na een bezwaar; {row['reference']} staat weer open"
    return _payout(row, text)


def _parked(row: Row) -> tuple[str, str, str]:
    text = (
        f"van {dutch_date(row['first_night'])} tot en met {dutch_date(row['last_night'])} was er geen geldige IBAN; "
        f"daarna is {_euros(row['net_cents'])} alsnog uitbetaald"
    )
    return _payout(row, text)


def _third_letter(row: Row) -> tuple[str, str, str]:
    text = f"{_claim(row)}, verstuurd op {dutch_date(row['sent_on'])} met betalingskenmerk {row['payment_reference']}"
    return row["reference"], text, f"claim {row['reference']}"


_PAYOUT = """
select y.payout_id, y.business_date, p.name, y.declared_cents, y.offset_cents, y.net_cents
from payout y join running_account ra using (account_id) join provider p using (provider_id)
where y.offset_cents > 0 and (y.net_cents = 0) = $1 and y.returned_cents + y.advance_cents = 0
order by y.business_date, y.declarations, y.payout_id limit 1
"""
_NET_ZERO, _PART = _PAYOUT.replace("$1", "true"), _PAYOUT.replace("$1", "false")

_MATURED = """
select c.reference, c.original_cents, c.registered_on, p.name, m.matured_on, r.code
from claim_maturity m join claim c using (account_id, claim_id) join reason_code r on r.reason_id = m.to_reason_id
  join running_account ra using (account_id) join provider p using (provider_id)
where c.kind = 2 and r.code = 'DS93' order by m.matured_on, m.claim_id limit 1
"""
_WITHDRAWN = """
select d.number, d.awarded_cents, p.name, c.reference, c.original_cents
from declaration_withdrawal w join declaration d using (account_id, declaration_id)
  join claim c on c.account_id = w.account_id and c.origin_declaration_id = w.declaration_id and c.kind = 7
  join running_account ra on ra.account_id = w.account_id join provider p using (provider_id)
where w.settled order by w.withdrawal_id limit 1
"""
_OTHER_AGB = """
select x.payout_id, x.booking_date as business_date, p.name, x.cents, c.reference, da.agb as paying, ca.agb as owing
from posting x join declaration d on d.account_id = x.account_id and d.declaration_id = x.event_id
  join claim c on c.account_id = x.account_id and c.claim_id = x.claim_id
  join agb_registration da on da.agb_id = d.agb_id join agb_registration ca on ca.agb_id = c.agb_id
  join running_account ra on ra.account_id = x.account_id join provider p on p.provider_id = ra.provider_id
where x.kind = 2 and x.pass = 4 and da.agb <> ca.agb order by x.booking_date, x.payout_id, x.line limit 1
"""
_INSOLVENCY = """
select c.reference, d.valid_from, d.open_cents, p.name
from decision d join claim c using (account_id, claim_id) join running_account ra using (account_id)
  join provider p using (provider_id)
where d.answer = 20 and d.hold_kind = 5 and d.with_money order by d.valid_from, d.claim_id limit 1
"""
_AGENCY = """
select c.reference, p.name, x.proposed_on, k.code as carrier, x.open_cents
from dunning_proposal x join claim c using (account_id, claim_id) join running_account ra using (account_id)
  join provider p using (provider_id) join risk_carrier k on k.risk_carrier_id = x.risk_carrier_id
where x.kind = 2 order by x.proposed_on, x.claim_id limit 1
"""
_REVERSED = """
select y.payout_id, y.business_date, p.name, y.returned_cents, c.reference
from offset_reversal v join payout_entry e on e.account_id = v.account_id and e.entry_id = v.reversal_id
  join payout y on y.account_id = e.account_id and y.payout_id = e.payout_id
  join claim c on c.account_id = v.account_id and c.claim_id = v.claim_id
  join running_account ra on ra.account_id = v.account_id join provider p using (provider_id)
where v.cause = 1 order by v.reversal_id limit 1
"""
_THIRD_LETTER = """
select c.reference, p.name, s.sent_on, s.payment_reference, s.asked_cents as open_cents
from claim_step s join claim c using (account_id, claim_id) join running_account ra using (account_id)
  join provider p using (provider_id)
where s.kind = 2 and s.step_no = 3 and not exists (select 1 from import_file f where f.kind = 'opening-claims'
  and f.risk_carrier_id = s.risk_carrier_id and f.cut_off_date >= s.sent_on)
order by s.sent_on, s.claim_id limit 1
"""
_PARKED = """
select y.payout_id, y.business_date, p.name, y.net_cents, k.first_night, k.last_night
from (select q.account_id, min(r.business_date) as first_night, max(r.business_date) as last_night
    from run_parked q join run r using (run_id) where q.reason = 'no IBAN' group by q.account_id) k
  join payout y on y.account_id = k.account_id and y.business_date > k.last_night
  join running_account ra on ra.account_id = k.account_id join provider p using (provider_id)
order by y.business_date, y.payout_id limit 1
"""

_KINDS = (
    _Kind("Netto nul", _NET_ZERO, _net_zero),
    _Kind("Deels verrekend", _PART, _part_offset),
    _Kind("Creditnota werd DS93", _MATURED, _matured),
    _Kind("Ingetrokken declaratie", _WITHDRAWN, _withdrawn),
    _Kind("Andere AGB-code, zelfde rechtspersoon", _OTHER_AGB, _other_agb),
    _Kind("Stilgezet door insolventie", _INSOLVENCY, _insolvency),
    _Kind("Klaar voor het incassobureau", _AGENCY, _agency),
    _Kind("Derde brief", _THIRD_LETTER, _third_letter),
    _Kind("Verrekening teruggedraaid", _REVERSED, _reversed),
    _Kind("Geparkeerd, later betaald", _PARKED, _parked),
)


async def find_examples(connection: Connection) -> list[Example]:
    """One example of each kind. The stories put them there: Bug when one is missing."""
    found = []
    for kind in _KINDS:
        row = await connection.fetchrow(kind.statement)
        if row is None:
            raise Bug(f"the demo holds no example of: {kind.name}")
        number, sentence, command = kind.say(row)
        found.append(Example(name=kind.name, number=number, sentence=sentence, command=f"vereffen {command}"))
    return found


def _claim(row: Row) -> str:
    return f"vordering {row['reference']} van {row['name']} ({_euros(row['open_cents'])} open)"


def _euros(cents: int) -> str:
    return f"€ {dutch_euros(cents)}"
