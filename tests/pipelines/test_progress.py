"""One line a step: plain where nobody watches, rewritten in place on a terminal."""

from __future__ import annotations

import io

import pytest

from pipelines.progress import Progress
from reports.catalogue import Language


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ticking(step: float):
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += step
        return now

    return clock


def test_a_step_is_one_plain_line_with_its_result_and_time():
    stream = io.StringIO()
    progress = Progress(Language.DA, stream=stream, clock=ticking(1.1))
    with progress.step("ingest", 1, 8) as step:
        step.update(0.5)
        step.result(rows=61_204, files=8)
    assert stream.getvalue().startswith(" 1/8 Læser filerne ....")
    assert stream.getvalue().endswith(" 2,2 s\n")  # the clock ticked once for the update
    assert "61.204 rækker, 8 filer" in stream.getvalue()
    assert stream.getvalue().count("\n") == 1
    assert len(stream.getvalue().rstrip()) <= 80


def test_english_has_english_words_and_numbers():
    stream = io.StringIO()
    with Progress(Language.EN, stream=stream, clock=ticking(1.0)).step("ingest", 1, 8) as step:
        step.result(rows=61_204, files=8)
    assert "Reading the files" in stream.getvalue()
    assert "61,204 rows, 8 files" in stream.getvalue()
    assert stream.getvalue().rstrip().endswith("1.0 s")


def test_on_a_terminal_the_line_is_rewritten_in_place():
    stream = Terminal()
    with Progress(Language.DA, stream=stream, clock=ticking(1.0)).step("discover", 6, 8) as step:
        step.update(0.25)
        step.update(2.0)
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert text.count("\r\x1b[2K") == 4
    assert "25 %" in text
    assert "100 %" in text


def test_a_step_that_fails_says_that_it_stopped():
    stream = io.StringIO()
    with pytest.raises(ZeroDivisionError), Progress(Language.DA, stream=stream).step("validate", 2, 8):
        raise ZeroDivisionError
    assert "stoppede her" in stream.getvalue()


def test_steps_count_themselves_and_unknown_words_do_no_harm():
    stream = io.StringIO()
    progress = Progress(Language.DA, total=2, stream=stream)
    with progress.step("ingest"):
        progress.update(0.5)
    with progress.step("noget_nyt") as step:
        step.result(tal=3)
    assert stream.getvalue().splitlines()[0].startswith(" 1/2 Læser filerne")
    assert stream.getvalue().splitlines()[1].startswith(" 2/2 noget_nyt")


def test_a_silent_progress_says_nothing(capsys):
    with Progress.none().step("ingest", 1, 8) as step:
        step.update(0.5)
    assert capsys.readouterr() == ("", "")
