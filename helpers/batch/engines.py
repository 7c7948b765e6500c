"""Who does the work: this process, others of this machine (joblib), or a cluster (Dask)."""

from __future__ import annotations

import contextlib
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from helpers import checks

if TYPE_CHECKING:
    from distributed import Client

Task = TypeVar("Task")
Answer = TypeVar("Answer")
Engine = Callable[..., Iterator[tuple[Task, Answer]]]
ATTEMPTS = 3
"""So often is a job tried again whose worker died, before it is given up."""
AHEAD = 4
"""So many jobs for each worker wait in a scheduler; the rest stays here, however many there are."""
LOST = "its worker died each time: no memory left, or a fault in a library that reads it"


class Lost(Exception):
    """A job whose worker died whenever it was tried."""


def in_this_process(do: Callable[[Task], Answer], tasks: Iterable[Task], *, alone: bool = False,
                    ) -> Iterator[tuple[Task, Answer]]:
    """Do one task after the other."""
    for task in tasks:
        yield task, do(task)


def on_this_machine(n_jobs: int) -> Engine:
    """Processes of this machine, by joblib; each holds BLAS to one thread.

    Parameters
    ----------
    n_jobs : int
        How many; -1 means one for each core.
    """
    def engine(do: Callable, tasks: Iterable, *, alone: bool = False) -> Iterator[tuple]:
        from joblib import Parallel, delayed, parallel_config
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        waiting = dict(enumerate(tasks))
        rounds = [[number] for number in waiting] if alone else [list(waiting)]
        for numbers, _ in itertools.product(rounds, range(ATTEMPTS)):
            left = [number for number in numbers if number in waiting]
            if not left:
                continue
            with contextlib.suppress(TerminatedWorkerError), parallel_config("loky", inner_max_num_threads=1):
                # with one process joblib would work in this one, and a task that kills its process would kill it
                running = Parallel(n_jobs=2 if n_jobs == 1 else n_jobs, return_as="generator_unordered")
                for number, answer in running(delayed(_numbered)(do, number, waiting[number]) for number in left):
                    yield waiting.pop(number), answer
        for task in waiting.values():
            yield task, Lost(LOST)

    return engine


def _numbered(do: Callable, number: int, task: object) -> tuple[int, object]:
    return number, do(task)


def on_a_cluster(client: Client) -> Engine:
    """Workers of a Dask cluster. What a worker had in hand when it died is given to another."""
    def engine(do: Callable, tasks: Iterable, *, alone: bool = False) -> Iterator[tuple]:
        from distributed import KilledWorker, as_completed

        n_workers = max(1, len(client.nthreads()))
        left = iter(tasks)
        given = {}

        def give(task: object) -> object:
            future = client.submit(do, task, pure=False)
            given[future] = task
            return future

        # as_completed would end at once with nothing to wait for
        waiting = [give(task) for task in itertools.islice(left, 1 if alone else AHEAD * n_workers)]
        if not waiting:
            return
        running = as_completed(waiting)
        try:
            for future in running:
                task = given.pop(future)
                try:
                    answer = future.result()
                except KilledWorker:
                    answer = Lost(LOST)
                future.release()
                for further in itertools.islice(left, 1):
                    running.add(give(further))
                yield task, answer
        finally:
            client.cancel(list(given))

    return engine


def local_cluster(n_workers: int = 2, *, memory: str = "auto") -> Client:
    """Start a Dask cluster on this computer.

    Its scheduler and workers listen on loopback only, and there is no dashboard.

    Parameters
    ----------
    n_workers : int
        Processes, each with one thread.
    memory : str
        What a worker may use before it is started anew, such as ``"1GB"``.

    Returns
    -------
    distributed.Client
        For ``scheduler=`` of :func:`helpers.batch.extract`. Its ``close()`` ends
        the cluster, and so does the end of a ``with`` block.

    Notes
    -----
    Workers are started as fresh processes, not copied from this one. In a script (not
    in a notebook) the call must stand behind ``if __name__ == "__main__":``.
    """
    from distributed import Client

    return Client(n_workers=checks.whole(n_workers, name="n_workers"), threads_per_worker=1, processes=True,
                  host="127.0.0.1", memory_limit=memory, silence_logs=logging.CRITICAL,
                  scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"})


@contextlib.contextmanager
def chosen(*, n_jobs: int, scheduler: Client | str | None) -> Iterator[Engine]:
    """Choose an engine: a cluster where there is a scheduler, else processes of this machine, else this process."""
    if scheduler is None:
        if n_jobs < 1 and n_jobs != -1:
            raise checks.fail("n_jobs of 1 or more, or -1 for one a core", f"{n_jobs}", "2 is a good start")
        yield in_this_process if n_jobs == 1 else on_this_machine(n_jobs)
        return
    from distributed import Client

    if isinstance(scheduler, Client):
        yield on_a_cluster(scheduler)
        return
    with Client(scheduler) as client:
        yield on_a_cluster(client)
