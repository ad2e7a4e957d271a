"""The demo's figures: its time and memory, what it finds of what was planted, and what it finds where nothing is.

`python -m benchmarks.demo time [PEOPLE]`   the whole command: seconds, peak memory, per step; and `undring --help`
`python -m benchmarks.demo seeds [PEOPLE]`  seeds 1-6: planted interactions discovered, decoys and strays reported
`python -m benchmarks.demo null [RUNS]`     municipalities of 5,000 with nothing planted: runs with any finding
`python -m benchmarks.demo peer [PEOPLE]`   the discovery step beside pysubgroup, on the demo's own cohort
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.command import measured
from pipelines.demo import make_municipality

REPORTED = ("discovered", "confirmed", "replicated")
SEARCHING = ("ingest", "pseudonymise", "cohort", "split", "discover", "confirm")


def time_and_memory(people: int) -> None:
    """Print the command's wall time and peak memory, and what `undring --help` takes."""
    undring = str(Path(sys.executable).with_name("undring"))
    helps = [measured([undring, "--help"]).seconds for _ in range(5)]
    print(f"undring --help: {min(helps):.2f} s at best, {sorted(helps)[2]:.2f} s in the median of 5 (limit 0.4)")
    with _workplace() as place:
        took = measured([undring, "demo", "--people", str(people), "--dir", str(place / "demo")], shown=True)
    print(
        f"undring demo --people {people}: {took.seconds:.1f} s (limit 60), peak {took.peak / 2**30:.2f} GiB (limit 2)"
    )


def seeds(people: int) -> None:
    """Print, seed by seed, what the whole way finds of what was planted."""
    for seed in range(1, 7):
        truth, found = _searched(people, seed, null=False)
        planted = {_key(term["conditions"]) for term in truth.planted}
        decoys = {frozenset(str(column) for column in decoy["columns"]) for decoy in truth.decoys}  # type: ignore[attr-defined]
        reported = [_key(one["conditions"]) for one in found if one["status"] in REPORTED]
        hits = sum(key in planted for key in reported)
        confirmed = sum(one["status"] == "confirmed" for one in found)
        shadows = [key for key in reported if key not in planted and any(len(key & true) >= 2 for true in planted)]
        strays = [key for key in reported if key not in planted and key not in shadows]
        told = [key for key in strays if any({column for column, _ in key} >= decoy for decoy in decoys)]
        print(
            f"seed {seed}: {hits} of {len(planted)} planted discovered ({confirmed} confirmed), decoys reported "
            f"{len(told)}, other strays {len(strays) - len(told)}, shadows {len(shadows)}",
            flush=True,
        )


def null(runs: int, people: int = 5_000) -> None:
    """Print in how many municipalities with nothing planted anything is discovered or confirmed."""
    alarms, tested = 0, []
    for seed in range(1001, 1001 + runs):
        _, found = _searched(people, seed, null=True)
        any_found = any(one["status"] in REPORTED for one in found)
        alarms += any_found
        tested.append(any_found)
        if len(tested) % 10 == 0:
            print(f"  {len(tested)} null municipalities, {alarms} with a finding", flush=True)
    print(f"null: {alarms} of {runs} municipalities of {people} with any finding (limit 10 of 100)")


def peer(people: int) -> None:
    """Print the discovery step beside pysubgroup at depth 3, on the searched part of the demo's cohort."""
    import polars as pl

    from benchmarks.discovery import compare
    from pipelines import steps
    from pipelines.run import begin, make_demo_key, take
    from pipelines.study import read_study

    with _workplace() as place:
        workspace = place / "demo"
        truth = make_municipality(workspace, people=people, seed=1)
        study = read_study(workspace)
        make_demo_key(study.key, study.id, seed=1)
        begun = begin(workspace)
        for name in SEARCHING[:4]:
            take(begun, name)
        frame = steps.parts(begun).filter(~pl.col("locked")).drop("person", "locked")
    planted = {frozenset(str(one["column"]) for one in term["conditions"]) for term in truth.planted}  # type: ignore[attr-defined]
    adjust = [one.name for one in study.adjust]
    compared = compare(frame, study.outcomes[0].name, planted, adjust=adjust, cluster="cluster")
    again = compare(frame, study.outcomes[0].name, planted, adjust=adjust, cluster="cluster")  # kernels compiled
    print(f"first in the process: {compared.text()}\nonce compiled:        {again.text()}")


def _searched(people: int, seed: int, *, null: bool) -> tuple[Any, list[dict[str, Any]]]:
    """Make a municipality and take its way to the confirmed findings; checks and report decide nothing."""
    from analysis.values import Discovery
    from pipelines import findings, state
    from pipelines.run import begin, make_demo_key, take
    from pipelines.study import read_study

    with _workplace() as place:
        workspace = place / "demo"
        truth = make_municipality(workspace, people=people, seed=seed, null=null)
        study = read_study(workspace)
        make_demo_key(study.key, study.id, seed=seed)
        begun = begin(workspace, confirm=True)
        for name in SEARCHING:
            take(begun, name)
        found = state.read(begun.folder / "confirmed.json", Discovery)
        content = findings.as_json(found, findings.numbered(found.findings), rounded=False)
    return truth, content["findings"]


def _key(conditions: Any) -> frozenset[tuple[str, str]]:
    return frozenset((str(one["column"]), json.dumps(one["value"])) for one in conditions)


@contextmanager
def _workplace() -> Iterator[Path]:
    before = os.environ.get("UNDRING_HOME")
    with tempfile.TemporaryDirectory() as place:
        os.environ["UNDRING_HOME"] = str(Path(place) / "home")
        try:
            yield Path(place)
        finally:
            if before is None:
                os.environ.pop("UNDRING_HOME")
            else:
                os.environ["UNDRING_HOME"] = before


def main(arguments: list[str]) -> None:
    """Run what was asked for, or all of it."""
    asked = arguments[:1] or ["time", "seeds", "null", "peer"]
    number = int(arguments[1]) if len(arguments) > 1 else None
    if "time" in asked:
        time_and_memory(number or 75_000)
    if "seeds" in asked:
        seeds(number or 20_000)
    if "null" in asked:
        null(number or 100)
    if "peer" in asked:
        peer(number or 75_000)


if __name__ == "__main__":
    main(sys.argv[1:])
