"""A characteristic without a definition of its own is told by its rule, not as a column of a table nobody has seen."""

from __future__ import annotations

import pytest

from pipelines.study import Variable
from pipelines.words import meant
from reports.values import Words


def variable(rule="any", **more):
    return Variable(name="fald", register="faldregister", rule=rule, date="dag", window=(-365, 0), **more)


@pytest.mark.parametrize(
    ("one", "danish"),
    [
        (variable(), "mindst én række i registret faldregister, højst 365 dage før indeksdatoen"),
        (variable("never"), "ingen række i registret faldregister, højst 365 dage før indeksdatoen"),
        (
            variable("count", at_least=2.0),
            "mindst 2 rækker i registret faldregister, højst 365 dage før indeksdatoen",
        ),
        (
            variable("latest", column="timer"),
            "kolonnen timer i registret faldregister, højst 365 dage før indeksdatoen",
        ),
        (variable("count"), "rækkerne i registret faldregister, højst 365 dage før indeksdatoen"),
        (Variable(name="x", register="cpr", rule="value", column="koen"), "kolonnen koen i registret cpr"),
    ],
)
def test_the_rule_is_told_with_its_register_and_its_window(one, danish):
    assert meant(one).da == danish


def test_an_outcome_is_told_from_its_first_day_to_its_last():
    one = Variable(name="akut", register="advis", rule="any", date="dag", window=(1, 91))
    assert meant(one).en == "at least one row in the register advis, from day 1 to day 90 after the index date"


def test_the_studys_own_words_come_first():
    own = Words(da="faldt", en="fell")
    assert meant(variable(definition=own)) == own


def test_a_code_is_never_told():
    said = meant(variable(where=(("sted", ("Skovvej 3",)),)))
    assert "Skovvej" not in said.da + said.en
    assert "af den slags" in said.da
