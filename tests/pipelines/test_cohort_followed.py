"""Counts and times in the cohort: who was followed for how long, and what counts while they were."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_builders import OUTCOME, POPULATION, study_text, written

from pipelines import attempts
from pipelines.cohort import build_cohort
from pipelines.errors import InputErrors

VISITS = {"person": pl.String, "dag": pl.Int32}
PEOPLE = {"person": pl.String, "set_til": pl.Int32, "status": pl.String, "vaek": pl.Int32}
LEFT = POPULATION + '\n[population.left]\nwhere = {status = ["90"]}\ndate = "vaek"\ndied = {status = ["90"]}\n'
COUNT = OUTCOME.replace('rule = "any"', 'rule = "count"\nkind = "count"\nunit = "days"\nobserved_to = "set_til"')
TIME = OUTCOME.replace('rule = "any"', 'rule = "any"\nkind = "time"\nunit = "days"\nobserved_to = "set_til"')
DAY = st.one_of(st.none(), st.integers(-10, 120))


def made(tmp_path, outcome, people, visits, population=LEFT):
    study = written(tmp_path, study_text(outcome=outcome, population=population))
    frames = {
        "cpr": pl.DataFrame(people, schema=PEOPLE, orient="row"),
        "besoeg": pl.DataFrame(visits, schema=VISITS, orient="row"),
    }
    return build_cohort(study, frames.__getitem__).frame.select("person", "indlagt", "indlagt follow_up").rows()


@settings(deadline=None, max_examples=40)
@given(
    seen=st.lists(st.tuples(st.integers(0, 120), DAY), min_size=3, max_size=3),
    visits=st.lists(st.tuples(st.sampled_from("pqr"), st.integers(-10, 120)), max_size=12),
    kind=st.sampled_from(["count", "time"]),
)
def test_everybody_counts_for_as_long_as_they_are_seen(seen, visits, kind, tmp_path_factory):
    people = [("s", 200, "01", None)]  # one who stays, so that somebody is left
    people += [
        (name, to, "01" if gone is None or gone < 1 else "90", gone)
        for name, (to, gone) in zip("pqr", seen, strict=True)
    ]
    found = made(tmp_path_factory.mktemp("study"), COUNT if kind == "count" else TIME, people, visits)
    wanted = []
    for name, to, status, gone in sorted(people):
        end = min(91, to + 1, gone + 1 if status == "90" else 91)
        if end <= 1:
            continue  # gone before the window: nothing is known
        days = sorted(day for person, day in visits if person == name and 1 <= day < end)
        if kind == "count":
            wanted.append((name, len(days), float(end - 1)))
        else:
            wanted.append((name, bool(days), float(days[0] if days else end - 1)))
    assert found == wanted


def test_without_an_end_of_their_own_all_are_followed_for_the_window(tmp_path):
    outcome = COUNT.replace('\nobserved_to = "set_til"', "").replace('unit = "days"', 'unit = "years"')
    found = made(tmp_path, outcome, [("p", None, "01", None)], [("p", 5), ("p", 6), ("p", 91)], POPULATION)
    assert found == [("p", 2, pytest.approx(90 / 365.25))]


@pytest.mark.parametrize(
    ("outcome", "key"),
    [
        (OUTCOME.replace('rule = "any"', 'rule = "any"\nkind = "count"'), "study_outcome_followed"),
        (OUTCOME.replace('rule = "any"', 'rule = "count"\nkind = "time"'), "study_outcome_followed"),
        (OUTCOME.replace('rule = "any"', 'rule = "count"\nat_least = 2\nkind = "count"'), "study_outcome_followed"),
        (OUTCOME.replace('rule = "any"', 'rule = "any"\nkind = "often"'), "study_choice"),
        (OUTCOME.replace('rule = "any"', 'rule = "count"'), "study_outcome_yes_no"),
    ],
)
def test_a_kind_and_its_rule_go_together(outcome, key, tmp_path):
    with pytest.raises(InputErrors) as raised:
        written(tmp_path, study_text(outcome=outcome))
    assert key in [one.key for one in raised.value.errors]


def test_another_kind_or_scale_is_another_question_and_a_plain_one_is_what_it_was(tmp_path):
    plain = written(tmp_path / "a", study_text())
    added = written(tmp_path / "b", 'scale = "additive"\n' + study_text())
    times = written(tmp_path / "c", study_text(outcome=OUTCOME.replace('rule = "any"', 'rule = "any"\nkind = "time"')))
    assert len({attempts.terms(one) for one in (plain, added, times)}) == 3
    assert (plain.scale, added.scale, times.outcomes[0].kind) == ("ratio", "additive", "time")
