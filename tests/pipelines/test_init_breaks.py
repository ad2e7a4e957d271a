"""Breaks that a file shows by itself: proposed by date, and never with a value."""

from __future__ import annotations

import random
from datetime import date

from pipelines.init import init
from pipelines.init_breaks import _jump


def monthly(rows):

    return [date(2022 + n // 12, n % 12 + 1, 1) for n in range(len(rows))], rows


def test_a_jump_is_found_at_its_month_and_noise_and_season_are_none():
    steady = [100 + (-1) ** n * 5 for n in range(24)]
    assert list(_jump(*monthly(steady))) == []
    jumped = steady[:11] + [2 * rows for rows in steady[11:]]
    [day] = _jump(*monthly(jumped))
    assert (day.year, day.month) == (2022, 12)
    assert list(_jump(*monthly([5, 4, 6] * 4 + [10, 12, 9] * 4))) == []  # too few to tell


def test_init_asks_about_new_codes_by_date_and_writes_no_code(tmp_path):
    rng = random.Random(1)
    rows = ["CPR;Dato;Art"]
    for n in range(3000):
        number = f"{61 + n // 3 % 28:02d}{1 + n // 3 % 12:02d}30{n // 3:04d}"
        month = n % 24
        kind = ("Xylofon", "Yatzy")[rng.randrange(2)] if month < 14 else "Zeppelin"
        rows.append(f"{number};05-{month % 12 + 1:02d}-{2022 + month // 12};{kind}")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "besoeg.csv").write_text("\n".join(rows), encoding="utf-8")
    init(inbox, tmp_path / "ud")
    [text] = [path.read_text(encoding="utf-8") for path in (tmp_path / "ud" / "contracts").glob("*.yaml")]
    asked = [line for line in text.splitlines() if "brud" in line or "breaks" in line]
    assert any("2023-03-01" in line for line in asked)
    assert not any(code in line for line in asked for code in ("Xylofon", "Yatzy", "Zeppelin"))


def test_init_asks_about_a_jump_in_a_file_of_one_column_a_week(tmp_path):
    weeks = [f"{2022 + n // 52}{n % 52 + 1:02d}" for n in range(104)]
    rows = [";".join(["CPR", *(f"u_{week}" for week in weeks)])]
    for n in range(200):
        number = f"{61 + n % 28:02d}{1 + n % 12:02d}30{n:04d}"
        # Hours in one week of four, and from week 10 of 2023 (6 March) in every week.
        cells = [str(1 + (n + week) % 7) if week >= 61 or (n + week) % 4 == 0 else "" for week in range(104)]
        rows.append(";".join([number, *cells]))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "timer.csv").write_text("\n".join(rows), encoding="utf-8")
    init(inbox, tmp_path / "ud")
    [text] = [path.read_text(encoding="utf-8") for path in (tmp_path / "ud" / "contracts").glob("*.yaml")]
    assert "u_*" in text
    assert "yyyyww" in text
    asked = [line for line in text.splitlines() if "brud" in line or "breaks" in line]
    assert any("2023-03-01" in line for line in asked)
