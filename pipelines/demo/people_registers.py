"""The CPR extract record by record, civil status with dates, and the list of dwellings and care homes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.demo import names
from pipelines.demo.identities import Ints
from pipelines.demo.messy import Spoil, between, danish, days, messed_up, no_code, no_date, short_cpr, spelled
from pipelines.demo.people import INDEX_DAY, Residents
from pipelines.demo.world import World

OWN_CODE, OTHER_CODE = "0899", "0898"  # municipalities that do not exist
RECODED_ON = -113  # from the index date: roads got new codes on one day
WIDTHS: dict[str, dict[str, int]] = {
    "001": {"PNR": 10, "PNRGAELD": 10, "STATUS": 2, "STATUSHAENSTART": 12, "KOEN": 1, "FOED_DT": 8},
    "003": {"PNR": 10, "STANDARDADR": 40, "POSTNR": 4, "BYNAVN": 20, "KOMKOD": 4, "VEJKOD": 4},
    "004": {"PNR": 10, "BESKYTTYPE": 4, "START_DT": 8},
    "008": {"PNR": 10, "ADRNVN": 34},
    "022": {"PNR": 10, "PNR_GL": 10, "START_DT": 8, "SLUT_DT": 8},
    "023": {
        "PNR": 10, "KOMKOD": 4, "VEJKOD": 4, "HUSNR": 4, "ETAGE": 2, "SIDEDOER": 4, "TILFLYDTO": 12, "FRAFLYDTO": 12,
    },
    "024": {"PNR": 10, "UDRLAND": 4, "UDRDTO": 12, "INDRDTO": 12},
}  # fmt: skip
ELDERLY, SOCIAL, SHARED = 0.05, 0.16, 0.02  # shares of the ordinary dwellings


def cpr_records(
    residents: Residents, world: World, rng: np.random.Generator
) -> dict[str, tuple[pl.DataFrame, Mapping[str, int]]]:
    """Return the CPR extract of the index date, record type by record type, and each column's width.

    001 the person, 003 the address, 004 protection, 008 the name, 022 former numbers, 023 earlier addresses,
    024 in and out of the country. A former number has a row of its own, status 60.
    """
    shapes: tuple[tuple[str, pl.DataFrame, dict[str, Spoil], float], ...] = (
        ("001", _persons(residents), {"PNR": short_cpr, "FOED_DT": no_day, "STATUS": no_code}, 0.004),
        ("003", _homes(residents, rng), {"PNR": short_cpr}, 0.002),
        ("004", _protection(residents, rng), {"START_DT": no_day}, 0.004),
        ("008", _names(residents), {"PNR": short_cpr}, 0.002),
        ("022", _former_numbers(residents), {"SLUT_DT": no_day}, 0.004),
        ("023", _earlier_homes(residents, world, rng), {"PNR": short_cpr, "FRAFLYDTO": no_minute}, 0.004),
        ("024", _abroad(residents, rng), {}, 0.0),
    )
    return {
        kind: (messed_up(frame, rng, broken=broken, share=share), WIDTHS[kind]) for kind, frame, broken, share in shapes
    }


def _persons(residents: Residents) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "PNR": residents.cpr,
            "PNRGAELD": np.full(len(residents.cpr), ""),
            "STATUS": residents.status,
            "STATUSHAENSTART": _stamps((residents.status_since - INDEX_DAY).astype(np.int64), 0),
            "KOEN": np.where(residents.female, "K", "M"),
            "FOED_DT": _dates((residents.born - INDEX_DAY).astype(np.int64)),
        }
    )
    changed = np.flatnonzero(residents.former_cpr != "")
    former = frame[changed].with_columns(
        PNR=pl.Series(residents.former_cpr[changed]),
        PNRGAELD=pl.Series(residents.cpr[changed]),
        STATUS=pl.lit("60"),
        STATUSHAENSTART=_stamps(residents.renumbered[changed], 0),
    )
    return pl.concat([frame, former])


def _homes(residents: Residents, rng: np.random.Generator) -> pl.DataFrame:
    home = residents.addresses[residents.household]
    unknown = pl.Series(rng.random(len(residents.cpr)) < 0.005)
    return pl.DataFrame(
        {
            "PNR": residents.cpr,
            "STANDARDADR": home["address"],
            "POSTNR": home["postal"],
            "BYNAVN": home["town"],
            "KOMKOD": pl.repeat(OWN_CODE, home.height, eager=True),
            "VEJKOD": pl.select(pl.when(unknown).then(pl.lit("")).otherwise(home["road_code"]))[:, 0],
        }
    )


def _protection(residents: Residents, rng: np.random.Generator) -> pl.DataFrame:
    who = np.flatnonzero(residents.protected)
    start = _dates(between(rng, len(who), -330, -1))
    return pl.DataFrame({"PNR": residents.cpr[who], "BESKYTTYPE": np.full(len(who), "0001"), "START_DT": start})


def _names(residents: Residents) -> pl.DataFrame:
    name = np.char.add(np.char.add(residents.last_name, ", "), residents.first_name)
    return pl.DataFrame({"PNR": residents.cpr, "ADRNVN": name})


def _former_numbers(residents: Residents) -> pl.DataFrame:
    who = np.flatnonzero(residents.former_cpr != "")
    born = (residents.born[who] - INDEX_DAY).astype(np.int64)
    return pl.DataFrame(
        {
            "PNR": residents.cpr[who],
            "PNR_GL": residents.former_cpr[who],
            "START_DT": _dates(born),
            "SLUT_DT": _dates(residents.renumbered[who]),
        }
    )


def _earlier_homes(residents: Residents, world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row an earlier address: moves, and on one day the same address with the road's former code."""
    has, older = world.has, residents.older
    parts: list[tuple[Ints, Ints]] = [(np.arange(older), between(rng, older, -12000, -1100))]
    for column, first, last in (("flyttet_180d", -180, -1), ("flyttet_3aar", -1095, -181)):
        who = np.flatnonzero(has[column])
        parts.append((who, between(rng, len(who), first, last)))
    people = np.concatenate([who for who, _ in parts])
    day = np.concatenate([day for _, day in parts])
    day = np.where(day == RECODED_ON, day - 1, day)  # nobody truly moved that day: it can be told
    before = residents.addresses[rng.integers(0, residents.addresses.height, len(people))]
    same = np.flatnonzero(residents.recoded)
    kept = residents.addresses[residents.household[same]]
    road = kept["road_code"].cast(pl.Int64)
    frame = pl.DataFrame(
        {
            "KOMKOD": pl.Series(np.where(rng.random(len(people)) < 0.25, OTHER_CODE, OWN_CODE)),
            "VEJKOD": before["road_code"],
            "HUSNR": before["house"],
            "ETAGE": before["floor"],
            "SIDEDOER": before["side"],
        }
    )
    technical = pl.DataFrame(
        {
            "KOMKOD": pl.repeat(OWN_CODE, len(same), eager=True),
            "VEJKOD": (road % 900 + 9000).cast(pl.String),  # the code that the road had
            "HUSNR": kept["house"],
            "ETAGE": kept["floor"],
            "SIDEDOER": kept["side"],
        }
    )
    people, day = np.concatenate([people, same]), np.concatenate([day, np.full(len(same), RECODED_ON)])
    return pl.concat([frame, technical]).select(
        pl.Series("PNR", residents.cpr[people]),
        pl.all(),
        _stamps(day - rng.integers(200, 9000, len(day)), 720).alias("TILFLYDTO"),
        _stamps(day, 720).alias("FRAFLYDTO"),
    )


def _abroad(residents: Residents, rng: np.random.Generator) -> pl.DataFrame:
    who = np.flatnonzero(residents.status == "80")
    out = between(rng, len(who), -1500, -31)
    return pl.DataFrame(
        {"PNR": residents.cpr[who], "UDRLAND": np.full(len(who), "5120"), "UDRDTO": _stamps(out, 720), "INDRDTO": ""}
    )


def _dates(offsets: Ints) -> pl.Series:
    return days(offsets).dt.strftime("%Y%m%d")


def _stamps(offsets: Ints, minute: int) -> pl.Series:
    """Return moments as YYYYMMDDHHMM."""
    return days(offsets).dt.strftime("%Y%m%d") + f"{minute // 60:02d}{minute % 60:02d}"


def no_day(values: pl.Series) -> pl.Series:
    """Return dates without dashes that no calendar has."""
    return pl.Series(values.name, ["20240231" if row % 2 else "20241324" for row in range(len(values))])


def no_minute(values: pl.Series) -> pl.Series:
    """Return such moments."""
    return pl.Series(values.name, [f"{day}1200" for day in no_day(values).to_list()], dtype=pl.String)


def civil_events(residents: Residents, world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row a dated change before the index date: who married, lost a spouse, began to live alone."""
    has, older = world.has, residents.older
    alone = residents.alone[:older]
    widowed = has["mistet_aegtefaelle"]
    civil = civil_status(residents, world)
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
    people = np.concatenate([who for who, *_ in parts])
    event = np.concatenate([np.full(len(who), event) for who, event, *_ in parts])
    day = np.concatenate([day for _, _, day, _ in parts])
    value = np.concatenate([np.broadcast_to(np.asarray(value), len(who)) for who, _, _, value in parts])
    frame = pl.DataFrame(
        {
            "PNR": spelled(residents.numbers(people, day), rng, 0.3),
            "HAENDELSE": event,
            "DATO": danish(day),
            "VAERDI": value,
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


def civil_status(residents: Residents, world: World) -> NDArray[np.str_]:
    """Return G, U, F or E. Few who live alone are married (the spouse is in a care home), some couples are not."""
    has, older = world.has, residents.older
    apart = np.arange(older) % 15 == 0
    bereaved = has["mistet_aegtefaelle"] | (residents.alone[:older] & ~apart)
    return np.where(has["fraskilt"], "F", np.where(has["ugift"], "U", np.where(bereaved, "E", "G")))
