"""The help people were granted, and the visits they were paid. What stands after the index date is there as a trap."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.demo import names
from pipelines.demo.hospital_registers import Stays
from pipelines.demo.identities import Ints
from pipelines.demo.messy import (
    OPEN_END,
    between,
    danish,
    days,
    decimal_comma,
    messed_up,
    no_code,
    no_date,
    remarks,
    short_cpr,
    spelled,
)
from pipelines.demo.people import Residents
from pipelines.demo.people_registers import civil_status
from pipelines.demo.world import World

PRIVATE = "Privat leverandør"
LAW_FROM = -92  # ældreloven, 1 July 2025: what ran under the old act was closed the day before and opened anew
NEW_LAW = {
    "SEL § 83": "Ældrelov § 10, helhedspleje",
    "SEL § 83 a": "Ældrelov § 10, helhedspleje",
    "SEL § 84": "Ældrelov (før SEL § 84)",
}
HELP: dict[str, tuple[str, str, str]] = {  # help: code, section of the act, how often
    "Personlig hygiejne": ("H1.1", "SEL § 83", "dagligt"),
    "Rengøring": ("H1.8", "SEL § 83", "hver 2. uge"),
    "Madservice": ("H1.4", "SEL § 83", "dagligt"),
    "Medicinadministration": ("G1.21", "SUL § 138", "dagligt"),
    "Sårbehandling": ("G1.38", "SUL § 138", "2 x uge"),
    "Nødkald": ("H5.1", "SEL § 112", "ved behov"),
    "Ganghjælpemiddel": ("H6.1", "SEL § 112", "ved behov"),
    "Hverdagsrehabilitering": ("H2.1", "SEL § 83 a", "3 x uge"),
    "Demenskoordinator": ("H5.4", "SEL § 82", "månedligt"),
    "Inhalation": ("G1.16", "SUL § 138", "dagligt"),
    "Insulin": ("G1.20", "SUL § 138", "dagligt"),
    "Vægtkontrol ved hjertesvigt": ("G1.30", "SUL § 138", "ugentligt"),
    "Kateterpleje": ("G1.11", "SUL § 138", "månedligt"),
    "Kompressionsbehandling": ("G1.18", "SUL § 138", "dagligt"),
    "Dagcenter": ("H3.2", "SEL § 84", "2 x uge"),
    "Aflastning": ("H3.3", "SEL § 84", "månedligt"),
    "Tryghedsopkald": ("H5.2", "SEL § 83", "dagligt"),
    "Ernæringsindsats": ("G1.6", "SUL § 138", "ugentligt"),
    "Øjendrypning": ("G1.40", "SUL § 138", "dagligt"),
}
GRANTED: dict[str, tuple[str, int]] = {  # characteristic: help, first day it may have begun
    "ny_hjemmepleje": ("Personlig hygiejne", -180),
    "ny_rengoering": ("Rengøring", -180),
    "madservice": ("Madservice", -1095),
    "ny_medicinhjaelp": ("Medicinadministration", -180),
    "saarpleje": ("Sårbehandling", -180),
    "noedkald": ("Nødkald", -1825),
    "hjaelpemiddel": ("Ganghjælpemiddel", -1095),
    "hverdagsrehab": ("Hverdagsrehabilitering", -365),
    "hukommelse": ("Demenskoordinator", -1825),
    "lungehjaelp": ("Inhalation", -1825),
    "insulin": ("Insulin", -1825),
    "hjertehjaelp": ("Vægtkontrol ved hjertesvigt", -1825),
    "kateter": ("Kateterpleje", -365),
    "kompression": ("Kompressionsbehandling", -365),
    "dagcenter": ("Dagcenter", -1095),
    "aflastning": ("Aflastning", -365),
    "tryghedsopkald": ("Tryghedsopkald", -365),
    "ernaering": ("Ernæringsindsats", -365),
    "oejendryp": ("Øjendrypning", -365),
}
LONG_GRANTED = {  # began more than half a year ago
    "hjemmepleje_laenge": "Personlig hygiejne",
    "rengoering_laenge": "Rengøring",
    "medicinhjaelp_laenge": "Medicinadministration",
}


def grants(residents: Residents, world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row a grant: what the characteristics are made of, and grants after the index date beside them."""
    has, older = world.has, residents.older
    parts: list[tuple[Ints, str, Ints, str]] = []
    for column, (what, first) in GRANTED.items():
        who = np.flatnonzero(has[column])
        parts.append((who, what, between(rng, len(who), first, -1), "Bevilget"))
        later = np.flatnonzero(rng.random(older) < 0.004)
        parts.append((later, what, between(rng, len(later), 0, 60), "Bevilget"))
        if first == -365:  # granted once, but too long ago to count
            old = np.flatnonzero(rng.random(older) < 0.01)
            parts.append((old, what, between(rng, len(old), -1500, -366), "Bevilget"))
    for column, what in LONG_GRANTED.items():
        who = np.flatnonzero(has[column])
        parts.append((who, what, between(rng, len(who), -1825, -181), "Bevilget"))
    changed = np.flatnonzero(has["hjaelp_aendret"])
    for _ in range(2):
        parts.append((changed, "Personlig hygiejne", between(rng, len(changed), -180, -1), "Ændret"))
    once = np.flatnonzero(has["faar_besoeg"] & ~has["hjaelp_aendret"] & (rng.random(older) < 0.2))
    parts.append((once, "Personlig hygiejne", between(rng, len(once), -180, -1), "Ændret"))
    refused = np.flatnonzero(has["afslag_paa_hjaelp"])
    parts.append((refused, "Rengøring", between(rng, len(refused), -365, -1), "Afslag"))

    people = np.concatenate([who for who, *_ in parts])
    kinds = np.concatenate([np.full(len(who), kind) for who, kind, *_ in parts])
    start = np.concatenate([day for _, _, day, _ in parts])
    status = np.concatenate([np.full(len(who), status) for who, _, _, status in parts])
    return _grant_rows(residents, world, rng, people, kinds, start, status)


def _grant_rows(
    residents: Residents,
    world: World,
    rng: np.random.Generator,
    people: Ints,
    what: NDArray[np.str_],
    start: Ints,
    status: NDArray[np.str_],
) -> pl.DataFrame:
    rows = len(people)
    at_home = (what == "Personlig hygiejne") | (what == "Rengøring")
    private = world.has["privat_leverandoer"][people] & at_home & (status == "Bevilget")
    start = np.where(start == LAW_FROM, start - 1, start)  # nothing but the law begins that day
    closed = (rng.random(rows) < 0.25) & (start < -60)
    law = pl.Series(what).replace_strict({name: act for name, (_, act, _) in HELP.items()})
    new_law = law.replace(list(NEW_LAW), list(NEW_LAW.values()))
    reopened = (start < LAW_FROM) & ~closed & (status == "Bevilget") & (law != new_law).to_numpy()
    end = danish(np.where(reopened, LAW_FROM - 1, start + rng.integers(14, 400, rows)))
    minutes = np.round(rng.gamma(1.6, 80, rows) / 2.5) * 2.5 + np.where(rng.random(rows) < 0.02, 1000, 0) + 10
    minutes_text = decimal_comma(minutes)
    gone = pl.Series(rng.random(rows) < 0.02)
    frame = pl.DataFrame(
        {
            "CPR-nr.": spelled(residents.numbers(people, start), rng, 0.5),
            "Borger": pl.Series(np.char.add(np.char.add(residents.first_name, " "), residents.last_name)[people]),
            "Civilstand": _civil_status_today(residents, world, rng)[people],
            "Indsats": what,
            "FSIII-kode": pl.Series(what).replace_strict({name: code for name, (code, _, _) in HELP.items()}),
            "Lovgrundlag": pl.select(pl.when(pl.Series(start >= LAW_FROM)).then(new_law).otherwise(law))[:, 0],
            "Status": status,
            "Bevilget": danish(start - rng.integers(0, 15, rows)),
            "Ikrafttrædelse": danish(start),
            "Ophør": pl.select(pl.when(pl.Series(closed | reopened)).then(end).otherwise(pl.lit(OPEN_END)))[:, 0],
            "Leverandør": np.where(private, PRIVATE, "Kommunen"),
            "Frekvens": pl.Series(what).replace_strict({name: often for name, (_, _, often) in HELP.items()}),
            "Visiteret tid (min/uge)": pl.select(pl.when(gone).then(None).otherwise(minutes_text))[:, 0],
            "Sagsbeh.": np.char.add("VIS", (rng.integers(1, 40, rows)).astype("<U3")),
            "Bemærkning": remarks(residents, rows, 0.25, rng),
        }
    )
    again = np.flatnonzero(reopened)
    anew = frame[again].with_columns(
        pl.Series("CPR-nr.", residents.numbers(people[again], LAW_FROM)),
        pl.Series("Lovgrundlag", new_law[again]),
        pl.lit(danish(np.array([LAW_FROM]))[0]).alias("Ikrafttrædelse"),
        pl.lit(OPEN_END).alias("Ophør"),
        pl.lit(None, dtype=pl.String).alias("Bemærkning"),
    )
    frame = pl.concat([frame, anew])
    return messed_up(frame, rng, broken={"CPR-nr.": short_cpr, "Ikrafttrædelse": no_date, "Status": no_code})


def _civil_status_today(residents: Residents, world: World, rng: np.random.Generator) -> NDArray[np.str_]:
    """Return the civil status on the day of extraction, months later: some have lost a spouse since the index date."""
    then = civil_status(residents, world)
    now = np.where((then == "G") & (rng.random(residents.older) < 0.015), "E", then)
    words = {"G": "Gift", "U": "Ugift", "F": "Fraskilt", "E": "Enke/enkemand"}
    return np.array([words[code] for code in now.tolist()])


def visits(residents: Residents, world: World, stays: Stays, rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return the visits month by month; `Aflyst indlagt` stands where somebody was in hospital, also afterwards."""
    has = world.has
    users = np.flatnonzero(has["faar_besoeg"])
    parts: list[tuple[Ints, Ints, str, str]] = []

    def add(who: Ints, first: int, last: int, what: str, status: str) -> None:
        parts.append((who, between(rng, len(who), first, last), what, status))

    for what, mean in (("Personlig pleje", 4.0), ("Medicingivning", 3.0), ("Praktisk hjælp", 1.5)):
        for first, last in ((-92, -1), (0, 89)):
            add(np.repeat(users, rng.poisson(mean, len(users))), first, last, what, "Udført")
    for column, what in (("aftenbesoeg", "Aftenbesøg"), ("natbesoeg", "Natbesøg")):
        who = np.flatnonzero(has[column])
        add(np.repeat(who, rng.integers(1, 6, len(who))), -90, -1, what, "Udført")
        add(np.repeat(who, rng.integers(0, 6, len(who))), 0, 89, what, "Udført")
    cancels = np.flatnonzero(has["afbud_flere"])
    add(np.repeat(cancels, rng.integers(2, 5, len(cancels))), -90, -1, "Personlig pleje", "Aflyst borger")
    add(
        users[(rng.random(len(users)) < 0.15) & ~has["afbud_flere"][users]], -90, -1, "Personlig pleje", "Aflyst borger"
    )
    add(users[rng.random(len(users)) < 0.3], 0, 89, "Personlig pleje", "Aflyst borger")
    add(np.flatnonzero(has["ikke_registreret"]), -90, -1, "Personlig pleje", "Ikke registreret")
    known = has["faar_besoeg"][stays.people] & (stays.admitted >= -90) & (stays.admitted < 89)
    for later in range(3):
        day = stays.admitted[known] + later
        inside = (stays.admitted[known] >= 0) | (day < 0)
        # Who is to go in on a day that is known says so beforehand, after the index date: then nothing is given away.
        told = np.where(stays.acute[known] | (day < 0), "Aflyst indlagt", "Aflyst borger")
        for word in ("Aflyst indlagt", "Aflyst borger"):
            chosen = inside & (told == word)
            parts.append((stays.people[known][chosen], day[chosen], "Personlig pleje", word))

    people = np.concatenate([who for who, *_ in parts])
    day = np.concatenate([day for _, day, _, _ in parts])
    # Visits are planned a quarter at a time, some weeks before it; the status is written later, into the same row.
    planned = np.where(day < 0, -92, 0) - rng.integers(2, 23, len(day))
    service = np.concatenate([np.full(len(who), kind) for who, _, kind, _ in parts])
    status = np.concatenate([np.full(len(who), status) for who, _, _, status in parts])
    hour = np.where(service == "Natbesøg", 2, np.where(service == "Aftenbesøg", 20, rng.integers(7, 15, len(people))))
    minute = rng.integers(0, 12, len(people)) * 5
    moment = days(day).cast(pl.Datetime("ms")).cast(pl.Int64) + pl.Series((hour * 60 + minute) * 60_000)
    start = moment.cast(pl.Datetime("ms"))
    done = pl.Series(status == "Udført")
    late = start.dt.offset_by("7m")
    end = start.dt.offset_by("24m")
    form = "%d-%m-%Y %H:%M"
    road = residents.addresses["road_code"].gather(residents.household[people])
    frame = pl.DataFrame(
        {
            "BorgerID": people + 400_000,
            "CPR": spelled(residents.numbers(people, day), rng, 1.0),
            "Oprettet": danish(planned),
            "Planlagt start": start.dt.strftime(form),
            "Faktisk start": pl.select(pl.when(done).then(late.dt.strftime(form)))[:, 0],
            "Faktisk slut": pl.select(pl.when(done).then(end.dt.strftime(form)))[:, 0],
            "Ydelse": service,
            "Status": status,
            "Distrikt": district_of(road),
            "Medarbejder": np.char.add("M", rng.integers(1000, 1400, len(people)).astype("<U4")),
        }
    )
    month = start.dt.strftime("%Y%m")
    whole = messed_up(
        frame.with_columns(month=month), rng, broken={"CPR": short_cpr, "Planlagt start": no_date, "Status": no_code}
    )
    return {str(key[0]): part.drop("month") for key, part in sorted(whole.partition_by("month", as_dict=True).items())}


def district_of(road_code: pl.Series) -> pl.Series:
    """Return the district that a road lies in."""
    return pl.Series("district", [names.DISTRICTS[int(code) % len(names.DISTRICTS)] for code in road_code.to_list()])
