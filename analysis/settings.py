"""What a caller chooses before a search, and how a search says that it cannot be done."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.values import Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that is decided before an outcome is seen. Part of a run's record: a change is another search."""

    max_order: int = 3  # 2 to 5 characteristics in a combination; 5 only from the best of 4
    most_characteristics: int = 5_000  # more are refused: every two are counted together
    most_combinations: int = 2_000_000_000  # more are refused: hours, and a byte of memory each
    most_adjust_levels: int = 200  # more in an adjustment column: an id, each a column of its own
    alpha: float = 0.05  # chance of one or more false findings in the whole search
    floor_people: int = 50  # people in each of a combination's 2^k cells
    floor_expected: float = 5.0  # expected outcomes in each of them
    seed: int = 1  # kept in the record; the search itself draws nothing at random
    cuts: tuple[float, ...] = (0.25, 0.5, 0.75)  # shares at which a number is cut, whatever the outcome
    few_values: int = 10  # a whole number with at most this many values is read level by level
    max_levels: int = 40  # a text with more levels looks like an id or free text
    same_extent: float = 0.9  # Jaccard above which two characteristics are one
    scale: Scale = "ratio"  # on which a combination is expected and decided
    max_findings: int = 40
    max_leads: int = 10
    ridge: float = 1e-3  # keeps separated and collinear terms finite; too small to move any other
    outcomes: int = 1  # searched in one run: alpha is shared by them
    threads: int | None = None  # None: numba's; the findings are the same for any number

    def __post_init__(self) -> None:
        if self.max_order not in (2, 3, 4, 5):
            raise ValueError("max_order lies between 2 and 5")
        if self.outcomes < 1:
            raise ValueError("a run searches one outcome or more")
        if not 0 < self.alpha < 1:
            raise ValueError("alpha lies between 0 and 1")


class CannotSearch(ValueError):  # noqa: N818  # a word callers know it by
    """The table cannot be searched. `code` is for machines; the caller words it and adds file and column.

    `facts` are counts and names of columns that the words need.
    """

    def __init__(self, code: str, **facts: str | int) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code)
