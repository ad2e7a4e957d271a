"""What is true in the municipality: who has which characteristic, and how it moves the chance of an acute admission.

The chance is a logistic model in age, sex and the characteristics that the registers show, one by one, plus the
planted interactions, plus a shock that some care homes and households share (an infection in the house). Frailty
drives who has what, but has no path to the outcome of its own: with every characteristic adjusted for, nothing but
the planted interactions is left to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.demo.identities import Bools
from pipelines.demo.people import Floats, Residents, expit, intercept, yes

OUTCOME = "akut_indlagt_90d"
OUTCOME_RATE = 0.09


@dataclass(frozen=True, slots=True)
class Planted:
    """An interaction of the true model: an extra term on the log-odds scale for those who have all of `columns`."""

    columns: tuple[str, ...]
    log_odds: float


PLANTED = (
    Planted(("flyttet_180d", "ny_hjemmepleje"), 1.5),
    Planted(("bor_alene", "udskrevet_30d"), 1.5),
    Planted(("akut_indlagt_1aar", "genoptraening"), -1.7),
    Planted(("fhb_afslag", "mistet_aegtefaelle"), 1.0),
    Planted(("aftenbesoeg", "ernaering", "ny_medicinhjaelp"), 1.65),
    Planted(("afbud_flere", "noedkald", "saarpleje"), 1.75),
)

# What everybody knows, and the study says so (`known`): who moves into a care home is ill. It explains other pairs.
KNOWN = Planted(("flyttet_180d", "plejebolig"), 1.1)

MAIN_EFFECTS = {
    "akut_indlagt_1aar": 0.55, "udskrevet_30d": 0.35, "indlagt_flere": 0.40, "akut_ambulant": 0.35,
    "indlagt_tidligere": 0.25, "planlagt_indlagt": 0.10, "bor_alene": 0.15, "mistet_aegtefaelle": 0.15,
    "ny_hjemmepleje": 0.35, "hjemmepleje_laenge": 0.35, "ny_medicinhjaelp": 0.20, "medicinhjaelp_laenge": 0.20,
    "saarpleje": 0.25, "noedkald": 0.20, "hjaelpemiddel": 0.15, "lungehjaelp": 0.50, "insulin": 0.25,
    "hjertehjaelp": 0.45, "kateter": 0.40, "hukommelse": 0.15, "ernaering": 0.20, "natbesoeg": 0.30,
    "aftenbesoeg": 0.10, "plejebolig": 0.20, "fhb_besoeg": -0.25, "fhb_fald": 0.25,
    "svaer_tilstand": 0.15,
}  # fmt: skip

DECOYS: tuple[dict[str, object], ...] = (
    {"kind": "shadow", "columns": ["flyttet_180d", "ny_rengoering"], "of": ["flyttet_180d", "ny_hjemmepleje"]},
    {"kind": "shadow", "columns": ["akut_indlagt_1aar", "aflyst_indlagt"], "of": ["akut_indlagt_1aar"]},
    {"kind": "confounded pair", "columns": ["dagcenter", "oejendryp"], "by": ["alder", "hukommelse"]},
    {"kind": "simpson reversal", "columns": ["fhb_besoeg"], "by": ["alder"]},
    {"kind": "leak", "columns": ["planlagt_aflyst"], "value": "Aflyst indlagt", "after": "index date"},
    {"kind": "explained by care home", "columns": ["flyttet_180d", "hukommelse"], "by": ["flyttet_180d", "plejebolig"]},
    {"kind": "household alike", "columns": ["plejebolig", "stort_plejecenter"], "cluster": "husstand"},
)


@dataclass(frozen=True, slots=True)
class World:
    """The truth about the older residents. Shape of every array: (older,)."""

    has: dict[str, Bools]
    chance: Floats
    admitted: Bools  # acutely, on one of the 90 days after the index date
    planted: tuple[Planted, ...]


def draw_world(residents: Residents, rng: np.random.Generator, *, null: bool) -> World:
    """Return who has what and who was admitted; with `null` no interaction is planted."""
    has = _characteristics(residents, rng)
    older = residents.older
    age, female = residents.age[:older], residents.female[:older]
    score = 0.035 * (age - 75) + 0.0009 * (age - 75) ** 2 - 0.10 * female + _shared_shocks(residents, rng)
    for column, effect in MAIN_EFFECTS.items():
        score = score + effect * has[column]
    planted = () if null else PLANTED
    for term in (KNOWN, *planted):
        score = score + term.log_odds * np.logical_and.reduce([has[column] for column in term.columns])
    chance = expit(score + intercept(score, OUTCOME_RATE))
    return World(has=has, chance=chance, admitted=rng.random(older) < chance, planted=planted)


def _shared_shocks(residents: Residents, rng: np.random.Generator) -> Floats:
    """Return what everyone at one address shares: an infection in one care home of six and a few households."""
    older = residents.older
    home, household = residents.care_home[:older], residents.household[:older]
    homes = int(home.max()) + 1
    ill_homes = rng.permutation(homes) < max(1, round(homes / 6))
    ill_households = rng.random(int(household.max()) + 1) < 0.02
    ill = np.where(home >= 0, ill_homes[np.maximum(home, 0)], ill_households[household])
    return 1.2 * ill


def _characteristics(residents: Residents, rng: np.random.Generator) -> dict[str, Bools]:
    """Return who has each characteristic. The order tells the story: home, hospital, then help."""
    older = residents.older
    age, female = residents.age[:older], residents.female[:older]
    frail, alone = residents.frailty[:older], residents.alone[:older]
    in_home = residents.care_home[:older] >= 0
    at_home = ~in_home
    years = age - 77
    has: dict[str, Bools] = {"bor_alene": alone, "plejebolig": in_home}

    def draw(column: str, share: float, score: NDArray[np.floating[Any]], among: Bools | None = None) -> Bools:
        has[column] = yes(rng, share, np.asarray(score, dtype=np.float64), among)
        return has[column]

    widowed = draw("mistet_aegtefaelle", 0.085, 0.05 * years + 0.3 * female, alone & at_home)
    draw("fraskilt", 0.10, 2.0 * alone - 0.05 * years, ~widowed)
    draw("ugift", 0.06, 1.8 * alone - 0.02 * years, ~widowed & ~has["fraskilt"])
    draw("lungehjaelp", 0.06, 0.5 * frail)
    draw("insulin", 0.06, 0.3 * frail)
    draw("hjertehjaelp", 0.06, 0.03 * years + 0.5 * frail)
    draw("hukommelse", 0.08, 0.10 * years + 0.4 * frail + 1.0 * in_home)
    chronic = 0.5 * has["lungehjaelp"] + 0.4 * has["hjertehjaelp"] + 0.3 * has["insulin"]

    acute = draw("akut_indlagt_1aar", 0.18, 0.03 * years + 0.6 * frail + chronic)
    draw("indlagt_flere", 0.05, 0.4 * frail + chronic, acute)
    draw("indlagt_tidligere", 0.18, 0.02 * years + 0.5 * frail + 0.6 * acute)
    planned = draw("planlagt_indlagt", 0.12, 0.1 * frail - 0.01 * years)
    recent = draw("udskrevet_30d", 0.095, 0.3 * frail, acute | planned)
    draw("akut_ambulant", 0.12, 0.3 * frail + 0.3 * acute)
    draw("genoptraening", 0.14, 1.1 * acute + 0.8 * planned + 0.5 * recent, at_home)
    draw("genoptraening_tidligere", 0.08, 0.3 * frail + 0.4 * has["indlagt_tidligere"])

    moved = draw("flyttet_180d", 0.10, 0.5 * widowed + 0.3 * frail + 0.3 * alone + 1.2 * in_home)
    draw("flyttet_3aar", 0.14, 0.1 * frail + 0.2 * alone)
    user = yes(rng, 0.24, 0.08 * years + 0.6 * frail + 0.5 * acute + 0.4 * alone + 0.4 * moved, at_home)
    new_care = draw("ny_hjemmepleje", 0.11, 0.6 * moved + 0.5 * recent - 0.2 * has["hukommelse"], user)
    draw("hjemmepleje_laenge", 0.09, 0.3 * frail, user & ~new_care)
    draw("ny_rengoering", 0.08, 1.8 * new_care + 0.1 * frail, at_home)
    draw("rengoering_laenge", 0.12, 1.0 * has["hjemmepleje_laenge"] + 0.3 * frail, at_home & ~has["ny_rengoering"])
    new_medicine = draw("ny_medicinhjaelp", 0.12, 0.4 * new_care + 0.3 * recent + 0.3 * chronic, user)
    draw("medicinhjaelp_laenge", 0.06, 0.4 * has["hukommelse"], user & ~new_medicine)
    draw("saarpleje", 0.11, 1.6 * user + 0.2 * has["insulin"], at_home)
    draw("noedkald", 0.17, 1.8 * user + 0.5 * alone + 0.03 * years, at_home)
    draw("hjaelpemiddel", 0.22, 0.07 * years + 0.5 * frail)
    draw("ernaering", 0.11, 1.5 * user + 0.2 * frail, at_home)
    draw("hverdagsrehab", 0.10, 0.8 * new_care + 0.4 * recent, at_home)
    draw("madservice", 0.10, 0.06 * years + 0.6 * alone + 0.6 * user, at_home)
    draw("kateter", 0.05, 0.4 * frail + 0.3 * ~female)
    draw("kompression", 0.09, 0.02 * years + 0.5 * user)
    draw("dagcenter", 0.07, 0.06 * years + 1.2 * has["hukommelse"], at_home)
    draw("oejendryp", 0.09, 0.09 * years + 0.9 * has["hukommelse"])
    draw("aflastning", 0.05, 0.8 * has["hukommelse"] - 0.4 * alone, at_home)
    draw("tryghedsopkald", 0.06, 0.5 * alone + 0.02 * years, at_home)
    draw("afslag_paa_hjaelp", 0.06, 0.02 * years + 0.2 * alone, at_home)
    draw("privat_leverandoer", 0.10, 0.02 * years, new_care | has["hjemmepleje_laenge"] | has["ny_rengoering"])
    draw("hjaelp_aendret", 0.07, 0.4 * frail, user)

    draw("aftenbesoeg", 0.14, 0.3 * frail, user)
    draw("natbesoeg", 0.06, 0.4 * frail + 0.5 * has["aftenbesoeg"], user)
    draw("afbud_flere", 0.10, -0.2 * frail, user)
    draw("ikke_registreret", 0.08, 0.0 * frail, user)
    has["faar_besoeg"] = user

    offered = (age >= 75) & at_home
    offered |= at_home & (rng.random(older) < 0.05)  # some are offered a visit before the age that all are
    visited = draw("fhb_besoeg", 0.26, 0.04 * years - 0.1 * frail + 0.3 * alone, offered)
    draw("fhb_afslag", 0.20, -0.1 * frail + 0.3 * widowed, at_home & ~visited)
    draw("fhb_fald", 0.07, 0.3 * frail + 0.04 * years, visited)
    draw("fhb_ensomhed", 0.06, 0.8 * alone, visited & ~has["fhb_fald"])
    draw("sygemeldt", 0.008, -0.5 * years, age < 68)
    draw("svaer_tilstand", 0.07, 0.5 * frail, user)
    return has
