import re
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from study_builders import CHARACTERISTIC, HEAD, OUTCOME, POPULATION, characteristic, study_text, written

from pipelines import cohort_sql
from pipelines.cohort import build_cohort
from pipelines.errors import InputError, InputErrors

VISITS = {"person": pl.String, "dag": pl.Int32, "kode": pl.String, "minutter": pl.Float64}
PEOPLE = {"person": pl.String, "husstand": pl.String, "alder": pl.Int16, "status": pl.String}
PAST = 'date = "dag"\nwindow = [-100, 0]\n'
WHERE = 'where = {kode = ["a", "b*"]}\n'
RULES = {
    "any": 'rule = "any"\n',
    "never": 'rule = "never"\n',
    "count": 'rule = "count"\n',
    "twice": 'rule = "count"\nat_least = 2\n',
    "sum": 'rule = "sum"\ncolumn = "minutter"\n',
    "much": 'rule = "sum"\ncolumn = "minutter"\nat_least = 10.0\n',
    "latest": 'rule = "latest"\ncolumn = "minutter"\n',
    "latest_much": 'rule = "latest"\ncolumn = "minutter"\nat_least = 5.0\n',
    "latest_code": 'rule = "latest"\ncolumn = "kode"\nis = ["a", "b?"]\n',
    "value": 'rule = "value"\ncolumn = "minutter"\n',
    "missing": 'rule = "missing"\ncolumn = "minutter"\n',
}
TEXT = study_text(*(characteristic(name, rule + WHERE + PAST) for name, rule in RULES.items()))
VISIT = st.tuples(
    st.sampled_from("pqrstuvw"),
    st.one_of(st.none(), st.integers(-120, 120)),
    st.sampled_from(["a", "b1", "b%", "c", "d", None]),
    st.one_of(st.none(), st.sampled_from([0.0, 0.1, 5.0, 7.25, 12.5])),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return written(tmp_path_factory.mktemp("study"), TEXT)


def visits(rows):
    return pl.DataFrame(rows, schema=VISITS, orient="row")


def people(*rows):
    return pl.DataFrame(
        rows or [("p", "h", 70, "01"), ("q", "h", 80, "01"), ("r", None, 66, "01")], schema=PEOPLE, orient="row"
    )


EIGHT = people(*((person, None, 70, "01") for person in "pqrstuvw"))


def cohort_of(study, *, cpr=None, besoeg=None, **registers):
    frames = {"cpr": people() if cpr is None else cpr, "besoeg": visits([]) if besoeg is None else besoeg, **registers}
    return build_cohort(study, frames.__getitem__)


def column(tmp_path, body, *, besoeg=(), register="besoeg", population=POPULATION, **registers):
    """One characteristic for p, q and r."""
    study = written(tmp_path, study_text(characteristic("x", body, register=register), population=population))
    return cohort_of(study, besoeg=visits(list(besoeg)), **registers).frame["x"].to_list()


# --- the plain twin: one person at a time, sets and loops ------------------------------------------------------------


def counts(row, start, end, *, where=True):
    """True, False or None: whether a row counts for a window and, where asked, for the codes of WHERE."""
    _, day, code, _ = row
    inside = None if day is None else start <= day < end
    fits = True if not where else None if code is None else code == "a" or code.startswith("b")
    return False if False in (inside, fits) else None if None in (inside, fits) else True


def plain(rule, rows):
    """A characteristic of TEXT for one person, by reading the rows one at a time."""
    verdicts = [(counts(row, -100, 0), row) for row in rows]
    sure = [row for verdict, row in verdicts if verdict]
    perhaps = [row for verdict, row in verdicts if verdict is None]
    if rule in ("any", "never"):
        happened = True if sure else None if perhaps else False
        return happened if rule == "any" or happened is None else not happened
    if rule == "count":
        return None if perhaps else len(sure)
    if rule == "twice":
        return True if len(sure) >= 2 else None if len(sure) + len(perhaps) >= 2 else False
    if rule in ("sum", "much"):
        if perhaps or any(row[3] is None for row in sure):
            return None
        total = float(sum(Fraction(str(row[3])) for row in sure))
        return total if rule == "sum" else total >= 10
    known = [row[3] for row in sure if row[3] is not None]
    if rule == "missing":
        return not known
    if rule == "value":
        return known[0] if len(set(known)) == 1 else None
    at = 2 if rule == "latest_code" else 3
    dated = [(row[1], row[at]) for row in sure if row[at] is not None]
    if not dated:
        return None
    latest = max(dated)[1]
    match rule:
        case "latest":
            return latest
        case "latest_much":
            return latest >= 5
        case _:
            return latest == "a" or re.fullmatch("b.", latest) is not None


def happened(rows):
    after = [counts(row, 1, 91, where=False) for row in rows]
    return True if True in after else None if None in after else False


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(VISIT, max_size=60))
def test_every_rule_says_what_reading_the_rows_one_by_one_says(study, rows):
    known = [person for person in "pqrstuvw" if happened([row for row in rows if row[0] == person]) is not None]
    assume(known)
    made = cohort_of(study, cpr=EIGHT, besoeg=visits(rows)).frame
    assert made["person"].to_list() == known
    for place, person in enumerate(known):
        own = [row for row in rows if row[0] == person]
        assert {rule: made[rule][place] for rule in RULES} == {rule: plain(rule, own) for rule in RULES}
        assert made["indlagt"][place] is happened(own)


@settings(max_examples=10, deadline=None)
@given(rows=st.lists(VISIT, max_size=30), others=st.lists(VISIT, max_size=30))
def test_nothing_on_or_after_the_index_date_reaches_a_characteristic_nor_before_it_an_outcome(study, rows, others):
    """The attack: rewrite the whole future, or the whole past, and look whether the other side moves."""
    dated = [row for row in rows if row[1] is not None]
    future = [row for row in others if row[1] is not None and row[1] >= 0]
    past = [row for row in others if row[1] is not None and row[1] < 1]
    made = cohort_of(study, cpr=EIGHT, besoeg=visits(dated)).frame
    other_future = cohort_of(study, cpr=EIGHT, besoeg=visits([row for row in dated if row[1] < 0] + future)).frame
    other_past = cohort_of(study, cpr=EIGHT, besoeg=visits([row for row in dated if row[1] >= 1] + past)).frame
    assert other_future.select(list(RULES)).equals(made.select(list(RULES)))
    assert other_past["indlagt"].equals(made["indlagt"])


def test_the_attack_succeeds_where_a_window_reaches_past_the_index_date(tmp_path):
    study = written(tmp_path, TEXT)
    object.__setattr__(study.characteristics[0], "window", (-100, 50))  # what read_study refuses
    before, after = (cohort_of(study, besoeg=visits(rows)).frame["any"][0] for rows in ([], [("p", 10, "a", 1.0)]))
    assert (before, after) == (False, True)


@settings(max_examples=8, deadline=None)
@given(rows=st.lists(VISIT, max_size=40), order=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(study, rows, order):
    shuffled = order.sample(rows, len(rows))
    ours, theirs = (cohort_of(study, cpr=EIGHT, besoeg=visits(some)).frame for some in (rows, shuffled))
    assert theirs.equals(ours)


def test_missing_is_never_silently_no(tmp_path):
    nothing = [None, None, None]
    assert column(tmp_path, 'rule = "any"\n' + PAST) == [False] * 3  # an event register: no row means it did not happen
    register = pl.DataFrame({"person": ["p", "q"], "type": ["hus", None]})
    body = 'rule = "any"\nwhere = {type = ["hus"]}\n'
    assert column(tmp_path, body, register="bolig", bolig=register) == [True, None, None]
    assert column(tmp_path, 'rule = "value"\ncolumn = "type"\n', register="bolig", bolig=register) == [
        "hus",
        None,
        None,
    ]
    assert column(tmp_path, 'rule = "missing"\ncolumn = "type"\n', register="bolig", bolig=register) == [
        False,
        True,
        True,
    ]
    assert column(tmp_path, 'rule = "latest"\ncolumn = "kode"\n' + PAST) == nothing


def test_who_was_never_seen_before_the_index_date_is_unknown(tmp_path):
    seen = [("p", -500, "c", 1.0), ("q", 30, "c", 1.0)]  # q turns up later: that must not make q known
    body = 'rule = "any"\n' + WHERE + PAST + 'unknown_unless = "besoeg"\n'
    assert column(tmp_path, body, besoeg=seen) == [False, None, None]


def test_two_values_are_no_value_and_a_tie_of_the_latest_is_broken_by_the_larger(tmp_path):
    rows = [("p", -3, "a", 1.0), ("p", -3, "b", 2.0), ("q", -9, "a", 4.0), ("q", -8, "a", None)]
    assert column(tmp_path, 'rule = "value"\ncolumn = "minutter"\n' + PAST, besoeg=rows) == [None, 4.0, None]
    assert column(tmp_path, 'rule = "latest"\ncolumn = "minutter"\n' + PAST, besoeg=rows) == [2.0, 4.0, None]


def test_codes_are_gathered_in_groups_by_the_first_that_fits(tmp_path):
    rows = [("p", -3, "a", 1.0), ("q", -3, "b7", 1.0)]
    body = 'rule = "latest"\ncolumn = "kode"\ngroups = {"En" = ["b7"], "Flere" = ["b*"]}\n' + PAST
    assert column(tmp_path, body, besoeg=rows) == [cohort_sql.OTHER, "En", None]


def test_a_register_of_dwellings_is_reached_through_the_household(tmp_path):
    homes = pl.DataFrame({"husstand": ["h", "g"], "type": ["plejebolig", "almen"]})
    body = 'rule = "value"\ncolumn = "type"\nis = ["plejebolig"]\nvia = "husstand"\n'
    assert column(tmp_path, body, register="bolig", bolig=homes) == [True, True, None]


def test_people_outside_the_population_are_left_out_and_counted(tmp_path):
    rules = 'where = {status = ["01"]}\nmin_age = 65\nage = "alder"\ncluster = "husstand"\n'
    cpr = people(
        ("a", "h", 70, "01"), ("b", "h", 64, "01"), ("c", None, 80, "90"), ("d", "h", None, "01"),
        ("e", None, 80, None), ("f", None, 66, "01"),
    )  # fmt: skip
    made = cohort_of(written(tmp_path, study_text(population=POPULATION + rules)), cpr=cpr)
    assert dict(made.frame.select("person", "cluster").rows()) == {"a": "h", "f": "f"}
    assert made.flow == (
        ("all", 6), ("not_in_where", 1), ("unknown_in_where", 1), ("age_unknown", 1), ("too_young", 1), ("kept", 2),
    )  # fmt: skip


def test_who_died_or_moved_before_the_index_date_is_out_and_who_did_so_after_it_is_in(tmp_path):
    left = 'left = {where = {status = ["80", "90"]}, date = "siden"}\n'
    cpr = people(("a", "h", 70, "90"), ("b", "h", 70, "90"), ("c", "h", 70, "01"), ("d", "h", 70, "80"))
    cpr = cpr.with_columns(siden=pl.Series([-4, 40, -900, None], dtype=pl.Int32))
    made = cohort_of(written(tmp_path, study_text(population=POPULATION + left)), cpr=cpr)
    assert made.frame["person"].to_list() == ["b", "c"]
    assert made.flow == (("all", 4), ("left_before", 1), ("left_unknown", 1), ("kept", 2))


def test_an_outcome_is_unknown_for_who_could_not_be_seen_to_the_end_whatever_happened(tmp_path):
    seen = OUTCOME + 'observed_to = "set_til"\nended = {status = ["90"]}\n'
    study = written(tmp_path, study_text(outcome=seen))
    cpr = people(*((person, None, 70, "90" if person == "t" else "01") for person in "pqrst"))
    cpr = cpr.with_columns(set_til=pl.Series([90, 89, 30, 90, 30], dtype=pl.Int32))
    made = cohort_of(study, cpr=cpr, besoeg=visits([("r", 20, "a", 1.0), ("s", 20, "a", 1.0)]))
    assert dict(made.frame.select("person", "indlagt").rows()) == {"p": False, "s": True, "t": False}
    assert made.flow == (("all", 5), ("outcome_unknown", 2), ("kept", 3))


def test_windows_are_counted_from_the_index_day(tmp_path):
    head = HEAD.replace("reference_date = 2025-01-01", "index_day = 10")
    body = characteristic("x", 'rule = "any"\ndate = "dag"\nwindow = [-1, 0]')
    study = written(tmp_path, study_text(body, head=head))
    rows = [("p", 9, "a", 1.0), ("q", 10, "a", 1.0), ("r", 11, "a", 1.0)]
    made = cohort_of(study, besoeg=visits(rows)).frame
    assert (made["x"].to_list(), made["indlagt"].to_list()) == ([True, False, False], [False, False, True])


def test_one_row_a_person_is_taken_where_the_study_says_which_and_refused_where_it_does_not(tmp_path):
    cpr = people(("p", "h", 70, "01"), ("p", "h", 75, "01"), ("q", "h", 80, "01"))
    with pytest.raises(InputError) as told:
        cohort_of(written(tmp_path, study_text()), cpr=cpr)
    assert (told.value.key, told.value.facts["people"]) == ("study_population_rows", 1)
    age = characteristic("alder", 'rule = "value"\ncolumn = "alder"', register="cpr", kind="adjust")
    study = written(tmp_path, study_text(CHARACTERISTIC, age, population=POPULATION + 'first = "alder"\n'))
    assert cohort_of(study, cpr=cpr).frame["alder"].to_list() == [70, 80]


def test_an_empty_population_is_told(tmp_path):
    with pytest.raises(InputError) as told:
        cohort_of(written(tmp_path, study_text()), cpr=people().clear())
    assert told.value.key == "study_nobody"


def test_what_the_registers_lack_is_told_at_once_with_its_place(tmp_path):
    bad = (
        characteristic("a", 'rule = "sum"\ncolumn = "kode"\n' + PAST),
        characteristic("b", 'rule = "any"\nwhere = {kode = [1], ukendt = ["x"]}\n' + PAST),
        characteristic("c", 'rule = "any"\ndate = "kode"\nwindow = [-9, 0]\n'),
    )
    with pytest.raises(InputErrors) as told:
        cohort_of(written(tmp_path, study_text(*bad)))
    assert [(error.key, error.facts["field"]) for error in told.value.errors] == [
        ("study_column_type", "a.column"),
        ("study_column_type", "b.where.kode"),
        ("study_column", "b.where.ukendt"),
        ("study_column_type", "c.date"),
    ]
    assert all(error.text("da") and error.text("en") for error in told.value.errors)


def test_an_error_of_the_engine_says_its_kind_and_no_value(tmp_path):
    """DuckDB quotes the value that did not fit; the attack shows it, the wrapper keeps it in."""
    import duckdb

    secret = 1e35  # too large for the exact sum
    with pytest.raises(duckdb.Error, match=re.escape("1e+35").replace("e", "[eE]") + "|" + "1" + "0" * 30):
        duckdb.sql(f"SELECT CAST({secret!r}::DOUBLE AS DECIMAL(38, 6))").fetchall()
    study = written(tmp_path, study_text(characteristic("a", RULES["sum"] + PAST)))
    with pytest.raises(InputError) as told:
        cohort_of(study, besoeg=visits([("p", -3, "a", secret)]))
    error = told.value
    assert error.key == "study_cohort_engine"
    assert "35" not in str(error)
    assert "000000" not in str(error)
    assert (error.__cause__, error.__context__) == (None, None)


def test_names_and_values_cannot_break_out_of_the_query(tmp_path):
    nasty = "a'; DROP TABLE cpr; --"
    register = pl.DataFrame({"person": ["p", "q"], 'ko"de': [nasty, "a"]})
    body = f"""rule = "any"\nwhere = {{'ko"de' = ["{nasty}"]}}\n"""
    assert column(tmp_path, body, register="bolig", bolig=register) == [True, False, None]


def test_the_query_reads_each_register_once_and_no_file(tmp_path):
    made = cohort_of(written(tmp_path, TEXT))
    assert made.sql.count('FROM "besoeg"') == 1
    assert made.sql.count('FROM "cpr"') == 1
    assert not re.search(r"read_|ATTACH|COPY|INSTALL|LOAD", made.sql)


# --- shards, the order of events, time since -------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(VISIT, max_size=25), cut=st.integers(1, 4))
def test_the_cohort_is_the_same_made_shard_by_shard(study, rows, cut):
    from pipelines.cohort import build_sharded_cohort

    frames = {"cpr": EIGHT, "besoeg": visits(rows)}

    def part(register, number):
        frame = frames[register]
        return frame if number is None else frame.filter(pl.col("person").str.to_integer(base=36) % cut == number)

    whole, sharded = build_cohort(study, frames.__getitem__), build_sharded_cohort(study, part, shards=cut)
    assert sharded.frame.equals(whole.frame)
    assert (sharded.flow, sharded.sql, sharded.notes) == (whole.flow, whole.sql, whole.notes)


def test_a_shard_that_does_not_fit_is_halved_and_the_answer_is_the_same(study):
    many = people(*((f"p{number}", None, 70, "01") for number in range(40_000)))
    rows = visits([(f"p{number}", -number % 90 - 1, "a", 1.0) for number in range(40_000) for _ in range(3)])
    frames = {"cpr": many, "besoeg": rows}
    whole, small = (build_cohort(study, frames.__getitem__, memory=memory) for memory in ("1GiB", "8MiB"))
    assert (whole.halvings, small.halvings > 0) == (0, True)
    assert small.frame.equals(whole.frame)
    assert small.flow == whole.flow


ORDER = 'rule = "any"\nafter = {from = "advis", where = {kode = ["u"]}, date = "dag", within = [%d, %d]}\n' + PAST
ADVIS = st.tuples(st.sampled_from("pqr"), st.one_of(st.none(), st.integers(-40, 40)), st.sampled_from(["u", "x", None]))


def after(row, anchors, low, high):
    """Whether a row counts: inside the window, and a discharge before the index date came so many days before it."""
    _, day, _, _ = row
    if day is None:
        return None
    if not -100 <= day < 0:
        return False
    unsure = False
    for _, first, code in anchors:
        known = None if first is None else first < 0
        fits = None if code is None else code == "u"
        holds = False if False in (known, fits) else None if None in (known, fits) else True
        if holds and low <= day - first < high:
            return True
        unsure |= holds is None
    return None if unsure else False


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(VISIT, max_size=12),
    anchors=st.lists(ADVIS, max_size=8),
    low=st.integers(0, 3),
    more=st.integers(1, 30),
)
def test_the_order_of_two_events_equals_a_plain_loop(tmp_path_factory, rows, anchors, low, more):
    study = written(tmp_path_factory.mktemp("s"), study_text(characteristic("x", ORDER % (low, low + more))))
    advis = pl.DataFrame(anchors, schema={"person": pl.String, "dag": pl.Int32, "kode": pl.String}, orient="row")
    made = cohort_of(study, cpr=EIGHT, besoeg=visits(rows), advis=advis).frame
    for person, got in made.select("person", "x").rows():
        own = [after(row, [a for a in anchors if a[0] == person], low, low + more) for row in rows if row[0] == person]
        assert got == (True if True in own else None if None in own else False), (person, own)


def test_the_first_of_two_events_lies_on_the_same_side_of_the_index_date_as_the_second(tmp_path):
    """The attack: a discharge after the index date for a characteristic, one before it for an outcome."""
    advis = pl.DataFrame({"person": ["p", "q"], "dag": [-3, 2], "kode": ["u", "u"]})
    outcome = OUTCOME + 'after = {from = "advis", where = {kode = ["u"]}, date = "dag", within = [0, 30]}\n'
    study = written(tmp_path, study_text(characteristic("x", ORDER % (0, 30)), outcome=outcome))
    rows = visits([("p", 5, "a", 1.0), ("q", 5, "a", 1.0), ("p", -1, "a", 1.0), ("q", -1, "a", 1.0)])
    made = cohort_of(study, besoeg=rows, advis=advis.cast({"dag": pl.Int32})).frame.select("person", "x", "indlagt")
    assert made.rows() == [("p", True, False), ("q", False, True), ("r", False, False)]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ('rule = "any"\ndate = "dag"\nwindow = [-10, 1]', "study_look_ahead"),
        ('rule = "time_since"\ndate = "dag"\nwindow = [-10, 5]', "study_look_ahead"),
        ('rule = "never"\ndate = "dag"\nwindow = [0, 1]', "study_look_ahead"),
        ('rule = "time_since"', "study_missing_key"),
        (ORDER % (0, 30) + "via = 'husstand'", "study_after_via"),
        ((ORDER % (0, 30)).replace("within = [0, 30]", "within = [-5, 30]"), "study_after_before"),
    ],
)
def test_no_spelling_of_a_characteristic_looks_ahead(tmp_path, body, key):
    with pytest.raises(InputErrors) as refused:
        written(tmp_path, study_text(characteristic("x", body)))
    assert key in [error.key for error in refused.value.errors]


def test_time_since_is_days_from_the_latest_row_that_surely_is_the_latest(tmp_path):
    body = 'rule = "time_since"\n' + WHERE + PAST
    rows = [("p", -30, "a", 1.0), ("p", -7, "b1", 1.0), ("p", -2, "c", 1.0), ("q", -9, "a", 1.0), ("q", -4, None, 1.0)]
    assert column(tmp_path, body, besoeg=rows) == [7, None, None]


# --- stated rules about people ---------------------------------------------------------------------------------------


def test_who_died_or_moved_in_the_outcomes_window_follows_the_stated_rule_and_is_counted(tmp_path):
    left = (
        'left = {where = {status = ["80", "90"]}, date = "siden", died = {status = ["90"]}, '
        'died_in_window = "keep", moved_in_window = "unknown"}\n'
    )
    cpr = people(("a", "h", 70, "90"), ("b", "h", 70, "80"), ("c", "h", 70, "01"), ("d", "h", 70, "80"))
    cpr = cpr.with_columns(siden=pl.Series([40, 40, -900, 200], dtype=pl.Int32))
    made = cohort_of(written(tmp_path, study_text(population=POPULATION + left)), cpr=cpr)
    assert dict(made.frame.select("person", "indlagt").rows()) == {"a": False, "c": False, "d": False}
    assert made.flow == (("all", 4), ("outcome_unknown", 1), ("kept", 3))
    assert made.notes == (("died_in_window", 1), ("moved_in_window", 1))


@pytest.mark.parametrize(
    ("rule", "got"), [("leave_out", {"q": True, "r": False}), ("unknown", {"p": None, "q": True, "r": False})]
)
def test_who_came_too_late_is_left_out_or_unknown_and_is_never_a_no(tmp_path, rule, got):
    arrived = f'arrived = {{date = "kom", days = 100, rule = "{rule}"}}\n'
    study = written(tmp_path, study_text(characteristic("x", 'rule = "any"\n' + PAST), population=POPULATION + arrived))
    cpr = people().with_columns(kom=pl.Series([-99, -100, None], dtype=pl.Int32))
    made = cohort_of(study, cpr=cpr, besoeg=visits([("q", -5, "a", 1.0)]))
    assert dict(made.frame.select("person", "x").rows()) == got
    assert ("arrived_late", 1) in made.flow or made.notes == (("arrived_late_unknown", 1),)


def test_never_residents_and_children_are_counted_and_the_protected_have_no_geography(tmp_path):
    from dataclasses import replace

    rules = 'never_resident = {status = ["05"]}\nprotected = {skjult = ["J"]}\nage = "alder"\n'
    study = written(
        tmp_path,
        study_text(
            characteristic("x", 'rule = "value"\ncolumn = "vej"', register="cpr"), population=POPULATION + rules
        ),
    )
    study = replace(study, characteristics=(replace(study.characteristics[0], geography=True),))
    cpr = people(("p", None, 70, "01"), ("q", None, 12, "01"), ("r", None, 66, "05"))
    cpr = cpr.with_columns(skjult=pl.Series(["J", None, None]), vej=pl.Series(["øst", "vest", "øst"]))
    made = cohort_of(study, cpr=cpr)
    assert dict(made.frame.select("person", "x").rows()) == {"p": None, "q": "vest"}
    assert made.flow == (("all", 3), ("never_resident", 1), ("kept", 2))
    assert made.notes == (("children", 1), ("protected", 1))


def test_outside_eligibility_a_characteristic_is_undefined_never_no(tmp_path):
    from dataclasses import replace

    from pipelines.contract_schema import Eligibility

    study = written(tmp_path, study_text(population=POPULATION + 'age = "alder"\n'))
    study = replace(study, characteristics=(replace(study.characteristics[0], eligible=(Eligibility(min_age=70),)),))
    made = cohort_of(study, cpr=people(("p", None, 70, "01"), ("q", None, 69, "01"), ("r", None, None, "01")))
    assert made.frame["faldt"].to_list() == [False, None, None]


def test_a_code_from_before_a_break_is_read_as_the_one_after_it(tmp_path):
    from dataclasses import replace

    from pipelines.study import Mapped

    study = written(tmp_path, study_text(characteristic("x", 'rule = "any"\nwhere = {kode = ["b1"]}\n' + PAST)))
    mapped = (Mapped(column="kode", day=-50, codes=(("a", "b1"),)),)
    study = replace(study, characteristics=(replace(study.characteristics[0], mapped=mapped),))
    rows = [("p", -51, "a", 1.0), ("q", -50, "a", 1.0), ("r", -10, "b1", 1.0)]
    assert cohort_of(study, besoeg=visits(rows)).frame["x"].to_list() == [True, False, True]
