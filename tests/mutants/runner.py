"""Run mutants in parallel: each by the tests that execute its line, in a worker of its own."""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import Self

from tests.mutants.changes import Mutant
from tests.mutants.forkserver import FAILED, TIMED_OUT
from tests.mutants.selection import MutantTestSelector
from tests.mutants.workers import Worker, worker

KILLED, SURVIVED, NOT_EXECUTED = "killed", "survived", "not executed"
_START, _SLOWER = 60, 6
"""Seconds to start, and factor of the recorded duration of the tests: beyond it, the mutant has made them hang."""


@dataclass(frozen=True, slots=True)
class MutantResult:
    """Result of a mutant."""

    mutant: Mutant
    outcome: str
    by: str = ""
    """The first test that failed, or the reason that it counts as killed without one."""
    tried: list[str] = field(default_factory=list)
    seconds: float = 0.0


class MutantRunner:
    """Workers, and the selection of tests for them. A context manager: leaving it stops the workers."""

    def __init__(self, chooser: MutantTestSelector, workers: int) -> None:
        self._chooser = chooser
        self._count = workers
        self._stack = ExitStack()
        self.workers: list[Worker] = []
        self.stopped = False
        """True once the run was interrupted: finished mutants are reported, and not tested again."""

    def __enter__(self) -> Self:
        with ThreadPoolExecutor(self._count) as preparing:
            ready = [preparing.submit(self._stack.enter_context, worker()) for _ in range(self._count)]
        try:
            self.workers = [one.result() for one in ready]
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def judge(self, mutants: Sequence[Mutant]) -> list[MutantResult]:
        """Test mutants; test again those that were killed only by a test that also fails without a change."""
        found = self._all(mutants, set())
        killers = sorted({one.by for one in found if one.outcome == KILLED and "::" in one.by})
        if killers and not self.stopped and (unsteady := self._failing(killers)):
            _say(
                f"\nThese fail by themselves now and then, and judge nothing: {', '.join(sorted(unsteady))}\n"
            )
            again = self._all([one.mutant for one in found if one.by in unsteady], unsteady)
            by_name = {one.mutant.name: one for one in again}
            found = [by_name.get(one.mutant.name, one) for one in found]
        return sorted(found, key=lambda one: one.mutant.name)

    def _all(self, mutants: Sequence[Mutant], unsteady: set[str]) -> list[MutantResult]:
        found: list[MutantResult] = []
        start = time.monotonic()

        def judge(one: Worker, mutant: Mutant) -> None:
            judged = self._one(one, mutant, unsteady)
            found.append(judged)
            lived = sum(other.outcome != KILLED for other in found)
            _say(
                f"{len(found)}/{len(mutants)}, {lived} not killed, {time.monotonic() - start:.0f} s: "
                f"{judged.outcome} in {judged.seconds:.0f} s, {mutant.path}:{mutant.line} "
                f"{mutant.before} → {mutant.after}\n"
            )

        self._side_by_side(mutants, judge)
        return found

    def _one(self, one: Worker, mutant: Mutant, unsteady: set[str]) -> MutantResult:
        start = time.monotonic()
        tests = [test for test in self._chooser.tests(mutant) if test not in unsteady]
        judged = MutantResult(mutant, SURVIVED if tests else NOT_EXECUTED)
        if tests:
            fresh = self._chooser.needs_a_fresh_database(mutant)
            for chosen in self._chooser.rounds(tests):
                with one.changed(mutant):
                    outcome, by, ran = self._run(one, chosen, fresh=fresh)
                judged = replace(judged, tried=[*judged.tried, *(chosen if ran else [])])
                if outcome != SURVIVED:
                    judged = replace(judged, outcome=outcome, by=by)
                    break
            if not judged.tried and judged.outcome == SURVIVED:
                judged = replace(judged, outcome=NOT_EXECUTED)
        return replace(judged, seconds=time.monotonic() - start)

    def _run(self, one: Worker, chosen: list[str], *, fresh: bool) -> tuple[str, str, int]:
        files = list(dict.fromkeys(test.partition("::")[0] for test in chosen))
        allowed = _START + _SLOWER * self._chooser.seconds(chosen)
        answer = one.run(files, chosen, seconds=allowed, fresh=fresh)
        if answer.outcome == TIMED_OUT:
            return KILLED, "time-out", answer.ran
        if answer.outcome == FAILED:
            return KILLED, next(iter(answer.failures), "the tests do not even start"), answer.ran
        return SURVIVED, "", answer.ran

    def _failing(self, tests: list[str]) -> set[str]:
        """Return the tests that fail without any change."""
        failing: set[str] = set()
        shares = [tests[place :: len(self.workers)] for place in range(len(self.workers))]

        def run(one: Worker, share: list[str]) -> None:
            if not share:
                return
            files = list(dict.fromkeys(test.partition("::")[0] for test in share))
            allowed = _START + 2 * _SLOWER * self._chooser.seconds(share)
            with one.changed(None):
                failing.update(one.run(files, share, seconds=allowed, all_of=True).failures)

        self._side_by_side(shares, run)
        return failing

    def _side_by_side[Work](self, work: Sequence[Work], do: Callable[[Worker, Work], None]) -> None:
        """Distribute work to the workers until none is left.

        :raises Exception: the first exception of a worker.
        """
        queue: SimpleQueue[Work] = SimpleQueue()
        for one in work:
            queue.put(one)
        errors: list[BaseException] = []

        def serve(one: Worker) -> None:
            try:
                while not errors:
                    do(one, queue.get_nowait())
            except Empty:
                return
            except BaseException as error:  # noqa: BLE001 -- raised again by the thread that started these
                errors.append(error)

        threads = [threading.Thread(target=serve, args=(one,)) for one in self.workers]
        for thread in threads:
            thread.start()
        try:
            _join(threads)
        except KeyboardInterrupt as stopped:
            errors.append(stopped)  # current mutants end, no other begins
            self.stopped = True
            _join(threads)
        for error in errors:
            if not isinstance(error, KeyboardInterrupt):
                raise error


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
