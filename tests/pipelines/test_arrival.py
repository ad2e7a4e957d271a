"""Who came too late to be seen for a whole window: unknown, never "no", and counted."""

from __future__ import annotations

import polars as pl
import pytest
from contract_builders import document
from contract_builders import written as contract_written
from hypothesis import given, settings
from hypothesis import strategies as st
from study_builders import POPULATION, characteristic, study_text, written
from test_cohort import cohort_of, people, visits
from test_meaning import PEOPLE, PERSON, VISITS, contracts, keys

from pipelines.account import RunAccount
from pipelines.cohort_told import HALVED, note_lines
from pipelines.contracts import read_contracts
from pipelines.errors import InputErrors
from pipelines.gate import Gate
from pipelines.guards import no_of_newcomers
from pipelines.init import init
from pipelines.meaning import carried, check_meaning
from pipelines.parts import one_row_each
from pipelines.registers_told import contract_lines, seen
from pipelines.workspace_check import check_lines
from reports.catalogue import Language

CAME = {"name": "kom", "logicalType": "date", "role": "date", "time": "historic", "arrival": True}
RULES = {
    "any": 'rule = "any"\n', "never": 'rule = "never"\n', "count": 'rule = "count"\n',
    "twice": 'rule = "count"\nat_least = 2\n', "sum": 'rule = "sum"\ncolumn = "minutter"\n',
    "latest": 'rule = "latest"\ncolumn = "minutter"\n', "since": 'rule = "time_since"\n',
}  # fmt: skip
WINDOWS = {"short": 'date = "dag"\nwindow = [-50, 0]\n', "long": 'date = "dag"\nwindow = [-100, -20]\n'}
BODIES = [characteristic(f"{rule}_{width}", RULES[rule] + WINDOWS[width]) for rule in RULES for width in WINDOWS]
MINUTES = {"name": "minutter", "logicalType": "number", "role": "plain"}


def study_of(folder, *bodies, population=POPULATION, off="", arrival=True):
    text = study_text(*bodies, population=population) + ('\n[guards]\nrun_in = "derfor"\n' if off else "")
    asked = written(folder, text)
    held = contracts(folder, people=[*PEOPLE, {**CAME, "arrival": arrival}], columns=[*VISITS, MINUTES])
    return carried(asked, held), held


@pytest.fixture(scope="module")
def both_ways(tmp_path_factory):
    """The same study with the guard and without."""
    return tuple(study_of(tmp_path_factory.mktemp("study"), *BODIES, off=off)[0] for off in ("", "run_in"))


def with_arrivals(came):
    names = [chr(ord("a") + place) for place in range(len(came))]
    return people(*((name, None, 70, "01") for name in names)).with_columns(kom=pl.Series(came, dtype=pl.Int32))


@settings(deadline=None, max_examples=25)
@given(
    came=st.lists(st.one_of(st.none(), st.integers(-110, 0)), min_size=1, max_size=4),
    rows=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-120, 90), st.just("x"), st.just(2.0)), max_size=8),
)
def test_a_window_that_was_not_whole_is_unknown_and_every_other_is_as_it_was(both_ways, came, rows):
    guarded, careless = (cohort_of(study, cpr=with_arrivals(came), besoeg=visits(rows)).frame for study in both_ways)
    for rule in RULES:
        for width, start in (("short", -50), ("long", -100)):
            says_no = rule not in ("latest", "since")
            late = [says_no and day is not None and day > start for day in came]
            expected = [
                None if hidden else value for hidden, value in zip(late, careless[f"{rule}_{width}"], strict=True)
            ]
            assert guarded[f"{rule}_{width}"].to_list() == expected


def test_the_twin_without_the_guard_says_no_of_a_newcomer(both_ways):
    guarded, careless = (cohort_of(study, cpr=with_arrivals([-10])) for study in both_ways)
    assert careless.frame["any_long"].to_list() == [False]
    assert guarded.frame["any_long"].to_list() == [None]
    assert (careless.notes, guarded.notes) == ((), (("arrived_late_unknown", 1),))


def test_who_came_after_the_index_date_was_not_there_and_is_counted(tmp_path):
    study, _ = study_of(tmp_path)
    made = cohort_of(study, cpr=with_arrivals([1, 0, None]))
    assert made.frame["person"].to_list() == ["b", "c"]
    assert made.flow == (("all", 3), ("arrived_after", 1), ("kept", 2))


def test_a_stated_number_of_days_says_more_and_never_less(tmp_path):
    rule = 'arrived = {date = "kom", days = 30, rule = "leave_out"}\n'
    study, _ = study_of(tmp_path, *BODIES, population=POPULATION + rule)
    made = cohort_of(study, cpr=with_arrivals([-20, -40, -60, -100]))
    assert made.frame["person"].to_list() == ["b", "c", "d"]
    assert made.frame["any_short"].to_list() == [None, False, False]
    assert made.frame["any_long"].to_list() == [None, None, False]


def test_an_event_that_must_come_after_another_needs_the_time_before_the_window_too(tmp_path):
    order = 'after = {from = "besoeg", where = {kode = ["a"]}, date = "dag", within = [0, 31]}\n'
    study, _ = study_of(tmp_path, characteristic("x", RULES["any"] + WINDOWS["short"] + order))
    made = cohort_of(study, cpr=with_arrivals([-79, -80]))
    assert made.frame["x"].to_list() == [None, False]


def test_the_arrival_itself_may_be_a_characteristic(tmp_path):
    own = characteristic("ny", 'rule = "any"\ndate = "kom"\nwindow = [-100, 0]\n', register="cpr")
    study, _ = study_of(tmp_path, own)
    assert cohort_of(study, cpr=with_arrivals([-10, -500])).frame["ny"].to_list() == [True, False]


def test_of_several_arrivals_in_another_record_the_last_one_counts():
    part = pl.DataFrame({"person": ["b", "b", "a"], "kom": [-900, -10, -50], "husstand": ["h1", "h2", "h3"]})
    made = one_row_each([part], latest=["kom"]).sort("person")
    assert made.to_dicts() == [
        {"person": "a", "kom": -50, "husstand": "h3"},
        {"person": "b", "kom": -10, "husstand": None},
    ]


# --- what is said ----------------------------------------------------------------------------------------------------


def test_never_is_not_refused_where_the_contract_says_when_people_came(tmp_path):
    never = characteristic("aldrig", RULES["never"] + WINDOWS["short"])
    for arrival in (True, False):
        study, held = study_of(tmp_path, never, arrival=arrival)
        assert ("study_guard_run_in" in keys(check_meaning(study, held, {}))) != arrival


def test_where_nothing_says_when_people_came_check_and_report_say_so(tmp_path):
    study, held = study_of(tmp_path, *BODIES, arrival=False)
    assert no_of_newcomers(study, held) == 10
    [line] = [line for line in contract_lines(study, held, {}) if "flyttet hertil" in line.da]
    assert "10 kendetegn" in line.da
    assert "10 characteristics" in line.en
    (tmp_path / "inbox").mkdir()
    for language, words in ((Language.DA, "arrival: true"), (Language.EN, "arrival: true")):
        assert any(words in said for said in check_lines(tmp_path, language))
    for off, arrival in (("run_in", False), ("", True)):
        study, held = study_of(tmp_path, *BODIES, off=off, arrival=arrival)
        assert no_of_newcomers(study, held) == 0
        assert not [line for line in contract_lines(study, held, {}) if "flyttet hertil" in line.da]


@pytest.mark.parametrize(("people_late", "told"), [(214, True), (4, True), (0, False)])
def test_the_report_says_how_many_came_late_in_counts_that_may_be_printed(tmp_path, people_late, told):
    class Found:
        left_out = ()
        known = ()

    study, held = study_of(tmp_path)
    gate = Gate(key=b"k" * 32, smallest_group=10, smallest_difference=5)
    account = RunAccount(registers=(), notes=(("arrived_late_unknown", people_late),))
    lines = seen(study, held, account, Found(), gate=gate, outcomes=100, extracted={})  # type: ignore[arg-type]
    late = [line for line in lines if "det er aldrig nej" in line.da]
    assert len(late) == told
    if people_late == 4:
        assert late[0].da.startswith("Færre end ti borgere")
        assert late[0].en.startswith("Fewer than ten people")
    elif late:  # rounded by the study's key, one way or the other
        assert late[0].da.split()[0] in ("210", "220")


@pytest.mark.parametrize(("language", "few"), [(Language.DA, "færre end ti"), (Language.EN, "fewer than ten")])
def test_what_a_run_says_at_its_end_is_no_finer_than_the_report(language, few):
    gate = Gate(key=b"k" * 32, smallest_group=10, smallest_difference=5)
    head, late, protected, halved = note_lines(
        (("arrived_late_unknown", 214), ("protected", 8), ("children", 0), (HALVED, 2)), language, gate
    )
    assert late.rpartition(": ")[2] == str(gate.group("flow|arrived_late_unknown", 214))
    assert late.rpartition(": ")[2] in ("210", "220")
    assert protected.endswith(f": {few}")
    assert "2" in halved
    assert head.endswith(":")


@pytest.mark.parametrize(
    ("columns", "home"),
    [
        ([*PEOPLE, {**CAME, "treatment": "drop"}], True),
        ([*PEOPLE, {"name": "kom", "role": "plain", "time": "historic", "arrival": True}], True),
        ([*PEOPLE, CAME, {**CAME, "name": "kom_igen"}], True),
        ([*PEOPLE, CAME], False),
    ],
)
def test_an_arrival_is_one_date_of_the_population_that_is_kept(tmp_path, columns, home):
    tree = {**document(columns, files="cpr*.csv", population=home), "id": "cpr"}
    contract_written(tmp_path, tree, "cpr.yaml")
    with pytest.raises(InputErrors) as refused:
        read_contracts(tmp_path)
    [error] = refused.value.errors
    assert error.key == "contract_arrival"
    assert all("arrival" in error.text(language) for language in Language)


def test_an_arrival_in_another_record_is_the_populations(tmp_path):
    contract_written(tmp_path, {**document(PEOPLE, files="cpr*.csv", population=True), "id": "cpr"}, "cpr.yaml")
    part = {**document([PERSON, CAME], files="rejser*.csv", part_of="cpr"), "id": "rejser"}
    contract_written(tmp_path, part, "rejser.yaml")
    assert read_contracts(tmp_path)["cpr"].arrival == "kom"


def test_a_draft_asks_of_the_day_that_somebody_moved_in(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    lines = [f"{610101 + 60 * 10000 + n:06d}{1000 + n};0{1 + n % 9}-03-2019" for n in range(28)]
    (inbox / "borgere.csv").write_text("\n".join(["CPR;Tilflyttet kommunen", *lines]), encoding="utf-8")
    drafted = init(inbox, tmp_path / "studie")
    text = (tmp_path / "studie" / "contracts" / "borgere.yaml").read_text(encoding="utf-8")
    assert drafted.registers[0].population
    place = text.split("\n").index("          # - {property: arrival, value: true}")
    asked = [row for row, line in enumerate(text.split("\n"), 1) if "SPØRGSMÅL: Er det den dag, borgeren" in line]
    assert asked
    assert asked[0] <= place
    assert asked[0] in dict(drafted.questions)["contracts/borgere.yaml"]
    answered = text.replace("          # - {property: arrival", "          - {property: arrival")
    (tmp_path / "studie" / "contracts" / "borgere.yaml").write_text(answered, encoding="utf-8")
    assert read_contracts(tmp_path / "studie")["borgere"].arrival == "tilflyttet_kommunen"
