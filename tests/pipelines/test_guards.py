"""Guards that are on unless the study says why not; that they work is shown by the fifteen traps."""

from __future__ import annotations

from datetime import date

import pytest
from study_builders import HEAD, POPULATION, characteristic, study_text, written
from test_meaning import PEOPLE, VISITS, WINDOW, contracts, keys

from analysis.values import Condition
from pipelines.doubts import proposed_objection
from pipelines.errors import InputErrors
from pipelines.guards import guarded
from pipelines.meaning import carried, check_meaning
from pipelines.words import both, study_words
from reports.catalogue import Language

OFTEN = 'rule = "count"\nat_least = 2\nwhere = {kode = ["a"]}\n' + WINDOW
AGED = POPULATION + 'age = "alder"\n'
UNDATED = HEAD.replace("reference_date = 2025-01-01\n", "")
BROKEN = {"date": date(2024, 6, 1), "what": "nyt system", "mapping": "none"}
OTHER = {"name": "andet", "role": "plain"}
MONTH = {"name": "maaned", "role": "plain", "time": "historic"}


def added(folder, *bodies, head=HEAD, population=POPULATION, off="", **own):
    """The columns that guards put in the background, with their windows."""
    text = study_text(*bodies, head=head, population=population) + (f'\n[guards]\n{off} = "derfor"\n' if off else "")
    study = written(folder, text)
    made = guarded(study, contracts(folder, **own))
    return {one.name: one.window for one in made.adjust[len(study.adjust) :]}, made, study


def test_age_in_whole_years_joins_the_background_once(tmp_path):
    bands = characteristic("over_80", 'rule = "value"\ncolumn = "alder"\nat_least = 80', register="cpr", kind="adjust")
    whole = characteristic("alder", 'rule = "value"\ncolumn = "alder"', register="cpr", kind="adjust")
    once = characteristic("x", 'rule = "any"\n' + WINDOW)
    assert added(tmp_path, once, population=AGED)[0] == {"alder_hele_aar": None}
    assert added(tmp_path, once, bands, population=AGED)[0] == {"alder_hele_aar": None}
    assert added(tmp_path, once, whole, population=AGED)[0] == {}
    assert added(tmp_path, once, bands, population=AGED, off="age")[0] == {}
    assert added(tmp_path, once)[0] == {}  # the study names no age


@pytest.mark.parametrize(
    ("own", "window"),
    [
        ({}, (-300, 0)),
        ({"whole_from": date(2024, 7, 1)}, (-184, 0)),
        ({"breaks": [BROKEN]}, (-214, 0)),
        ({"breaks": [{**BROKEN, "columns": ["andet"]}], "columns": [*VISITS, OTHER]}, (-300, 0)),
        ({"whole_from": date(2024, 10, 1)}, None),  # nothing longer can be seen
    ],
)
def test_a_recent_count_gets_its_longer_history_as_far_as_it_can_be_seen(own, window, tmp_path):
    found, made, _ = added(tmp_path, characteristic("tit", OFTEN), **own)
    assert found == ({} if window is None else {"tit_laengere": window})
    if window is not None:
        assert made.adjust[0].where == made.characteristics[0].where
        assert made.adjust[0].label.en == "tit (how often over a longer time)"


def test_no_longer_history_where_the_study_has_one_or_says_no_or_counts_once(tmp_path):
    longer = characteristic("historik", OFTEN.replace("at_least = 2\n", "").replace("-100", "-365"), kind="adjust")
    assert added(tmp_path, characteristic("tit", OFTEN), longer)[0] == {}
    assert added(tmp_path, characteristic("tit", OFTEN), off="history")[0] == {}
    assert added(tmp_path, characteristic("en_gang", OFTEN.replace("at_least = 2", "at_least = 1")))[0] == {}


def test_the_month_of_peoples_own_index_date_joins_or_is_asked_for(tmp_path):
    once = characteristic("x", 'rule = "any"\n' + WINDOW)
    found, _, study = added(tmp_path, once, head=UNDATED, people=[*PEOPLE, MONTH])
    assert found == {"indeksmaaned": None}
    assert "study_guard_season" not in keys(check_meaning(study, contracts(tmp_path, people=[*PEOPLE, MONTH]), {}))
    _, _, study = added(tmp_path, once, head=UNDATED)
    (error,) = [one for one in check_meaning(study, contracts(tmp_path), {}) if one.key == "study_guard_season"]
    assert all("[guards]" in error.text(language) for language in Language)
    _, _, study = added(tmp_path, once, head=UNDATED, off="season")
    assert "study_guard_season" not in keys(check_meaning(study, contracts(tmp_path), {}))


def test_never_without_a_run_in_is_refused_unless_the_study_says_why(tmp_path):
    never = characteristic("aldrig", 'rule = "never"\n' + WINDOW)
    came = POPULATION + 'arrived = {date = "siden", days = 365, rule = "unknown"}\n'
    for population, off, refused in ((POPULATION, "", True), (POPULATION, "run_in", False), (came, "", False)):
        _, _, study = added(tmp_path, never, population=population, off=off)
        assert ("study_guard_run_in" in keys(check_meaning(study, contracts(tmp_path), {}))) == refused


@pytest.mark.parametrize(("clients", "off", "said"), [(True, "", True), (True, "selection", False), (False, "", False)])
def test_a_population_of_clients_has_its_objection(clients, off, said, tmp_path):
    class Found:
        conditions = (Condition(column="x", operator="==", value=True),)
        direction = "more"

        class shown:  # noqa: N801
            robustness = None

    text = study_text(characteristic("x", 'rule = "any"\n' + WINDOW)) + (f'\n[guards]\n{off} = "z"\n' if off else "")
    study = carried(written(tmp_path, text), contracts(tmp_path, home={"population": not clients}))
    objection = proposed_objection(Found, study_words(study))  # type: ignore[arg-type]
    assert (objection == both("objection.selected")) == said


def test_a_guard_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputErrors):
        written(tmp_path, study_text() + '\n[guards]\nheld = "x"\n')
