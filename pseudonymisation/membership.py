"""Who is in a table at all? An attacker with the whole register asks it of the classes, and how large they must be.

k says that nobody is told apart within a class. It says nothing of how many of those who would fit a class are in it,
and in a class of ten one person more or less shows. The attacker is played: half of the people are taken to be in, a
table is made of them, and he scores everybody by how full the class is that they fit. What he gets is the area under
his curve: 0.5 is a coin. In theory it is about the normal distribution at 1 / sqrt(class size), so only larger classes
help: cutting at other places, or in the people who were left out too, changes little (docs/privacy.md has the figures).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from pseudonymisation.mondrian import boxes

LIMIT = 0.55
MOST_PEOPLE = 8_000  # of more, so many are drawn: the area depends on the classes' size, not on how many there are
_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100)
_ROUNDS = 2
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What an attacker learns of who is in: the area under his curve, and its 95 % upper end."""

    area: float
    at_most: float

    def keeps(self, limit: float = LIMIT) -> bool:
        """Return whether the limit holds with 95 % certainty."""
        return self.at_most <= limit


def area(inside: Floats, outside: Floats) -> Membership:
    """Return the area under the curve of these scores, ties counted half; a half where a side has nobody.

    The error's source: J. Hanley, B. McNeil (1982), The meaning and use of the area under a ROC curve, Radiology 143.
    """
    if not len(inside) or not len(outside):
        return Membership(area=0.5, at_most=0.5)
    ranks = rankdata(np.concatenate([inside, outside]))
    n, m = len(inside), len(outside)
    a = float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    spread = a * (1 - a) + (n - 1) * (q1 - a * a) + (m - 1) * (q2 - a * a)
    return Membership(area=a, at_most=a + float(norm.ppf(0.95)) * float(np.sqrt(max(spread, 0.0) / (n * m))))


def membership(
    frame: pl.DataFrame,
    *,
    quasi: Sequence[str],
    sensitive: Sequence[str] = (),
    k: int,
    l: int = 1,  # noqa: E741
    max_share: float = 0.8,
    seed: int = 0,
) -> Membership:
    """Return what an attacker who holds the register learns of who is in a table cut into classes of at least `k`.

    A row is a person. Everybody is in once and out once: the halves change places. One class of all tells nothing.
    """
    random = np.random.default_rng(seed)
    people = frame if frame.height <= MOST_PEOPLE else frame[np.sort(random.permutation(frame.height)[:MOST_PEOPLE])]
    measured = []
    for _ in range(_ROUNDS):
        order = random.permutation(people.height)
        halves = order[: people.height // 2], order[people.height // 2 :]
        scored: list[tuple[Floats, Floats]] = []
        for inside, outside in (halves, halves[::-1]):
            cut = boxes(
                people, np.sort(inside), quasi=quasi, sensitive=sensitive, k=k, l=l, max_share=max_share
            )  # fmt: skip
            if len(cut.people) <= 1:
                return Membership(area=0.5, at_most=0.5)
            fits = cut.fits()
            full = np.where(fits, cut.people / np.maximum(fits.sum(axis=0), 1), 0.0).max(axis=1)
            scored.append((full[inside], full[outside]))
        measured.append([area(*one) for one in scored])
    found = [one for pair in measured for one in pair]
    mean = sum(one.area for one in found) / len(found)
    # Each round has everybody once on either side: its two halves' errors are those of two samples.
    error = sum(one.at_most - one.area for one in found) / len(found) / np.sqrt(2)
    return Membership(area=mean, at_most=mean + float(error))


def of_fixed_classes(sizes: Sequence[int], *, seed: int = 0) -> Membership:
    """Return the same for classes that were fixed before anybody looked at who is in: bands, categories.

    Nothing is cut anew there: those in and those out are drawn around the classes' sizes.
    """
    random = np.random.default_rng(seed)
    expected = np.asarray(sizes, dtype=np.float64)
    if len(expected) <= 1:
        return Membership(area=0.5, at_most=0.5)
    measured = []
    for _ in range(2 * _ROUNDS):
        inside, outside = random.poisson(expected), random.poisson(expected)
        full = inside / np.maximum(inside + outside, 1)
        measured.append(area(np.repeat(full, inside), np.repeat(full, outside)))
    mean = sum(one.area for one in measured) / len(measured)
    return Membership(area=mean, at_most=mean + sum(one.at_most - one.area for one in measured) / len(measured))


def class_size(
    frame: pl.DataFrame,
    *,
    quasi: Sequence[str],
    sensitive: Sequence[str] = (),
    k: int,
    l: int = 1,  # noqa: E741
    max_share: float = 0.8,
    limit: float = LIMIT,
) -> tuple[int, Membership]:
    """Return the smallest class size, at least `k`, with which the limit on membership holds, and what was measured.

    Sizes are tried by halving the way up to a class of all, which tells nothing.
    """

    def at(size: int) -> Membership:
        return membership(frame, quasi=quasi, sensitive=sensitive, k=size, l=l, max_share=max_share)

    sizes = sorted({min(round(k * step), max(frame.height, k)) for step in _STEPS} | {max(frame.height, k)})
    low, high = 0, len(sizes) - 1
    tried = {high: Membership(area=0.5, at_most=0.5)}
    while low < high:
        middle = (low + high) // 2
        tried[middle] = at(sizes[middle])
        low, high = (low, middle) if tried[middle].keeps(limit) else (middle + 1, high)
    return sizes[low], tried[low]
