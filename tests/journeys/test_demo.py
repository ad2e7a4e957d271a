"""The whole way once: registers in, report out, read as a person would read it."""

from __future__ import annotations

import csv
import json
import re

from bs4 import BeautifulSoup

from tests.journeys.conftest import PEOPLE, Demo, undring

WORKSPACE = {
    "study.toml", "contracts", "fund", "vault", "quarantine", "ledger", "runs", "findings.json", "draft", "inbox",
}  # fmt: skip
DRAFT = {
    "rapport.UDKAST.html",
    "report.UDKAST.en.html",
    "fund.json",
    "fund.csv",
    "dpo.html",
    "package",
}


def test_the_demo_says_where_report_dpo_page_and_package_are(demo: Demo) -> None:
    for name in ("rapport.UDKAST.html", "dpo.html", "package"):
        assert str(demo.workspace / "draft" / name) in demo.stdout
        assert (demo.workspace / "draft" / name).exists()


def test_each_step_says_what_it_does_and_how_long_it_took(demo: Demo) -> None:
    lines = [line for line in demo.stderr.splitlines() if re.match(r"\s*\d/9 ", line)]
    assert len(lines) == 10
    assert all(re.search(r"\d,\d s$", line) for line in lines)


def test_the_workspace_holds_what_the_design_says(demo: Demo) -> None:
    assert {path.name for path in demo.workspace.iterdir()} >= WORKSPACE
    assert {path.name for path in (demo.workspace / "draft").iterdir()} >= DRAFT


def test_the_refused_rows_are_told_by_place_and_never_by_value(demo: Demo) -> None:
    told = [line for line in demo.stdout.splitlines() if "række" in line]
    assert len(told) >= 5


def test_the_report_says_demo_and_draft_on_every_page_and_what_it_is_not(demo: Demo) -> None:
    page = BeautifulSoup((demo.workspace / "draft" / "rapport.UDKAST.html").read_text(encoding="utf-8"), "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "da"
    sections = page.select("section.page")
    assert len(sections) >= 4
    for section in sections:
        text = section.get_text(" ")
        assert "UDKAST" in text
        assert "DEMO" in text
    assert "ikke" in sections[0].get_text().lower()
    assert not page.find("script")


def test_both_languages_have_the_same_pages(demo: Demo) -> None:
    pages = [
        BeautifulSoup((demo.workspace / "draft" / name).read_text(encoding="utf-8"), "html.parser")
        for name in ("rapport.UDKAST.html", "report.UDKAST.en.html")
    ]
    assert len(pages[0].select("section.page")) == len(pages[1].select("section.page"))
    assert len(pages[0].find_all("table")) == len(pages[1].find_all("table"))


def test_findings_json_has_the_schema_and_its_people_add_up(demo: Demo) -> None:
    content = json.loads((demo.workspace / "findings.json").read_text(encoding="utf-8"))
    assert content["schema"] == "undring/findings/1"
    assert content["people"] == content["people_searched"] + content["people_locked"]
    assert 0.9 * PEOPLE < content["people"] <= PEOPLE
    assert content["searched"] > content["tested"] > 0
    assert not content["rounded"]
    assert (demo.workspace / "findings.json").stat().st_mode & 0o077 == 0


def test_the_released_numbers_are_rounded_and_never_small(demo: Demo) -> None:
    content = json.loads((demo.workspace / "draft" / "fund.json").read_text(encoding="utf-8"))
    assert content["rounded"]
    for one in content["findings"]:
        assert one["people"] is None or (one["people"] >= 10 and one["people"] % 10 == 0)
        assert one["observed"] is None or one["observed"] % 5 == 0
    with (demo.workspace / "draft" / "fund.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert len(rows) == 1 + len(content["findings"])


def test_the_package_keeps_its_promise(demo: Demo) -> None:
    folder = demo.workspace / "draft" / "package"
    risk = json.loads((folder / "risk.json").read_text(encoding="utf-8"))
    assert risk["k"] >= 10
    assert risk["l"] >= 3
    assert risk["largest_share"] <= 0.8
    assert "personal data" in risk["status"]
    assert "anonym." not in (folder / "LAES_MIG.md").read_text(encoding="utf-8").replace("ikke anonym.", "")


def test_the_analyst_and_the_dpo_can_go_on_from_there(demo: Demo) -> None:
    for arguments in (("findings",), ("check",), ("audit", "verify"), ("audit", "show"), ("audit", "sample")):
        done = undring(*arguments, "--workspace", str(demo.workspace), home=demo.home, cwd=demo.workspace)
        assert done.returncode == 0, (arguments, done.stderr)
        assert done.stdout.strip()


def test_the_ledger_tells_every_step(demo: Demo) -> None:
    lines = [
        json.loads(line)
        for path in sorted((demo.workspace / "ledger").glob("????-??.jsonl"))  # beside them: the evidence chain
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    actions = [line["action"] for line in lines]
    assert {"run.start", "ingest", "pseudonymise", "analyse", "report", "package", "run.end"} <= set(actions)
    assert actions.count("run.end") == 1
