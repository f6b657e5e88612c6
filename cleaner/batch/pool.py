"""Workers: processes that share the compiled rules, and are missed when they are gone."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cleaner.batch.shards import SHARD, Files, Task
from cleaner.batch.work import Done, Worker, unforeseen

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_NOTHING = -1  # no record is at hand


class WorkersLost(RuntimeError):
    """Workers end before they have begun; the message says how."""


@dataclass(eq=False, slots=True)
class _Slot:
    """A task that is under way, and what came of it."""

    task: Task
    done: Done | None = None
    died_at: int | None = None  # the record that a worker has died of
    lost: int = 0  # workers that died of none


@dataclass(eq=False, slots=True)
class _Hand:
    process: Any
    pipe: Connection
    number: int
    slot: _Slot | None = None


def _serve(
    worker: Worker, pipe: Connection, others: list[Connection], at_hand: Any, number: int, parent: int
) -> None:  # fmt: skip
    """The life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, too, and says what is to be done
    for other in others:
        other.close()

    def told(record: int) -> None:
        at_hand[number] = record
        if os.getppid() != parent:
            os._exit(1)  # nobody waits for it any more, and another run may be at work

    while True:
        try:
            while not pipe.poll(1.0):
                if os.getppid() != parent:
                    return
            task = pipe.recv()
        except (EOFError, OSError):  # the parent is gone
            return
        at_hand[number] = _NOTHING
        try:
            done = worker.do(task, told)
        except Exception as error:
            done = Done(unusable=f"{task.source.name}: {unforeseen(error)}")
        try:
            pipe.send(done)
        except OSError:
            return


class Pool:
    """Does tasks in `jobs` processes, or in this one where there is so little to do that none is worth its start.

    `size`: bytes of all inputs, None where that is not known before they are read. `notice` is told of workers that
    were lost.
    """

    def __init__(self, worker: Worker, jobs: int, size: int | None, notice: Callable[[str], None]) -> None:
        self.worker, self.jobs, self.notice = worker, jobs, notice
        self.small = size is None or size <= SHARD
        self.unknown = size is None
        self.hands: list[_Hand] = []
        self.todo: deque[_Slot] = deque()
        self.at_hand: Any = None

    def run(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Done]]:
        """The tasks with what came of them, in their order."""
        order: deque[_Slot] = deque()
        ended = False
        while True:
            while not ended and len(order) < 2 * self.jobs + 2 and not (order and order[-1].task.waits):
                task = next(tasks, None)
                if task is None:
                    ended = True
                    break
                order.append(slot := _Slot(task))
                if self._alone(task):
                    slot.done = self.worker.do(task)
                    break
                self.todo.append(slot)
                self._give()
            while order and order[0].done is not None:
                slot = order.popleft()
                assert slot.done is not None
                yield slot.task, slot.done
            if not order:
                if ended:
                    return
                continue
            if order[0].done is None:
                self._wait()

    def _alone(self, task: Task) -> bool:
        if task.work is None:
            return True
        if self.unknown and task.size >= SHARD // 2 and not task.waits:
            self.small = False  # who feeds us is fast
        return self.small and not self.hands

    def _give(self) -> None:
        idle = [hand for hand in self.hands if hand.slot is None]
        while self.todo and (idle or len(self.hands) < self.jobs):
            hand = idle.pop() if idle else self._start()
            hand.slot = self.todo.popleft()
            # A worker that has died meanwhile is missed when it does not answer.
            with contextlib.suppress(OSError):
                hand.pipe.send(hand.slot.task)

    def _start(self) -> _Hand:
        import multiprocessing  # takes a while, and a small input needs no workers

        forks = "fork" in multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        if self.at_hand is None:
            self.at_hand = context.RawArray("q", self.jobs)
            # What is made when it is first used is made once, and not in every worker; a fused word needs all tables.
            self.worker.cleaner.clean("It rained on Monday, and the river rose to the bridge of thevillage.\n")
            gc.collect()
            gc.freeze()  # or every worker would copy the tables by looking at them
        number = next(n for n in range(self.jobs) if all(hand.number != n for hand in self.hands))
        self.at_hand[number] = _NOTHING
        ours, theirs = context.Pipe()
        others = [*(hand.pipe for hand in self.hands), ours] if forks else []
        process = context.Process(
            target=_serve, args=(self.worker, theirs, others, self.at_hand, number, os.getpid()), daemon=True
        )
        process.start()
        theirs.close()
        hand = _Hand(process, ours, number)
        self.hands.append(hand)
        return hand

    def _wait(self) -> None:
        """Wait until a worker has done something, or died."""
        from multiprocessing.connection import wait

        busy = {hand.pipe: hand for hand in self.hands if hand.slot is not None}
        for pipe in wait(list(busy)):
            hand = busy[pipe]  # type: ignore[index]
            try:
                done = hand.pipe.recv()
            except (EOFError, OSError):
                self._bury(hand)
                continue
            assert hand.slot is not None
            hand.slot.done, hand.slot = done, None
        self._give()

    def _bury(self, hand: _Hand) -> None:
        """A worker has died. Its task is begun anew; a record that two workers have died of is left out."""
        slot = hand.slot
        assert slot is not None
        hand.process.join()
        code = hand.process.exitcode
        how = f"signal {-code}" if code < 0 else f"exit status {code}"
        if code == -signal.SIGKILL:
            how = "signal 9 (killed; was there enough memory?)"
        record = self.at_hand[hand.number]
        hand.pipe.close()
        self.hands.remove(hand)
        work = slot.task.work
        name, where = slot.task.source.name, f"record {record}"
        if isinstance(work, Files):
            name, where = work.inputs[max(0, record)].name, "this file"
        if record == _NOTHING:
            slot.lost += 1
            if slot.lost > 2:
                raise WorkersLost(f"{name}: workers end as soon as they begin: {how}; try fewer with --jobs")
        elif record == slot.died_at:
            slot.task.skip[record] = f"two workers were ended while they cleaned it: {how}"
        else:
            slot.died_at = record
            self.notice(f"{name}: a worker was ended by {how} at {where}; it is tried again")
        self.todo.appendleft(slot)

    def close(self) -> None:
        """Send all workers home, wherever they are."""
        for hand in self.hands:
            hand.pipe.close()
            hand.process.kill()
        for hand in self.hands:
            hand.process.join()
        self.hands.clear()
