"""The CPR extract (people, and what happened to them) and the list of dwellings and care homes."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.demo import names
from pipelines.demo.identities import Ints
from pipelines.demo.messy import between, danish, messed_up, no_code, no_date, short_cpr, spelled
from pipelines.demo.people import INDEX_DAY, Residents
from pipelines.demo.world import World

ELDERLY, SOCIAL, SHARED = 0.05, 0.16, 0.02  # shares of the ordinary dwellings


def cpr_extract(residents: Residents, world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row a resident, as on the index date; civil status and cohabitation are those of that day."""
    everyone = len(residents.cpr)
    home = residents.addresses[residents.household]
    civil = np.full(everyone, "G", dtype="<U1")
    civil[: residents.older] = _civil_status(residents, world)
    together = np.where(residents.alone, "Alene", "Samlevende").astype("<U10")
    together[rng.random(everyone) < 0.01] = "Uoplyst"
    road_code = np.where(rng.random(everyone) < 0.005, "", home["road_code"].to_numpy().astype("<U4"))
    frame = pl.DataFrame(
        {
            "PNR": spelled(residents.cpr, rng, 0.3),
            "NAVN": pl.Series(np.char.add(np.char.add(residents.last_name, ", "), residents.first_name)),
            "ADRESSE": home["address"],
            "VEJKODE": road_code,
            "POSTNR": home["postal"],
            "BYNAVN": home["town"],
            "STATUS": residents.status,
            "STATUSHAENSTART": danish((residents.status_since - INDEX_DAY).astype(np.int64)),
            "KOEN": np.where(residents.female, "K", "M"),
            "FOED_DT": danish((residents.born - INDEX_DAY).astype(np.int64)),
            "CIVILSTAND": civil,
            "SAMLIV": together,
        }
    )
    return messed_up(frame, rng, broken={"PNR": short_cpr, "FOED_DT": no_date, "STATUS": no_code}, share=0.004)


def cpr_events(residents: Residents, world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row an event before the index date: who moved, married, lost a spouse, began to live alone."""
    has, older = world.has, residents.older
    alone = residents.alone[:older]
    widowed = has["mistet_aegtefaelle"]
    civil = _civil_status(residents, world)
    lost = between(rng, older, -729, -1)
    words = {"G": "Gift", "U": "Ugift", "F": "Fraskilt", "E": "Enke/enkemand"}
    single_since = np.where(widowed, lost, between(rng, older, -4000, -740))
    parts: list[tuple[Ints, str, Ints, object]] = []

    def add(who: Ints, event: str, day: Ints, value: object) -> None:
        parts.append((who, event, day, value))

    all_older = np.arange(older)
    add(all_older, "Civilstand", between(rng, older, -16000, -9000), np.where(civil == "U", "Ugift", "Gift"))
    for code in ("F", "E"):
        who = np.flatnonzero(civil == code)
        add(who, "Civilstand", single_since[who], words[code])
    add(all_older, "Samliv", between(rng, older, -9000, -4010), "Samlevende")
    who = np.flatnonzero(alone)
    add(who, "Samliv", single_since[who], "Alene")
    add(all_older, "Flytning", between(rng, older, -12000, -1100), "Inden for kommunen")
    for column, first, last in (("flyttet_180d", -180, -1), ("flyttet_3aar", -1095, -181)):
        who = np.flatnonzero(has[column])
        from_where = np.where(rng.random(len(who)) < 0.25, "Fra anden kommune", "Inden for kommunen")
        add(who, "Flytning", between(rng, len(who), first, last), from_where)
    people = np.concatenate([who for who, *_ in parts])
    event = np.concatenate([np.full(len(who), event) for who, event, *_ in parts])
    day = np.concatenate([day for _, _, day, _ in parts])
    value = np.concatenate([np.broadcast_to(np.asarray(value), len(who)) for who, _, _, value in parts])
    before = residents.addresses["address"].gather(rng.integers(0, residents.addresses.height, len(people)))
    frame = pl.DataFrame(
        {
            "PNR": spelled(residents.cpr[people], rng, 0.3),
            "HAENDELSE": event,
            "DATO": danish(day),
            "VAERDI": value,
            "FRA_ADRESSE": np.where(event == "Flytning", before.to_numpy().astype(str), ""),
        }
    )
    return messed_up(frame, rng, broken={"PNR": short_cpr, "DATO": no_date, "HAENDELSE": no_code})


def dwellings(residents: Residents, world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row a special dwelling, typed by hand: `St.Th.` where the CPR extract has `st. th`."""
    ordinary = np.unique(residents.household[: residents.older][residents.care_home[: residents.older] < 0])
    kind = np.where(rng.random(len(ordinary)) < SOCIAL, "Almen", "")
    drawn = rng.random(len(ordinary))
    kind = np.where(drawn < ELDERLY, "Ældrebolig", kind)
    kind = np.where(drawn > 1 - SHARED, "Bofællesskab", kind)
    listed = kind != ""
    home_of = residents.care_home[: residents.older]
    homes, places = np.unique(home_of[home_of >= 0], return_counts=True)
    household = np.concatenate([residents.older + homes, ordinary[listed]])
    address = residents.addresses["address"].gather(household)
    by_hand = pl.Series(rng.random(len(household)) < 0.4)
    typed = (
        address.str.to_titlecase().str.replace_all(". ", ".", literal=True)
        + pl.select(pl.when(address.str.contains(",", literal=True)).then(pl.lit(".")).otherwise(pl.lit(" ")))[:, 0]
    )
    care_home = np.array([names.CARE_HOMES[home % len(names.CARE_HOMES)] for home in homes.tolist()])
    number = np.concatenate([places + rng.integers(0, 6, len(homes)), np.ones(int(listed.sum()), dtype=np.int64)])
    frame = pl.DataFrame(
        {
            "Adresse": pl.select(pl.when(by_hand).then(typed).otherwise(address))[:, 0],
            "Boligtype": np.concatenate([np.full(len(homes), "Plejebolig"), kind[listed]]),
            "Plejecenter": np.concatenate([care_home, np.full(int(listed.sum()), "-")]),
            "Antal boliger": number,
            "Fra dato": danish(between(rng, len(household), -6000, -400)),
        }
    )
    return messed_up(frame, rng, broken={"Boligtype": no_code}, share=0.004)


def _civil_status(residents: Residents, world: World) -> NDArray[np.str_]:
    """Return G, U, F or E. Few who live alone are married (the spouse is in a care home), some couples are not."""
    has, older = world.has, residents.older
    apart = np.arange(older) % 15 == 0
    bereaved = has["mistet_aegtefaelle"] | (residents.alone[:older] & ~apart)
    return np.where(has["fraskilt"], "F", np.where(has["ugift"], "U", np.where(bereaved, "E", "G")))
