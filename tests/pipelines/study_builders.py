"""A small study in TOML, and the ways in which a test changes it."""

from __future__ import annotations

from pathlib import Path

from pipelines.study import Study, read_study

HEAD = """
id = "prøve"
demo = true
title = {da = "Prøve", en = "Trial"}
purpose = {da = "At prøve", en = "To try"}
key = "demo"
reference_date = 2025-01-01
"""
POPULATION = """
[population]
from = "cpr"
label = {da = "ældre", en = "older people"}
definition = {da = "alle", en = "all"}
"""
CHARACTERISTIC = """
[[characteristic]]
name = "faldt"
from = "besoeg"
rule = "any"
date = "dag"
window = [-180, 0]
label = {da = "fald", en = "fall"}
"""
WORDS = """
label = {da = "x", en = "x"}
more = {da = "x", en = "x"}
fewer = {da = "x", en = "x"}
past = {da = "x", en = "x"}
"""
OUTCOME = (
    """
[[outcome]]
name = "indlagt"
from = "besoeg"
rule = "any"
date = "dag"
window = [1, 91]
"""
    + WORDS
)


def study_text(*parts: str, head: str = HEAD, population: str = POPULATION, outcome: str = OUTCOME) -> str:
    """A whole study; with no parts it has one characteristic."""
    return (head.replace("prøve", "proeve") + population + "".join(parts or (CHARACTERISTIC,)) + outcome).lstrip()


def characteristic(name: str, body: str, *, register: str = "besoeg", kind: str = "characteristic") -> str:
    return f'\n[[{kind}]]\nname = "{name}"\nfrom = "{register}"\n{body}\nlabel = {{da = "{name}", en = "{name}"}}\n'


def written(folder: Path, text: str) -> Study:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return read_study(folder)
