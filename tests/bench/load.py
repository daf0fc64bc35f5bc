"""A load generator over HTTP/1.1 keep-alive: N connections, each sends its next request when it has its answer.

`python -m tests.bench.load` in a process of its own: reads a plan (msgpack) from stdin, writes figures (JSON) to
stdout. The requests are made before the clock starts; the first part of them warms up and is not counted.
"""

import asyncio
import sys
import time
from collections import Counter

import msgspec
import uvloop


class Plan(msgspec.Struct):
    """What to send: whole requests as bytes, in order, over so many connections; the first `warm` do not count."""

    host: str
    port: int
    connections: int
    warm: int
    requests: list[bytes]


class Figures(msgspec.Struct):
    """Requests a second, latencies in milliseconds, and how often each status came."""

    rate: float
    p50: float
    p99: float
    statuses: dict[str, int]


class _Connection(asyncio.Protocol):
    def __init__(self, load: "_Load") -> None:
        self._load = load
        self._got = b""
        self._since = 0.0
        self._counts = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # uvloop has its own
        self._next()

    def _next(self) -> None:
        request = self._load.take()
        if request is None:
            self._transport.close()
            self._load.done()
            return
        self._counts, body = request
        self._since = time.perf_counter()
        self._transport.write(body)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head = self._got.find(b"\r\n\r\n")
        if head < 0:
            return
        lower = self._got[:head].lower()
        at = lower.find(b"content-length:")
        end = lower.find(b"\r\n", at) if at >= 0 else -1
        length = int(lower[at + 15 : end if end >= 0 else None]) if at >= 0 else 0
        if len(self._got) < head + 4 + length:
            return
        self._load.note(self._counts, self._got[9:12].decode(), time.perf_counter() - self._since)
        self._got = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None or not self._transport.is_closing():
            self._load.broken(exc)


class _Load:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._sent = 0
        self._open = plan.connections
        self._begun = 0.0
        self.latencies: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.end: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def take(self) -> tuple[bool, bytes] | None:
        if self._sent == len(self._plan.requests):
            return None
        if self._sent == self._plan.warm:
            self._begun = time.perf_counter()
        self._sent += 1
        return self._sent > self._plan.warm, self._plan.requests[self._sent - 1]

    def note(self, counts: bool, status: str, seconds: float) -> None:
        if counts:
            self.latencies.append(seconds)
            self.statuses[status] += 1

    def done(self) -> None:
        self._open -= 1
        if self._open == 0 and not self.end.done():
            self.end.set_result(time.perf_counter() - self._begun)

    def broken(self, error: Exception | None) -> None:
        if not self.end.done():
            self.end.set_exception(error or ConnectionError("the server closed a connection"))


async def _run(plan: Plan) -> Figures:
    load = _Load(plan)
    loop = asyncio.get_running_loop()
    await asyncio.gather(
        *(loop.create_connection(lambda: _Connection(load), plan.host, plan.port) for _ in range(plan.connections))
    )
    seconds = await asyncio.wait_for(load.end, 300)
    found = sorted(load.latencies)
    return Figures(
        rate=len(found) / seconds,
        p50=found[len(found) // 2] * 1000,
        p99=found[min(len(found) - 1, len(found) * 99 // 100)] * 1000,
        statuses=dict(load.statuses),
    )


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(_run(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Plan)))
    sys.stdout.buffer.write(msgspec.json.encode(figures))
