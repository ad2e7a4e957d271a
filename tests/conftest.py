"""What every attack tells of itself: `attack_row`. The rows are kept where UNDRING_ATTACK_ROWS says (`make attack`)."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tests.attacks.suite import ATTACKS


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, as a test measured it."""

    number: str
    tried: str
    twin: str  # what the same attack gets where nothing protects
    result: str
    limit: str
    held: bool
    short: str = ""  # why it is known not to hold, where the page says so


ROWS: list[Row] = []
CASES: dict[tuple[str, str], list[tuple[bool, bool, int]]] = {}


class Told:
    """Records what an attack got, and fails the test where that is more than the limit."""

    def row(self, number: str, *, tried: str, twin: str, result: str, limit: str, held: bool, short: str = "") -> None:
        """Record a measured line. `short` says why it may fall short: then the page says so too, and no test fails."""
        assert number in ATTACKS
        ROWS.append(Row(number, tried, twin, result, limit, bool(held), short))
        assert held or short, f"attack {number}: {result}, and the limit is {limit}"

    def case(self, number: str, *, works: bool, through: bool, times: int = 1, what: str = "ways") -> None:
        """Count one of many ways of an attack: whether it works on the twin, and whether it gets through ours."""
        assert number in ATTACKS
        CASES.setdefault((number, what), []).append((works, through, times))
        assert works, f"attack {number} does not work on the unprotected twin"
        assert not through, f"attack {number} gets through"


@pytest.fixture(scope="session")
def attack_row() -> Told:
    """What an attack's test tells the table."""
    return Told()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the rows, where `make attack` asked for them."""
    target = os.environ.get("UNDRING_ATTACK_ROWS")
    if not target:
        return
    rows = [*ROWS]
    for (number, what), cases in CASES.items():
        tried, works = sum(one[2] for one in cases), sum(one[2] for one in cases if one[0])
        through = sum(one[2] for one in cases if one[1])
        rows.append(Row(number, f"{tried} {what}", f"{works} work", f"{through} get through", "0", not through))
    Path(target).write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False), encoding="utf-8")
