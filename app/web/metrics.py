"""Figures for Prometheus: requests by route in this process, summed over the processes of one server.

A scrape reaches one process of several, so each writes what it counted to a file of its own every second, and the one
that is asked adds the files of the others to its own figures. Counters of a process that ended stay counted.
"""

import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import msgspec

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class _Durations(msgspec.Struct):
    """How many requests took at most BOUNDS[n] seconds (the last: longer), and their sum in seconds."""

    counts: list[int]
    seconds: float  # not money: a duration

    def add(self, other: "_Durations") -> None:
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]
        self.seconds += other.seconds


class _Snapshot(msgspec.Struct):
    requests: list[tuple[str, str, int, _Durations]]
    in_flight: int
    pool_size: int
    pool_idle: int


Series = tuple[str, str, list[tuple[dict[str, str], float]]]  # not money: name with type, help, samples


class Registry:
    """What one process counted. `folder`: where the processes of one server leave their figures; None when alone."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._requests: dict[tuple[str, str, int], _Durations] = defaultdict(
            lambda: _Durations([0] * (len(BOUNDS) + 1), 0.0)
        )
        self.in_flight = 0
        self.pool_size = 0
        self.pool_idle = 0

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:  # not money: a duration
        """Count one request."""
        found = self._requests[(method, route, status)]
        found.counts[bisect_left(BOUNDS, seconds)] += 1
        found.seconds += seconds

    def _snapshot(self) -> _Snapshot:
        requests = [(*key, durations) for key, durations in self._requests.items()]
        return _Snapshot(requests, self.in_flight, self.pool_size, self.pool_idle)

    def save(self) -> None:
        """Leave the figures for the other processes, whole or not at all."""
        if self._folder is not None:
            target = self._folder / f"{os.getpid()}.json"
            target.with_suffix(".new").write_bytes(msgspec.json.encode(self._snapshot()))
            target.with_suffix(".new").replace(target)

    def _all(self) -> list[_Snapshot]:
        others = self._folder.glob("*.json") if self._folder is not None else ()
        own = f"{os.getpid()}.json"
        return [
            self._snapshot(),
            *(msgspec.json.decode(each.read_bytes(), type=_Snapshot) for each in others if each.name != own),
        ]

    def series(self) -> list[Series]:
        """Requests, and the gauges of the pool, over all processes."""
        total: dict[tuple[str, str, int], _Durations] = {}
        found = self._all()
        for snapshot in found:
            for method, route, status, durations in snapshot.requests:
                sums = total.setdefault((method, route, status), _Durations([0] * (len(BOUNDS) + 1), 0.0))
                sums.add(durations)
        samples: list[tuple[dict[str, str], float]] = []  # not money: counts and seconds
        for (method, route, status), durations in sorted(total.items()):
            labels = {"method": method, "route": route, "status": str(status)}
            below = 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), durations.counts, strict=True):
                below += count
                samples.append(({"": "_bucket", **labels, "le": bound}, below))
            samples += [({"": "_sum", **labels}, durations.seconds), ({"": "_count", **labels}, below)]
        return [
            ("vereffen_request_seconds histogram", "Requests by route and status, in seconds.", samples),
            _gauge("vereffen_requests_in_flight", "Requests in hand.", sum(each.in_flight for each in found)),
            _gauge("vereffen_pool_connections", "Database connections open.", sum(each.pool_size for each in found)),
            _gauge("vereffen_pool_idle", "Database connections open and idle.", sum(each.pool_idle for each in found)),
        ]


def _gauge(name: str, text: str, value: int) -> Series:
    return (f"{name} gauge", text, [({}, value)])


def render(series: Iterable[Series]) -> bytes:
    """The text format of Prometheus, version 0.0.4. A label named "" is what follows the name of the metric."""
    lines: list[str] = []
    for head, text, samples in series:
        name, kind = head.split(" ")
        lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
        for labels, value in samples:
            inside = ",".join(f'{key}="{_escaped(each)}"' for key, each in labels.items() if key)
            lines.append(f"{name}{labels.get('', '')}{'{' + inside + '}' if inside else ''} {value}")
    return "\n".join([*lines, ""]).encode()


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
