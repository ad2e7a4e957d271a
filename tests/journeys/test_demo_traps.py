"""The field's traps: each is in the demo's files, and the run saw it, did something about it, and says so.

One demo for them all (`conftest.demo`). At its size there are 9 new numbers, 6 protected people and 165 false moves;
at the default size 60, 40 and 1,100.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from bs4 import BeautifulSoup

from pipelines import key_files, vault
from pipelines.context import Run
from pipelines.demo import draw
from pipelines.demo.people_registers import WIDTHS
from pipelines.run import reopen_at
from pseudonymisation import keys, pseudonyms
from tests.journeys.conftest import PEOPLE, SEED, Demo, undring

CPR = "D251001.L431101"


@cache
def records(workspace: Path) -> dict[str, pl.DataFrame]:
    """The CPR extract by record type, cut by hand."""
    rows: dict[str, list[dict[str, str]]] = {}
    for line in (workspace / "inbox" / CPR).read_text("iso-8859-1").splitlines()[1:-1]:
        cells, at = {}, 3
        for name, width in WIDTHS[line[:3]].items():
            cells[name], at = line[at : at + width].strip(), at + width
        rows.setdefault(line[:3], []).append(cells)
    return {kind: pl.DataFrame(found).unique(maintain_order=True) for kind, found in rows.items()}


@pytest.fixture(scope="module")
def said(demo: Demo) -> str:
    """What the report and the DPO's page say of the registers: the same, line by line, and so does the command."""
    pages = []
    for name in ("rapport.UDKAST.html", "dpo.html"):
        page = BeautifulSoup((demo.workspace / "draft" / name).read_text("utf-8"), "html.parser")
        heading = page.find(re.compile("h[23]"), string="Det så vi i registrene, og det gjorde vi")
        assert heading is not None, name
        listed = heading.find_next("ul")
        assert listed is not None
        pages.append([item.get_text() for item in listed.find_all("li")])
    assert pages[0] == pages[1]
    assert all(line in demo.stdout for line in pages[0])
    return "\n".join(pages[0])


@pytest.fixture(scope="module")
def run(demo: Demo) -> Iterator[Run]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNDRING_HOME", str(demo.home))
        yield reopen_at(demo.workspace, "K-0001", passphrase=key_files.DEMO_PASSPHRASE)


def at_this_size(planted: int) -> int:
    """Return how many of what is planted among 20,000 people are planted here."""
    return planted * PEOPLE // 20_000


def held(run: Run, register: str) -> pl.DataFrame:
    return vault.read_register(run.vault / "registers", register, run.subkey("vault"))


def codes(numbers: list[str]) -> set[str]:
    key = keys.derive(keys.demo_secret(SEED), study="demo", recipient="internal", kind="person", epoch=1)
    return set(pseudonyms.pseudonym_column(pl.Series("number", numbers, dtype=pl.String), key=key).to_list())


@pytest.fixture(scope="module")
def cohort(run: Run) -> pl.DataFrame:
    return vault.read_frame(run.folder / "split.vault", run.subkey("vault"))


def test_numbers_that_changed_are_one_person(demo: Demo, said: str, run: Run, cohort: pl.DataFrame) -> None:
    changed = records(demo.workspace)["022"]
    old, new = changed["PNR_GL"].to_list(), changed["PNR"].to_list()
    assert len(old) == at_this_size(60)
    persons = records(demo.workspace)["001"]
    assert set(persons.filter(pl.col("STATUS") == "60")["PNR"]) >= set(old)
    events = (demo.workspace / "inbox" / "cpr_haendelser_20251001.csv").read_text("cp1252").replace("-", "")
    assert any(number in events for number in old)
    for register in ("cpr", "cpr_haendelser", "indsatser", "advis", "levering"):
        assert not codes(old) & set(held(run, register)["person"].to_list()), register
    assert codes(new) <= set(cohort["person"].to_list())
    assert cohort.height == PEOPLE
    assert "har fået et nyt CPR-nummer" in said


def test_moves_of_one_day_are_seen_for_what_they_are(demo: Demo, said: str, run: Run, cohort: pl.DataFrame) -> None:
    moves = records(demo.workspace)["023"].filter(pl.col("PNR").str.len_chars() == 10)
    days = Counter(moves["FRAFLYDTO"].str.slice(0, 8).to_list())
    day, false_moves = days.most_common(1)[0]
    assert (day, false_moves) == ("20250610", at_this_size(1_100))
    assert (held(run, "cpr_flytninger")["fraflyttet"] == -113).sum() == 0
    residents, world = draw(people=PEOPLE, seed=SEED)
    naive = world.has["flyttet_180d"] | residents.recoded[:PEOPLE]
    moved = int(cohort["flyttet_180d"].sum())
    assert moved == world.has["flyttet_180d"].sum() < 0.8 * naive.sum()
    assert "»fraflytning« den 10. juni 2025. Så mange på én dag er en teknisk ændring" in said


def test_civil_status_of_today_is_not_read_and_a_study_that_would_is_refused(
    demo: Demo, said: str, tmp_path: Path
) -> None:
    assert "Visiterede indsatser: »civilstand« gælder kun den dag, udtrækket er lavet (15. januar 2026)" in said
    done = checked(
        demo,
        tmp_path,
        contract=("indsatser", '{property: treatment, value: "drop"}\n          - {property: time, value: "snapshot"}',
                  '{property: time, value: "snapshot"}'),
        study='name = "enke_i_dag"\nfrom = "indsatser"\nrule = "value"\ncolumn = "civilstand"\nis = ["Enke/enkemand"]',
    )  # fmt: skip
    assert done.returncode == 2
    assert "contracts/indsatser.yaml" in done.stderr
    assert "enke_i_dag bruger civilstand, som er et øjebliksbillede (trukket ud: 2026-01-15)" in done.stderr


def test_protected_people_count_but_nothing_is_known_of_where_they_live(
    demo: Demo, said: str, cohort: pl.DataFrame
) -> None:
    protected = codes(records(demo.workspace)["004"]["PNR"].to_list())
    assert len(protected) == at_this_size(40)
    theirs = cohort.filter(pl.col("person").is_in(protected))
    assert theirs.height == len(protected)
    assert theirs["bor_i_midtbyen"].null_count() == len(protected)
    others = cohort.filter(~pl.col("person").is_in(protected))["bor_i_midtbyen"]
    assert others.null_count() < 0.02 * len(others)
    assert "har navne- og adressebeskyttelse" in said


def test_the_status_that_gives_the_outcome_away_is_named_and_left_out(
    demo: Demo, said: str, cohort: pl.DataFrame
) -> None:
    told = cohort.filter(pl.col("planlagt_aflyst"))
    assert told["akut_indlagt_90d"].mean() > 0.95  # type: ignore[operator]
    assert "»planlagt besøg aflyst« røber udfaldet" in said
    content = json.loads((demo.workspace / "findings.json").read_text("utf-8"))
    assert "planlagt_aflyst" not in json.dumps(content["findings"])


def test_the_care_home_explains_the_pair(demo: Demo, said: str, cohort: pl.DataFrame) -> None:
    """Movers with a dementia coordinator are admitted more often, until one knows who moved into a care home."""
    movers = cohort.filter(pl.col("flyttet_180d"))
    share = {one: movers.filter(pl.col("hukommelse") == one)["plejebolig"].mean() for one in (True, False)}
    assert share[True] > 2 * share[False]  # type: ignore[operator]
    found = json.loads((demo.workspace / "draft" / "fund.json").read_text("utf-8"))["findings"]
    pairs = [{one["column"] for one in finding["conditions"]} for finding in found]
    assert not [pair for pair in pairs if pair in ({"flyttet_180d", "hukommelse"}, {"flyttet_180d", "plejebolig"})]
    assert "»flyttet for nylig + plejebolig« er kendt på forhånd og regnet med i det forventede" in said


def test_a_scale_and_a_law_that_changed_are_mapped_and_told(
    demo: Demo, said: str, run: Run, cohort: pl.DataFrame
) -> None:
    files = [path.read_text("utf-8") for path in sorted((demo.workspace / "inbox").glob("tilstande_*.csv"))]
    assert re.search(r";B[45];", files[0])
    assert not re.search(r";B\d;", files[1])
    levels = held(run, "tilstande")
    unmapped = levels.filter(pl.col("niveau").is_in(["3", "4"]) & pl.col("vurderet").is_between(-730, -1))["person"]
    _, world = draw(people=PEOPLE, seed=SEED)
    assert int(cohort["svaer_tilstand"].sum()) == world.has["svaer_tilstand"].sum() > 1.5 * unmapped.n_unique()
    grants = (demo.workspace / "inbox" / "indsatser_udtraek.csv").read_text("cp1252")
    assert grants.count(";01-07-2025;31-12-9999;") > 500  # closed by the law the day before, and opened anew
    new_care = int(cohort["ny_hjemmepleje"].sum())
    assert new_care == world.has["ny_hjemmepleje"].sum()  # a law gives nobody new help
    for line in (
        "FSIII version 2024, skala 0-4 og 9 i stedet for B1-B6, fra 1. februar 2025. Koderne i »niveau«",
        "ældreloven i stedet for serviceloven, fra 1. juli 2025. Koderne i »lovgrundlag« er oversat",
        "»ikrafttrædelse« den 1. juli 2025. Så mange på én dag er en teknisk ændring",
    ):
        assert line in said


def test_the_register_that_cannot_be_linked_says_so_and_shows_a_level_only(
    demo: Demo, said: str, tmp_path: Path
) -> None:
    assert "KØS, sygehuskontakter kan ikke kobles til borgerne" in said
    assert "Sygesikring (KØS) kan ikke kobles til borgerne: der er intet CPR-nummer i det. Det er ikke brugt." in said
    level = re.search(r"KØS, sygehuskontakter holdt op mod rapporten.*omtrent ([\d.]+) i registret og ([\d.]+)", said)
    assert level is not None
    region, ours = (int(part.replace(".", "")) for part in level.groups())
    assert ours > 0
    assert abs(region - ours) <= 100  # both rounded to 100
    done = checked(
        demo,
        tmp_path,
        study='name = "set_i_koes"\nfrom = "koes"\nrule = "any"\ndate = "start"\nwindow = [-365, 0]',
    )
    assert done.returncode == 2
    assert "set_i_koes bruger koes, som ikke har noget CPR-nummer" in done.stderr


def test_check_tells_what_the_contracts_say_before_anything_runs(demo: Demo) -> None:
    told = undring("check", str(demo.workspace), home=demo.home, cwd=demo.workspace)
    assert told.returncode == 0
    for words in ("kan ikke kobles", "gælder kun den dag", "er oversat, så de betyder det samme", "er ikke oversat"):
        assert words in told.stdout
    english = undring("check", str(demo.workspace), "--language", "en", home=demo.home, cwd=demo.workspace)
    assert "cannot be linked to citizens" in english.stdout


def checked(
    demo: Demo, tmp_path: Path, *, study: str, contract: tuple[str, str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`undring check` on a copy of the demo whose study asks for one characteristic more."""
    work = tmp_path / "kommune"
    shutil.copytree(demo.workspace / "contracts", work / "contracts")
    shutil.copy(demo.workspace / "districts.csv", work)
    (work / "inbox").symlink_to(demo.workspace / "inbox")
    text = (demo.workspace / "study.toml").read_text("utf-8")
    words = 'label = {da = "x", en = "x"}\n'
    (work / "study.toml").write_text(f"{text}\n[[characteristic]]\n{study}\n{words}", "utf-8")
    if contract is not None:
        name, old, new = contract
        path = work / "contracts" / f"{name}.yaml"
        assert old in path.read_text("utf-8")
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    return undring("check", str(work), home=demo.home, cwd=work)
