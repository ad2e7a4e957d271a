"""Several outcomes in one run: the same searches, one alpha, one batch; each finding says which outcome it is of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analysis import Asked, CannotSearch, Settings, confirm, define, search, search_outcomes, self_test
from analysis.multiplicity import holm

SETTINGS = Settings(max_order=3, threads=2)
ALL = ("quiet", "loud", "often", "when", "until")


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    """6,000 people; a pair does much in `loud`, a little in `often`, nothing in `quiet`; `when` has no pair either."""
    draw = np.random.default_rng(4)
    size = 6_000
    holds = draw.random((size, 8)) < 0.35
    both = holds[:, 0] & holds[:, 1]
    eta = -2.0 + holds[:, :4] @ np.array([0.5, 0.4, 0.6, 0.3])
    time = draw.exponential(1 / np.exp(eta))
    end = np.minimum(draw.exponential(4.0, size=size), 3.0)
    return pl.DataFrame({f"c{one}": holds[:, one] for one in range(8)}).with_columns(
        quiet=pl.Series(draw.random(size) < 1 / (1 + np.exp(-eta))),
        loud=pl.Series(draw.random(size) < 1 / (1 + np.exp(-eta - 1.5 * both))),
        often=pl.Series(draw.poisson(np.exp(eta + 0.6 * both))),
        when=pl.Series(time <= end),
        until=pl.Series(np.minimum(time, end)),
    )


def test_one_outcome_is_searched_as_ever(people) -> None:
    definitions = define(people, exclude=ALL, settings=SETTINGS)
    alone = search(people, definitions, outcome="loud", settings=SETTINGS)
    assert alone.findings
    assert search_outcomes(people, definitions, [Asked(column="loud")], settings=SETTINGS) == alone


def test_each_outcome_is_searched_as_alone_at_its_share_of_alpha(people) -> None:
    """Sharing what was made ready changes no figure: not the order, not what stood in the room for terms before."""
    definitions = define(people, exclude=ALL, settings=SETTINGS)
    asked = [
        Asked(column="quiet"), Asked(column="loud"), Asked(column="often", kind="count"),
        Asked(column="when", kind="time", follow_up="until"),
    ]  # fmt: skip
    for order in (asked, asked[::-1]):
        found = search_outcomes(people, definitions, order, settings=SETTINGS)
        assert [one.outcome_column for one in found.each] == [one.column for one in order]
        assert [one.label for one in found.each] == [None, *(one.column for one in order[1:])]
        for one, mine in zip(order, found.each, strict=True):
            alone = search(
                people, definitions, outcome=one.column, kind=one.kind, follow_up=one.follow_up,
                settings=replace(SETTINGS, outcomes=len(order)),
            )  # fmt: skip
            marked = tuple(replace(finding, outcome=mine.label) for finding in alone.findings)
            assert mine == replace(alone, label=mine.label, findings=marked)
        assert found.searched_in_all == 4 * found.searched


def test_p_search_is_adjusted_for_all_outcomes(people) -> None:
    definitions = define(people, exclude=ALL, settings=SETTINGS)
    alone = search(people, definitions, outcome="often", kind="count", settings=SETTINGS)
    three = [Asked(column="often", kind="count"), Asked(column="quiet"), Asked(column="loud")]
    found = search_outcomes(people, definitions, three, settings=SETTINGS)
    strongest, beside = alone.findings[0], found.findings[0]
    assert strongest.conditions == beside.conditions
    assert beside.p_search == pytest.approx(3 * strongest.p_search)


def test_what_is_planted_in_one_outcome_is_found_there_only(people) -> None:
    definitions = define(people, exclude=ALL, settings=SETTINGS)
    found = search_outcomes(people, definitions, [Asked(column="quiet"), Asked(column="loud")], settings=SETTINGS)
    discovered = [one for one in found.all_findings if one.status == "discovered"]
    assert {one.outcome for one in discovered} == {"loud"}
    assert {"c0", "c1"} <= {part.column for part in discovered[0].conditions}
    assert found.of("loud").findings[0] is discovered[0]


def test_an_outcome_is_searched_in_the_people_of_whom_it_is_known_and_is_no_characteristic(people) -> None:
    some = people.with_columns(quiet=pl.when(pl.col("c7")).then(None).otherwise("quiet"))
    definitions = define(some, settings=SETTINGS)  # of every column: outcomes too
    found = search_outcomes(some, definitions, [Asked(column="loud"), Asked(column="quiet")], settings=SETTINGS)
    first, second = found.each
    assert (first.unknown, first.people_searched) == (0, 6_000)
    assert (second.unknown, second.people_searched) == (int(people["c7"].sum()), int((~people["c7"]).sum()))
    told = {part.column for one in found.all_findings for part in one.conditions}
    assert not told & {"loud", "quiet"}
    assert "often" in {one.column for one in definitions.conditions}  # nobody asked for it: a column like others


def test_a_column_that_gives_one_outcome_away_is_left_out_of_its_search_alone(people) -> None:
    some = people.with_columns(bill=pl.col("loud"))
    definitions = define(some, exclude=ALL, settings=SETTINGS)
    found = search_outcomes(some, definitions, [Asked(column="quiet"), Asked(column="loud")], settings=SETTINGS)
    assert [one.leaked for one in found.each] == [(), ("bill",)]
    assert found.each[0].searched > found.each[1].searched


def test_an_outcome_that_nobody_has_is_named(people) -> None:
    some = people.with_columns(never=pl.lit(False))
    definitions = define(people, exclude=ALL, settings=SETTINGS)
    with pytest.raises(CannotSearch) as caught:
        search_outcomes(some, definitions, [Asked(column="quiet"), Asked(column="never")], settings=SETTINGS)
    assert (caught.value.code, caught.value.facts) == ("outcome_constant", {"column": "never"})


def test_the_locked_part_tries_the_leads_of_all_outcomes_in_one_batch(people) -> None:
    locked = np.random.default_rng(9).random(people.height) < 0.4
    definitions = define(people, exclude=ALL, settings=SETTINGS)
    asked = [Asked(column="quiet"), Asked(column="loud"), Asked(column="often", kind="count")]
    found = search_outcomes(people.filter(~pl.Series(locked)), definitions, asked, settings=SETTINGS)
    away = people.filter(pl.Series(locked))
    leads = found.all_findings
    assert {one.outcome for one in leads} >= {"loud", "often"}
    shares: list[float] = []
    answered = confirm(found, away, definitions, settings=SETTINGS, progress=shares.append)
    assert shares == pytest.approx([(place + 1) / len(leads) for place in range(len(leads))])  # one way, over all
    apart = []  # each lead alone: Holm over one changes nothing
    for one in leads:
        alone = confirm(found, away, definitions, [one], settings=SETTINGS)
        mine = next(other for other in alone.of(one.outcome).findings if other.conditions == one.conditions)
        apart.append(mine.p_confirm)
    together = {(one.outcome, one.conditions): one.p_confirm for one in answered.all_findings}
    assert [together[one.outcome, one.conditions] for one in leads] == pytest.approx(holm(apart))
    assert answered.tried == len(leads)
    assert {one.people_locked for one in answered.each} == {int(locked.sum())}
    assert any(one.status == "confirmed" and one.outcome == "loud" for one in answered.all_findings)


def test_an_outcome_that_cannot_be_fitted_in_the_locked_part_ends_nothing_for_the_others(people) -> None:
    locked = np.random.default_rng(8).random(people.height) < 0.4
    definitions = define(people, exclude=ALL, settings=SETTINGS)
    asked = [Asked(column="loud"), Asked(column="often", kind="count")]
    found = search_outcomes(people.filter(~pl.Series(locked)), definitions, asked, settings=SETTINGS)
    away = people.filter(pl.Series(locked)).with_columns(often=pl.lit(0))  # nobody there has had it
    with pytest.raises(CannotSearch):
        confirm(found, away, definitions, settings=SETTINGS)
    shares: list[float] = []
    answered = confirm(found, away, definitions, settings=SETTINGS, answer_all=True, progress=shares.append)
    assert (shares, shares[-1]) == (sorted(shares), 1.0)
    loud, often = answered.each
    assert often.findings
    assert {(one.status, one.p_confirm, one.unfit, one.locked) for one in often.findings} == {
        ("undecided", 1.0, "outcome_constant", None)
    }
    alone = confirm(found, away, definitions, found.each[0].findings, settings=SETTINGS)
    batch = len(found.all_findings)  # Holm is over all that were paid for, not over those that could be fitted
    apart = {
        one.conditions: confirm(found, away, definitions, [one], settings=SETTINGS).of(None).findings
        for one in found.each[0].findings
    }
    single = [next(one.p_confirm for one in told if one.conditions == key) for key, told in apart.items()]
    expected = dict(zip(apart, holm([*single, *[1.0] * (batch - len(single))]), strict=False))
    assert {one.conditions: one.p_confirm for one in loud.findings} == pytest.approx(expected)
    assert [one.locked for one in loud.findings] == [one.locked for one in alone.of(None).findings]
    assert answered.tried == batch


def test_a_run_of_several_tests_itself_on_all_of_them(people) -> None:
    quick = replace(SETTINGS, max_order=2)
    definitions = define(people, exclude=ALL, settings=quick)
    asked = [Asked(column="quiet"), Asked(column="when", kind="time", follow_up="until")]
    found = search_outcomes(people, definitions, asked, settings=quick)
    told = self_test(people, definitions, found, settings=quick, seconds=6.0, least=10)
    assert told.placebo_runs >= 10
    assert told.placebo_discovered <= 3  # binomial(12, 0.05) is above 3 once in 400
    strong = told.planted[-1]
    assert (strong.odds, strong.planted) == (3.0, 2 * told.control_runs)
    assert strong.found >= strong.planted / 2
