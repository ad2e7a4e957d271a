"""Two things at once: what is read next is read, and what is written is written, while this thread works.

Polars, hashing and encryption let go of the interpreter, so that two cores are used where one thread would use one. At
most one piece waits on each side: memory stays that of a few chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import Queue
from threading import Event, Semaphore, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Return the items, each made in a thread while the one before it is used. What is raised there is raised here."""
    made: Queue[_Made[Item]] = Queue()
    wanted, stopped = Semaphore(1), Event()
    thread = Thread(target=_make, args=(items, made, wanted, stopped))
    thread.start()
    try:
        while (one := made.get()).items:
            wanted.release()
            yield one.items.pop()
        if one.error is not None:
            raise one.error
    finally:
        stopped.set()
        wanted.release()
        thread.join()


class _Made(Generic[Item]):
    """An item, or the end: with what was raised there, if anything."""

    def __init__(self, *items: Item, error: BaseException | None = None) -> None:
        self.items, self.error = list(items), error


def _make(items: Iterator[Item], made: Queue[_Made[Item]], wanted: Semaphore, stopped: Event) -> None:
    error: BaseException | None = None
    try:
        while wanted.acquire() and not stopped.is_set():
            one = _Made(*islice(items, 1))
            if not one.items:
                break
            made.put(one)
            del one  # held here, it would be there until the next one is
        close = getattr(items, "close", None)
        if close is not None:  # where its files were opened
            close()
    except BaseException as raised:
        error = raised
    made.put(_Made(error=error))


class Behind:
    """Work that a thread does in the order given, at most one piece after the one that it is at."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None

    def do(self, work: Callable[[], None]) -> None:
        """Have something done, when what was asked before is. Raises: what that raised."""
        self.wait()
        self._thread = self._thread or ThreadPoolExecutor(max_workers=1)
        self._last = self._thread.submit(work)

    def wait(self) -> None:
        """Wait until all is done. Raises: what it raised."""
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def end(self) -> None:
        """Wait, and let the thread go. Raises nothing: what was raised is forgotten."""
        if self._thread is not None:
            self._thread.shutdown(wait=True)
        self._thread = self._last = None
