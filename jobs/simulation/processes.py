"""A process that can die: each statement of its connections passes a gate where it can be counted, held or its last.

`kill -9` of a real process does three things: nothing of its code runs on, its connections are gone, and what the
server had not committed is rolled back. Here the same happens inside one event loop: `Killed` is no `Exception`, so
that no handler of the product takes it; every connection of the process is cut; every later statement of it dies too.
"""

import random
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol, TypeVar

from asyncpg import introspection

from app.core.db import Connection, opening

T = TypeVar("T")

_process: ContextVar["Process | None"] = ContextVar("process", default=None)
# What asyncpg asks by itself when a connection opens: no statement of ours.
_OWN = (introspection.TYPE_BY_NAME, introspection.INTRO_LOOKUP_TYPES)


class Killed(BaseException):
    """The process died at this statement: no code of it runs on."""


class Kill(NamedTuple):
    """Where a process dies: at its `at`th statement (from 1), before the server sees it or after it has done it."""

    at: int
    after: bool


class Turns(Protocol):
    """Who may do the next statement, when several sessions are told apart."""

    async def take(self, session: str, connection: Connection) -> None:
        """Come back when it is this session's turn."""

    def done(self, session: str) -> None:
        """The statement of the session's turn has been answered."""

    def on_the_way(self, change: int) -> None:
        """One more (1) or one less (-1) opens or closes a connection."""


class Process:
    """One process of the product: its sessions, how many statements it did, and whether it still lives.

    `statements` keeps the last fifty (session, statement) for the report of a failure; `commits` counts from 1 which
    statements were a COMMIT, and `wanted` is what each session asked its last turn for, so that a test can aim at them.
    Once dead, `pids` are the sessions that the server still
    had of it, and `kill_hit` is where it died.
    """

    def __init__(self, name: str, kill: Kill | None = None, turns: Turns | None = None) -> None:
        self.name, self.kill, self.turns = name, kill, turns
        self.dead = False
        self.count = 0
        self.commits: list[int] = []
        self.statements: list[tuple[str, str]] = []
        self.wanted: dict[str, str] = {}
        self.pids: list[int] = []
        self.kill_hit: Kill | None = None
        self._connections: list[GatedConnection] = []

    def adopt(self, connection: "GatedConnection") -> str:
        """Take a new connection in; the name of its session."""
        self._connections.append(connection)
        return f"{self.name}.{len(self._connections)}"

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Connections that are opened inside belong to this process."""
        process, kind = _process.set(self), opening.set(self._opening)
        try:
            yield
        finally:
            opening.reset(kind)
            _process.reset(process)

    @contextmanager
    def _opening(self) -> Iterator[type[Connection]]:
        if self.dead:
            raise Killed(self.name)
        with self.on_the_way():
            yield GatedConnection

    @contextmanager
    def on_the_way(self) -> Iterator[None]:
        """While the process talks to the server without a statement: nobody goes before that is over."""
        if self.turns is not None:
            self.turns.on_the_way(1)
        try:
            yield
        finally:
            if self.turns is not None:
                self.turns.on_the_way(-1)

    async def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do the work in this process. Raises Killed, alone, when it died in it, whatever else was raised then."""
        try:
            with self.alive():
                return await work()
        except BaseException as error:
            if self.dead and not isinstance(error, Killed):
                raise Killed(self.name) from error
            raise

    def _has_died(self) -> bool:
        return self.dead

    async def through(self, session: str, connection: "GatedConnection", statement: str, do: Awaitable[T]) -> T:
        """One statement through the gate."""
        if self.dead:
            _never(do)
            raise Killed(self.name)
        if self.turns is not None:
            self.wanted[session] = statement
            try:
                await self.turns.take(session, connection)
            except BaseException:
                _never(do)
                raise
        if self._has_died():  # while it waited, in another of its sessions
            if self.turns is not None:
                self.turns.done(session)
            _never(do)
            raise Killed(self.name)
        self.count += 1
        here = self.kill is not None and self.kill.at == self.count
        self.statements = [*self.statements[-49:], (session, statement)]
        if statement.strip().rstrip(";").lower() == "commit":
            self.commits.append(self.count)
        try:
            if here and self.kill is not None and not self.kill.after:
                _never(do)
                self.die()
            answer = await do
            if here:
                self.die()
            return answer
        finally:
            if self.turns is not None:
                self.turns.done(session)

    def die(self) -> None:
        """Cut every connection and raise Killed."""
        self.dead = True
        self.kill_hit = self.kill
        for each in self._connections:
            if not each.is_closed():
                self.pids.append(each.get_server_pid())
                each.terminate()
        raise Killed(self.name)


def _never(do: Awaitable[Any]) -> None:
    if isinstance(do, Coroutine):
        do.close()  # or Python warns that nobody waited for it


class GatedConnection(Connection):
    """A connection whose statements pass the gate of the process that opened it."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        process = _process.get()
        assert process is not None, "opened outside Process.alive()"
        self._process = process
        self._session = process.adopt(self)

    async def _gate(self, statement: str, do: Awaitable[T]) -> T:
        if statement in _OWN:
            return await do
        return await self._process.through(self._session, self, statement, do)

    async def execute(self, query: str, *args: Any, **more: Any) -> str:
        """As asyncpg's, through the gate."""
        if args:
            return await super().execute(query, *args, **more)  # comes back to _execute, which has the gate
        return await self._gate(query, super().execute(query, **more))

    async def close(self, **more: Any) -> None:
        """As asyncpg's; nobody goes before it is over."""
        with self._process.on_the_way():
            await super().close(**more)

    async def _execute(self, query: str, *args: Any, **more: Any) -> Any:
        return await self._gate(query, super()._execute(query, *args, **more))  # type: ignore[misc]

    async def _executemany(self, query: str, *args: Any, **more: Any) -> Any:
        return await self._gate(query, super()._executemany(query, *args, **more))  # type: ignore[misc]

    async def _copy_in(self, copy_stmt: str, *args: Any, **more: Any) -> Any:
        return await self._gate(copy_stmt, super()._copy_in(copy_stmt, *args, **more))  # type: ignore[misc]

    async def copy_records_to_table(self, table_name: str, **more: Any) -> str:
        """As asyncpg's, through the gate: it leads to the protocol by a way of its own."""
        return await self._gate(f"records for {table_name}", super().copy_records_to_table(table_name, **more))

    async def _copy_out(self, copy_stmt: str, *args: Any, **more: Any) -> Any:
        return await self._gate(copy_stmt, super()._copy_out(copy_stmt, *args, **more))  # type: ignore[misc]


def pick_kill(pick: random.Random, mean: int) -> Kill:
    """A place to die: the number of the statement geometric around `mean`, before and after alike."""
    return Kill(1 + int(pick.expovariate(1 / mean)), pick.random() < 0.5)
