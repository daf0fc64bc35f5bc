"""The worker: takes jobs from PostgreSQL, some at a time, and does them; the bell and the sweep only say when to look.

One asyncio process. arq listens to Redis and does nothing but wake the loop, so that none of its failure modes can
lose, double or delay work by more than a sweep (reliability.md §1.4); when it ends it is started again.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, cast

import asyncpg
import msgspec
import structlog
from arq.worker import Worker as ArqWorker
from arq.worker import func
from redis.exceptions import RedisError

from app.core.bell import RING, redis_client
from app.core.db import Connection, Pool
from app.core.errors import Refusal
from app.core.jobs import (
    Job,
    LostJob,
    Postponed,
    RunningJob,
    end_job,
    renew_lease,
    seconds_to_next,
    take_job,
)
from jobs.kinds import ASKED_BY_ONE, KINDS, Around, Work
from jobs.sweep import CHORES, Chore

_log = structlog.get_logger()
# What a server that stops, starts or fails over answers: nobody's fault, and no attempt. Not every OSError: a folder
# that cannot be written is one as well, and is not cured by asking for ever.
_NO_DATABASE = (
    ConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server's last word was fatal and the connection is not closed yet
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,
)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How often the worker looks and how long it waits; tests make all of it short."""

    lease: timedelta = timedelta(seconds=12)
    """After this long without a sign of life another worker takes a job over."""
    sweep: timedelta = timedelta(seconds=5)
    """How often it looks without having been rung for."""
    first_pause: timedelta = timedelta(seconds=10)
    """After a first failure; each further one waits three times as long."""
    longest_pause: timedelta = timedelta(minutes=30)
    most_attempts: int = 8
    """Then a job has failed, until somebody asks for it again."""
    slots: int = 4
    """Jobs at a time; the last slot is kept for nights."""
    grace: timedelta = timedelta(seconds=5)
    """After SIGTERM: how long running jobs may go on before they are rolled back and given back."""


USUAL = Pace()
_BUG = "an error of the program: the worker's log has its place"


class _End(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt ended, for `end_job`."""

    state: str
    attempts: int | None = None
    pause: timedelta = timedelta()
    waiting_for: str | None = None
    error: tuple[str, str] | None = None
    result: dict[str, Any] | None = None
    incident: bool = True


class Worker:
    """Does jobs until it is told to stop. `redis_url` None: without a bell, by the sweep alone."""

    def __init__(
        self,
        around: Around,
        pool: Pool,
        *,
        redis_url: str | None,
        pace: Pace = USUAL,
        kinds: dict[str, Work] = KINDS,
        chores: tuple[Chore, ...] = CHORES,
    ) -> None:
        self._around = around
        self._pool = pool
        self._redis_url = redis_url
        self._pace = pace
        self._kinds = kinds
        self._chores = chores
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._rung = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._swept = float("-inf")  # not money: a moment of the loop's clock

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then take nothing more, and end what runs or give it back within ten seconds."""
        beside = [asyncio.create_task(self._wake_when(stop))]
        if self._redis_url is not None:
            beside.append(asyncio.create_task(self._listen(self._redis_url)))
        _log.info("worker started", count=self._pace.slots)
        try:
            while not stop.is_set():
                self._rung.clear()
                pause = await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._rung.wait()
        finally:
            self._stopping = True
            for task in beside:
                task.cancel()
            await self._wind_down()
            await asyncio.gather(*beside, return_exceptions=True)
            _log.info("worker stopped")

    async def _wake_when(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._rung.set()

    @asynccontextmanager
    async def _connection(self, seconds: float) -> AsyncIterator[Connection]:  # not money: seconds
        async with self._pool.acquire(timeout=seconds) as connection:
            yield cast(Connection, connection)

    # ---- looking: sweep, take

    async def _look(self) -> float:  # not money: seconds
        """Sweep when it is time, take what can be taken; answers after how many seconds to look again."""
        clock = asyncio.get_running_loop().time
        sweep = self._pace.sweep.total_seconds()
        try:
            async with self._connection(10) as connection:
                if clock() - self._swept >= sweep:
                    for chore in self._chores:
                        await self._do_chore(chore, connection)
                    self._swept = clock()
                while kinds := self._wanted():
                    job = await take_job(connection, holder=self._holder, lease=self._pace.lease, kinds=kinds)
                    if job is None:
                        break
                    self._start(job)
                coming = await seconds_to_next(connection)
        except (*_NO_DATABASE, asyncpg.PostgresError, OSError) as error:
            _log.warning("the queue cannot be read", error_type=type(error).__name__)
            return min(1.0, sweep)
        soonest = sweep if coming is None else min(sweep, coming + 0.01)
        return max(0.02, min(soonest, self._swept + sweep - clock()))

    async def _do_chore(self, chore: Chore, connection: Connection) -> None:
        try:
            await chore(connection)
        except (*_NO_DATABASE, OSError):
            raise
        except Exception:  # noqa: BLE001 - a chore that fails is told, and does not keep the others from being done
            _log.error("a chore of the sweep failed", job=chore.__name__, exc_info=True)

    def _wanted(self) -> list[str]:
        free = self._pace.slots - len(self._running)
        if free <= 0:
            return []
        return [kind for kind in self._kinds if free > 1 or kind == "night" or self._pace.slots == 1]

    # ---- doing one job

    def _start(self, job: Job) -> None:
        task = asyncio.create_task(self._do(job))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._rung.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a job could not be given back", exc_info=error)

    async def _do(self, job: Job) -> None:
        structlog.contextvars.bind_contextvars(job=job.job_id)  # of this task: every line of the work says which job
        _log.info("job taken", job=job.job_id, step=job.kind, attempt=job.attempts)
        if job.attempts > self._pace.most_attempts:  # whoever had it died each time
            text = f"{job.attempts - 1} attempts ended without a word: look at the worker's log and memory"
            await self._give_back(job, _End(state="failed", attempts=job.attempts - 1, error=("died", text)))
            return
        running = RunningJob(job)
        work = asyncio.ensure_future(self._kinds[job.kind](running, self._around))
        heart = asyncio.create_task(self._beat(running, work))
        try:
            end = await self._outcome(job, work)
        finally:
            heart.cancel()
            await asyncio.gather(heart, return_exceptions=True)
        if end is not None:
            await self._give_back(job, end)

    async def _outcome(self, job: Job, work: "asyncio.Future[dict[str, Any]]") -> _End | None:
        """How the work ended; None when the job is another worker's by now."""
        try:
            return _End(state="done", result=await work)
        except Postponed as wait:
            return self._later(job, wait.waiting_for, wait.pause)
        except LostJob:
            _log.warning("job lost", job=job.job_id)
            return None
        except asyncio.CancelledError:
            if not self._stopping:
                _log.warning("job lost", job=job.job_id)
                return None
            return self._later(job, "the worker that did it was stopped", timedelta())
        except Refusal as refusal:
            if job.kind in ASKED_BY_ONE:
                return _End(state="failed", error=(refusal.code, refusal.message), incident=False)
            return self._failed(job, refusal.code, refusal.message)
        except _NO_DATABASE as error:
            if isinstance(
                error, ValueError
            ):  # the driver's word for a value that does not fit is an InterfaceError too
                _log.error("job raised", job=job.job_id, attempt=job.attempts, exc_info=True)
                return self._failed(job, type(error).__name__, _BUG)
            _log.warning("job without a database", job=job.job_id, error_type=type(error).__name__)
            return self._later(job, "the database was away", timedelta(seconds=2))
        except Exception as error:  # noqa: BLE001 - whatever a job raises is told, counted and tried again
            _log.error("job raised", job=job.job_id, attempt=job.attempts, exc_info=True)
            return self._failed(job, type(error).__name__, _BUG)

    def _later(self, job: Job, why: str, pause: timedelta) -> _End:
        return _End(state="waiting", attempts=job.attempts - 1, pause=pause, waiting_for=why)

    def _failed(self, job: Job, code: str, text: str) -> _End:
        if job.attempts >= self._pace.most_attempts:
            return _End(state="failed", error=(code, text))
        pause = min(self._pace.first_pause * 3 ** (job.attempts - 1), self._pace.longest_pause)
        return _End(state="waiting", pause=pause, waiting_for="another attempt", error=(code, text))

    async def _give_back(self, job: Job, end: _End) -> None:
        """Store how it ended; while the database is away, for some seconds, and then the lease runs out by itself."""
        for _ in range(5):
            try:
                async with self._connection(5) as connection:
                    await end_job(connection, job, end.state, **_without_state(end))
            except LostJob:
                _log.warning("job lost", job=job.job_id)
            except (*_NO_DATABASE, OSError) as error:
                _log.warning("job not given back yet", job=job.job_id, error_type=type(error).__name__)
                await asyncio.sleep(1)
                continue
            else:
                code = end.error[0] if end.error else None
                _log.info(f"job {end.state}", job=job.job_id, step=job.kind, attempt=job.attempts, code=code)
            return

    async def _beat(self, running: RunningJob, work: "asyncio.Future[dict[str, Any]]") -> None:
        """The sign of life, each third of the lease or when there is progress; ends the work when it is lost."""
        clock = asyncio.get_running_loop().time
        third = self._pace.lease.total_seconds() / 3
        told: object = None
        last = clock()
        while True:
            await asyncio.sleep(min(third / 2, 1.0))
            news = (running.stage, running.done, running.total)
            if news == told and clock() - last < third:
                continue
            try:
                async with self._connection(third) as connection:
                    await renew_lease(connection, running, self._pace.lease)
                told, last = news, clock()
            except LostJob:
                work.cancel()
                return
            except (*_NO_DATABASE, asyncpg.PostgresError, OSError) as error:
                _log.warning("lease not renewed", job=running.job.job_id, error_type=type(error).__name__)

    async def _wind_down(self) -> None:
        """Let what runs end, for a while; then cancel it: its transaction is rolled back and the job given back."""
        if self._running:
            await asyncio.wait(self._running, timeout=self._pace.grace.total_seconds())
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=3)

    # ---- the bell

    async def _listen(self, url: str) -> None:
        """Hear the bell for ever: when Redis or arq fails, again after a pause; the sweep goes on meanwhile."""
        pause = 0.2
        while True:
            client = redis_client(url)
            ear = self._ear(client)
            began = asyncio.get_running_loop().time()
            try:
                await ear.async_run()
            except asyncio.CancelledError:
                if ear.main_task is not None:
                    ear.main_task.cancel()
                raise
            except Exception as error:  # noqa: BLE001 - whatever arq or Redis raises: a doorbell may not end the house
                _log.warning("the bell cannot be heard", error_type=type(error).__name__)
            finally:
                for task in ear.tasks.values():
                    task.cancel()
                with suppress(RedisError, OSError):
                    await client.aclose(close_connection_pool=True)
            pause = 0.2 if asyncio.get_running_loop().time() - began > 10 else min(2 * pause, 3.0)
            await asyncio.sleep(pause)

    def _ear(self, client: Any) -> ArqWorker:
        async def heard(_context: dict[Any, Any], *_job_id: int, **_nothing: int) -> None:
            self._rung.set()

        return ArqWorker(
            functions=[func(cast(Any, heard), name=RING, keep_result=0, timeout=5, max_tries=1)],
            redis_pool=client,
            handle_signals=False,
            poll_delay=0.2,
            max_jobs=100,
            job_serializer=msgspec.msgpack.encode,
            job_deserializer=msgspec.msgpack.decode,
            log_results=False,
        )


def _without_state(end: _End) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(end).items() if name != "state"}
