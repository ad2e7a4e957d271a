"""What `undring discover` says of tables that cannot be searched, or in which nothing can be found."""

import numpy as np
import polars as pl
import pytest

from pipelines import table
from pipelines.errors import InputError
from pipelines.table import discover_table
from reports.catalogue import Language


def written(tmp_path, people=400, **columns):
    rng = np.random.default_rng(3)
    base = {f"c{place}": (rng.uniform(size=people) < 0.4).astype(int) for place in range(6)}
    outcome = (rng.uniform(size=people) < 0.3).astype(int)
    frame = pl.DataFrame({**base, "outcome": outcome, **columns})
    frame.write_csv(tmp_path / "people.csv")
    return tmp_path / "people.csv"


def discovered(path, tmp_path, **more):
    return discover_table(path, outcome="outcome", out=tmp_path / "out", language=Language.EN, **more)


@pytest.mark.parametrize("language", list(Language))
def test_a_table_of_100_000_columns_is_refused_before_it_is_read(tmp_path, language, monkeypatch):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"k{place}" for place in range(100_000)) + "\n" + "1," * 99_999 + "1\n")
    monkeypatch.setattr(pl, "read_csv", None)
    with pytest.raises(InputError) as error:
        discover_table(path, outcome="k1", out=tmp_path / "out", language=language)
    assert error.value.key == "table_too_wide"
    assert "100" in error.value.text(language)


def test_more_characteristics_or_combinations_than_can_be_searched_are_refused_with_their_number(tmp_path, monkeypatch):
    path = written(tmp_path)

    for limits, key, count in (
        ({"most_characteristics": 5}, "search_too_many_characteristics", 6),
        ({"most_combinations": 34}, "search_too_many_combinations", 15 + 20),
    ):
        chosen = table.Settings(floor_people=10, **limits)
        monkeypatch.setattr(table, "settings_for", lambda people, chosen=chosen, **_asked: chosen)
        with pytest.raises(InputError) as error:
            discovered(path, tmp_path)
        assert (error.value.key, error.value.facts["count"]) == (key, count)
        assert error.value.text(Language.DA) != error.value.text(Language.EN)


def test_an_id_among_the_adjustments_is_refused_by_its_name(tmp_path):
    path = written(tmp_path, code=[f"x{place}" for place in range(400)])
    with pytest.raises(InputError) as error:
        discovered(path, tmp_path, adjust=["code"])
    assert (error.value.key, error.value.facts["column"]) == ("search_adjust_levels", "code")


def test_a_table_with_everything_below_the_floors_ends_well_and_says_why(tmp_path):
    result = discovered(written(tmp_path, people=40), tmp_path)
    assert result.discovery.tested == 0
    assert any("at least 10 people" in line for line in result.lines)


def test_text_in_a_column_of_numbers_is_named(tmp_path):
    ages = [str(20 + place % 70) for place in range(399)] + ["unknown"]
    result = discovered(written(tmp_path, age=ages), tmp_path)
    assert any(line.endswith(": age") for line in result.lines)


def test_combinations_of_five_are_said_to_be_looked_at_in_part(tmp_path):
    rng = np.random.default_rng(8)
    flags = rng.uniform(size=(20_000, 6)) < 0.45  # yes is the rarer of the two
    risk = 0.15 + 0.3 * flags[:, :5].all(axis=1) + 0.1 * flags[:, :4].all(axis=1)
    frame = pl.DataFrame({f"c{place}": flags[:, place].astype(int) for place in range(6)})
    frame.with_columns(outcome=(rng.uniform(size=20_000) < risk).astype(int)).write_csv(tmp_path / "people.csv")
    result = discovered(tmp_path / "people.csv", tmp_path, max_order=5)
    assert any("not all" in line for line in result.lines)
    assert 5 in {len(one.conditions) for one in result.discovery.findings}
    assert "up to 5 characteristics" in result.report.read_text(encoding="utf-8")
