"""Acts that go together are one line of the DPO's page, and nothing that was done is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reports.acts import folded
from reports.catalogue import Language
from reports.values import Act
from reports.wording import Speaker

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DANISH = Speaker(Language.DA)


def act(minutes=0, actor="lund", action="read", register="cpr", people=None, purpose="p"):
    at = NOON - timedelta(minutes=minutes)
    return Act(at=at, actor=actor, action=action, register=register, people=people, purpose=purpose)


def told(acts):
    return [(one.actor, one.action, one.data) for one in folded(acts, lambda name: (name or "").upper(), DANISH)]


def test_one_runs_registers_stand_in_one_line_with_the_largest():
    acts = [act(0, register="a", people=2_000), act(1, register="b", people=300), act(2, register="c")]
    assert told(acts) == [("lund", "read", "3 registre: A, B, C. Højst ca. 2.000 borgere i ét")]


def test_another_person_act_purpose_or_hour_begins_a_new_line():
    acts = [
        act(0),
        act(1, actor="holm"),
        act(2, actor="holm", action="search"),
        act(200, actor="holm", action="search"),
    ]
    assert len(told(acts)) == 4
    assert len(told([act(0), act(1, purpose="q")])) == 2


def test_the_same_without_a_register_is_counted():
    assert told([act(0, register=None, action="config.change")] * 3) == [("lund", "config.change", "3 gange")]


def test_a_few_people_are_not_none():
    assert told([act(people=0)]) == [("lund", "read", "CPR, under 100 borgere")]


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["read", "search"]), st.sampled_from([None, "x", "y", "z"])),
        max_size=12,
    )
)
def test_every_register_of_every_act_is_named(drawn):
    acts = [act(place, actor=actor, action=action, register=name) for place, (actor, action, name) in enumerate(drawn)]
    lines = folded(acts, lambda name: name or "", DANISH)
    assert len(lines) <= len(acts)
    assert [one.at for one in lines] == sorted((one.at for one in lines), reverse=True)
    for actor, action, name in drawn:
        mine = [one.data for one in lines if (one.actor, one.action) == (actor, action)]
        assert mine
        assert name is None or any(name in data for data in mine)
