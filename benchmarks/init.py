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
from pipelines.init import Drafted
from pipelines.init_guess import Guess

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
    pairs = paired(read_contracts(Path(pipelines.demo.__file__).parent), drafted)
    right = sum(guess is not None and guess.role == column.role for column, guess in pairs.values())
    by = sum(missed(column, guess) for column, guess in pairs.values())
    for (register, name), (column, guess) in sorted(pairs.items()):
        if guess is None or guess.role != column.role:
            print(f"  {register}.{name}: {column.role}, drafted as {guess.role if guess else 'nothing'}")
    print(
        f"undring init on the demo's inbox, {people} people: {seconds:.1f} s (limit 10); roles right {right} of "
        f"{len(pairs)}, {100 * right / len(pairs):.1f} % (limit 95); direct identifiers missed {by} (limit 0); "
        f"questions {drafted.open}"
    )


def paired(contracts: dict[str, Contract], drafted: Drafted) -> dict[tuple[str, str], tuple[Property, Guess | None]]:
    """Return each column as people wrote it, and as drafted: by headings, or of a record by the places they share."""
    pairs: dict[tuple[str, str], tuple[Property, Guess | None]] = {}
    for contract in contracts.values():
        headers = {column.header for column in contract.properties}
        same = [one for one in drafted.registers if one.table.layout.record == contract.record]
        register = max(same, key=lambda one: len(headers & set(one.guesses)))
        places = dict(zip(register.table.headers, register.table.layout.places, strict=False))
        for column in contract.properties:
            header = column.header
            if contract.format == "fixed":
                header = max(places, key=lambda one: _shared(places[one], (column.start, column.width)))
                if _shared(places[header], (column.start, column.width)) <= 0:
                    header = ""
            pairs[contract.register, column.name] = column, register.guesses.get(header)
    return pairs


def missed(column: Property, guess: Guess | None) -> bool:
    """Return whether a column that names somebody would go by unseen. One of no known role stops a run until asked."""
    if column.role not in NAMING:
        return False
    seen = guess is not None and guess.role in NAMING and guess.treatment in ("", "drop", "pseudonym")
    return not (seen or (guess is not None and guess.role == "unknown"))


def _shared(one: tuple[int, int], other: tuple[int, int]) -> int:
    """How many places two columns of a record share; each is its first place and its width."""
    return min(sum(one), sum(other)) - max(one[0], other[0])


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
