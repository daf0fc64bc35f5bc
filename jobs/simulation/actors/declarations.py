"""Files of declarations: awarded invoices, credit notes, corrections and advances, in every mixture."""

import random
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from jobs.simulation.actors.model import Job, cents
from jobs.simulation.model import ADVANCE
from jobs.simulation.outside import Account, OutsideDeclaration

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk

_KINDS = ("declaration", "credit-note", "correction", "advance")


def plan(pick: random.Random) -> dict[str, Any]:
    """One to six records for one running account, sometimes with one that makes the file useless."""
    records = []
    for _ in range(pick.randint(1, 6)):
        kind = pick.choices(_KINDS, (10, 3, 2, 1))[0]
        records.append(
            {
                "kind": kind,
                "cents": cents(pick),
                "agb": pick.randrange(3),
                "hour": pick.randint(6, 18),
                "nth": pick.randrange(40),
                "percent": pick.choice((1, 30, 100, 100)),
                "names": pick.random() < 0.1,
                "elsewhere": pick.random() < 0.3,
            }
        )
    return {"records": records, "late": pick.random() < 0.08, "bad": pick.random() < 0.05}


class _File:
    """The file that is being put together: its records, and what they are to the outside once loaded."""

    def __init__(self, desk: "Desk", account: Account, agbs: tuple[str, ...], on: date) -> None:
        self.desk, self.account, self.agbs, self.on = desk, account, agbs, on
        self.records: list[dict[str, Any]] = []
        self.declared: list[tuple[str, int, str]] = []
        self.credited: list[tuple[str, str, int]] = []
        self.advanced: list[tuple[str, int, bool]] = []
        self.situations: list[str] = []
        self.claims: list[Any] = []

    def add(self, number: int, drawn: dict[str, Any]) -> None:
        """One drawn record; a credit without a declaration that leaves room is left out."""
        name = f"{drawn['kind'][0].upper()}{self.desk.key}-{number}"
        if drawn["kind"] == "declaration":
            self._declaration(name, drawn)
        elif drawn["kind"] == "advance":
            self._advance(name, drawn)
        else:
            self._credit(name, drawn)

    def _declaration(self, name: str, drawn: dict[str, Any]) -> None:
        agb = self.agbs[drawn["agb"] % len(self.agbs)]
        named = {}
        if drawn["names"] and self.claims:
            named = {"claimReference": self.claims[drawn["nth"] % len(self.claims)]["reference"]}
            self.situations.append("declaration_names_its_claim")
        approved = datetime.combine(self.on, time(drawn["hour"]), UTC).isoformat()
        self.records.append(
            {"type": "declaration", "id": name, "agb": agb, "awardedCents": drawn["cents"], "approvedAt": approved}
            | named
        )
        self.declared.append((name, drawn["cents"], agb))

    def _advance(self, name: str, drawn: dict[str, Any]) -> None:
        self.records.append(
            {
                "type": "advance",
                "id": name,
                "agb": self.agbs[drawn["agb"] % len(self.agbs)],
                "amountCents": drawn["cents"],
                "paid": "elsewhere" if drawn["elsewhere"] else "request",
                "reasonCode": ADVANCE[self.account[0]],
            }
        )
        self.advanced.append((name, drawn["cents"], drawn["elsewhere"]))

    def _credit(self, name: str, drawn: dict[str, Any]) -> None:
        outside = self.desk.outside
        left = {
            declaration: outside.room(declaration) - sum(cents for _, of, cents in self.credited if of == declaration)
            for declaration, known in outside.declarations.items()
            if known.account == self.account and not known.withdrawn
        }
        left |= {of: cents - sum(c for _, d, c in self.credited if d == of) for of, cents, _ in self.declared}
        able = [declaration for declaration in sorted(left) if left[declaration] > 0]
        if not able:
            return
        of = able[drawn["nth"] % len(able)]
        amount = max(1, left[of] * drawn["percent"] // 100)
        named = {"type": drawn["kind"], "id": name, "declaration": of}
        if drawn["kind"] == "correction":
            lines = [{"cents": -part} for part in (amount - amount // 3, amount // 3) if part]
            self.records.append({**named, "lines": lines, "reason": "Wlz"})
        else:
            self.records.append({**named, "amountCents": -amount})
        self.credited.append((name, of, amount))
        self.situations.append("credit_before_settlement" if of.startswith(f"D{self.desk.key}-") else "credit_later")
        if amount == left[of]:
            self.situations.append("credited_in_full")

    def note(self, _: Any) -> None:
        """It was loaded: the outside's books follow."""
        outside, account = self.desk.outside, self.account
        for name, amount, agb in self.declared:
            outside.declarations[name] = OutsideDeclaration(account, amount, agb)
            outside.move(account, "declared", amount, -1)
        for name, of, amount in self.credited:
            outside.declarations[of].credits.append(name)
            outside.claimed(name, account, amount)
        for name, amount, elsewhere in self.advanced:
            if elsewhere:
                outside.claimed(name, account, amount, "advanced elsewhere")
            else:  # owed once it is paid, by what the bank then carries out
                outside.claimed(name, account, amount, "advance asked")
                outside.owed[account] -= amount
            self.desk.saw("advance_elsewhere" if elsewhere else "advance_asked")


async def prepare(desk: "Desk", args: dict[str, Any]) -> Job | None:
    """The file of one running account."""
    account, provider, account_id = desk.whose(args)
    file = _File(desk, account, provider.agbs, desk.business_date(args))
    file.claims = await desk.claims(account_id)
    for number, drawn in enumerate(args["records"]):
        file.add(number, drawn)
    if args["bad"]:
        file.records.append(
            {
                "type": "declaration",
                "id": f"B{desk.key}",
                "agb": "99999999",
                "awardedCents": 1,
                "approvedAt": f"{desk.day}T08:00:00Z",
            }
        )
        desk.saw("file_with_a_bad_record")
    if not file.records:
        return None
    return desk.loaded("declarations", account[0], file.records, args, file.note, situations=file.situations)
