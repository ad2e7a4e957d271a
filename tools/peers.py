"""`make peers`: our k, l and three risks beside anonymeter's and pycanon's, which do not install beside our pins.

Run: python tools/peers.py. What was measured is written into docs/privacy.md. The environment is .peers/, made from the
package index that pip knows. Exit code 1, said loudly, where it cannot be made, or a number of ours differs from
pycanon's. The risks are printed beside anonymeter's: its attackers measure the same three risks by other guesses, so
they are laid side by side, not held equal.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PAGE = ROOT / "docs" / "privacy.md"
START, END = "<!-- peers: written by make peers -->", "<!-- end of peers -->"
PLACE = ROOT / ".peers"
WANTED = ("anonymeter", "pycanon")
TARGETS = 500

# Runs in the other environment: it knows nothing of ours.
THEIRS = """
import json, sys, warnings
from importlib.metadata import version
warnings.filterwarnings("ignore")
import pandas as pd
from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator, SinglingOutEvaluator
from pycanon import anonymity

asked = json.load(open(sys.argv[1]))
told = {"versions": {name: version(name) for name in ("anonymeter", "pycanon")}}
read = lambda name: pd.read_csv(asked[name], dtype=str).fillna("").astype(object)
table = read("table")
told["k"] = int(anonymity.k_anonymity(table, asked["quasi"]))
told["l"] = int(anonymity.l_diversity(table, asked["quasi"], [asked["secret"]]))
numbers = ["alder", "timer"]
def typed(name):
    frame = read(name)
    for column in numbers:
        frame[column] = pd.to_numeric(frame[column]).astype(float)
    return frame
inside, outside = typed("inside"), typed("outside")
for which in ("twin", "ours"):
    released, n = typed(which), asked["targets"]
    made = {
        "singling out": SinglingOutEvaluator(ori=inside, syn=released, control=outside, n_attacks=n, n_cols=5, seed=1),
        "linkability": LinkabilityEvaluator(
            ori=inside, syn=released, control=outside, n_attacks=n, n_neighbors=1, aux_cols=tuple(asked["halves"])
        ),
        "inference": InferenceEvaluator(
            ori=inside, syn=released, control=outside, n_attacks=n, aux_cols=asked["quasi"], secret=asked["secret"]
        ),
    }
    for name, evaluator in made.items():
        try:
            found = evaluator.evaluate().risk()
            told[f"{which}, {name}"] = [round(float(found.value), 3), [round(float(end), 3) for end in found.ci]]
        except Exception as error:
            told[f"{which}, {name}"] = [f"not measured: {type(error).__name__}", None]
print("TOLD" + json.dumps(told))
"""


def environment() -> Path:
    """Return the other environment's Python, made where it is not there. Raises: CalledProcessError."""
    python = PLACE / "bin" / "python"
    there = python.exists() and not subprocess.run([str(python), "-c", "import anonymeter, pycanon"]).returncode
    if not there:
        venv.create(PLACE, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *WANTED], check=True)
    return python


def middles(column: pl.Series) -> list[float]:
    """Return the middle of each told interval: what somebody with a synthetic-data tool would make of it."""
    found = []
    for text in column.cast(pl.String):
        numbers = [float(one) for one in "".join(c if c.isdigit() else " " for c in text).split()] or [0.0]
        found.append((numbers[0] + numbers[-1]) / 2)
    return found


def written(versions: dict[str, str], same: str, rows: list[str]) -> None:
    """Write what was measured into the page, between its marks."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    head = f"| risk | of | our attacker | anonymeter {versions['anonymeter']} |\n|---|---|---|---|"
    told = "\n".join([START, f"{same} pycanon {versions['pycanon']}.", "", head, *rows, END])
    PAGE.write_text(f"{before}{told}{after}", encoding="utf-8")


def main() -> int:
    """Make the environment, measure in both, compare; return the exit code."""
    from pseudonymisation.k_anonymity import measure
    from tests.attacks import package_world, test_three_risks
    from tests.attacks.package_world import QUASI, SECRET, untold, world
    from tests.attacks.test_three_risks import ONE_HAS, OTHER_HAS, inferred, linked, singled_out

    try:
        python = environment()
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"NOT COMPARED: {' and '.join(WANTED)} could not be installed ({type(error).__name__})", file=sys.stderr)
        return 1
    test_three_risks.TARGETS = TARGETS
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        here = world(work / "w")
        told = here.told.drop("person")
        guessed = told.with_columns(pl.Series(name, middles(told[name])) for name in ("alder", "timer"))
        frames = {"table": told, "inside": here.inside.drop("person"), "outside": here.outside.drop("person"),
                  "twin": untold(here.inside).drop("person"), "ours": guessed}  # fmt: skip
        asked: dict[str, object] = {"quasi": QUASI, "secret": SECRET, "targets": TARGETS}
        asked["halves"] = [ONE_HAS, OTHER_HAS]
        for name, frame in frames.items():
            frame.select(told.columns).write_csv(work / f"{name}.csv")
            asked[name] = str(work / f"{name}.csv")
        (work / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
        (work / "theirs.py").write_text(THEIRS, encoding="utf-8")
        command = [str(python), str(work / "theirs.py"), str(work / "asked.json")]
        done = subprocess.run(command, capture_output=True, text=True)
        line = next((one for one in done.stdout.splitlines() if one.startswith("TOLD")), None)
        if line is None:
            print(f"NOT COMPARED: the peers stopped\n{done.stderr[-800:]}", file=sys.stderr)
            return 1
        theirs = json.loads(line[4:])
        ours = measure(told, quasi=QUASI, sensitive=[SECRET])
        print(f"peers: {', '.join(f'{name} {version}' for name, version in theirs['versions'].items())}")
        same = f"k {ours.k} (pycanon {theirs['k']}), l {ours.l} (pycanon {theirs['l']})"
        print(f"package of {told.height} people: {same}")
        attacks = {"singling out": lambda t, p: singled_out(t, p, QUASI), "linkability": linked,
                   "inference": lambda t, p: inferred(t, p, QUASI)}  # fmt: skip
        rows = []
        for which, released in (("twin", untold(here.inside)), ("ours", here.told)):
            for name, attack in attacks.items():
                mine = package_world.risk(attack(released, here.inside), attack(released, here.outside), TARGETS)
                value, ends = theirs[f"{which}, {name}"]
                whom = "unprotected" if which == "twin" else "package"
                print(f"{whom:12} {name:13} our attacker {max(mine[0], 0):.3f}; anonymeter {value} {ends or ''}")
                beside = f"{value} ({ends[0]} to {ends[1]})" if ends else str(value)
                rows.append(f"| {name} | {whom} | {max(mine[0], 0):.3f} | {beside} |")
        written(theirs["versions"], f"A package of {told.height:,} people: {same}.", rows)
    return 0 if (ours.k, ours.l) == (theirs["k"], theirs["l"]) else 1


if __name__ == "__main__":
    sys.exit(main())
