"""A town of a few thousand made-up people: its registers, contracts and study, taken the way that a run takes.

`through` writes contracts and study as a workspace has them and calls the product's own code on them: the readers,
`check`'s refusals, what contracts carry into a study, the cohort's query, the locked part by household, search,
confirmation, and the cards.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from analysis import CannotSearch, Settings, confirm, define, looker, search
from analysis.values import Discovery
from pipelines.cohort import build_cohort
from pipelines.contracts import read_contracts
from pipelines.doubts import proposed_objection
from pipelines.errors import InputErrors
from pipelines.findings import numbered
from pipelines.gate import Gate
from pipelines.meaning import carried, extraction_days
from pipelines.release import gate_findings
from pipelines.split import draw_lock
from pipelines.study import Study, read_study
from pipelines.study_check import check_contracts
from pipelines.words import both, study_words
from reports.values import Card, CardNotes

Rng = np.random.Generator
Flags = np.ndarray[Any, np.dtype[np.bool_]]
INDEX = date(2025, 1, 1)
LOCK = 0.3
NOISE = 5  # characteristics that have nothing to do with anything
WORDS = 'label = {da = "x", en = "x"}\n'
HEAD = """id = "faelde"
demo = true
title = {da = "x", en = "x"}
purpose = {da = "x", en = "x"}
key = "demo"
self_test_seconds = 0
"""
OUTCOME = 'more = {da = "x", en = "x"}\nfewer = {da = "x", en = "x"}\npast = {da = "x", en = "x"}\n'


@dataclass(frozen=True, slots=True)
class Register:
    """A pseudonymised register, and what its contract says: of each column, and of the whole."""

    frame: pl.DataFrame
    columns: Mapping[str, Mapping[str, Any]]
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One study of one town. `change` does to the study what its own readers would refuse: for twins only."""

    registers: Mapping[str, Register]
    study: str
    change: Callable[[Study], Study] = lambda study: study


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of it: refused by these error keys, or searched."""

    refused: tuple[str, ...] = ()
    found: Discovery | None = None
    cards: tuple[Card, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """Columns that were left out because they give the outcome away."""
        return self.found.leaked if self.found is not None else ()


def through(town: Town, seed: int) -> Answer:
    """Take a town's study as far as it goes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "study.toml").write_text(town.study, encoding="utf-8")
        (folder / "contracts").mkdir()
        for register, held in town.registers.items():
            text = yaml.safe_dump(_document(register, held), allow_unicode=True)
            (folder / "contracts" / f"{register}.yaml").write_text(text, encoding="utf-8")
        try:
            study = read_study(folder)
            contracts = read_contracts(folder)
        except InputErrors as errors:
            return Answer(refused=tuple(error.key for error in errors.errors))
    errors_found = check_contracts(study, contracts, extraction_days(contracts, None))
    if errors_found:
        return Answer(refused=tuple(error.key for error in errors_found))
    study = carried(town.change(study), contracts)
    frames = {register: held.frame for register, held in town.registers.items()}
    return _searched(study, build_cohort(study, frames.__getitem__).frame, seed)


def _searched(study: Study, cohort: pl.DataFrame, seed: int) -> Answer:
    outcome = study.outcomes[0]
    cohort = cohort.filter(pl.col(outcome.name).is_not_null())
    key = hashlib.sha256(f"traps/{seed}".encode()).digest()
    cohort = cohort.with_columns(draw_lock(cohort["cluster"], key=key, share=LOCK).alias("locked"))
    settings = Settings(
        max_order=study.max_order, scale=study.scale, alpha=study.alpha, floor_people=study.limits.search_floor,
        floor_expected=study.limits.search_expected, seed=study.seed, threads=1,
    )  # fmt: skip
    names = [variable.name for variable in study.characteristics]
    definitions = define(cohort.select(names), columns=names, settings=settings)
    searched, locked = cohort.filter(~pl.col("locked")), cohort.filter(pl.col("locked"))
    try:
        found = search(
            searched, definitions, outcome=outcome.name, kind=outcome.kind, follow_up=outcome.follow_up,
            adjust=[variable.name for variable in study.adjust], cluster="cluster", settings=settings,
            look=looker(searched, settings=settings),
        )  # fmt: skip
    except CannotSearch as error:
        return Answer(refused=(f"search_{error.code}",))
    leads = [one for one in found.findings if one.status == "discovered"]
    if leads:
        found = confirm(
            found, locked, definitions, leads, cluster="cluster", settings=settings,
            look=lambda _one, people: looker(people, settings=settings),
        )  # fmt: skip
    gate = Gate(key=key, smallest_group=10, smallest_difference=5)
    items = numbered(found.findings, prefix="F-")
    gated = gate_findings(
        found, items, gate=gate, publish_from="confirmed", columns=study_words(study),
        notes={item.id: CardNotes(objection=proposed_objection(item.finding, study_words(study))) for item in items},
        objection=both("objection.shared_cause"), service_objection=both("objection.service"),
    )  # fmt: skip
    return Answer(found=found, cards=gated.cards)


# --- registers -------------------------------------------------------------------------------------------------------

KEEP: Mapping[str, Any] = {"role": "plain", "time": "historic"}
DAY: Mapping[str, Any] = {"role": "date", "logicalType": "date", "time": "event"}
STANDARD = ("logicalType",)


def people(count: int, **columns: Any) -> pl.DataFrame:
    """One row a person: a household of their own, unless the columns say otherwise."""
    names = [f"p{place:05d}" for place in range(count)]
    return pl.DataFrame({"person": names, "husstand": names, **columns})


def home(frame: pl.DataFrame, *, of: Mapping[str, Mapping[str, Any]] | None = None, **own: Any) -> Register:
    """The register that says who exists; every column is true on its day, unless `of` says otherwise."""
    columns: dict[str, Mapping[str, Any]] = {}
    for name, dtype in frame.schema.items():
        if name == "husstand":
            columns[name] = {"role": "linking_identifier", "kind": "household"}
        elif name != "person":
            kind = {"logicalType": "integer"} if dtype == pl.Int64 else {}
            columns[name] = {**(DAY if dtype == pl.Int32 else {**KEEP, **kind}), **(of or {}).get(name, {})}
    return Register(frame, columns, {"population": True, **own})


def events(*parts: tuple[pl.DataFrame, Flags, Any, str], **own: Any) -> Register:
    """A register of dated events. Each part: the people, who of them, the day of each of all, and the code."""
    rows = [
        pl.DataFrame(
            {"person": who["person"].filter(pl.Series(has)), "dag": np.asarray(day)[has].astype(np.int32)}
        ).with_columns(kode=pl.lit(code))
        for who, has, day, code in parts
    ]
    service = own.pop("service", False)
    of_code = {"role": "plain", "time": "event", **({"service": True} if service else {})}
    return Register(pl.concat(rows), {"dag": DAY, "kode": of_code}, {"time": "event", **own})


def noise(rng: Rng, who: pl.DataFrame) -> Register:
    """Codes n0, n1, ... in the year before the index date, that nothing has to do with."""
    return events(
        *((who, rng.uniform(size=who.height) < share, rng.integers(-360, 0, who.height), f"n{place}")
          for place, share in enumerate(np.linspace(0.2, 0.5, NOISE)))
    )  # fmt: skip


def _document(register: str, held: Register) -> dict[str, Any]:
    def column(name: str, of: Mapping[str, Any]) -> dict[str, Any]:
        own = [{"property": key, "value": value} for key, value in of.items() if key not in STANDARD]
        return {"name": name, **{key: of[key] for key in STANDARD if key in of}, "customProperties": own}

    properties = [column("person", {"role": "person_identifier"})]
    return {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": register, "version": "1.0.0", "status": "active",
        "name": register, "description": {"purpose": "x"},
        "customProperties": [{"property": name, "value": value} for name, value in held.own.items()],
        "schema": [
            {"name": register, "physicalName": f"{register}.csv",
             "properties": properties + [column(name, of) for name, of in held.columns.items()]}
        ],
    }  # fmt: skip


# --- studies ---------------------------------------------------------------------------------------------------------


def study(*parts: str, population: str = "", source: str = "cpr", dated: bool = True, off: str = "") -> str:
    """A whole study.toml: who, the given parts, and the noise. `off`: a guard that the study says no to."""
    chosen = f'\n[population]\nfrom = "{source}"\n{population}{WORDS}definition = {{da = "x", en = "x"}}\n'
    index = f"reference_date = {INDEX.isoformat()}\n" if dated else ""
    quiet = [had(f"n{place}", "stoej", f"n{place}") for place in range(NOISE)]
    said = f'\n[guards]\n{off} = "for the twin"\n' if off else ""
    return HEAD + index + chosen + "".join([*parts, *quiet]) + said


def had(
    name: str, register: str, code: str, window: Sequence[int] = (-365, 0), *, rule: str = "any", more: str = ""
) -> str:
    """A characteristic: whether (or how often) a code was there in a window."""
    return _variable("characteristic", name, register, rule, more + _coded(code, window))


def fact(name: str, column: str, *, more: str = "", kind: str = "characteristic") -> str:
    """A characteristic or an adjustment: a column's value."""
    return _variable(kind, name, "cpr", "value", f'column = "{column}"\n{more}')


def came(register: str, code: str = "indlagt", window: Sequence[int] = (1, 91), *, more: str = "") -> str:
    """The outcome: whether a code came in the window after."""
    return _variable("outcome", "udfald", register, "any", more + OUTCOME + _coded(code, window))


def _coded(code: str, window: Sequence[int]) -> str:
    return f'where = {{kode = ["{code}"]}}\ndate = "dag"\nwindow = [{window[0]}, {window[1]}]\n'


def _variable(kind: str, name: str, register: str, rule: str, body: str) -> str:
    return f'\n[[{kind}]]\nname = "{name}"\nfrom = "{register}"\nrule = "{rule}"\n{body}{WORDS}'
