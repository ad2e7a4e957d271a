"""A time is read off the clock on a wall in Denmark, in summer and in winter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reports.numbers import Language, moment


@pytest.mark.parametrize(
    ("at", "danish", "english"),
    [
        (datetime(2026, 11, 24, 5, 42, tzinfo=UTC), "24. november 2026 kl. 06.42", "24 November 2026 06:42"),
        (datetime(2026, 7, 24, 5, 42, tzinfo=UTC), "24. juli 2026 kl. 07.42", "24 July 2026 07:42"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "1. januar 2027 kl. 00.30", "1 January 2027 00:30"),
    ],
)
def test_a_moment_of_the_log_is_told_in_danish_time(at, danish, english):
    assert moment(at, Language.DA) == danish
    assert moment(at, Language.EN) == english
