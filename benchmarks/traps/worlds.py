"""The fifteen worlds: in each, nobody's combination does anything to the outcome, and careless handling finds one.

A world is drawn once; its towns differ in what the contracts and the study say of it. `careless` is the twin with the
guard off. `honest` is the careless study with contracts that tell the truth, where the guard is a refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from benchmarks.traps.town import (
    Flags,
    Register,
    Rng,
    Town,
    came,
    events,
    fact,
    had,
    home,
    noise,
    people,
    study,
)  # fmt: skip
from benchmarks.worlds import care_home_world
from pipelines.study import Characteristic, Study

COUNT = 6_000
ALWAYS = 'is = ["J"]\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The towns of one draw."""

    guarded: Town
    careless: Town
    honest: Town | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """A trap of the table: `guard` in words; `refusal` is the error that `check` names, `flag` the mark on a card."""

    number: int
    name: str
    guard: str
    world: Callable[[Rng], World]
    refusal: str = ""
    flag: str = ""
    leak_off: bool = False  # the twin is taken without the leak check


def _some(rng: Rng, share: Any, count: int = COUNT) -> Flags:
    return np.asarray(rng.uniform(size=count) < share, dtype=np.bool_)


def _pair(who: pl.DataFrame, rng: Rng, *flags: tuple[Flags, str], **own: Any) -> Register:
    return events(*((who, has, rng.integers(-300, -5, who.height), code) for has, code in flags), **own)


def _outcome(who: pl.DataFrame, rng: Rng, yes: Flags, **own: Any) -> Register:
    return events((who, yes, rng.integers(1, 91, who.height), "indlagt"), **own)


def immortal_time(rng: Rng) -> World:
    """Completing takes 60 days. The frail who die do so early, the others at any time."""
    who = people(COUNT)
    frail, started, before = _some(rng, 0.45), _some(rng, 0.6), _some(rng, 0.2)
    dies = _some(rng, np.where(frail, 0.5, 0.15))
    day = np.where(frail, rng.integers(1, 61, COUNT), rng.integers(1, 91, COUNT))
    ends = np.where(before, rng.integers(-60, 0, COUNT), 60)  # began long before the index date, or on it
    done = started & (before | ~dies | (day > 60))
    registers = {
        "cpr": home(who), "stoej": noise(rng, who), "a": _pair(who, rng, (frail, "svag")),
        "gop": events((who, done, ends, "afsluttet")), "ud": events((who, dies, day, "indlagt")),
    }  # fmt: skip
    parts = (had("svag", "a", "svag"), came("ud"))
    careful = study(had("gennemfoert", "gop", "afsluttet", (-60, 0)), *parts)

    def looks_ahead(one: Study) -> Study:
        return replace(one, characteristics=tuple(_until(each, 61) for each in one.characteristics))

    return World(
        guarded=Town(registers=registers, study=careful),
        careless=Town(registers=registers, study=careful, change=looks_ahead),
        honest=Town(registers=registers, study=study(had("gennemfoert", "gop", "afsluttet", (-60, 61)), *parts)),
    )


def _until(one: Characteristic, day: int) -> Characteristic:
    if one.name != "gennemfoert" or one.window is None:
        return one
    return replace(one, window=(one.window[0], day))


def overwritten(rng: Rng) -> World:
    """Today's civil status: of those with an illness, the outcome made widows."""
    ill, yes, widow = _some(rng, 0.4), _some(rng, 0.2), _some(rng, 0.2)
    now = widow | (ill & yes & _some(rng, 0.4))
    who = people(COUNT, enke=np.where(now, "J", "N"))
    rest = {
        "stoej": noise(rng, who), "a": _pair(who, rng, (ill, "syg"), (widow, "enke")), "ud": _outcome(who, rng, yes),
    }  # fmt: skip
    careless = study(fact("enke", "enke", more=ALWAYS), had("syg", "a", "syg"), came("ud"))
    careful = study(had("enke", "a", "enke"), had("syg", "a", "syg"), came("ud"))
    true = home(who, of={"enke": {"time": "snapshot"}}, extracted="2025-06-01")
    return World(
        guarded=Town(registers={"cpr": true, **rest}, study=careful),
        careless=Town(registers={"cpr": home(who), **rest}, study=careless),
        honest=Town(registers={"cpr": true, **rest}, study=careless),
    )


def newcomers(rng: Rng) -> World:
    """Who moved in within 100 days has no rows of the year before, and fares worse."""
    new = _some(rng, 0.15)
    came_on = np.where(new, rng.integers(-100, 0, COUNT), -3000).astype(np.int32)
    who = people(COUNT, tilflyttet=came_on)
    a, b = (_some(rng, 0.6) & ~new for _ in "ab")
    yes = _some(rng, np.where(new, 0.5, 0.12))
    registers = {
        "cpr": home(who), "stoej": noise(rng, who), "a": _pair(who, rng, (a, "a"), (b, "b")),
        "ud": _outcome(who, rng, yes),
    }  # fmt: skip
    parts = (had("aldrig_a", "a", "a", rule="never"), had("aldrig_b", "a", "b", rule="never"), came("ud"))
    told = home(who, of={"tilflyttet": {"arrival": True}})
    return World(
        guarded=Town(registers={**registers, "cpr": told}, study=study(*parts)),
        careless=Town(registers=registers, study=study(*parts, off="run_in")),
        honest=Town(registers=registers, study=study(*parts)),
    )


def surveillance(rng: Rng) -> World:
    """Admissions are only known of those who are clients, and two things together make a client."""
    who = people(COUNT)
    a, b = _some(rng, 0.4), _some(rng, 0.4)
    client = _some(rng, np.where(a & b, 0.9, 0.35))
    rest = {
        "cpr": home(who), "stoej": noise(rng, who), "a": _pair(who, rng, (a, "a"), (b, "b")),
        "klienter": events((who, client, np.full(COUNT, -400), "k")),
    }  # fmt: skip
    seen = _some(rng, 0.3) & client
    text = study(had("a", "a", "a"), had("b", "a", "b"), came("ud"))
    only = {"register": "klienter", "date": "dag"}
    return World(
        guarded=Town(registers={**rest, "ud": _outcome(who, rng, seen, seen_for=only)}, study=text),
        careless=Town(registers={**rest, "ud": _outcome(who, rng, seen)}, study=text),
    )


def competing_death(rng: Rng) -> World:
    """A pair that makes death more common and does nothing else; the dead are not admitted."""
    a, b = _some(rng, 0.45), _some(rng, 0.45)
    dies = _some(rng, np.where(a & b, 0.6, 0.08))
    death = np.where(dies, rng.integers(2, 40, COUNT), 9999)
    admitted = rng.exponential(150.0, COUNT).astype(np.int64) + 1
    yes = np.asarray((admitted < death) & (admitted < 91), dtype=np.bool_)
    status = np.where(dies, "90", "01")
    who = people(COUNT, status=status, siden=np.where(dies, death, -9999).astype(np.int32))
    registers = {
        "cpr": home(who, of={"status": {"time": "snapshot"}}), "stoej": noise(rng, who),
        "a": _pair(who, rng, (a, "a"), (b, "b")), "ud": events((who, yes, admitted, "indlagt")),
    }  # fmt: skip
    left = 'left = {where = {status = ["90"]}, date = "siden", died = {status = ["90"]}}\n'
    parts = (had("a", "a", "a"), had("b", "a", "b"))
    return World(
        guarded=Town(registers=registers, study=study(*parts, came("ud", more='kind = "time"\n'), population=left)),
        careless=Town(registers=registers, study=study(*parts, came("ud"), population=left)),
    )


def to_the_mean(rng: Rng) -> World:
    """Everybody's rate is their own and stays; two noisy counts of it are cut."""
    count = 12_000
    rate = rng.gamma(0.25, 5.0, count)  # a year
    who = people(count)
    parts = []
    for first, last in ((-1095, -365), (-365, 0)):
        often = rng.poisson(rate * (last - first) / 365)
        for number in range(int(often.max())):
            parts.append((who, np.asarray(often > number), rng.integers(first, last, count), "indlagt"))
    after = np.asarray(rng.poisson(rate * 0.25) > 0)
    registers = {
        "cpr": home(who), "stoej": noise(rng, who), "foer": events(*parts), "ud": _outcome(who, rng, after),
    }  # fmt: skip
    chosen = (
        had("nylig", "foer", "indlagt", (-365, 0), rule="count", more="at_least = 3\n"),
        had("tidligere", "foer", "indlagt", (-1095, -365), rule="count", more="at_least = 6\n"),
        came("ud"),
    )
    return World(
        guarded=Town(registers=registers, study=study(*chosen)),
        careless=Town(registers=registers, study=study(*chosen, off="history")),
    )


def law_change(rng: Rng) -> World:
    """From a day in the window on, one district's clients have a second kind of row under the outcome's code."""
    north, client, yes = _some(rng, 0.35), _some(rng, 0.4), _some(rng, 0.15)
    who = people(COUNT, distrikt=np.where(north, "J", "N"))
    day = rng.integers(1, 91, COUNT)
    more = north & client & _some(rng, 0.3)
    both = ((who, yes, day, "indlagt"), (who, more, rng.integers(31, 91, COUNT), "indlagt"))
    rest = {"cpr": home(who), "stoej": noise(rng, who), "a": _pair(who, rng, (client, "klient"))}
    changed = [{"date": "2025-02-01", "what": "advis om sygehusophold", "columns": ["kode"], "mapping": "none"}]
    true = {**rest, "ud": events(*both, breaks=changed)}
    chosen = (fact("nord", "distrikt", more=ALWAYS), had("klient", "a", "klient"))
    return World(
        guarded=Town(registers=true, study=study(*chosen, came("ud", window=(1, 31)))),
        careless=Town(registers={**rest, "ud": events(*both)}, study=study(*chosen, came("ud"))),
        honest=Town(registers=true, study=study(*chosen, came("ud"))),
    )


def care_homes(rng: Rng) -> World:
    """Norovirus: the outcome goes by the care home alone, and so do some characteristics."""
    drawn = care_home_world(rng, people=5_000, homes=25, shared=0.9)
    who = people(drawn.height).with_columns(husstand="h" + drawn["household"].cast(pl.String))
    names = [name for name in drawn.columns if name.startswith("c")]
    registers = {
        "cpr": home(who), "stoej": noise(rng, who),
        "a": _pair(who, rng, *((drawn[name].to_numpy(), name) for name in names)),
        "ud": _outcome(who, rng, drawn["outcome"].to_numpy()),
    }  # fmt: skip
    parts = [*(had(name, "a", name) for name in names), came("ud")]
    return World(
        guarded=Town(registers=registers, study=study(*parts, population='cluster = "husstand"\n')),
        careless=Town(registers=registers, study=study(*parts)),
    )


def indication(rng: Rng) -> World:
    """Need gives two services and the outcome; it is measured with noise."""
    need = rng.normal(size=COUNT)
    a, b = (np.asarray(need + rng.normal(0, 0.5, COUNT) > 0.1) for _ in "ab")
    yes = _some(rng, np.where(need > 1.1, 0.6, 0.08))
    who = people(COUNT, niveau=np.clip(np.round(need + rng.normal(0, 1.0, COUNT)), -3, 3).astype(np.int64))
    rest = {"cpr": home(who), "stoej": noise(rng, who), "ud": _outcome(who, rng, yes)}
    given = ((a, "pleje"), (b, "mad"))
    text = study(
        had("pleje", "a", "pleje"), had("mad", "a", "mad"), fact("niveau", "niveau", kind="adjust"), came("ud")
    )
    return World(
        guarded=Town(registers={**rest, "a": _pair(who, rng, *given, service=True)}, study=text),
        careless=Town(registers={**rest, "a": _pair(who, rng, *given)}, study=text),
    )


def collider(rng: Rng) -> World:
    """Two things and a hidden one each make a client; only the hidden one does anything."""
    who = people(COUNT)
    a, b, hidden = _some(rng, 0.35), _some(rng, 0.35), _some(rng, 0.3)
    client = a | b | hidden
    yes = _some(rng, np.where(hidden, 0.5, 0.08))
    clients = who.filter(pl.Series(client)).with_columns(dag=pl.lit(-400, dtype=pl.Int32))
    registers = {
        "cpr": home(who), "stoej": noise(rng, who), "a": _pair(who, rng, (a, "a"), (b, "b")),
        "klienter": home(clients, population=False), "ud": _outcome(who, rng, yes),
    }  # fmt: skip
    parts = (had("a", "a", "a"), had("b", "a", "b"), came("ud"))
    return World(
        guarded=Town(registers=registers, study=study(*parts, source="klienter")),
        careless=Town(registers=registers, study=study(*parts, source="klienter", off="selection")),
    )


def scale(rng: Rng) -> World:
    """Two risks that add, and nothing more together: on the odds' scale that is an absence."""
    who = people(COUNT)
    a, b = _some(rng, 0.45), _some(rng, 0.45)
    yes = _some(rng, 0.04 + 0.25 * a + 0.3 * b)
    registers = {
        "cpr": home(who), "stoej": noise(rng, who), "a": _pair(who, rng, (a, "a"), (b, "b")),
        "ud": _outcome(who, rng, yes),
    }  # fmt: skip
    town = Town(registers=registers, study=study(had("a", "a", "a"), had("b", "a", "b"), came("ud")))
    return World(guarded=town, careless=town)


def rules(rng: Rng) -> World:
    """A visit is offered to those of 75 who live alone, and to nobody else."""
    age, alone = rng.integers(65, 95, COUNT), _some(rng, 0.45)
    may = np.asarray((age >= 75) & alone)
    who = people(COUNT, alder=age.astype(np.int64), alene=np.where(alone, "J", "N"))
    yes = (may & _some(rng, 0.3)) | _some(rng, 0.08)
    yes_by_rule = yes & may
    typed = yes & ~may  # typed on the wrong person: the rule is not quite kept
    rest = {"cpr": home(who), "stoej": noise(rng, who)}
    text = study(
        fact("gammel", "alder", more="at_least = 75\n"), fact("alene", "alene", more=ALWAYS), came("ud"),
        population='age = "alder"\n',
    )  # fmt: skip
    by_rule = {"min_age": 75, "where": {"alene": ["J"]}}
    seen = yes_by_rule | typed
    return World(
        guarded=Town(registers={**rest, "ud": _outcome(who, rng, seen, eligibility=by_rule)}, study=text),
        careless=Town(registers={**rest, "ud": _outcome(who, rng, seen)}, study=text),
    )


def coarse_age(rng: Rng) -> World:
    """Age alone, steeply curved; two characteristics that the oldest have."""
    age = rng.integers(65, 96, COUNT)
    a, b = (np.asarray(age + rng.normal(0, 2.5, COUNT) > 84) for _ in "ab")
    yes = _some(rng, np.where(age < 91, 0.07, 0.6))
    who = people(COUNT, alder=age.astype(np.int64))
    registers = {
        "cpr": home(who), "stoej": noise(rng, who), "a": _pair(who, rng, (a, "a"), (b, "b")),
        "ud": _outcome(who, rng, yes),
    }  # fmt: skip
    parts = (had("a", "a", "a"), had("b", "a", "b"), came("ud"))
    parts = (*parts, fact("over_80", "alder", kind="adjust", more="at_least = 80\n"))
    aged = 'age = "alder"\n'
    return World(
        guarded=Town(registers=registers, study=study(*parts, population=aged)),
        careless=Town(registers=registers, study=study(*parts, population=aged, off="age")),
    )


def season(rng: Rng) -> World:
    """Everybody has an index date of their own; winter brings the outcome, and two things that are done in winter."""
    month = rng.integers(1, 13, COUNT)
    winter = np.isin(month, (12, 1, 2))
    a, b = _some(rng, np.where(winter, 0.5, 0.05)), _some(rng, np.where(winter, 0.5, 0.05))
    yes = _some(rng, np.where(winter, 0.6, 0.08))
    who = people(COUNT, maaned=[f"m{one:02d}" for one in month])
    registers = {
        "cpr": home(who), "stoej": noise(rng, who), "a": _pair(who, rng, (a, "a"), (b, "b")),
        "ud": _outcome(who, rng, yes),
    }  # fmt: skip
    parts = (had("a", "a", "a"), had("b", "a", "b"), came("ud"))
    unseen = {**registers, "cpr": home(who.drop("maaned"))}
    return World(
        guarded=Town(registers=registers, study=study(*parts, dated=False)),
        careless=Town(registers=registers, study=study(*parts, dated=False, off="season")),
        honest=Town(registers=unseen, study=study(*parts, dated=False)),
    )


def leak(rng: Rng) -> World:
    """A visit booked before the index date is cancelled afterwards, by the admission; one provider's is less sure."""
    who = people(COUNT)
    private, yes = _some(rng, 0.25), _some(rng, 0.2)
    off = (yes & _some(rng, 0.7)) | (~yes & _some(rng, np.where(private, 0.03, 0.0005)))
    registers = {
        "cpr": home(who), "stoej": noise(rng, who), "a": _pair(who, rng, (private, "privat")),
        "levering": events((who, off, rng.integers(-5, 0, COUNT), "Aflyst indlagt")), "ud": _outcome(who, rng, yes),
    }  # fmt: skip
    parts = (had("aflyst", "levering", "Aflyst indlagt"), had("privat", "a", "privat"), came("ud"))
    town = Town(registers=registers, study=study(*parts))
    return World(guarded=town, careless=town)


TRAPS = (
    Trap(number=1, name="Immortal time", world=immortal_time, refusal="study_look_ahead",
         guard="a window that ends after the index date is refused; only what was completed before it counts"),
    Trap(number=2, name="Look-ahead by overwritten columns", world=overwritten, refusal="meaning_snapshot",
         guard="a snapshot is refused before its extraction; the dated rows are used"),
    Trap(number=3, name="Left truncation", world=newcomers, refusal="study_guard_run_in",
         guard="a contract that says when people came (`arrival`): of who came within a window nothing is known"),
    Trap(number=4, name="Surveillance", world=surveillance,
         guard="`seen_for`: of who cannot be seen, the outcome is unknown"),
    Trap(number=5, name="Competing death", world=competing_death,
         guard="`kind = \"time\"`: followed until death, and no longer"),
    Trap(number=6, name="Regression to the mean", world=to_the_mean,
         guard="a longer history is put in the background"),
    Trap(number=7, name="Coding and law changes", world=law_change, refusal="meaning_break",
         guard="a window over a declared break is refused; it ends before the break"),
    Trap(number=8, name="Households, care homes", world=care_homes,
         guard="`cluster`: the lock is drawn, and the decision made, by home"),
    Trap(number=9, name="Confounding by indication", world=indication, flag="service",
         guard="`service`: a card with a help given by need carries the objection"),
    Trap(number=10, name="Collider by selection", world=collider, flag="selection",
         guard="where the population is a register of clients, each card's objection says so"),
    Trap(number=11, name="Scale", world=scale, flag="scale",
         guard="a card that holds on one scale only says so"),
    Trap(number=12, name="Rule-made combinations", world=rules,
         guard="`eligibility`: outside the rule nothing is defined"),
    Trap(number=13, name="Coarse confounder", world=coarse_age,
         guard="whole years of age are put in the background, as a curve"),
    Trap(number=14, name="Season", world=season, refusal="study_guard_season",
         guard="the month of the index date is put in the background; a study without one is refused"),
    Trap(number=15, name="Outcome leak", world=leak, leak_off=True,
         guard="the column is named and left out"),
)  # fmt: skip
