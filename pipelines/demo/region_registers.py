"""What the region's warehouse (KØS) hands out: a running number in the place of CPR. It can be linked with nothing."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.demo.hospital_registers import Stays
from pipelines.demo.messy import between, days, messed_up, no_code
from pipelines.demo.people import Residents
from pipelines.demo.people_registers import OWN_CODE

DIAGNOSES = np.array(["DJ440", "DJ189", "DI509", "DI489", "DN390", "DS720", "DE869", "DR559", "DK590", "DZ038"])
FEES = np.array(["0101", "0120", "0204", "0411", "2101"])  # a spreadsheet has eaten the first zero of most


def running_numbers(residents: Residents, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the region's own number of each resident, which no register of the municipality knows."""
    return rng.permutation(len(residents.cpr)) + 2_000_001


def contacts(residents: Residents, stays: Stays, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row a contact at the hospital, of everybody of 65 or more; the last year and what came after."""
    number = running_numbers(residents, rng)
    recent = np.flatnonzero(stays.admitted >= -365)
    unseen = rng.integers(
        0, residents.older, round(0.01 * residents.older)
    )  # no message of these came to the municipality
    people = np.concatenate([stays.people[recent], unseen])
    begun = np.concatenate([stays.admitted[recent], between(rng, len(unseen), -365, 90)])
    ended = np.concatenate([stays.discharged[recent], begun[len(recent) :] + 1])
    acute = np.concatenate([stays.acute[recent], rng.random(len(unseen)) < 0.5])
    rows = len(people)
    clock = pl.Series(rng.integers(0, 1440, rows))
    frame = pl.DataFrame(
        {
            "loebenr": number[people],
            "kontakt_start": _stamped(begun, clock),
            "kontakt_slut": _stamped(ended, clock),
            "kontakttype": np.where(acute, "ALCA00", rng.choice(np.array(["ALCA00", "ALCA10"]), rows)),
            "prioritet": np.where(acute, "ATA1", "ATA3"),
            "aktionsdiagnose": rng.choice(DIAGNOSES, rows),
            "sor_enhed": (441_211_000_016_000 + rng.integers(0, 30, rows)).astype(str),
            "bopaelskommune": np.full(rows, OWN_CODE.lstrip("0")),
        }
    )
    return messed_up(frame, rng, broken={"prioritet": no_code})


def fees(residents: Residents, rng: np.random.Generator) -> pl.DataFrame:
    """Return one row a fee of the year: dated by the week in which the doctor sent the bill, without a reason."""
    number = running_numbers(residents, rng)
    people = np.repeat(np.arange(residents.older), rng.poisson(1.0, residents.older))
    rows = len(people)
    fee = rng.choice(FEES, rows)
    eaten = rng.random(rows) < 0.7
    frame = pl.DataFrame(
        {
            "loebenr": number[people],
            "speciale": rng.choice(np.array(["80", "80", "80", "50", "51"]), rows),
            "ydelsesnr": np.where(eaten, np.char.lstrip(fee, "0"), fee),
            "antal": rng.integers(1, 4, rows),
            "honuge": np.char.add("25", np.char.zfill(rng.integers(1, 40, rows).astype("<U2"), 2)),
            "brutto_oere": rng.integers(80, 600, rows) * 125,
        }
    )
    return messed_up(frame, rng, broken={"ydelsesnr": no_code})


def _stamped(offsets: np.ndarray[tuple[int], np.dtype[np.int64]], minutes: pl.Series) -> pl.Series:
    moment = days(offsets).cast(pl.Datetime("ms")) + (minutes * 60_000).cast(pl.Duration("ms"))
    return moment.dt.strftime("%Y-%m-%d %H:%M")
