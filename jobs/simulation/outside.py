"""The books of the outside world: what providers, staff and the bank know without looking into ours.

Per running account one number, `owed`: what the provider owes in all, less what it is owed. Each fact moves it by what
the fact itself says (a claim of 100 by 100, a payment of 45 by -45, a transfer that left by its amount), and offsets
do not move it at all: they turn two debts into none. What an agreement takes over does not move it either: that the
parties settle between themselves, and the ledger keeps it on an account of its own, which is nothing over each group
of running accounts that agreed. The ledger must come to the same number by its own way:

    owed = open claims - queue of declarations and offsets given back - money on account - payouts that have not left
      + what agreements took from here - what they took over

A cent that is lost or doubled anywhere between the two makes them differ.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

Account = tuple[str, str]
"""Risk carrier code and provider number."""


@dataclass
class OutsideClaim:
    """A claim as its maker knows it; cents. `gone` when it was withdrawn."""

    account: Account
    amount: int
    charges: int = 0
    written_off: int = 0
    gone: bool = False


@dataclass
class OutsideDeclaration:
    """A declaration as the provider knows it: awarded cents, names of its credits, and whether it was withdrawn."""

    account: Account
    awarded: int
    agb: str
    credits: list[str] = field(default_factory=list)
    withdrawn: bool = False


@dataclass
class OutsideAgreement:
    """An agreement as its parties know it; `over`: the first day on which it does not hold any more."""

    payer: Account
    debtor: Account
    since: date
    until: date | None
    over: date | None = None

    def holds(self, on: date) -> bool:
        """Whether something may be taken over in the night of that day."""
        return self.since <= on <= (self.until or on) and (self.over is None or on < self.over)


@dataclass
class Outside:
    """Everything known outside. `totals` counts cents by account and kind of fact, for a comparison kind by kind."""

    owed: Counter[Account] = field(default_factory=Counter)
    claims: dict[str, OutsideClaim] = field(default_factory=dict)
    declarations: dict[str, OutsideDeclaration] = field(default_factory=dict)
    totals: Counter[tuple[Account, str]] = field(default_factory=Counter)
    bank: dict[str, int] = field(default_factory=dict)
    agreements: dict[str, OutsideAgreement] = field(default_factory=dict)
    redirected: dict[int, str] = field(default_factory=dict)
    """The account number to which staff sent a held payout last, by payout id."""

    def move(self, account: Account, what: str, cents: int, sign: int) -> None:
        """A fact of that many cents moved what the provider owes; 0 when the fact is only counted."""
        self.owed[account] += sign * cents
        self.totals[account, what] += cents

    def claimed(self, name: str, account: Account, cents: int, what: str = "claimed") -> None:
        """A claim, credit or advance is there."""
        self.claims[name] = OutsideClaim(account, cents)
        self.move(account, what, cents, 1)

    def opened(self, name: str, account: Account, cents: int, *, paid: int, charged: int) -> None:
        """A claim came over from another book, with what was paid and charged on it there."""
        self.claimed(name, account, cents, "opened")
        self.move(account, "paid before", paid, -1)
        if charged:
            self.charged(name, charged)

    def changed(self, name: str, delta: int) -> None:
        """The amount of a claim was raised or lowered."""
        claim = self.claims[name]
        claim.amount += delta
        self.move(claim.account, "raised" if delta > 0 else "lowered", abs(delta), 1 if delta > 0 else -1)

    def withdrawn(self, name: str) -> None:
        """Nothing of a claim is owed any more, its costs and interest neither."""
        claim = self.claims[name]
        self.move(claim.account, "lowered", claim.amount, -1)
        self.owed[claim.account] -= claim.charges - claim.written_off
        claim.amount = claim.charges = claim.written_off = 0
        claim.gone = True

    def charged(self, name: str, cents: int) -> None:
        """Costs or interest came on a claim."""
        self.claims[name].charges += cents
        self.move(self.claims[name].account, "charged", cents, 1)

    def written_off(self, name: str, cents: int) -> None:
        """So much of a claim will not be asked any more."""
        self.claims[name].written_off += cents
        self.move(self.claims[name].account, "written off", cents, -1)

    def agreed(self, number: str, payer: Account, debtor: Account, since: date, until: date | None) -> None:
        """Declarations of `payer` may pay what `debtor` owes."""
        self.agreements[number] = OutsideAgreement(payer, debtor, since, until)

    def agreement_over(self, number: str, over: date) -> None:
        """The agreement holds no longer from that day on."""
        self.agreements[number].over = over

    def groups(self) -> dict[Account, Account]:
        """Every account that ever agreed with another one, each with the one that stands for its group."""
        group: dict[Account, Account] = {}
        for each in self.agreements.values():
            one, other = (group.setdefault(party, party) for party in (each.payer, each.debtor))
            group.update({party: one for party, of in group.items() if of == other})
        return group

    def room(self, declaration: str) -> int:
        """What a declaration leaves to credit."""
        known = self.declarations[declaration]
        return known.awarded - sum(self.claims[name].amount for name in known.credits)

    def declaration_withdrawn(self, declaration: str, *, settled: bool, credited: int, claimed: int) -> None:
        """The declaration never was: neither it nor what was credited on it counts; a claim for what was paid does not
        count either, since that money is with the bank already. `credited`, `claimed`: what the credits and the new
        claim are from now on.
        """
        known = self.declarations[declaration]
        known.withdrawn = True
        self.owed[known.account] += known.awarded
        self.totals[known.account, "withdrawn"] += known.awarded
        before = sum(self.claims[name].amount for name in known.credits)
        self.owed[known.account] -= before
        self.totals[known.account, "lowered"] += before - credited
        excess = before - credited
        for name in reversed(known.credits):  # the newest first
            claim = self.claims[name]
            less = min(excess, claim.amount)
            claim.amount -= less
            excess -= less
            if not settled:
                self.owed[known.account] -= claim.charges - claim.written_off
                claim.amount = claim.charges = claim.written_off = 0
                claim.gone = True
        if claimed:
            self.claims[f"W:{declaration}"] = OutsideClaim(known.account, claimed)
            self.totals[known.account, "claimed"] += claimed
