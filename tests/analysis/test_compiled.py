"""What `make setup` compiles is all that a search needs: nobody waits for a compiler."""

import subprocess
import sys

COUNT = """
import numpy as np
from numba.core.dispatcher import Dispatcher
import analysis.clusters, analysis.counting, analysis.eights, analysis.kernels, analysis.lists
from analysis import Settings, define, search
from analysis.compiled import compile_kernels
from benchmarks.worlds import count_world, household_world, planted_world

def compiled():
    rooms = (analysis.clusters, analysis.counting, analysis.eights, analysis.kernels, analysis.lists)
    kernels = {one for room in rooms for one in vars(room).values() if isinstance(one, Dispatcher)}
    return {one.__name__: len(one.signatures) for one in kernels}

before = compiled()
compile_kernels()
after = compiled()
assert sum(after.values()) > sum(before.values()), before
draw = np.random.default_rng(1)
ways = [
    (planted_world(draw, people=4_500, count=20)[0], dict(adjust=("age",)), Settings(threads=2)),
    (planted_world(draw, people=2_000, count=20)[0], dict(adjust=("age",)), Settings(max_order=4)),
    (planted_world(draw, people=2_500, count=20)[0], dict(adjust=("age",)), Settings(scale="additive")),
    (household_world(draw, households=500), dict(cluster="household"), Settings()),
    (count_world(draw, people=2_000), dict(kind="count", follow_up="time", adjust=("age",)), Settings()),
]
for frame, more, settings in ways:
    definitions = define(frame, exclude=("outcome", "age", "time", "household"), settings=settings)
    search(frame, definitions, outcome="outcome", settings=settings, **more)
more = {name: (after[name], count) for name, count in compiled().items() if count != after[name]}
assert not more, more
"""


def test_a_search_compiles_nothing_that_setup_has_not_compiled():
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
