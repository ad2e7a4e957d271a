"""The portal's pages of recipes and answers: what there is, side by side, and how it is asked to go out."""

from __future__ import annotations

import re
import shutil

import pytest

from pipelines import answers, exchange_files, recipe_mapping, releases, steps
from pipelines import replicate as replication
from pipelines import run as runs
from pipelines.errors import InputError
from pipelines.release_record import read_releases
from portal.app import create_site
from portal.site import Settings, Site
from tests.pipelines import exchange_builders as builders
from tests.portal.conftest import HOST, Portal

OURS = "F-2026-001"


@pytest.fixture(scope="module")
def land(tmp_path_factory):
    """Two municipalities: one with a finding whose recipe is out, a neighbour that has tried it."""
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("land")
        builders.prepared(patch, place / "home")
        home = builders.municipality(place / "hjem", "Hjem Kommune", seed=1)
        neighbour = builders.municipality(place / "nabo", "Nabo Kommune", seed=2)
        file = builders.recipe_out(home, OURS)
        asked = replication.begin(neighbour, file)
        with pytest.raises(InputError, match="replicate_written"):
            _tried(neighbour, asked)
        builders.completed(recipe_mapping.mapping_file(neighbour, asked.recipe))
        _tried(neighbour, asked)
        yield place


def _tried(workspace, asked):
    by = builders.analyst_of(workspace)
    replication.replicate(workspace, asked, by, ask=lambda seen: None, passphrase="demo")


@pytest.fixture
def here(land, tmp_path, monkeypatch):
    builders.prepared(monkeypatch, tmp_path / "home")
    for name in ("home", "hjem", "nabo"):
        shutil.copytree(land / name, tmp_path / name)
    return tmp_path


def portal_of(workspace) -> Portal:
    site = Site(settings=Settings(workspace=workspace, hosts=frozenset({HOST})))
    return Portal(site=site, app=create_site(site)[0], people={})


def theirs(here) -> str:
    return exchange_files.answers_here(here / "nabo")[0]


def ask(portal, path, **fields):
    return portal.post(portal.browser("demo-analytiker"), path, page="/exchange", passphrase="demo", **fields)


def test_both_municipalities_stand_on_the_scale_of_chart_a(here):
    page = portal_of(here / "nabo").browser("demo-dpo").get(f"/exchange/{theirs(here)}").text
    drawing = re.search(r'<svg xmlns.*?aria-labelledby="e".*?</svg>', page, re.S)[0]
    assert drawing.count("Hjem Kommune") == drawing.count("Nabo Kommune") == 3  # its label; expected and seen, in words
    marks = re.findall(r'<circle cx="([\d.]+)"', drawing)
    assert len(marks) == 2  # what was seen, each on its row of one scale
    shown = [int(one.replace(".", "")) for one in re.findall(r">set ([\d.]+)<", drawing)]
    (first, second), (low, high) = map(float, marks), shown
    assert (first < second) == (low < high)
    kept = (here / "nabo" / "exchange" / f"{theirs(here)}.svar.html").read_text(encoding="utf-8")
    assert drawing in kept  # the file that travels with the answer has the same picture


def test_a_recipe_is_written_and_asked_out_in_the_portal_and_goes_out_by_others_alone(here):
    portal = portal_of(here / "hjem")
    exchange_files.recipe_file(here / "hjem", OURS).unlink()
    assert ask(portal, "/exchange", finding="F-2026-099").status_code == 404
    assert ask(portal, "/exchange", finding="../x").status_code == 404
    written = ask(portal, "/exchange", finding=OURS)
    assert written.headers["location"] == f"/exchange/{OURS}"
    assert OURS in portal.browser("demo-godkender").get("/exchange").text
    assert ask(portal, f"/exchange/{OURS}/release", receiver="").status_code == 422
    before = len(read_releases(here / "hjem"))
    made = ask(portal, f"/exchange/{OURS}/release", receiver="Tredje Kommune", reason="prøv den")
    found = read_releases(here / "hjem")[-1]
    assert made.headers["location"] == f"/releases/{found.id}"
    assert len(read_releases(here / "hjem")) == before + 1
    assert (found.manifest.kind, found.manifest.receiver, found.state) == ("recipe", "Tredje Kommune", "requested")
    refused = ask(portal, f"/releases/{found.id}/approve")  # whoever asked cannot decide
    assert refused.status_code == 403
    assert not (here / "hjem" / "outbox" / found.id).exists()


def test_an_answer_asked_out_in_the_portal_carries_its_picture_and_counts_at_home(here):
    name = theirs(here)
    made = ask(portal_of(here / "nabo"), f"/exchange/{name}/release", receiver="Hjem Kommune")
    release = made.headers["location"].removeprefix("/releases/")
    releases.statement(here / "nabo", release, builders.signer("dpo"), says="none")
    releases.approve(here / "nabo", release, builders.signer("decider"))
    out = here / "nabo" / "outbox" / release
    assert {path.suffix for path in out.glob(f"{name}*")} == {".json", ".html"}
    back = next(out.glob("*.svar.json"))
    runs.add_answer(here / "hjem", answers.received(here / "hjem", back), back, passphrase="demo")
    page = portal_of(here / "hjem").browser("demo-analytiker").get(f"/exchange/{OURS}").text
    assert page.count("Nabo Kommune") > 3
    assert "Genfundet" in page


def test_a_new_run_leaves_recipes_and_answers_where_they_are_and_what_no_longer_holds_is_not_offered(here):
    work = here / "hjem"
    run = runs.reopen_at(work, "K-0001", passphrase=None)
    steps.STEPS["release"](run, lambda share: None)
    runs.install_outputs(run)  # a run's end: the draft is another folder now
    portal = portal_of(work)
    offered = portal.browser("demo-analytiker").get(f"/exchange/{OURS}").text
    assert f'action="/exchange/{OURS}/release"' in offered
    study = work / "study.toml"
    study.write_text(study.read_text(encoding="utf-8").replace('da = "ældre"', 'da = "gamle"'), encoding="utf-8")
    page = portal.browser("demo-analytiker").get(f"/exchange/{OURS}").text
    assert f'action="/exchange/{OURS}/release"' not in page
    assert ask(portal, f"/exchange/{OURS}/release", receiver="Tredje Kommune").status_code == 422


def test_two_municipalities_findings_of_one_number_have_answers_of_their_own(here):
    from dataclasses import replace

    from pipelines import recipe, signed_file

    told = recipe.read(exchange_files.recipe_file(here / "hjem", OURS)).told
    other = here / "x.opskrift.json"
    signed_file.write(other, replace(told, municipality="Tredje Kommune"), builders.signer("analyst"))
    asked = replication.begin(here / "nabo", other)
    with pytest.raises(InputError, match="replicate_written"):
        _tried(here / "nabo", asked)
    builders.completed(recipe_mapping.mapping_file(here / "nabo", asked.recipe))
    _tried(here / "nabo", asked)
    names = exchange_files.answers_here(here / "nabo")
    assert len(names) == 2
    portal = portal_of(here / "nabo")
    listed = portal.browser("demo-dpo").get("/exchange").text
    assert all(f'href="/exchange/{name}"' in listed for name in names)
    by = builders.signer("analyst")
    with pytest.raises(InputError) as several:
        releases.request(here / "nabo", by, kind="answer", receiver="Tredje Kommune", finding=OURS)
    assert several.value.key == "exchange_several"
    assert all(name in several.value.text("da") for name in names)
    made = releases.request(here / "nabo", by, kind="answer", receiver="Tredje Kommune", finding=asked.name)
    assert made.manifest.files[0][0].startswith(asked.name)


@pytest.mark.parametrize(
    "name", ["F-2026-002", "F-2026-001.00000000", "..%2f..%2fstudy", "x", "F-2026-001.opskrift.json"]
)
def test_what_is_not_there_is_not_there(here, name):
    assert portal_of(here / "nabo").browser("demo-dpo").get(f"/exchange/{name}").status_code == 404


def test_one_changed_file_is_told_and_the_others_are_shown(here):
    path = exchange_files.recipe_file(here / "hjem", OURS)
    path.write_bytes(path.read_bytes().replace(b'"needed_people": ', b'"needed_people": 1'))
    portal = portal_of(here / "hjem")
    answer = portal.browser("demo-dpo").get("/exchange")
    assert answer.status_code == 200
    assert "underskrevet" in answer.text
    assert portal.browser("demo-dpo").get(f"/exchange/{OURS}").status_code == 422
