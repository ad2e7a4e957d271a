"""Threads that hand back their parts in order, so that sums are the same on any number of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Part = TypeVar("Part")
TASKS = 3  # a thread's turns at one piece of work: another process may hold a core up


class Threads(ThreadPoolExecutor):
    """A pool that knows how many it has."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count

    def parts(self, work: Callable[[Item], Part], items: Sequence[Item]) -> list[Part]:
        """Return each item's part, in order. In few tasks: to hand one over takes as long as a small part."""
        if self.count == 1 or len(items) < 2:
            return [work(one) for one in items]
        groups = self.runs(items)
        return [part for parts in self.map(lambda group: [work(one) for one in group], groups) for part in parts]

    def runs(self, items: Sequence[Item]) -> list[Sequence[Item]]:
        """Return the items as runs, one a task."""
        tasks = min(TASKS * self.count if self.count > 1 else 1, len(items))
        return [items[len(items) * task // tasks : len(items) * (task + 1) // tasks] for task in range(tasks)]

    def aside(self, work: Callable[[], Part]) -> Callable[[], Part]:
        """Begin work beside what the caller does next; calling what is returned waits for it."""
        return work if self.count == 1 else self.submit(work).result
