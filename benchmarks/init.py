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
from pipelines.contract_document import open_document
from pipelines.contracts import Contract, Property, _contract, read_contracts

# A column of no known role is a question that stops a run: nobody's identifier goes by unseen in it.
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
        drafts = _drafted(Path(place) / "draft")
    wanted, found = _columns(read_contracts(Path(pipelines.demo.__file__).parent), drafts)
    right = sum(key in found and found[key].role == column.role for key, column in wanted.items())
    missed = sum(
        column.role in NAMING and not (key in found and found[key].role in (*NAMING, "unknown"))
        for key, column in wanted.items()
    )
    for key, column in sorted(wanted.items()):
        guess = found[key].role if key in found else "no column"
        if guess != column.role:
            print(f"  {'.'.join(key)}: {column.role}, drafted as {guess}")
    print(
        f"undring init on the demo's inbox, {people} people: {seconds:.1f} s (limit 10); roles right {right} of "
        f"{len(wanted)}, {100 * right / len(wanted):.1f} % (limit 95); direct identifiers missed {missed} (limit 0); "
        f"questions {drafted.open}"
    )


def _drafted(folder: Path) -> dict[str, Contract]:
    """Return the drafts, whose open questions a run would stop at."""
    found = {}
    for path in sorted((folder / "contracts").glob("*.yaml")):
        document = open_document(path, shown=path.name)
        made = _contract(document)
        found[made.register] = made
    return found


Key = tuple[str, str]


def _columns(
    contracts: dict[str, Contract], drafts: dict[str, Contract]
) -> tuple[dict[Key, Property], dict[Key, Property]]:
    """Return the right answers, and the drafts' beside them: by headings, or of a record by the places they share."""
    wanted: dict[Key, Property] = {}
    found: dict[Key, Property] = {}
    for register, contract in contracts.items():
        headers = {column.header for column in contract.properties}
        if contract.format == "fixed":
            draft = next(one for one in drafts.values() if one.record == contract.record)
        else:
            draft = max(drafts.values(), key=lambda one: len(headers & {column.header for column in one.properties}))
        for column in contract.properties:
            wanted[register, column.name] = column
            alike = [one for one in draft.properties if _alike(one, column)]
            if alike:
                found[register, column.name] = max(alike, key=lambda one: _shared(one, column))
    return wanted, found


def _alike(one: Property, other: Property) -> bool:
    return _shared(one, other) > 0 if other.width else one.header == other.header


def _shared(one: Property, other: Property) -> int:
    return min(one.start + one.width, other.start + other.width) - max(one.start, other.start)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
