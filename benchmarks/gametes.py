"""GAMETES, simulated by others: what `undring discover` finds, set by set. `python -m benchmarks.gametes [REPLICATES]`.

Every file is searched as a user would: no name or place of a column is used, and the floor is the command's own. Below
5,000 people that is 10 people in a cell where a study asks for 50. `--floor` shows what another would find.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from analysis import define, search
from pipelines.table import read_table, settings_for

TRUTH: dict[str, list[set[str]]] = {
    "two_way_h40": [{"M0P0", "M0P1"}],
    "two_way_h10": [{"M0P0", "M0P1"}],
    "two_way_h05": [{"M0P0", "M0P1"}],
    "three_way_h20": [{"M0P0", "M0P1", "M0P2"}],
    "three_way_xor": [{"M0P1", "M0P2", "M0P3"}],
    "two_pairs_het": [{"M0P0", "M0P1"}, {"M1P0", "M1P1"}],
    "main_effect_only": [],
}


@dataclass(frozen=True, slots=True)
class Searched:
    """One file: the sets of columns discovered."""

    name: str
    replicate: int
    floor: int
    people: int
    found: frozenset[frozenset[str]]

    @property
    def right(self) -> bool:
        """The truth, all of it, and nothing else."""
        return self.found == {frozenset(one) for one in TRUTH[self.name]}


def searched(data: Path, name: str, replicate: int, *, floor: int | None = None) -> Searched:
    """Search one file. `floor`: people in each cell; the command's own unless given."""
    frame = read_table(data / "gametes" / f"{name}_{replicate:02d}.csv.gz")
    settings = settings_for(frame.height)
    if floor is not None:
        settings = replace(settings, floor_people=floor)
    # what a method could take from names and places is taken away
    columns = [one for one in frame.columns if one != "Class"]
    hidden = {one: f"column {place:02d}" for place, one in enumerate(sorted(columns, key=lambda one: hash_of(one)))}
    frame = frame.rename(hidden).select(*sorted(hidden.values()), "Class")
    definitions = define(frame, exclude=("Class",), settings=settings)
    discovery = search(frame, definitions, outcome="Class", positive=1, settings=settings)
    shown = {new: old for old, new in hidden.items()}
    found = frozenset(
        frozenset(shown[condition.column] for condition in one.conditions)
        for one in discovery.findings
        if one.status == "discovered"
    )
    return Searched(name, replicate, settings.floor_people, frame.height, found)


def hash_of(name: str) -> int:
    """A place that has nothing to do with the name, the same in every run."""
    return int.from_bytes(name.encode()[::-1].ljust(8, b"\0"), "big") * 2_654_435_761 % 4_294_967_291


def table(data: Path, replicates: int, *, floor: int | None = None) -> Iterator[str]:
    """Say each setting's figures in a line."""
    for name, truth in TRUTH.items():
        files = [searched(data, name, replicate, floor=floor) for replicate in range(1, replicates + 1)]
        right = sum(one.right for one in files)
        wanted = " and ".join(" x ".join(sorted(one)) for one in truth) or "nothing"
        line = f"{name:<18} floor {files[0].floor:>3}  {wanted:<32} alone and whole in {right} of {len(files)}"
        others = [sorted(one) for file in files for one in file.found if set(one) not in truth]
        yield line + (f"; besides: {', '.join(' x '.join(one) for one in others)}" if others else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("replicates", type=int, nargs="?", default=5)
    parser.add_argument("--floor", type=int)
    chosen = parser.parse_args()
    for line in table(Path(os.environ["UNDRING_DATA"]), chosen.replicates, floor=chosen.floor):
        print(line, flush=True)


if __name__ == "__main__":
    main()
