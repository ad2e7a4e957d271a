"""Attack 11: people in text that nobody here wrote: newspaper Danish with marked names, two backgrounds' names."""

from __future__ import annotations

import os
import re
from pathlib import Path

import polars as pl
import pytest

from benchmarks.redact import by_background, in_newspaper
from pseudonymisation import cpr
from pseudonymisation.free_text import Redactor, redact_column

DATA = os.environ.get("UNDRING_DATA", "")
needs_data = pytest.mark.skipif(
    not (Path(DATA) / "danish_ner" / "dev.conll.gz").is_file(),
    reason="UNDRING_DATA has no danish_ner: recall on text of others is NOT measured",
)
LEAST = 0.90
USUAL = re.compile(r"\b(?:hr|fru|dr|frk)\.? [A-ZÆØÅ]\w+")
NUMBERS = [f"{61 + n % 30}{1 + n % 12:02d}{40 + n % 20}{2_000 + 7 * n}" for n in range(300)]  # day + 60: nobody


class AfterTitles:
    """The twin: what a plain pattern for names after a title finds."""

    def traces(self, text):
        return [
            type("Trace", (), {"start": one.start(), "end": one.end(), "type": "NAVN"})()
            for one in USUAL.finditer(text)
        ]


@needs_data
@pytest.mark.parametrize(("closed", "least"), [(False, LEAST), (True, 0.97)])
def test_names_in_a_newspaper_are_removed(attack_row, closed, least):
    file = Path(DATA) / "danish_ner" / "dev.conll.gz"
    twin, ours = in_newspaper(AfterTitles(), file), in_newspaper(Redactor(closed=closed), file)
    assert twin.recall < 0.1  # the attack works
    attack_row.row(
        "11",
        tried=f"{ours.persons} words of names in newspapers{', closed vocabulary' if closed else ''}",
        twin=f"{twin.recall:.3f} removed",
        result=f"{ours.recall:.3f} removed, precision {ours.precision:.2f}",
        limit=f"at least {least}",
        held=ours.recall >= least,
    )


@needs_data
def test_listed_names_are_removed_and_those_of_every_background_alike(attack_row):
    names = pl.read_csv(Path(DATA) / "danish_names.csv.gz").filter(pl.col("name").str.len_chars() > 1)["name"].to_list()
    listed, usual = Redactor(names=frozenset(names)), AfterTitles()
    frame = "Hun så {} i dag"  # no cue

    def share(redactor, form):
        return sum(bool(redactor.traces(frame.format(form(name)))) for name in names) / len(names)

    ours, small, twin = share(listed, str), share(listed, str.lower), share(usual, str)
    assert small > 0.95  # a name that is a word too stays, written small: the page says so
    spread = by_background(Redactor(), Path(DATA) / "danish_names.csv.gz", "Hun har talt med {} om besøget.")
    apart = max(spread.values()) - min(spread.values())
    attack_row.row(
        "11",
        tried=f"{len(names)} listed names without a cue",
        twin=f"{twin:.3f} removed after a title",
        result=f"{ours:.3f} removed ({small:.3f} in small letters); backgrounds {100 * apart:.1f} points apart",
        limit="at least 0.99, 3 points",
        held=ours >= 0.99 and apart <= 0.03,
    )


def test_every_number_in_every_writing_is_removed(attack_row):
    texts = [f"Se {written} i går" for number in NUMBERS for written in cpr.spellings(number)]
    plain = sum(bool(re.search(r"\b\d{6}-?\d{4}\b", text)) for text in texts)
    redacted = redact_column(pl.Series("t", texts)).texts.to_list()
    gone = sum("[CPR]" in text and not re.search(r"\d{4}", text) for text in redacted)
    assert plain < 0.5 * len(texts)  # the usual pattern leaves most
    attack_row.row(
        "11",
        tried=f"{len(texts):,} CPR numbers in {len(texts) // len(NUMBERS)} writings",
        twin=f"{plain / len(texts):.2f} found by the usual pattern",
        result=f"{gone / len(texts):.3f} removed",
        limit="1.00",
        held=gone == len(texts),
    )
