"""One finding, three municipalities: found by the first, found again by the second, not by the third.

The demo's registers, read as a run reads them; what a run does beside the numbers (expectations, PDF, its own test) is
left out here, for other journeys take it. The neighbours speak through the command, in this process.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest
from typer.testing import CliRunner

from flows.cli import app
from pipelines import answer, answers, state, steps
from pipelines import run as runs
from pipelines.demo import make_municipality, truth_identities
from pipelines.study import read_study
from reports.catalogue import Language
from reports.values import Report
from tests.pipelines import exchange_builders as builders


@dataclass(frozen=True)
class Land:
    home: Path
    neighbour: Path
    quiet: Path  # nothing was planted there


def settled(folder: Path, name: str, *, seed: int, people: int, null: bool = False) -> Path:
    """Make a municipality without a lock and take its first run, as far as the draft."""
    make_municipality(folder, people=people, seed=seed, null=null)
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8").replace('"Eksempel Kommune"', f'"{name}"')
    text = re.sub(r"(?m)^lock = .*$", "lock = 0", text)
    text = re.sub(r"(?m)^publish_from = .*\n", "", text)
    text = re.sub(r"(?m)^self_test_seconds = .*$", "self_test_seconds = 0", text)
    text = re.sub(r"(?ms)^\[package\]\n.*?(?=^\[)", "", text)
    file.write_text(text, encoding="utf-8")
    study = read_study(folder)
    runs.make_demo_key(study.key, study.id, seed=seed)
    begun = runs.begin(folder)
    for step in steps.STEPS:
        runs.take(begun, step)
    runs.finish(begun, Language.DA)
    return folder


@pytest.fixture(scope="module")
def land(tmp_path_factory):
    place = tmp_path_factory.mktemp("land")
    with pytest.MonkeyPatch.context() as patch:
        builders.prepared(patch, place / "keys")
        taken = {**steps.STEPS, "validate": lambda run, tell: {}}
        patch.setattr(runs, "STEPS", MappingProxyType(taken))
        yield Land(
            home=settled(place / "hjem", "Hjem Kommune", seed=6, people=5_000),
            neighbour=settled(place / "nabo", "Nabo Kommune", seed=1, people=6_000),
            quiet=settled(place / "stille", "Stille Kommune", seed=3, people=3_000, null=True),
        )


def undring(*arguments: str):  # type: ignore[no-untyped-def]
    """Run the command."""
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def shown(workspace: Path) -> str:
    """Return the finding of a pair that the draft shows in figures."""
    report = state.read(next((workspace / "runs").glob("K-*/report.json")), Report)
    return next(card.id for card in report.cards if not card.coarse and len(card.parts) == 2)


def test_a_planted_pattern_is_found_again_next_door_and_not_where_nothing_was_planted(land):
    finding = shown(land.home)
    recipe = builders.recipe_out(land.home, finding)
    verdicts = {}
    for neighbour in (land.neighbour, land.quiet):
        command = ("replicate", str(recipe), str(neighbour), "--by", "demo-analytiker")
        first = undring(*command)
        assert first.exit_code == 2
        assert "koblet" in first.stderr
        builders.completed(next((neighbour / "fund").glob("replicate-*.toml")))
        unsure = undring(*command, "--language", "en")
        assert unsure.exit_code == 3
        assert "You have about" in unsure.stdout
        assert not [one for one in builders.actions(neighbour) if one == "hypothesis.replicate"]
        done = undring(*command, "--yes")
        assert done.exit_code == 0, done.output
        file = next((neighbour / "exchange").glob(f"{finding}.*.svar.json"))
        verdicts[neighbour.name] = answer.read(file).told.verdict
        out = builders.released(neighbour, "answer", finding, "Hjem Kommune")
        assert out.read_bytes() == file.read_bytes()
    assert verdicts["nabo"] == "found_again"
    assert verdicts["stille"] in ("not_found", "too_few")

    back = next((land.neighbour / "outbox").glob("*/*.svar.json"))
    runs.add_answer(land.home, answers.received(land.home, back), back)
    listed = undring("findings", "--workspace", str(land.home))
    assert re.search(rf"{finding}  genfundet", listed.stdout)
    written = json.loads((land.home / "findings.json").read_text(encoding="utf-8"))
    assert {one["id"]: one["status"] for one in written["findings"]}[finding] == "replicated"


def test_what_travels_holds_no_citizen_and_no_count_that_was_not_rounded(land):
    files = [*land.home.glob("outbox/*/*.opskrift.json"), *land.neighbour.glob("outbox/*/*.svar.json")]
    assert len(files) == 2
    known = truth_identities(people=5_000, seed=6)
    numbers = {*known.cprs, *known.addresses, *known.phones}
    assert len(numbers) > 4_000
    for file in files:
        text = file.read_text(encoding="utf-8")
        told = json.loads(text)
        figures = told["figures"] or {"people": 0, "observed": 0, "expected": 0}
        assert figures["people"] % 10 == figures["observed"] % 5 == figures["expected"] % 5 == 0
        assert not any(number in text for number in numbers)
