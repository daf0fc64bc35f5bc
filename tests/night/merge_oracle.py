"""The merge told plainly: every choice looks at everything again; obvious enough to judge `offset_merge` by."""

from dataclasses import dataclass, field
from datetime import date

INFINITE = 9223372036854775807
EVERY_PASS = frozenset((1, 2, 3, 4))


@dataclass
class Entry:
    """A declaration: `give` cents at most; `slot` is its AGB, `payout` where its money goes."""

    id: int
    cents: int
    give: int
    slot: int
    payout: int
    day: date
    left: int = 0
    lines: int = 0


@dataclass
class Claim:
    """What may be offset of a claim, by part; `kept`: principal that may not; `limit`: 0 or the one it shares.

    `passes`: those that its reason takes part in.
    """

    id: int
    due: date
    parts: tuple[int, int, int]
    kept: int
    slot: int
    limit: int
    passes: frozenset[int] = EVERY_PASS
    left: int = 0

    @property
    def cents(self) -> int:
        """All that may be offset."""
        return sum(self.parts)


@dataclass
class Account:
    """A running account: entries by approval, claims by policy, pairs that match exactly.

    `share`: one of its own (basis points), by which its entries give, None when they give by the policy's.
    """

    id: int
    cap: int
    floored: bool
    entries: list[Entry]
    claims: list[Claim]
    by_reference: list[tuple[int, int]] = field(default_factory=list)
    by_amount: list[tuple[int, int]] = field(default_factory=list)
    share: int | None = None


@dataclass
class Limit:
    """A share of each entry (basis points), or an amount a run."""

    basis_points: int | None
    cents: int | None


@dataclass
class World:
    """What one call of the merge gets."""

    accounts: list[Account]
    limits: dict[int, Limit]
    budgets: dict[int, int]
    passes: list[int]


Line = tuple[object, ...]


def merge(world: World) -> tuple[list[Line], dict[int, tuple[int, int, int, int]], dict[int, int]]:
    """Offset lines, the result of each claim (cents, principal, costs, answer) and the total of each payout."""
    lines: list[Line] = []
    results: dict[int, tuple[int, int, int, int]] = {}
    totals: dict[int, int] = {}
    for account in world.accounts:
        if account.entries and account.claims:
            state = _State(world, account)
            for which in world.passes:
                state.one_pass(which)
            lines += state.lines
            results |= {claim.id: state.result(claim) for claim in account.claims}
            totals |= state.totals
    return sorted(lines, key=str), results, totals


class _State:
    """What is left of everything in one running account while it is merged."""

    def __init__(self, world: World, account: Account) -> None:
        self.limits = world.limits
        self.passes = world.passes
        self.account = account
        self.cap = account.cap
        self.budget = {e.payout: world.budgets[e.payout] if account.floored else INFINITE for e in account.entries}
        self.run_left = {n: limit.cents or 0 for n, limit in world.limits.items()}
        self.gave: dict[tuple[int, int], int] = {}
        self.lines: list[Line] = []
        self.totals: dict[int, int] = {}
        for entry in account.entries:
            entry.left, entry.lines = entry.give, 0
        for claim in account.claims:
            claim.left = claim.cents

    def room(self, entry: Entry, claim: Claim) -> int:
        found = [entry.left, claim.left, self.cap, self.budget[entry.payout]]
        if claim.limit:
            share = self.limits[claim.limit].basis_points
            given = self.gave.get((entry.id, claim.limit), 0)
            found.append(self.run_left[claim.limit] if share is None else entry.cents * share // 10_000 - given)
        return max(0, min(found))

    def take(self, entry: Entry, claim: Claim, which: int) -> None:
        cents = self.room(entry, claim)
        if cents == 0:
            return
        used, rest, start = claim.cents - claim.left, cents, 0
        for kind, part in enumerate(claim.parts, start=2):
            piece = min(rest, max(0, start + part - max(used, start)))
            start += part
            if piece:
                used, rest, entry.lines = used + piece, rest - piece, entry.lines + 1
                after = claim.kept + max(0, claim.parts[0] - used)
                day = max(entry.day, claim.due)
                self.lines.append(
                    (self.account.id, entry.id, claim.id, kind, entry.lines, piece, after, which, entry.payout, day)
                )
        entry.left, claim.left, self.cap = entry.left - cents, claim.left - cents, self.cap - cents
        self.budget[entry.payout] -= cents
        self.totals[entry.payout] = self.totals.get(entry.payout, 0) + cents
        if claim.limit:
            self.run_left[claim.limit] -= cents
        self.gave[entry.id, claim.limit] = self.gave.get((entry.id, claim.limit), 0) + cents

    def one_pass(self, which: int) -> None:
        entries, claims = self.account.entries, self.account.claims
        if which == 1:
            for e, c in self.account.by_reference:
                if which in claims[c].passes:
                    self.take(entries[e], claims[c], which)
        elif which == 2:
            for e, c in self.account.by_amount:
                whole = max(entries[e].cents, claims[c].cents)
                if which in claims[c].passes and self.room(entries[e], claims[c]) >= whole:
                    self.take(entries[e], claims[c], which)
        else:
            for entry in entries:
                for claim in claims:
                    if which in claim.passes and (which == 4 or claim.slot == entry.slot):
                        self.take(entry, claim, which)

    def near(self, claim: Claim) -> list[Entry]:
        """The entries that the claim could be paired with, were there money in them; exact amounts do not count."""
        entries, claims, passes = self.account.entries, self.account.claims, claim.passes & set(self.passes)
        named = {e for e, c in self.account.by_reference if claims[c] is claim and 1 in passes}
        return [
            entry
            for n, entry in enumerate(entries)
            if 4 in passes or (3 in passes and entry.slot == claim.slot) or n in named
        ]

    def result(self, claim: Claim) -> tuple[int, int, int, int]:
        cents = claim.cents - claim.left
        near = self.near(claim)
        gives_still = any(entry.left > 0 for entry in near)
        capped = any(e.give < e.cents for e in self.account.entries)
        if cents > 0:
            answer = 0
        elif not near:
            answer = 46
        elif self.cap <= 0 or (claim.limit and gives_still):
            answer = 41
        else:
            answer = 43 if gives_still else 41 if capped else 42
        principal = min(cents, claim.parts[0])
        return cents, principal, min(cents - principal, claim.parts[1]), answer
