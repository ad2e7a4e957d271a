"""Attacks 10 and 11: plant people in free text, in every writing, and look for them in what comes out."""

import re

import numpy as np
import polars as pl

from pseudonymisation import cpr
from pseudonymisation.free_text import redact_column

random = np.random.default_rng(9)
FIRST = ["Anna", "Bo", "Xhemile", "Nguyễn", "Þórdís", "Jens-Peter", "Åse", "Olufunmilayo", "Line", "Per"]
LAST = ["Jensen", "Skov", "Abdirahman", "Qvortrup", "Møller", "Rugholm", "Vest", "O'Reilly", "von Haven", "Yıldız"]
ROADS = ["Nygade", "Lille Æblehegn", "Præstøen", "Gl. Landevej", "Skovvænget"]
PEOPLE = 400
CPRS = [f"{61 + n % 30}{1 + n % 12:02d}{30 + n % 30}{1_000 + n:04d}" for n in range(PEOPLE)]  # day + 60: nobody
NAMES = [f"{FIRST[n % 10]} {LAST[n // 10 % 10]}" for n in range(PEOPLE)]
ADDRESSES = [f"{ROADS[n % 5]} {1 + n // 5}" for n in range(PEOPLE)]
PHONES = [f"95{n:02d} {n * 7 % 10_000:04d}" for n in range(100, 100 + PEOPLE)]
FRAMES = [
    "Borger ({cpr}) var ved godt mod i dag.",
    "Talt med {name} om besøget. Bor {address}.",
    "{name}, cpr {cpr}, ringer fra {phone}.",
    "I dag kl. 10: {name} faldt ved {address}; BT 141/82",
    "Se{cpr}",
]


def notes():
    """Notes with their own person in them, and the truth about what must not come out."""
    texts, truth = [], []
    for n in range(PEOPLE):
        spelled = cpr.spellings(CPRS[n])
        planted = {
            "cpr": spelled[n % len(spelled)],
            "name": NAMES[n],
            "address": ADDRESSES[n],
            "phone": f"95{n % 100:02d} {n:04d}",
        }
        frame = FRAMES[n % len(FRAMES)]
        texts.append(frame.format(**planted))
        truth.append({kind: text for kind, text in planted.items() if f"{{{kind}}}" in frame})
    return texts, truth


TEXTS, TRUTH = notes()


def left(texts):
    """What an attacker who looks for the known people finds, by kind. A name: its rarer part, as a word of its own."""
    found = dict.fromkeys(("cpr", "name", "address", "phone"), 0)
    for text, planted in zip(texts, TRUTH, strict=True):
        for kind, value in planted.items():
            if kind == "name":
                found[kind] += any(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) for part in value.split())
            else:
                found[kind] += value in text
    return found


def test_the_usual_pattern_leaves_most_people_in_the_text():
    usual = [re.sub(r"\b[0-9]{6}-?[0-9]{4}\b", "[CPR]", text) for text in TEXTS]
    found = left(usual)
    assert found["cpr"] > 100  # the attack works: dots, spaces, O for 0, glued to a word
    assert found["name"] > 200


def test_with_the_registers_own_lists_nobody_is_left():
    made = redact_column(pl.Series("notat", TEXTS), names=set(NAMES), addresses=set(ADDRESSES))
    assert left(made.texts) == {"cpr": 0, "name": 0, "address": 0, "phone": 0}
    assert {"CPR", "NAVN", "ADRESSE", "TELEFON"} <= set(made.counts)


def test_without_lists_every_number_is_gone_and_few_names_are_left():
    made = redact_column(pl.Series("notat", TEXTS))
    found = left(made.texts)
    assert (found["cpr"], found["phone"]) == (0, 0)
    names = sum("name" in planted for planted in TRUTH)
    assert found["name"] <= 0.15 * names  # mostly "Nguyễn Vest faldt": unlisted, first in the sentence, and a word too


def test_what_a_nurse_needs_is_kept():
    made = redact_column(pl.Series("notat", TEXTS), names=set(NAMES), addresses=set(ADDRESSES)).texts.to_list()
    assert all("var ved godt mod i dag." in text for text in made[0::5])
    assert all("BT 141/82" in text for text in made[3::5])
