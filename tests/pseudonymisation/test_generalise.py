from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonymisation import generalise

DAY = st.dates(date(1890, 1, 1), date(2035, 12, 31))


@settings(deadline=None)
@given(births=st.lists(st.none() | DAY, max_size=20), at=DAY)
def test_age_counts_birthdays_up_to_95(births, at):
    def age(born):
        if born is None or born > at:
            return None
        return min(95, at.year - born.year - ((at.month, at.day) < (born.month, born.day)))

    column = generalise.age_years(pl.Series("born", births, dtype=pl.Date), at)
    assert column.dtype == pl.Int16
    assert column.name == "born"
    assert column.to_list() == [age(born) for born in births]


def test_an_expression_gives_what_a_series_gives():
    frame = pl.DataFrame({"born": [date(1950, 3, 1), None]})
    at = date(2025, 1, 1)
    assert frame.select(generalise.age_years(pl.col("born"), at))["born"].to_list() == [74, None]
    assert frame.select(generalise.age_band(generalise.age_years(pl.col("born"), at)))["born"].to_list() == [
        "70-74",
        None,
    ]


def test_bands_of_age_are_five_years_wide_and_open_above_90():
    ages = pl.Series("age", [0, 4, 5, 64, 65, 89, 90, 95, None], dtype=pl.Int16)
    assert generalise.age_band(ages).to_list() == ["0-4", "0-4", "5-9", "60-64", "65-69", "85-89", "90+", "90+", None]


@settings(deadline=None)
@given(days=st.lists(st.none() | st.integers(-40_000, 40_000), max_size=20), reference=DAY)
def test_an_offset_is_the_days_from_the_reference(days, reference):
    dates = pl.Series("d", [None if n is None else reference + timedelta(n) for n in days], dtype=pl.Date)
    offsets = generalise.offset_days(dates, reference)
    assert offsets.dtype == pl.Int32
    assert offsets.to_list() == days


def test_dates_become_months_and_spans_whole_weeks():
    assert generalise.months(pl.Series([date(2024, 3, 31), None])).to_list() == ["2024-03", None]
    assert generalise.whole_weeks(pl.Series([0, 6, 7, 13, 14, None])).to_list() == [0, 0, 1, 1, 2, None]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nygade 12 B, St.Th.", "nygade 12b st th"),
        ("Ærøvej 3, St.Th.", "ÆRØVEJ  3 st. th"),
        ("Skolevej 7, 1. sal tv.", "skolevej 7 1 tv"),
        ("Å Boulevarden 4, stuen", "A\u030a boulevarden 4 st."),
        ("Nygade 12 ", "nygade 12"),
    ],
)
def test_two_writings_of_one_address_meet(one, other):
    first, second = generalise.normal_address(pl.Series([one, other]))
    assert first == second


def test_different_doors_stay_apart_and_danish_letters_stay():
    written = ["Søvej 1 st th", "Søvej 1 st tv", "Søvej 11 st th", "Søvej 1 1 th", "Sovej 1 st th", "Søvej 1a st th"]
    normal = generalise.normal_address(pl.Series(written))
    assert normal.n_unique() == len(written)
    assert normal[0] == "søvej 1 st th"
    assert generalise.normal_address(pl.Series([None, " ", "."])).to_list() == [None, None, None]


@given(st.lists(st.text(st.sampled_from("abæøå 12.,;B"), max_size=12), min_size=1))
@settings(deadline=None)
def test_an_address_already_normal_is_left_as_it_is(texts):
    once = generalise.normal_address(pl.Series("a", texts))
    assert generalise.normal_address(once).to_list() == once.to_list()


def test_a_road_code_gives_its_district_and_an_unknown_one_gives_none():
    codes = pl.Series("vejkode", ["0012", "12", " 0999", None, "4711"])
    assert generalise.district(codes, {"12": "Nord", "0999": "Syd"}).to_list() == ["Nord", "Nord", "Syd", None, None]


def test_small_districts_are_merged_until_none_is_small():
    names = ["Nord"] * 200 + ["Syd"] * 160 + ["Ø"] * 40 + [None]
    households = pl.Series(range(len(names)))
    merged = generalise.merge_small_districts(pl.Series("distrikt", names), households)
    sizes = dict(merged.drop_nulls().value_counts().iter_rows())
    assert sizes == {"Nord": 200, "øvrige": 200}  # Ø alone is too small: Syd joins it
    assert merged[-1] is None


def test_households_are_counted_not_rows():
    merged = generalise.merge_small_districts(pl.Series(["Nord"] * 400), pl.Series([1] * 400))
    assert merged.unique().to_list() == ["øvrige"]


def test_bands_are_half_open_and_a_missing_number_has_none():
    values = pl.Series("minutter", [-1.0, 0.0, 9.9, 10.0, 20.0, 1e9, None, float("nan")])
    told = ["<0", "0-<10", "0-<10", "10-<20", "20+", "20+", None, None]
    assert generalise.bands(values, [0, 10, 20]).to_list() == told
    assert generalise.bands(pl.Series([4, 5, None]), [5]).to_list() == ["<5", "5+", None]


@pytest.mark.parametrize("cuts", [[], [2, 1], [1, 1]])
def test_cuts_must_rise(cuts):
    with pytest.raises(ValueError, match="rising"):
        generalise.bands(pl.Series([1.0]), cuts)
