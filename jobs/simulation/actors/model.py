"""What an actor is, and what it hands over."""

import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from app.core.db import Connection

if TYPE_CHECKING:
    from jobs.simulation.desk import Desk


class Job(NamedTuple):
    """What one process of the product is asked to do.

    `do` gets a connection and may be called again with the same effect. `note` tells the outside's own books what
    the answer says; it is called once, or not at all when the rules refused the job. `situations` are reached when
    the job was done. `file` is what it loads. `later`: the same again on another day is the same.
    """

    name: str
    do: Callable[[Connection], Awaitable[Any]]
    note: Callable[[Any], None] = lambda answer: None
    situations: tuple[str, ...] = ()
    file: bytes | None = None
    later: bool = True


class Actor(NamedTuple):
    """One kind of actor: how often it acts, what it draws, and what that means today."""

    name: str
    weight: int
    plan: Callable[[random.Random], dict[str, Any]]
    prepare: Callable[["Desk", dict[str, Any]], Awaitable[Job | None]]


CENTS = (1, 99, 500, 2_500, 10_000)


def cents(pick: random.Random) -> int:
    """An amount: often an odd one, often the same as others, seldom a large one."""
    chosen = pick.random()
    if chosen < 0.3:
        return pick.choice(CENTS)
    return pick.randint(1, 150_000) if chosen > 0.95 else pick.randint(1, 20_000)


def chosen(rows: Sequence[Any], nth: int) -> Any:
    """The nth of them, modulo how many there are; None of none."""
    return rows[nth % len(rows)] if rows else None
