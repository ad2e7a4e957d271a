"""A synthetic municipality: ten registers and more, as messy as real ones, and a truth that only tests may read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.demo import (
    condition_registers,
    help_registers,
    hospital_registers,
    messy,
    names,
    people_registers,
    region_registers,
)
from pipelines.demo.people import Residents, draw_residents
from pipelines.demo.world import DECOYS, OUTCOME, Planted, World, draw_world

__all__ = ["Identities", "Truth", "make_municipality", "truth_identities"]

CPR_FILE = "D251001.L431101"
SMALL = 10_000  # residents; a smaller demo is for trying things out, and tests itself for a second only
Say = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What was planted, and what a naive analysis would take for a finding. Holds nothing about a person."""

    seed: int
    people: int
    null: bool
    outcome: str
    outcome_share: float
    planted: tuple[dict[str, object], ...]
    decoys: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """Every trace of a person that the inbox holds: what no file downstream may hold."""

    cprs: tuple[str, ...]  # ten digits
    names: tuple[str, ...]  # `Karen Holm` and `Holm, Karen`
    addresses: tuple[str, ...]
    phones: tuple[str, ...]  # eight digits


def make_municipality(
    folder: Path, *, people: int = 20_000, seed: int = 1, null: bool = False, say: Say | None = None
) -> Truth:
    """Write a workspace's inbox, contracts, study and truth: `people` residents of 65 or more, and others beside them.

    Same arguments, same bytes. `say` is told each file's name and its rows.
    """
    residents, world = draw(people=people, seed=seed, null=null)
    inbox = folder / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    _write_registers(inbox, residents, world, seed, say or (lambda name, rows: None))
    _copy_templates(folder, seed, small=people < SMALL)
    _districts().write_csv(folder / "districts.csv", separator=";")
    truth = truth_of(world, people=people, seed=seed, null=null)
    (folder / "truth.json").write_text(json.dumps(asdict(truth), ensure_ascii=False, indent=2) + "\n", "utf-8")
    return truth


def draw(*, people: int, seed: int, null: bool = False) -> tuple[Residents, World]:
    """Return the residents, and what is true of the older ones."""
    residents = draw_residents(people, np.random.default_rng([seed, 1]))
    return residents, draw_world(residents, np.random.default_rng([seed, 2]), null=null)


def truth_of(world: World, *, people: int, seed: int, null: bool) -> Truth:
    """Return the truth as it is written beside the inbox."""
    return Truth(
        seed=seed,
        people=people,
        null=null,
        outcome=OUTCOME,
        outcome_share=round(float(world.admitted.mean()), 4),
        planted=tuple(_planted(term) for term in world.planted),
        decoys=DECOYS,
    )


def truth_identities(*, people: int = 20_000, seed: int = 1) -> Identities:
    """Return every CPR number, name, address and phone number of the municipality, drawn again from its seed."""
    residents = draw_residents(people, np.random.default_rng([seed, 1]))
    full = np.char.add(np.char.add(residents.first_name, " "), residents.last_name)
    turned = np.char.add(np.char.add(residents.last_name, ", "), residents.first_name)
    return Identities(
        cprs=(*residents.cpr.tolist(), *(number for number in residents.former_cpr.tolist() if number)),
        names=tuple(sorted({*full.tolist(), *turned.tolist()})),
        addresses=tuple(residents.addresses["address"].to_list()),
        phones=tuple(residents.phone.tolist()),
    )


def _planted(term: Planted) -> dict[str, object]:
    return {
        "conditions": [{"column": column, "value": True} for column in term.columns],
        "order": len(term.columns),
        "log_odds": term.log_odds,
        "direction": "more" if term.log_odds > 0 else "fewer",
    }


def _write_registers(inbox: Path, residents: Residents, world: World, seed: int, say: Say) -> None:
    """Write one register after the other, each with random numbers of its own."""
    rngs = iter(np.random.default_rng([seed, 3, register]) for register in range(20))

    def csv(name: str, frame: pl.DataFrame, encoding: str) -> None:
        messy.write_csv(frame, inbox / name, encoding=encoding)
        say(name, len(frame))

    def workbook(name: str, sheets: dict[str, pl.DataFrame], above: tuple[str, ...] = ()) -> None:
        messy.write_workbook(inbox / name, sheets, above)
        say(name, sum(len(sheet) for sheet in sheets.values()))

    records = people_registers.cpr_records(residents, world, next(rngs))
    say(CPR_FILE, messy.write_fixed(records, inbox / CPR_FILE, made="20251001"))
    csv("cpr_haendelser_20251001.csv", people_registers.civil_events(residents, world, next(rngs)), "cp1252")
    above = ("Boliger og plejecentre", "Filter: alle boligtyper, udtrukket 02-10-2025", "")
    workbook("boligliste.xlsx", {"Boliger": people_registers.dwellings(residents, world, next(rngs))}, above)
    csv("indsatser_udtraek.csv", help_registers.grants(residents, world, next(rngs)), "cp1252")
    stays = hospital_registers.draw_stays(residents, world, next(rngs))
    for month, frame in help_registers.visits(residents, world, stays, next(rngs)).items():
        csv(f"levering_{month}.csv.gz", frame, "utf-8-sig")
    messages = hospital_registers.advis(residents, world, stays, next(rngs))
    messages.write_parquet(inbox / "advis.parquet")
    say("advis.parquet", len(messages))
    csv("GOP_forloeb.csv", hospital_registers.rehabilitation_plans(residents, world, next(rngs)), "cp1252")
    workbook("sygedagpenge.xlsx", hospital_registers.sick_pay(residents, world, next(rngs)))
    workbook("FHB 2022-25.xlsx", {"FHB": hospital_registers.preventive_visits(residents, world, next(rngs))})
    for version, frame in condition_registers.conditions(residents, world, next(rngs)).items():
        csv(f"tilstande_fsiii_{version}.csv", frame, "utf-8")
    csv("koes_lpr3.csv", region_registers.contacts(residents, stays, next(rngs)), "utf-8")
    fees = region_registers.fees(residents, next(rngs))
    messy.write_csv(fees, inbox / "ssik_2025.txt", encoding="utf-16", separator="\t")
    say("ssik_2025.txt", len(fees))


def _copy_templates(folder: Path, seed: int, *, small: bool) -> None:
    """Copy the study, the contracts and the words about findings that people have written.

    The key bears the seed that it is made from: two demos of different seeds do not take each other's key.
    """
    package = resources.files("pipelines.demo")
    for name in ("contracts", "fund"):
        with resources.as_file(package / name) as source:
            shutil.copytree(source, folder / name, dirs_exist_ok=True)
    study = (package / "study.toml").read_text("utf-8")
    study = study.replace('\nkey = "demo"\n', f'\nkey = "demo-{seed}"\n').replace("\nseed = 1\n", f"\nseed = {seed}\n")
    if small:
        study = study.replace("\nself_test_seconds = 7\n", "\nself_test_seconds = 1\n")
    (folder / "study.toml").write_text(study, "utf-8")


def _districts() -> pl.DataFrame:
    """Return which road lies in which district."""
    codes = [f"{road * 7 + 12:04d}" for road in range(len(names.streets()))]
    return pl.DataFrame({"vejkode": codes, "distrikt": help_registers.district_of(pl.Series(codes))})
