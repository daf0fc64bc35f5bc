"""Two sessions statement by statement, in an order drawn from a seed, and the same order for the same seed.

Every session asks for its turn before each statement. The driver lets nobody go before every live session is waiting
for its turn, has ended, or waits inside the server for a lock of another (`pg_blocking_pids`); then the seeded
generator picks one. A session that works in Python comes to its next statement, or to its end, by itself; what it
would leave to another thread is done at once, since how long a thread takes is not of the seed.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from app.core.db import Connection

_BLOCKED = "select count(*) from unnest($1::int[]) p where cardinality(pg_blocking_pids(p)) > 0"
_QUIET_ROUNDS = 20  # of the event loop without news, until whoever works in Python must be waiting for somebody
_LOOK_SECONDS = 0.002

P = ParamSpec("P")
T = TypeVar("T")


class _Here(ThreadPoolExecutor):
    """Does what it is given at once, in the thread that asks."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """The future of it, which is done."""
        done: Future[T] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it goes to who waits for it, as from a thread
            done.set_exception(error)
        return done


class SeededTurns:
    """Turns for the processes of one scene; `judge` is a connection that takes no turns, to ask who is blocked.

    `order` is the list of sessions as they went: equal for equal seeds.
    """

    def __init__(self, pick: random.Random, judge: Connection) -> None:
        self.pick, self.judge = pick, judge
        self.order: list[str] = []
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._inside: dict[str, int] = {}
        self._travelling = 0
        self._news = asyncio.Event()

    def on_the_way(self, change: int) -> None:
        """One more (1) or one less (-1) opens or closes a connection."""
        self._travelling += change
        self._news.set()

    async def take(self, session: str, connection: Connection) -> None:
        """Come back when the driver has picked this session."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting[session] = turn
        self._news.set()
        try:
            await turn
        except asyncio.CancelledError:
            self._waiting.pop(session, None)
            self._inside.pop(session, None)
            raise
        self._inside[session] = connection.get_server_pid()

    def done(self, session: str) -> None:
        """The session's statement has been answered, or its process has died."""
        self._inside.pop(session, None)
        self._news.set()

    async def drive(self, tasks: Iterable[asyncio.Task[Any]]) -> None:
        """Give turns until every task has ended. What a task raised stays in it."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(_Here(max_workers=1))
        try:
            await self._drive(list(tasks))
        finally:
            loop.set_default_executor(ThreadPoolExecutor())  # threads again, once somebody asks for one

    async def _drive(self, live: list[asyncio.Task[Any]]) -> None:
        for task in live:
            task.add_done_callback(lambda _: self._news.set())
        while not all(task.done() for task in live):
            await self._settle()
            if self._waiting:
                session = self.pick.choice(sorted(self._waiting))
                self.order.append(session)
                self._inside[session] = 0  # until it says its own server process
                self._waiting.pop(session).set_result(None)
                await asyncio.sleep(0)
            else:
                self._news.clear()
                await self._wait_for_news(0.05)

    async def _settle(self) -> None:
        """Until nobody is on the way: nothing new in Python, and who is in the server is blocked there."""
        quiet = 0
        while quiet < _QUIET_ROUNDS:
            self._news.clear()
            await asyncio.sleep(0)
            quiet = 0 if self._news.is_set() or self._travelling else quiet + 1
            if self._travelling:
                await self._wait_for_news(_LOOK_SECONDS)
            if quiet == _QUIET_ROUNDS and self._inside:
                await self._wait_for_news(_LOOK_SECONDS)
                pids = [pid for pid in self._inside.values() if pid]
                stuck = pids and await self.judge.fetchval(_BLOCKED, pids) == len(self._inside)
                # all blocked and nobody waiting would be a deadlock, which the server ends by itself
                quiet = _QUIET_ROUNDS if stuck and self._waiting and not self._news.is_set() else 0

    async def _wait_for_news(self, seconds: float) -> None:  # not money: seconds
        news = asyncio.ensure_future(self._news.wait())
        await asyncio.wait([news], timeout=seconds)
        news.cancel()
