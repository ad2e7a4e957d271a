"""How long a table's audit takes, and what it hides: 24 x 40, dense and sparse.

Run: python -m benchmarks.suppression [--seeds 3]
The peer is hiding the small cells alone, which takes no time and leaves cells that can be solved for.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from pseudonymisation.suppression import coarser, hide_cells, unsafe_cells, with_margins

SHAPE = (24, 40)
LIMIT = 30.0  # seconds
ASKED = {"smallest_group": 10, "smallest_difference": 5}
KINDS = {"dense": (60.0, 1.2), "sparse": (14.0, 0.6), "very sparse": (2.0, 0.3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    for kind, (mean, spread) in KINDS.items():
        for seed in range(parser.parse_args().seeds):
            counts = np.random.default_rng(seed).negative_binomial(spread, spread / (mean + spread), SHAPE)
            full = with_margins(counts)
            alone = (full > 0) & (full < ASKED["smallest_group"])
            open_ = len(unsafe_cells(counts, alone, smallest_difference=ASKED["smallest_difference"]))
            start = time.process_time()
            made = hide_cells(counts, **ASKED)
            how = f"hidden {made.primary} + {made.secondary}, unsafe {made.unsafe}"
            if made.unsafe:
                found = coarser(counts, **ASKED)
                how += "; refused"
                if found:
                    how += f", axis {found[0]} by {found[1]} would do: {' x '.join(map(str, found[2].shape))}"
            seconds = time.process_time() - start
            print(
                f"{SHAPE[0]} x {SHAPE[1]}, {kind}, seed {seed}: {seconds:5.1f} s (limit {LIMIT:.0f} s), "
                f"small cells alone leave {open_} unsafe; {how}",
                flush=True,
            )


if __name__ == "__main__":
    main()
