"""Waiting writes are collected: while one group is on its way to the database the next ones queue, then go together.

There is no timer: a request that meets nobody goes at once and alone. Under load one transaction, one commit and one
statement carry up to `MOST` requests, each with its own outcome. The writer must be safe to repeat by the keys of its
entries, since a group whose connection was lost is sent again: what was stored answers as known, the rest is written.
"""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

import asyncpg
import structlog

from app.core.errors import Refusal
from app.web.problems import Unavailable

MOST = 64
RETRIES = 5

E = TypeVar("E")
R = TypeVar("R")

Write = Callable[[Hashable, Sequence[E]], Awaitable[Sequence[R | Refusal]]]
"""(lane, entries) -> an outcome per entry, in their order. An exception means that nothing is known to be stored."""

_log = structlog.get_logger()

# what another transaction did in between: the same again reads what that one stored
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError)


class _Waiting(Generic[E, R]):
    """One entry and who waits for its outcome."""

    __slots__ = ("answer", "entry", "keys")

    def __init__(self, entry: E, keys: frozenset[Hashable], answer: "asyncio.Future[R]") -> None:
        self.entry = entry
        self.keys = keys
        self.answer = answer


class _Lane(Generic[E, R]):
    """Who waits in one lane, how many of its groups are on their way, and the keys in those."""

    __slots__ = ("flying", "keys", "queue")

    def __init__(self) -> None:
        self.queue: deque[_Waiting[E, R]] = deque()
        self.flying = 0
        self.keys: set[Hashable] = set()


class Collector(Generic[E, R]):
    """Collects entries per lane (what may share one statement) and hands them to `write` in groups.

    `write` answers one outcome per entry, a Refusal among them is raised at its own caller only. At most `abreast`
    groups of one lane are on their way at once (two: while one is written the process answers and reads the other),
    and `flights` of all lanes together.
    """

    def __init__(self, write: Write[E, R], *, most: int = MOST, abreast: int = 2, flights: int = 4) -> None:
        self._write = write
        self._most = most
        self._abreast = abreast
        self._free = asyncio.Semaphore(flights)
        self._lanes: dict[Hashable, _Lane[E, R]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.groups = 0
        self.entries = 0
        self.again = 0
        """Groups and entries that were sent, and groups that were sent again."""

    async def submit(self, lane: Hashable, entry: E, keys: frozenset[Hashable]) -> R:
        """The outcome of one entry. Two entries that share one of their `keys` are never on their way together.

        A caller that is cancelled gives up its own place if its group has not left, and never its group.
        """
        waiting: _Waiting[E, R] = _Waiting(entry, keys, asyncio.get_running_loop().create_future())
        found = self._lanes.setdefault(lane, _Lane())
        found.queue.append(waiting)
        if found.flying < self._abreast:
            found.flying += 1
            task = asyncio.create_task(self._serve(lane, found))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return await waiting.answer

    async def close(self) -> None:
        """Wait until everything that was submitted has its outcome."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # who waited was told; unread it would be logged whenever memory is next cleared

    async def _serve(self, name: Hashable, lane: _Lane[E, R]) -> None:
        """Send group after group until nobody waits who could go; who waits for a key goes with the one that has it."""
        try:
            while True:
                async with self._free:
                    group = self._next_group(lane)
                    if not group:
                        return
                    keys = {key for each in group for key in each.keys}
                    lane.keys |= keys
                    try:
                        await self._send(name, group)
                    finally:
                        lane.keys -= keys
        finally:
            lane.flying -= 1
            if lane.flying == 0:
                self._lanes.pop(name, None)
                for waiting in lane.queue:  # only when this task itself was cancelled: the process ends
                    waiting.answer.cancel()

    def _next_group(self, lane: _Lane[E, R]) -> list[_Waiting[E, R]]:
        group: list[_Waiting[E, R]] = []
        taken = set(lane.keys)
        later: list[_Waiting[E, R]] = []
        while lane.queue and len(group) < self._most:
            waiting = lane.queue.popleft()
            if waiting.answer.done():  # the caller went away
                continue
            if taken.isdisjoint(waiting.keys):
                group.append(waiting)
            else:
                later.append(waiting)
            taken |= waiting.keys  # also of those that wait, so that equal keys keep their order
        lane.queue.extendleft(reversed(later))
        return group

    async def _send(self, lane: Hashable, group: Sequence[_Waiting[E, R]]) -> None:
        self.groups += 1
        self.entries += len(group)
        try:
            outcomes = await self._written(lane, [each.entry for each in group])
        except Refusal as error:
            self._fail(group, error)
        except Exception as error:  # noqa: BLE001 - it goes to whom it concerns
            if len(group) == 1:
                self._fail(group, error)
                return
            _log.warning("group split", count=len(group), error_type=type(error).__name__)
            for each in group:  # one of them is at fault: each alone
                await self._send(lane, [each])
        except asyncio.CancelledError:  # the process ends: nobody is to wait for an outcome that never comes
            for each in group:
                each.answer.cancel()
            raise
        except BaseException as error:
            self._fail(group, error)
            raise
        else:
            for each, outcome in zip(group, outcomes, strict=True):
                if each.answer.done():
                    continue
                if isinstance(outcome, Refusal):
                    each.answer.set_exception(outcome)
                else:
                    each.answer.set_result(outcome)

    @staticmethod
    def _fail(group: Sequence[_Waiting[E, R]], error: BaseException) -> None:
        for each in group:
            if not each.answer.done():
                each.answer.set_exception(error)

    async def _written(self, lane: Hashable, entries: Sequence[E]) -> Sequence[R | Refusal]:
        """`write`; again after a conflict, and once more after a lost connection."""
        lost = False
        tried = 1
        while True:
            try:
                return await self._write(lane, entries)
            except _AGAIN:
                if tried == RETRIES:
                    raise
                self.again += 1
                await asyncio.sleep(random.uniform(0.002, 0.01) * 2**tried)  # noqa: S311 - a pause, not a secret
                tried += 1
            except Unavailable as error:
                # before or after the commit: the same again tells, since what was stored is known by its keys
                if lost or error.code != "database_unavailable":
                    raise
                self.again += 1
                lost = True
