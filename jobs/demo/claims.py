"""Claims of the demo insurer as their files write them, with the history that opening claims bring along."""

from datetime import date, timedelta
from itertools import count
from random import Random

from app.core.ids import payment_reference
from jobs.demo.model import HISTORY_FROM, OPENING_DAY, Carrier, Record

# References of the former system: a range of their own, far above what the books will ever issue.
_FORMER_REFERENCES = 700_000_000_000_000

_GROUNDS = {
    "CM98": "Controle achteraf: prestaties zonder grond",
    "DS98": "Controle achteraf: dubbel gedeclareerd",
    "CM93": "Correctie die niet verrekend kon worden",
    "DS93": "Creditnota die niet verrekend kon worden",
    "CM96": "Zorgkostenplafond overschreden",
    "CM89": "Afgesproken uren per cliënt overschreden",
    "FC": "Formele controle: verzekerde was niet verzekerd",
    "COPE": "COPE-controle: behandeling zonder indicatie",
    "MC": "Materiële controle: geen dossiervorming",
    "SZ": "Speciale zaken: zorg die niet is geleverd",
    "EINDAFREKENING": "Eindafrekening omzetplafond",
    "OPBRENGSTVERREKENING": "Opbrengstverrekening",
}
_CEILINGS = ("CM96", "CM89", "EINDAFREKENING")


class Letters:
    """Makes claims, numbering the payment references of the former system as it goes."""

    def __init__(self) -> None:
        self._numbers = count(_FORMER_REFERENCES + 1)

    def opening(
        self,
        carrier: Carrier,
        claim_id: str,
        agb: str,
        code: str,
        cents: int,
        letter: date,
        *,
        paid: tuple[date, int] | None = None,
        sent_until: date = OPENING_DAY,
    ) -> Record:
        """A claim with a letter of before go-live; reminders as the carrier's order sends them, up to `sent_until`."""
        due = letter + timedelta(days=30)
        steps = [self._step("notice", 1, letter, due, cents)]
        for number, (sent, end) in enumerate(reminders(carrier, due), 1):
            asked = cents - (paid[1] if paid and paid[0] <= sent else 0)
            if sent <= sent_until:
                steps.append(self._step("reminder", number, sent, end, asked))
        record = {
            **_claim(claim_id, agb, code, cents, letter),
            "kind": "claim",
            "openPrincipalCents": cents - (paid[1] if paid else 0),
            "registeredOn": letter,
            "letterDate": letter,
            "dueDate": due,
            "steps": steps,
        }
        if paid:
            record["payments"] = [{"receivedOn": paid[0], "cents": paid[1], "reference": steps[0]["paymentReference"]}]
        return record

    def _step(self, kind: str, number: int, sent: date, end: date, asked: int) -> Record:
        reference = payment_reference(next(self._numbers))
        return {
            "kind": kind, "stepNo": number, "sentOn": sent, "termEnd": end, "askedCents": asked,
            "paymentReference": reference,
        }  # fmt: skip


def reminders(carrier: Carrier, due: date) -> list[tuple[date, date]]:
    """(sent on, last day of the term) of each reminder: VGZ's one, or Zilveren Kruis' three."""
    if carrier.reminders == 1:
        return [(due + timedelta(days=1), due + timedelta(days=15))]
    return [(due + timedelta(days=30 * n), due + timedelta(days=30 * n + 30)) for n in range(3)]


def quiet_credit(claim_id: str, agb: str, cents: int, registered: date, *, correction: bool = False) -> Record:
    """A credit note or correction that was open at go-live: no letter yet, offset at once."""
    return {
        "id": claim_id,
        "agb": agb,
        "kind": "correction" if correction else "credit-note",
        "reasonCode": "CORRECTION" if correction else "CREDIT",
        "ground": "Correctie door de zorgverzekeraar" if correction else "Creditnota van de zorgaanbieder",
        "amountCents": cents,
        "openPrincipalCents": cents,
        "registeredOn": registered,
        "dueDate": registered,
    }


def new_claim(claim_id: str, agb: str, code: str, cents: int, letter: date, *, kind: str = "claim") -> Record:
    """A claim of after go-live, due as the policy says."""
    return {"type": kind, **_claim(claim_id, agb, code, cents, letter), "letterDate": letter}


def _claim(claim_id: str, agb: str, code: str, cents: int, letter: date) -> Record:
    """Fields that every claim has; ceilings concern a year up to 2022, as later ones are not paid above at all."""
    serial = int(claim_id[-4:])
    ceiling = code in _CEILINGS
    year = 2019 + serial % 4 if ceiling else letter.year - 1
    ground = f"{_GROUNDS[code]} {year}" if ceiling else _GROUNDS[code]
    parts = 1 if ceiling or cents < 3000 else 1 + serial % 3
    lines = [
        {
            "cents": cents // parts + (cents % parts if part == 0 else 0),
            "periodFrom": date(year, 1, 1) if ceiling else date(year, 1 + (serial + part) % 12, 1),
            "periodUntil": date(year, 12, 31) if ceiling else date(year, 1 + (serial + part) % 12, 28),
            "description": ground,
            **({} if ceiling else {"declarationNumber": f"H{year}-{serial:04d}{part + 1}"}),
        }
        for part in range(parts)
    ]
    return {
        "id": claim_id, "agb": agb, "reasonCode": code, "ground": ground, "amountCents": cents, "number": claim_id,
        "lines": lines,
    }  # fmt: skip


def amount(rng: Random) -> int:
    """What a claim is about, in cents: most are small, some are not."""
    low, high = rng.choices([(4_500, 45_000), (45_000, 400_000), (400_000, 3_500_000)], [60, 30, 10])[0]
    return rng.randrange(low, high)


def random_opening(rng: Random, letters: Letters, carrier: Carrier, claim_id: str, agb: str, code: str) -> Record:
    """A claim of the six months before go-live: some were paid in part, some are disputed or paid in terms."""
    letter = HISTORY_FROM + timedelta(days=rng.randrange(0, 180))
    cents = amount(rng)
    paid_on = letter + timedelta(days=20 + rng.randrange(0, 40))
    paid = (paid_on, cents * rng.randrange(10, 70) // 100) if rng.randrange(5) == 0 and paid_on <= OPENING_DAY else None
    # a few reminders were forgotten in the former system: the first night proposes them
    sent_until = OPENING_DAY if rng.randrange(12) else letter
    record = letters.opening(carrier, claim_id, agb, code, cents, letter, paid=paid, sent_until=sent_until)
    luck = rng.randrange(100)
    if luck < 6:
        record["holds"] = [_hold("dispute", letter, "Zorgaanbieder betwist de vordering", record, whole=luck < 3)]
    elif luck < 9:
        record["holds"] = [_hold("plan", letter, "Betalingsregeling in zes termijnen", record, whole=True)]
    return record


def _hold(kind: str, letter: date, reason: str, record: Record, *, whole: bool) -> Record:
    hold = {"kind": kind, "fromDate": letter + timedelta(days=25), "reason": reason, "owner": "debiteurenbeheer"}
    return hold if whole else {**hold, "cents": max(1, record["openPrincipalCents"] // 2)}
