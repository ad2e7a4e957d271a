"""How long k-anonymity takes on 75,000 people, and what it costs in certainty.

Run: python -m benchmarks.k_anonymity [--people 75000] [--columns 8]
The peer in the same run is a plain polars group-by of the same columns: the least any method must do.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from pseudonymisation.hierarchies import given_hierarchy
from pseudonymisation.k_anonymity import measure, mondrian
from pseudonymisation.lattice import lattice

QUASI = ["age", "sex", "district", "civil", "housing", "origin", "month", "minutes"]


def municipality(people: int, *, seed: int = 1) -> pl.DataFrame:
    """Return a made-up table, one row a person: eight quasi-identifiers and one sensitive column."""
    random = np.random.default_rng(seed)
    age = np.clip(random.normal(76, 8, people), 65, 95).astype(int)
    districts = np.array([f"distrikt {number:02d}" for number in range(20)])
    weight = random.dirichlet(np.full(20, 3.0))
    return pl.DataFrame(
        {
            "age": age,
            "sex": random.choice(["F", "M"], people, p=[0.55, 0.45]),
            "district": random.choice(districts, people, p=weight),
            "civil": random.choice(["gift", "enke", "ugift", "fraskilt"], people, p=[0.5, 0.3, 0.08, 0.12]),
            "housing": random.choice(["ejer", "leje", "plejebolig"], people, p=[0.6, 0.33, 0.07]),
            "origin": random.choice(["dansk", "vestlig", "ikke-vestlig"], people, p=[0.93, 0.03, 0.04]),
            "month": random.integers(1, 13, people),
            "minutes": (random.gamma(1.2, 90, people) * (random.random(people) < 0.4)).round(),
            "sick": random.choice(list("abcdefgh"), people, p=[0.5, 0.2, 0.1, 0.05, 0.05, 0.04, 0.03, 0.03]),
        }
    )


def taken(what: Callable[[], object]) -> float:
    """Return seconds, the better of two runs."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        what()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=75_000)
    parser.add_argument("--columns", type=int, default=8)
    options = parser.parse_args()
    frame, quasi = municipality(options.people), QUASI[: options.columns]
    raw = measure(frame, quasi=quasi, sensitive=["sick"])
    peer = taken(lambda: frame.group_by(quasi).agg(pl.len()))
    print(f"{options.people} people, {len(quasi)} quasi-identifiers, {raw.unique / raw.people:.1%} unique as they are")
    print(f"measure k, l and share: {taken(lambda: measure(frame, quasi=quasi, sensitive=['sick'])):.2f} s")
    for k, diversity in ((5, 1), (10, 1), (10, 3), (20, 3)):
        sensitive = ["sick"] if diversity > 1 else []
        seconds = taken(lambda k=k, s=sensitive, d=diversity: mondrian(frame, quasi=quasi, sensitive=s, k=k, l=d))
        made = mondrian(frame, quasi=quasi, sensitive=sensitive, k=k, l=diversity)
        risk = measure(made.frame, quasi=quasi, sensitive=["sick"])
        print(
            f"k={k:2d} l={diversity}: {seconds:5.2f} s = {seconds / peer:5.0f} x a group-by; classes {made.classes}, "
            f"gcp {made.gcp:.3f}, C_avg {made.average_class / k:.2f}, mean linkage {risk.mean_success:.3f}, "
            f"k found {risk.k}, l found {risk.l}, largest share {risk.largest_share:.2f}"
        )
    for k, diversity in ((5, 1), (10, 3)):
        sensitive = ["sick"] if diversity > 1 else []
        seconds = taken(lambda k=k, s=sensitive, d=diversity: lattice(frame, quasi=quasi, sensitive=s, k=k, l=d))
        best = lattice(frame, quasi=quasi, sensitive=sensitive, k=k, l=diversity)
        if best is None:
            print(f"lattice k={k:2d} l={diversity}: {seconds:5.2f} s; no node will do")
            continue
        risk = measure(best.made.frame, quasi=quasi, sensitive=["sick"])
        print(
            f"lattice k={k:2d} l={diversity}: {seconds:5.2f} s = {seconds / peer:5.0f} x a group-by; "
            f"{best.checked} looks at {best.nodes} nodes; classes {best.made.classes}, gcp {best.made.gcp:.3f}, "
            f"suppressed {best.made.suppressed / options.people:.1%}, k found {risk.k}, l found {risk.l}"
        )
    adult()


def adult() -> None:
    """Print both methods on UCI Adult, the lattice with ARX's published hierarchies, where the data are at hand."""
    folder = Path(os.environ.get("UNDRING_DATA", "")) / "adult"
    if not (folder / "adult.csv.gz").is_file():
        print("adult: UNDRING_DATA is not set, not measured")
        return
    text = gzip.decompress((folder / "adult.csv.gz").read_bytes())
    frame = pl.read_csv(io.BytesIO(text), separator=";", infer_schema=False)
    quasi = [name for name in frame.columns if name not in ("occupation", "salary-class")]
    given = {}
    for name in quasi:
        rows = list(csv.reader(io.StringIO((folder / f"hierarchy_{name}.csv").read_text()), delimiter=";"))
        given[name] = given_hierarchy(frame[name], {row[0]: row[1:] for row in rows})
    numbers = frame.with_columns(pl.col("age").cast(pl.Int64))
    asked = {"quasi": quasi, "sensitive": ["occupation"]}
    for k in (5, 10):
        cut = mondrian(numbers, **asked, k=k, l=3)
        start = time.perf_counter()
        best = lattice(frame, **asked, k=k, l=3, hierarchies=given)
        seconds = time.perf_counter() - start
        assert best is not None
        print(
            f"adult, {len(quasi)} quasi-identifiers, k={k:2d} l=3: mondrian gcp {cut.gcp:.3f}, {cut.classes} classes; "
            f"lattice with ARX's hierarchies gcp {best.made.gcp:.3f}, {best.made.classes} classes, "
            f"{best.made.suppressed / frame.height:.1%} suppressed, {seconds:.2f} s, steps {best.steps}"
        )


if __name__ == "__main__":
    main()
