"""What the hospital and the training centre tell, the sick-pay cases and the preventive home visits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.demo.identities import Ints
from pipelines.demo.messy import between, danish, days, messed_up, no_code, no_date, remarks, short_cpr, spelled
from pipelines.demo.people import Residents
from pipelines.demo.world import World

NEW_MESSAGES_FROM = -639  # from 1 January 2024 one message type has taken the place of two


@dataclass(frozen=True, slots=True)
class Stays:
    """Every stay at the hospital. Shape of each array: (stays,); days are counted from the index date."""

    people: Ints
    admitted: Ints
    discharged: Ints
    acute: np.ndarray[tuple[int], np.dtype[np.bool_]]


def draw_stays(residents: Residents, world: World, rng: np.random.Generator) -> Stays:
    """Return the stays that make the characteristics and the outcome true, and stays after the outcome's window."""
    has, older = world.has, residents.older
    acute, planned, recent = has["akut_indlagt_1aar"], has["planlagt_indlagt"], has["udskrevet_30d"]
    parts: list[tuple[Ints, Ints, Ints, bool]] = []

    def add(who: Ints, admitted: Ints, is_acute: bool, discharged: Ints | None = None) -> None:
        stay = np.minimum(12, 1 + rng.geometric(0.3, len(who)))
        parts.append((who, admitted, admitted + stay if discharged is None else discharged, is_acute))

    for kind, is_acute, lately in ((acute, True, recent & acute), (planned, False, recent & ~acute)):
        who = np.flatnonzero(kind & ~lately)
        add(who, between(rng, len(who), -365, -45), is_acute)
        who = np.flatnonzero(lately)
        out = between(rng, len(who), -30, -1)
        add(who, out - rng.integers(1, 9, len(who)), is_acute, out)
    who = np.flatnonzero(has["indlagt_flere"])
    add(who, between(rng, len(who), -365, -45), True)
    who = np.flatnonzero(has["indlagt_tidligere"])
    add(who, between(rng, len(who), -1095, -380), True)
    who = np.flatnonzero(world.admitted)
    add(who, between(rng, len(who), 1, 90), True)
    who = np.flatnonzero(rng.random(older) < 0.03)
    add(who, between(rng, len(who), 91, 150), True)
    who = np.flatnonzero(rng.random(older) < 0.03)
    add(who, between(rng, len(who), 1, 150), False)
    return Stays(
        people=np.concatenate([who for who, *_ in parts]),
        admitted=np.concatenate([day for _, day, _, _ in parts]),
        discharged=np.concatenate([day for _, _, day, _ in parts]),
        acute=np.concatenate([np.full(len(who), is_acute) for who, _, _, is_acute in parts]),
    )


def advis(residents: Residents, world: World, stays: Stays, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row a message: admitted, discharged, seen as an acute outpatient, on leave."""
    has, older = world.has, residents.older
    seen = np.flatnonzero(has["akut_ambulant"])
    later = np.flatnonzero(rng.random(older) < 0.03)
    leave = rng.integers(0, len(stays.people), len(stays.people) // 60)
    people = np.concatenate([stays.people, stays.people, seen, later, stays.people[leave]])
    day = np.concatenate(
        [
            stays.admitted,
            stays.discharged,
            between(rng, len(seen), -180, -1),
            between(rng, len(later), 0, 120),
            stays.admitted[leave] + 1,
        ]
    )
    event = np.concatenate(
        [
            np.where(stays.acute, "akut indlagt", "planlagt indlagt"),
            np.full(len(stays.people), "udskrevet"),
            np.full(len(seen) + len(later), "akut ambulant"),
            np.full(len(leave), "orlov"),
        ]
    )
    old_type = np.where(event == "udskrevet", "XDIS17", "XDIS20")
    second = rng.integers(0, 86_400, len(people))
    moment = days(day).cast(pl.Datetime("us")).cast(pl.Int64) + pl.Series(second * 1_000_000)
    frame = pl.DataFrame(
        {
            "cpr": residents.numbers(people, day),
            "modtaget_tid": moment.cast(pl.Datetime("us")),
            "meddelelsestype": np.where(day < NEW_MESSAGES_FROM, old_type, "HospitalNotification"),
            "haendelse": event,
            "sor_afdeling": (441_211_000_016_000 + rng.integers(0, 30, len(people))).astype(str),
        }
    )
    whole = messed_up(frame, rng, broken={"cpr": short_cpr, "haendelse": no_code})
    return whole.sort("modtaget_tid", maintain_order=True)


def rehabilitation_plans(residents: Residents, world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row a plan for training after discharge."""
    has, older = world.has, residents.older
    between_times = np.flatnonzero(rng.random(older) < 0.03)
    later = np.flatnonzero(rng.random(older) < 0.02)
    spans = (
        (np.flatnonzero(has["genoptraening"]), -180, -1),
        (np.flatnonzero(has["genoptraening_tidligere"]), -1095, -366),
        (between_times, -365, -181),
        (later, 0, 90),
    )
    people = np.concatenate([who for who, _, _ in spans])
    received = np.concatenate([between(rng, len(who), first, last) for who, first, last in spans])
    rows = len(people)
    closed = received + rng.integers(40, 160, rows)
    kinds = np.array(["almen basal", "almen basal", "almen basal", "almen avanceret", "specialiseret"])
    score = np.round(rng.normal(12, 3, rows), 1)
    missed = rng.poisson(0.6, rows).astype(str)
    missed[rng.random(rows) < 0.05] = ""
    frame = pl.DataFrame(
        {
            "CPR": spelled(residents.numbers(people, received), rng, 0.8),
            "GOP modtaget": danish(received),
            "Udskrevet": danish(received - rng.integers(0, 4, rows)),
            "Type": rng.choice(kinds, rows),
            "Første kontakt": danish(received + rng.integers(3, 25, rows)),
            "Afsluttet": np.where(closed < 120, danish(closed).to_numpy().astype(str), ""),
            "Afslutningsårsag": np.where(closed < 120, rng.choice(np.array(["Gennemført", "Afbrudt"]), rows), ""),
            "Antal fremmøder": rng.poisson(8, rows),
            "Udeblivelser": missed,
            "Testscore start": [f"{value:.1f}".replace(".", ",") for value in score.tolist()],
            "Testscore slut": [f"{value + 2:.1f}".replace(".", ",") for value in score.tolist()],
        }
    )
    return messed_up(frame, rng, broken={"CPR": short_cpr, "GOP modtaget": no_date, "Type": no_code})


def sick_pay(residents: Residents, world: World, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return a sheet a year. Excel has made numbers of CPR and case number, and eaten the latter's leading zeros."""
    older = residents.older
    younger = np.arange(older, len(residents.cpr))
    younger = younger[(residents.age[older:] < 66) & (rng.random(len(younger)) < 0.12)]
    people = np.concatenate([np.flatnonzero(world.has["sygemeldt"]), younger])
    first = between(rng, len(people), -725, -1)
    rows = len(people)
    frame = pl.DataFrame(
        {
            "Cpr": pl.Series(residents.numbers(people, first)).cast(pl.Int64),
            "Sagsnr": rng.permutation(99_000)[:rows] + 1 if rows < 99_000 else rng.permutation(rows) + 1,
            "Sagsart": rng.choice(np.array(["Lønmodtager", "Selvstændig", "Ledig"]), rows),
            "Første fraværsdag": danish(first),
            "Første beregningsdag": danish(first + 30),
            "Sidste beregningsdag": danish(first + rng.integers(35, 200, rows)),
            "Ophørsårsag": rng.choice(np.array(["Raskmeldt", "Raskmeldt", "Delvist rask", "Pension"]), rows),
            "Arbejdsgiver": rng.choice(np.array(["Kommunen", "Region", "Privat"]), rows),
            "Beløb": np.round(rng.gamma(3, 9000, rows), 2),
            "aar": days(first).dt.strftime("%Y"),
        }
    )
    whole = messed_up(frame, rng, broken={"Første fraværsdag": no_date}, share=0.006)
    return {str(key[0]): part.drop("aar") for key, part in sorted(whole.partition_by("aar", as_dict=True).items())}


def preventive_visits(residents: Residents, world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row an offer of a preventive home visit, as staff typed it; blank where nobody asked or typed."""
    has, older = world.has, residents.older
    visited, declined = np.flatnonzero(has["fhb_besoeg"]), np.flatnonzero(has["fhb_afslag"])
    no_answer = np.flatnonzero(rng.random(older) < 0.02)
    people = np.concatenate([visited, declined, no_answer])
    rows = len(people)
    topic = rng.choice(np.array(["Bolig", "Kost", "Medicin", "Andet"]), rows).astype("<U10")
    topic[: len(visited)] = np.where(has["fhb_fald"][visited], "Fald", topic[: len(visited)])
    topic[: len(visited)] = np.where(has["fhb_ensomhed"][visited], "Ensomhed", topic[: len(visited)])
    topic[len(visited) :] = ""
    answer = np.repeat(np.array(["Ja", "Afslag", ""]), [len(visited), len(declined), len(no_answer)])
    offset = between(rng, rows, -1090, -1)
    day = days(offset)
    hand = pl.Series(rng.random(rows))  # each writes dates in their own way
    dato = (
        pl.when(hand < 0.1)
        .then(day.dt.strftime("%d.%m.%Y"))
        .when(hand < 0.2)
        .then(day.dt.strftime("%Y-%m-%d"))
        .otherwise(day.dt.strftime("%d-%m-%Y"))
    )
    frame = pl.DataFrame(
        {
            "Cpr": spelled(residents.numbers(people, offset), rng, 0.6),
            "Dato": pl.select(dato)[:, 0],
            "Tilbudt": np.where(answer == "", "", "Ja"),
            "Modtaget": answer,
            "Emner": topic,
            "Notat": remarks(residents, rows, 0.15, rng),
        }
    ).with_columns(pl.col("Tilbudt", "Modtaget", "Emner").replace({"": None}))
    return messed_up(frame, rng, broken={"Cpr": short_cpr, "Dato": no_date, "Modtaget": no_code})
