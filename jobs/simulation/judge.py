"""What must be so after every day: the checks are silent, the outside's books and the bank's agree with the ledger."""

from collections import Counter
from typing import NamedTuple

from app.core.db import Connection
from jobs.night.checking import load_checks, run_checks
from jobs.simulation.bank import Bank
from jobs.simulation.desk import Desk
from jobs.simulation.outside import Account

ALLOWED_INCIDENTS = ("payment_refused", "waits_long")

_BALANCES = """
select r.account_id,
  coalesce((select sum(p.open_principal_cents + p.open_costs_cents + p.open_interest_cents) from claim_position p
    where p.account_id = r.account_id), 0)::bigint as open_cents,
  coalesce((select sum(q.cents) from payable q where q.account_id = r.account_id and q.kind <> 3), 0)::bigint as queued,
  coalesce((select sum(case when p.credit = 8 then p.cents else -p.cents end) from posting p
    where p.account_id = r.account_id and 8 in (p.debit, p.credit)), 0)::bigint as on_account,
  coalesce((select sum(y.net_cents) from payout y where y.account_id = r.account_id and not exists (
    select 1 from payment_instruction i where (i.account_id, i.payout_id) = (y.account_id, y.payout_id))), 0)::bigint
    as unsent,
  coalesce((select sum(case when p.debit = 13 then p.cents else -p.cents end) from posting p
    where p.account_id = r.account_id and 13 in (p.debit, p.credit)), 0)::bigint as agreed
from running_account r
"""
# One word of the outside for each kind of posting that a fact of the outside makes.
_TOTALS = """
select p.account_id, k.what, sum(p.cents)::bigint as cents
from posting p join (values (7, 'claimed'), (8, 'opened'), (10, 'advanced elsewhere'), (11, 'paid'), (12, 'paid'),
  (13, 'paid'), (14, 'paid'), (18, 'paid before'), (20, 'charged'), (21, 'charged'), (22, 'lowered'), (23, 'raised'),
  (24, 'written off'), (25, 'written off'), (26, 'written off')) k (kind, what) using (kind)
group by p.account_id, k.what
union all
select account_id, 'declared', sum(awarded_cents)::bigint from declaration group by account_id
"""
_WORDS = {"claimed", "opened", "paid before", "paid", "lowered", "raised", "charged", "written off"}
_UNEXPECTED = """
select 'incident ' || check_name || ': ' || what from incident where check_name <> all ($1::text[])
  and not (check_name = 'parked' and what like 'Geen geldige IBAN%')
union all
select 'parked ' || reason || ': ' || detail from run_parked where reason <> 'no IBAN'
union all
select 'run of ' || business_date || ' is ' || state || ': ' || coalesce(state_reason, '') from run
  where state not in ('released', 'waiting')
union all
select 'said more than once: ' || action || ' of ' || subject from audit
  where action in ('night proven', 'night released') group by subject, action having count(*) > 1
union all  -- also one that the product got over by trying again: the next may not be got over
select 'deadlocks: ' || deadlocks from pg_stat_database where datname = current_database() and deadlocks > 0
"""
_TAKEN_OVER = """
select t.takeover_id, t.number, t.account_id, t.payer_account_id, t.cents, r.business_date
from takeover t join run r using (run_id) order by t.takeover_id
"""
# What was taken over is offset in its own night and after all of the payer's own claims, or goes back.
_NOT_AS_AGREED = """
select format('account %s: %s cents of claim %s, taken over on %s, were offset on %s', p.account_id, p.cents,
  p.claim_id, c.registered_on, p.booking_date)
from posting p join claim c on c.account_id = p.account_id and c.claim_id = p.claim_id
where p.kind = 2 and c.kind = 8 and p.booking_date <> c.registered_on
union all
select format('account %s: %s cents of claim %s are open since the night of %s', k.account_id, k.open_principal_cents,
  k.claim_id, k.registered_on)
from claim_position k where k.kind = 8 and k.open_principal_cents > 0
  and greatest(k.registered_on, (  -- the night of the day of a reversal gives back already
    select max(v.decided_on) - 1 from offset_reversal v where v.account_id = k.account_id and v.claim_id = k.claim_id))
  < (select max(r.business_date) from run r where r.risk_carrier_id = k.risk_carrier_id and r.state = 'released')
union all
select distinct format('account %s: own claim %s found nothing left in the night of %s, which offset claim %s',
  d.account_id, d.claim_id, d.valid_from, p.claim_id)
from decision d join claim c on c.account_id = d.account_id and c.claim_id = d.claim_id and c.kind <> 8
  join posting p on p.account_id = d.account_id and p.booking_date = d.valid_from and p.kind = 2
  join claim t on t.account_id = p.account_id and t.claim_id = p.claim_id and t.kind = 8
where d.answer = 42 and d.held_cents < (  -- some of the principal could have been offset
  select sum(case when x.debit = 2 then x.cents when x.credit = 2 then -x.cents else 0 end) from posting x
  where x.account_id = d.account_id and x.claim_id = d.claim_id and x.booking_date <= d.valid_from)
"""
_TAKEN_UNDER_HOLD = """
select format('account %s: %s cents of claim %s were taken over on %s; hold %s runs from %s', t.account_id, t.cents,
  t.claim_id, r.business_date, h.kind, h.from_date)
from takeover t join run r using (run_id) join hold h on h.account_id = t.account_id and h.for_offset
  and (h.claim_id is null or h.claim_id = t.claim_id and h.cents is null) and h.hold_id < t.takeover_id
  and h.from_date <= r.business_date and coalesce(h.until_date, 'infinity') >= r.business_date
  and coalesce(h.ended_on, 'infinity') > r.business_date
"""
_ACCOUNT_OF = "select payout_id, account_id, business_date from payout where payout_id = any ($1::bigint[])"


class Violation(NamedTuple):
    """What was found: the invariant by name, and its first rows."""

    name: str
    rows: tuple[str, ...]


class Judge:
    """Looks with a connection of its own that is never struck. `looked` counts invariants that were tried."""

    def __init__(self, eyes: Connection, desk: Desk, bank: Bank) -> None:
        self.eyes, self.desk, self.outside, self.bank = eyes, desk, desk.outside, bank
        self.names: dict[int, Account] = {account_id: name for name, account_id in desk.world.accounts.items()}
        self.looked = 0
        self.taken: set[int] = set()

    async def day_over(self, *, checks: bool) -> list[Violation]:
        """Everything that is wrong; `checks` also runs the checks over all the books."""
        found = await self._bank()
        found += await self._outside()
        found += await self._agreements()
        found += await self._unexpected()
        self.looked += 6
        if checks:
            by_name: dict[str, list[str]] = {}
            for each in await run_checks(self.eyes, run_id=None):
                by_name.setdefault(each.check, []).append(f"account {each.account_id}: {each.what}")
            found += [Violation(name, tuple(rows[:5])) for name, rows in sorted(by_name.items())]
            self.looked += len(load_checks())
        return found

    async def _bank(self) -> list[Violation]:
        """Money that left is owed by who got it, on an account number that this provider gave."""
        new = self.bank.read()
        rows = {row["payout_id"]: row for row in await self.eyes.fetch(_ACCOUNT_OF, sorted(new))}
        for payout_id, cents in sorted(new.items()):
            if payout_id not in rows:
                return [Violation("bank_paid_nobody", (f"payout {payout_id} of {cents} cents is not in the books",))]
            account, payee = self.names[rows[payout_id]["account_id"]], self.bank.payees[payout_id]
            self.outside.move(account, "transferred", cents, 1)
            if not self._given(account, payee, rows[payout_id]["business_date"].isoformat()):
                return [Violation("bank_paid_a_stranger", (f"payout {payout_id} of {account} went to {payee}",))]
            if (wanted := self.outside.redirected.get(payout_id, payee)) != payee:
                return [Violation("bank_paid_elsewhere", (f"payout {payout_id} went to {payee}, not to {wanted}",))]
        return [Violation("bank_paid_twice", tuple(self.bank.twice))] if self.bank.twice else []

    def _given(self, account: Account, payee: str, since: str) -> bool:
        """Whether the provider had that account number on some day from the night of the payout until today."""
        return any(
            each["iban"] == payee and each["from"] <= self.desk.day.isoformat() and each.get("until", since) >= since
            for each in self.desk.ibans[account[1]]
        )

    async def _outside(self) -> list[Violation]:
        wrong = []
        group, between = self.outside.groups(), Counter[Account]()
        for row in await self.eyes.fetch(_BALANCES):
            ours = row["open_cents"] - row["queued"] - row["on_account"] - row["unsent"] + row["agreed"]
            account = self.names[row["account_id"]]
            between[group.get(account, account)] += row["agreed"]
            theirs = self.outside.owed[self.names[row["account_id"]]]
            if ours != theirs:
                wrong.append(f"{self.names[row['account_id']]}: ledger {ours}, outside {theirs}: {dict(row)}")
        wrong += [f"agreements of {each}: {cents} cents are nowhere" for each, cents in between.items() if cents]
        found = [Violation("outside_balance", tuple(wrong[:5]))] if wrong else []
        ledger = {(self.names[row["account_id"]], row["what"]): row["cents"] for row in await self.eyes.fetch(_TOTALS)}
        words = {what for _, what in ledger} | _WORDS
        wrong = [
            f"{account} {what}: ledger {ledger.get((account, what), 0)}, outside {self.outside.totals[account, what]}"
            for account in sorted(self.names.values())
            for what in sorted(words)
            if ledger.get((account, what), 0) != self.outside.totals[account, what]
        ]
        return [*found, Violation("outside_totals", tuple(wrong[:5]))] if wrong else found

    async def _agreements(self) -> list[Violation]:
        """Nothing is taken over but as the parties agreed for that day, and nothing stays taken over for later."""
        wrong = []
        for row in await self.eyes.fetch(_TAKEN_OVER):
            if row["takeover_id"] not in self.taken:
                self.taken.add(row["takeover_id"])
                payer, debtor = self.names[row["payer_account_id"]], self.names[row["account_id"]]
                agreed = self.outside.agreements.get(row["number"])
                if agreed is None or (agreed.payer, agreed.debtor) != (payer, debtor):
                    wrong.append(f"{payer} took {row['cents']} cents over of {debtor}, who never agreed to that")
                elif not agreed.holds(row["business_date"]):
                    wrong.append(f"{payer} took over of {debtor} in the night of {row['business_date']}: {agreed}")
        for question in (_NOT_AS_AGREED, _TAKEN_UNDER_HOLD):
            wrong += [row[0] for row in await self.eyes.fetch(question)]
        return [Violation("outside_agreements", tuple(wrong[:5]))] if wrong else []

    async def _unexpected(self) -> list[Violation]:
        rows = [row[0] for row in await self.eyes.fetch(_UNEXPECTED, list(ALLOWED_INCIDENTS))]
        return [Violation("unexpected", tuple(rows[:5]))] if rows else []
