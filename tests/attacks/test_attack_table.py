"""The table of attacks on the page is the suite's: the same attackers, in the same order, and every file is there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.attacks.suite import ATTACKS
from tools import attack_table

ROOT = Path(__file__).resolve().parents[2]


def on_the_page() -> list[tuple[str, str]]:
    page = attack_table.PAGE.read_text(encoding="utf-8")
    table = page.split(attack_table.START)[1].split(attack_table.END)[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", table, flags=re.M)
    return list(dict.fromkeys((number.strip(), name.strip()) for number, name in rows if number.strip() in ATTACKS))


def test_the_pages_list_of_attacks_is_the_suites():
    assert on_the_page() == [(number, attack.name) for number, attack in ATTACKS.items()]


def test_every_attacks_files_are_there_and_tell_their_row():
    for number, attack in ATTACKS.items():
        texts = [(ROOT / "tests" / file).read_text(encoding="utf-8") for file in attack.files]
        told = any(re.search(rf'attack_row\.(row|case)\(\s*("{number}"|number)', text) for text in texts)
        assert told or number == "14", f"attack {number} tells no row"  # 14 has a clock, and stands outside the tests


def test_an_attack_that_told_nothing_is_no_attack_that_held():
    (first, *_) = [row for row in attack_table.cells([]) if row[0] == "1"]
    assert first[-1] == "NOT MEASURED"
    short = {"number": "1", "tried": "a", "twin": "b", "result": "c", "limit": "d", "held": False, "short": "why"}
    assert attack_table.cells([short])[0][-1] == "FALLS SHORT"
    assert attack_table.cells([{**short, "short": ""}])[0][-1] == "FAILED"
    assert attack_table.cells([{**short, "held": True}])[0][-1] == "held"
