"""`undring table`: what is read of a file of counts, how it is written, and what is refused without a value said."""

from __future__ import annotations

import csv
import gzip
import json
import re

import pytest
from typer.testing import CliRunner

from flows.cli import app
from pipelines.counts_table import merged, read_counts
from pipelines.errors import InputError
from pipelines.hide_counts import protect_table

CROSSTAB = "distrikt;ja;nej;ukendt\r\nNord;41;380;7\r\nSyd;12;250;3\r\nØst;25;310;14\r\nVest;4;190;22\r\n"
LINES = "alder,distrikt,borgere\n70-74,N,40\n75-79,N,44\n70-74,S,33\n75-79,S,13\n80+,S,31\n"


def file(tmp_path, text, name="antal.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def rows_of(path, delimiter=";"):
    return list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=delimiter))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_crosstab_comes_out_in_its_own_form_with_sums(tmp_path, encoding):
    made = protect_table(file(tmp_path, CROSSTAB, encoding=encoding), out=tmp_path / "out")
    rows = rows_of(made.table)
    assert rows[0] == ["distrikt", "ja", "nej", "ukendt", "I alt"]
    assert [row[0] for row in rows[1:]] == ["Nord", "Syd", "Øst", "Vest", "I alt"]
    assert rows[-1] == ["I alt", "82", "1130", "46", "1258"]
    assert made.table.read_bytes().startswith(b"\xef\xbb\xbf")  # Danish Excel opens it by itself
    told = json.loads(made.audit.read_text(encoding="utf-8"))
    assert (told["hidden_small"], told["unsafe"]) == (3, 0)
    assert sum(cell == ".." for row in rows for cell in row) == told["hidden_small"] + told["hidden_to_protect"]


def test_sums_that_stand_in_the_file_change_nothing(tmp_path):
    with_sums = "distrikt;ja;nej;ukendt;I alt\r\nNord;41;380;7;428\r\nSyd;12;250;3;265\r\nØst;25;310;14;349\r\nVest;4;190;22;216\r\nTotal;82;1130;46;1258\r\n"  # noqa: E501
    one = protect_table(file(tmp_path, CROSSTAB), out=tmp_path / "a").table.read_bytes()
    assert protect_table(file(tmp_path, with_sums, "b.csv"), out=tmp_path / "b").table.read_bytes() == one


def test_lines_are_cells_and_those_that_are_not_there_count_as_nobody_and_are_told(tmp_path):
    made = protect_table(
        file(tmp_path, LINES), out=tmp_path / "out", by=("alder", "distrikt"), count="borgere", language="en"
    )
    rows = rows_of(made.table, ",")
    assert rows[0] == ["alder", "distrikt", "borgere"]
    assert ["80+", "N", "0"] in rows
    assert rows[-1] == ["Total", "Total", "161"]
    assert made.figures["read_as_zero"] == 1
    assert made.figures["all_in_one"] == 1  # everybody of 80+ lives in S
    assert any("counted as 0: 1" in line for line in made.lines)
    with_sums = LINES + "I alt,N,84\nI alt,S,77\n70-74,I alt,73\nI alt,I alt,161\n"
    again = protect_table(
        file(tmp_path, with_sums, "s.csv"), out=tmp_path / "s", by=("alder", "distrikt"), count="borgere", language="en"
    )
    assert again.table.read_bytes() == made.table.read_bytes()


def test_neighbouring_categories_are_put_together_with_their_names(tmp_path):
    counted = read_counts(file(tmp_path, CROSSTAB), by=(), count="")
    pairs = merged(counted, "rows", 3)
    assert pairs.axes[0].categories == ("Nord – Øst", "Vest")
    assert pairs.people.tolist() == [[78, 940, 24], [4, 190, 22]]
    assert merged(counted, "columns", 2).axes[1].categories == ("ja + nej", "ukendt")


BAD = {
    "no number": ("x;a;b\nn;10;2.5\n", {}, "counts_value", (2, "b")),
    "hidden before": ("x;a;b\nn;<5;20\n", {}, "counts_value", (2, "a")),
    "thousands": ("x;a;b\nn;10;20\nm;10;1.234\n", {}, "counts_value", (3, "b")),
    "minus": ("x;a;b\nn;-3;20\n", {}, "counts_value", (2, "a")),
    "huge": (f"x;a;b\nn;{'9' * 40};20\n", {}, "counts_value", (2, "a")),
    "ragged": ("x;a;b\nn;10;20\n\nm;10\n", {}, "counts_width", (4, None)),
    "a wrong sum of a row": ("x;a;b;I alt\nn;10;20;31\nm;10;20;30\n", {}, "counts_sum", (2, "I alt")),
    "a wrong sum of a column": ("x;a;b\nn;10;20\nI alt;10;21\n", {}, "counts_sum", (3, "b")),
    "twice": ("x;a;b\nn;10;20\nn;10;30\n", {}, "counts_twice", (3, "x")),
    "too few": ("x;a;b\nn;3;2\n", {}, "counts_few", (None, None)),
    "numbers of people": ("x;a;b\n6701501234;10;20\n6701501235;10;30\n", {}, "counts_identifier", (None, "rows")),
    "no rows": ("x;a;b\n", {}, "counts_columns", (None, None)),
    "one column": ("x\n3\n", {}, "counts_columns", (None, None)),
    "nothing": ("", {}, "table_empty", (None, None)),
    "no such column": (LINES, {"by": ("alder", "kommune"), "count": "borgere"}, "table_column", (None, "kommune")),
    "the count among the axes": (LINES, {"by": ("alder", "borgere"), "count": "borgere"}, "counts_by", (None, None)),
    "an axis twice": (LINES, {"by": ("alder", "alder"), "count": "borgere"}, "counts_by", (None, None)),
    "no axis": (LINES, {"count": "borgere"}, "counts_by", (None, None)),
    "axes without a count": (LINES, {"by": ("alder",)}, "counts_no_count", (None, None)),
    "several lines a cell": (LINES, {"by": ("alder",), "count": "borgere"}, "counts_twice", (4, "alder")),
    "a wrong sum of lines": (
        LINES + "I alt,N,85\n",
        {"by": ("alder", "distrikt"), "count": "borgere"},
        "counts_sum",
        (7, "borgere"),
    ),
    "together what": (CROSSTAB, {"together": "alder=2"}, "counts_together", (None, None)),
    "together too many": (CROSSTAB, {"together": "rows=9"}, "counts_together", (None, None)),
    "together nonsense": (CROSSTAB, {"together": "rows"}, "counts_together", (None, None)),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_told_with_its_place_and_without_its_value(tmp_path, name):
    text, asked, key, (row, column) = BAD[name]
    with pytest.raises(InputError) as refused:
        protect_table(file(tmp_path, text), out=tmp_path / "out", **asked)
    assert refused.value.key == key
    assert (refused.value.facts.get("row"), refused.value.facts.get("column")) == (row, column)
    assert not (tmp_path / "out").exists()
    told = refused.value.text("da") + refused.value.text("en")
    assert not re.search(r"670150|2\.5|1\.234|<5|999", told)


def test_too_large_a_table_is_refused_before_anything_is_solved(tmp_path):
    text = "x;" + ";".join(f"k{place}" for place in range(70)) + "\n"
    text += "".join(f"r{row};" + ";".join(["12"] * 70) + "\n" for row in range(60))
    with pytest.raises(InputError, match="counts_large"):
        protect_table(file(tmp_path, text), out=tmp_path / "out")


def test_districts_that_all_differ_are_no_numbers_of_people(tmp_path):
    text = "distrikt;ja;nej\n" + "".join(f"område {n:02d};{20 + n};{300 + n}\n" for n in range(30))
    made = protect_table(file(tmp_path, text), out=tmp_path / "out")
    assert made.figures["hidden_small"] == 0
    assert any("intet er skjult" in line for line in made.lines)


@pytest.mark.parametrize(("language", "word"), [("da", "Skjulte felter: 3"), ("en", "Cells hidden: 3")])
def test_the_command_shows_the_table_and_what_was_checked(tmp_path, language, word):
    done = CliRunner().invoke(
        app, ["table", str(file(tmp_path, CROSSTAB)), "--out", str(tmp_path / "out"), "--language", language]
    )
    assert done.exit_code == 0, done.output
    assert re.search(r"^Nord +\.\. +380 +\.\. +428$", done.stdout, re.M)
    assert word in done.stdout


def test_the_commands_refusal_names_what_to_put_together_and_that_does(tmp_path):
    bad = file(tmp_path, "x,n\n" + "".join(f"k{place},1\n" for place in range(11)))
    asked = ["table", str(bad), "--by", "x", "--count", "n", "--out", str(tmp_path / "out")]
    refused = CliRunner().invoke(app, asked)
    assert refused.exit_code == 2
    together = re.search(r"--together (\w+=\d+)", refused.stderr)
    assert together is not None, refused.stderr
    assert not (tmp_path / "out").exists()
    assert CliRunner().invoke(app, [*asked, "--together", together[1]]).exit_code == 0


SUMMED = "distrikt;ja;nej;ukendt;{0}\r\nNord;41;380;7;428\r\nSyd;12;250;3;265\r\nØst;25;310;14;349\r\nVest;4;190;22;216\r\n{0};82;1130;46;1258\r\n"  # noqa: E501
FIRST = "distrikt;I alt;ja;nej;ukendt\r\nI alt;1258;82;1130;46\r\nNord;428;41;380;7\r\nSyd;265;12;250;3\r\nØst;349;25;310;14\r\nVest;216;4;190;22\r\n"  # noqa: E501


@pytest.mark.parametrize("text", [SUMMED.format("Hovedtotal"), SUMMED.format("Grand Total"), FIRST])
def test_a_sum_is_none_of_the_categories_whatever_a_spreadsheet_calls_it_and_wherever_it_stands(tmp_path, text):
    one = protect_table(file(tmp_path, CROSSTAB), out=tmp_path / "a").table.read_bytes()
    assert protect_table(file(tmp_path, text, "b.csv"), out=tmp_path / "b").table.read_bytes() == one


@pytest.mark.parametrize(("right", "wrong", "column"), [(";1258;", ";1259;", "I alt"), (";82;", ";83;", "ja")])
def test_a_wrong_sum_that_stands_first_is_told_with_its_place(tmp_path, right, wrong, column):
    with pytest.raises(InputError) as refused:
        read_counts(file(tmp_path, FIRST.replace(right, wrong)), by=(), count="")
    assert (refused.value.key, refused.value.facts["row"], refused.value.facts["column"]) == ("counts_sum", 2, column)


# The subtotal of 65-74 has 4 people in the first column, as its only part with any: hidden alone, both are half of 8.
SUBTOTAL = "alder;ja;nej\n65-69;4;40\n70-74;0;60\n65-74;4;100\n75-79;200;70\n80+;100;90\n"
WHOLE = "alder,distrikt,borgere\n70-74,N,4\n75-79,N,44\n,N,48\n70-74,S,33\n75-79,S,13\n,S,46\n"


@pytest.mark.parametrize(
    ("text", "asked", "column"),
    [
        (SUBTOTAL, {}, "rows"),
        ("\n".join(reversed(SUBTOTAL.splitlines()[1:])).join(("alder;ja;nej\n", "\n")), {}, "rows"),
        (WHOLE, {"by": ("alder", "distrikt"), "count": "borgere"}, "alder"),
    ],
)
def test_a_sum_by_another_name_is_refused(tmp_path, text, asked, column):
    with pytest.raises(InputError) as refused:
        protect_table(file(tmp_path, text), out=tmp_path / "out", **asked)
    assert (refused.value.key, refused.value.facts["column"]) == ("counts_sum_unnamed", column)


def test_one_cell_that_happens_to_be_a_sum_is_none(tmp_path):
    text = "alder,borgere\na,14\nb,16\nc,30\nd,41\ne,41\n"
    assert read_counts(file(tmp_path, text), by=("alder",), count="borgere").people.sum() == 142
    empty = "x;ja;nej\na;40;50\nb;0;0\nc;40;50\nd;12;13\n"
    assert read_counts(file(tmp_path, empty), by=(), count="").people.sum() == 205


UNREADABLE = {
    "damaged packing": (b"\x1f\x8bno such thing", "table_unreadable"),
    "packing cut off": (gzip.compress(CROSSTAB.encode())[:-12], "table_unreadable"),
    "a quote never closed": (b'a;b\n"' + b"x" * 200_000, "table_unreadable"),
    "two columns after a line break in the heading": (
        b'd;ja;"nej\nja";"ved ikke";ja\nn;10;20;30;40\n',
        "table_duplicate_column",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_told_in_words(tmp_path, name):
    content, key = UNREADABLE[name]
    path = tmp_path / "antal.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=key):
        read_counts(path, by=(), count="")


def test_the_table_that_it_is_made_of_is_never_written_over(tmp_path):
    mine = file(tmp_path, CROSSTAB, "table.csv")
    before = mine.read_bytes()
    with pytest.raises(InputError, match="counts_onto_itself"):
        protect_table(mine, out=tmp_path)
    assert mine.read_bytes() == before
