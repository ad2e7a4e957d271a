"""`check` says everything that is missing: what asks for the same is said once."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import InputError, told_together
from reports import catalogue
from reports.catalogue import Language


def missing(field, file="study.toml"):
    return InputError("study_type_words", file=Path(file), field=field)


def test_what_asks_for_the_same_in_one_file_shares_its_lines():
    said = told_together([missing("title"), missing("purpose"), missing("title", "other.toml")], Language.DA)
    [first, other] = said.split("\n\n")
    place, one, two, *asked = first.split("\n")
    assert place == "FEJL study.toml"
    assert one.index("title") == two.index("purpose")
    assert two.strip().startswith("purpose")
    assert asked == missing("title").text(Language.DA).split("\n")[2:]
    assert other == missing("title", "other.toml").text(Language.DA)


def test_one_error_is_said_as_ever():
    for language in Language:
        assert told_together([missing("title")], language) == missing("title").text(language)


def test_a_file_that_people_write_has_lines_and_a_register_has_rows():
    facts = {"row": 53, "column": "x"}
    assert "linje 53" in catalogue.error_text(
        Language.DA, "study_type_words", {"file": "besoeg.yaml", "field": "x", **facts}
    )
    assert "række 53" in catalogue.error_text(
        Language.DA, "study_type_words", {"file": "besoeg.csv", "field": "x", **facts}
    )
