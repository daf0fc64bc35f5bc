"""The collector by itself, with a writer that is a list: what goes together, in which order, and who hears what."""

import asyncio
import gc
from collections.abc import Hashable, Sequence

import asyncpg
import pytest

from app.core.errors import Refusal
from app.web.collector import Collector
from app.web.problems import Unavailable


class Writer:
    """Notes each group; `faults` are raised first, one a call; the entry "bad" is refused."""

    def __init__(self, *faults: BaseException) -> None:
        self.groups: list[list[str]] = []
        self.faults = list(faults)
        self.go = asyncio.Event()

    async def __call__(self, lane: Hashable, entries: Sequence[str]) -> list[str | Refusal]:
        self.groups.append(list(entries))
        await self.go.wait()
        if self.faults:
            raise self.faults.pop(0)
        return [Refusal("bad", "bad") if each == "bad" else each.upper() for each in entries]


def submit(collector: Collector[str, str], *entries: str, lane: str = "") -> list["asyncio.Task[str]"]:
    return [asyncio.create_task(collector.submit(lane, each, frozenset({each[0]}))) for each in entries]


async def turns(number: int = 5) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_who_comes_while_a_group_is_on_its_way_goes_in_the_next() -> None:
    writer = Writer()
    collector: Collector[str, str] = Collector(writer, most=3, abreast=1)
    first = submit(collector, "a")
    await turns()
    rest = submit(collector, *"bcdef")
    await turns()
    writer.go.set()
    assert await asyncio.gather(*first, *rest) == list("ABCDEF")
    assert writer.groups == [["a"], ["b", "c", "d"], ["e", "f"]]


async def test_entries_that_share_a_key_go_in_turn_and_keep_their_order() -> None:
    writer = Writer()
    writer.go.set()
    collector: Collector[str, str] = Collector(writer)
    done = await asyncio.gather(*submit(collector, "a1", "b1", "a2", "b2", "a3"))
    assert done == ["A1", "B1", "A2", "B2", "A3"]
    assert writer.groups == [["a1", "b1"], ["a2", "b2"], ["a3"]]


async def test_a_second_group_goes_beside_the_first_but_never_with_one_of_its_keys() -> None:
    writer = Writer()
    collector: Collector[str, str] = Collector(writer)
    tasks = submit(collector, "a1")
    await turns()
    tasks += submit(collector, "a2", "b1", "c1")
    await turns()
    assert writer.groups == [["a1"], ["b1", "c1"]]
    writer.go.set()
    assert await asyncio.gather(*tasks) == ["A1", "A2", "B1", "C1"]
    assert writer.groups == [["a1"], ["b1", "c1"], ["a2"]]


async def test_a_refusal_is_heard_by_its_own_caller_only() -> None:
    writer = Writer()
    writer.go.set()
    done = await asyncio.gather(*submit(Collector(writer), "a", "bad", "c"), return_exceptions=True)
    assert [str(each) for each in done] == ["A", "bad", "C"]


async def test_lanes_do_not_wait_for_each_other() -> None:
    writer = Writer()
    collector: Collector[str, str] = Collector(writer)
    tasks = submit(collector, "a", lane="one") + submit(collector, "b", lane="two")
    await turns()
    assert writer.groups == [["a"], ["b"]]
    writer.go.set()
    assert await asyncio.gather(*tasks) == ["A", "B"]


async def test_no_more_groups_fly_than_allowed() -> None:
    writer = Writer()
    collector: Collector[str, str] = Collector(writer, flights=2)
    tasks = [each for n in range(4) for each in submit(collector, f"{n}", lane=f"{n}")]
    await turns()
    assert len(writer.groups) == 2
    writer.go.set()
    assert await asyncio.gather(*tasks) == ["0", "1", "2", "3"]


async def test_a_group_with_a_fault_is_sent_one_by_one_so_that_only_one_hears_it() -> None:
    writer = Writer(ValueError("somewhere"), ValueError("a"))
    writer.go.set()
    done = await asyncio.gather(*submit(Collector(writer), "a", "b", "c"), return_exceptions=True)
    assert [str(each) for each in done] == ["a", "B", "C"]


async def test_a_conflict_is_tried_again() -> None:
    writer = Writer(asyncpg.DeadlockDetectedError("x"), asyncpg.UniqueViolationError("x"))
    writer.go.set()
    assert await asyncio.gather(*submit(Collector(writer), "a")) == ["A"]
    assert len(writer.groups) == 3


async def test_a_lost_connection_is_tried_once_more_and_then_said() -> None:
    gone = Unavailable("database_unavailable", "gone")
    writer = Writer(gone, gone)
    writer.go.set()
    with pytest.raises(Unavailable):
        await asyncio.gather(*submit(Collector(writer), "a"))
    assert len(writer.groups) == 2
    writer.faults = [gone]
    assert await asyncio.gather(*submit(Collector(writer), "a")) == ["A"]


async def test_who_goes_away_before_his_group_leaves_is_not_written() -> None:
    writer = Writer()
    collector: Collector[str, str] = Collector(writer, abreast=1)
    first = submit(collector, "a")
    await turns()
    second = submit(collector, "b", "c")
    await turns()
    second[0].cancel()
    await turns()
    writer.go.set()
    assert await asyncio.gather(*first, second[1]) == ["A", "C"]
    assert writer.groups == [["a"], ["c"]]


class Died(BaseException):
    """What the simulator raises where a process dies."""


@pytest.mark.parametrize("error", [Died(), asyncio.CancelledError()])
async def test_whoever_waits_hears_that_the_writer_has_died_and_nothing_is_left_unread(error: BaseException) -> None:
    heard: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context["message"]))
    writer = Writer(error)
    writer.go.set()
    collector: Collector[str, str] = Collector(writer, abreast=1)
    told = await asyncio.wait_for(asyncio.gather(*submit(collector, "a", "b"), return_exceptions=True), 5)
    assert [type(each) for each in told] == [type(error)] * 2
    await collector.close()
    gc.collect()
    assert heard == []


async def test_closing_waits_for_what_was_submitted() -> None:
    writer = Writer()
    collector: Collector[str, str] = Collector(writer)
    tasks = submit(collector, "a")
    await turns()
    closing = asyncio.create_task(collector.close())
    await turns()
    assert not closing.done()
    writer.go.set()
    await closing
    assert [each.result() for each in tasks] == ["A"]
