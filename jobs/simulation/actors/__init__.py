"""Who acts on the books from outside: one file per kind of actor, and this list.

A new feature adds its actor here: a name, how often it acts beside the others, `plan` (draws the symbolic arguments,
reads nothing) and `prepare` (finds out what they mean in the books of the day, and answers a job, or None when there is
nothing to do). A job may be done any number of times and counts once.
"""

from jobs.simulation.actors import (
    agreements,
    charges,
    claims,
    corrections,
    declarations,
    dunning,
    holds,
    instructions,
    opening,
    parties,
    payments,
    payouts,
    policies,
    reversals,
)
from jobs.simulation.actors.model import Actor, Job

ACTORS: tuple[Actor, ...] = (
    Actor("declarations", 6, declarations.plan, declarations.prepare),
    Actor("claims", 5, claims.plan, claims.prepare),
    Actor("payment", 6, payments.plan, payments.prepare),
    Actor("allocation", 3, payments.plan_allocation, payments.prepare_allocation),
    Actor("reminders", 3, dunning.plan_reminders, dunning.prepare_reminders),
    Actor("letter", 2, dunning.plan_letter, dunning.prepare_letter),
    Actor("hold", 8, holds.plan, holds.prepare),
    Actor("end hold", 3, holds.plan_end, holds.prepare_end),
    Actor("adjustment", 3, corrections.plan_adjustment, corrections.prepare_adjustment),
    Actor("withdraw claim", 2, corrections.plan_claim, corrections.prepare_claim),
    Actor("withdraw declaration", 2, corrections.plan_declaration, corrections.prepare_declaration),
    Actor("charge", 2, charges.plan, charges.prepare),
    Actor("write-off", 2, charges.plan_write_off, charges.prepare_write_off),
    Actor("instruction", 4, instructions.plan, instructions.prepare),
    Actor("request", 1, instructions.plan_request, instructions.prepare_request),
    Actor("reversal", 3, reversals.plan, reversals.prepare),
    Actor("confirmation", 3, payouts.plan_confirmation, payouts.prepare_confirmation),
    Actor("redirection", 1, payouts.plan_redirection, payouts.prepare_redirection),
    Actor("incident", 1, payouts.plan_incident, payouts.prepare_incident),
    Actor("account number", 2, parties.plan, parties.prepare),
    Actor("policy", 2, policies.plan, policies.prepare),
)

SELDOM: tuple[Actor, ...] = (
    Actor("opening claims", 12, opening.plan, opening.prepare),
    Actor("agreement", 20, agreements.plan, agreements.prepare),
    Actor("end agreement", 10, agreements.plan_end, agreements.prepare_end),
    Actor("taken over", 20, agreements.plan_taken, agreements.prepare_taken),
)
"""Who comes now and then: its weight is the per cent of days. Each has a stream of its own, so that what the others
draw stays as it was without it."""

__all__ = ["ACTORS", "SELDOM", "Actor", "Job"]
