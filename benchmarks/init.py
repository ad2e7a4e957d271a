"""`undring init` on the demo's inbox: seconds, the share of roles guessed right, direct identifiers missed.

`python -m benchmarks.init [PEOPLE]`   20,000 people by default; the contracts in pipelines/demo/ are the right answers
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import pipelines.demo
from pipelines.contracts import Contract, Property, read_contracts

NAMING = ("person_identifier", "direct_identifier", "linking_identifier", "free_text")


def main(people: int = 20_000) -> None:
    """Make a municipality, draft from its inbox, and compare with the contracts that people wrote."""
    from pipelines.init import init

    with tempfile.TemporaryDirectory() as place:
        os.environ["UNDRING_HOME"] = str(Path(place) / "home")
        pipelines.demo.make_municipality(Path(place) / "demo", people=people, seed=1)
        began = time.perf_counter()
        drafted = init(Path(place) / "demo" / "inbox", Path(place) / "draft")
        seconds = time.perf_counter() - began
        found = _columns(read_contracts(Path(place) / "draft"))
    wanted = _columns(read_contracts(Path(pipelines.demo.__file__).parent))
    right = sum(key in found and found[key].role == column.role for key, column in wanted.items())
    missed = sum(
        column.role in NAMING and not (key in found and found[key].role in NAMING) for key, column in wanted.items()
    )
    print(
        f"undring init on the demo's inbox, {people} people: {seconds:.1f} s (limit 10); roles right {right} of "
        f"{len(wanted)}, {100 * right / len(wanted):.1f} % (limit 95); direct identifiers missed {missed} (limit 0); "
        f"questions {drafted.open}"
    )


def _columns(contracts: dict[str, Contract]) -> dict[tuple[frozenset[str], str], Property]:
    return {
        (frozenset(other.header for other in contract.properties), column.header): column
        for contract in contracts.values()
        for column in contract.properties
    }


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
