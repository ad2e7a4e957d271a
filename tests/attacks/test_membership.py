"""Attack 8: is this person in the package? By shadow models: packages made of people whom the attacker made up."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from pseudonymisation.generalise import age_band
from pseudonymisation.k_anonymity import mondrian
from pseudonymisation.membership import area
from tests.attacks.package_world import QUASI, REST, SECRET, fits, packaged, population, untold, world

LIMIT = 0.55
ALL = [*QUASI, SECRET, *REST]


def signs(told, people, reference, columns):
    """What the attacker measures of each person: rows that fit, and people of a reference who fit the best of them."""
    classes = told.group_by(columns).len()
    fit = fits(classes, people, columns)
    dense = classes["len"].to_numpy() / (fits(classes, reference, columns).sum(axis=0) + 1)
    found = fit @ classes["len"].to_numpy()
    return np.column_stack([np.log(found + 0.5), np.log((fit * dense).max(axis=1) + 1e-3), found == 0])


def shadowed(tmp_path, target, told_of, reference, columns):
    """The attacker's curve: learnt on shadows, where he knows who is in, and played on the package."""
    from sklearn.linear_model import LogisticRegression

    seen, labels = [], []
    for seed in (21, 22):
        everybody = population(3_000, seed)
        inside, outside = everybody.head(1_500), everybody.tail(1_500)
        shadow = told_of(tmp_path / f"shadow{seed}", inside)
        for label, people in ((1, inside), (0, outside)):
            seen.append(signs(shadow, people, reference, columns))
            labels += [label] * people.height
    model = LogisticRegression(max_iter=500).fit(np.vstack(seen), labels)
    told = told_of(tmp_path / "target", target.inside)
    scores = [
        model.predict_proba(signs(told, one, reference, columns))[:, 1] for one in (target.inside, target.outside)
    ]
    found = area(*scores)
    return found.area, found.at_most


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return world(tmp_path_factory.mktemp("package") / "here", people=1_500, seed=7)


def twin_of(_folder, inside):
    return untold(inside)


def of_ten(_folder, inside):
    """What a k of 10 gives where nobody looks at membership."""
    banded = inside.with_columns(age_band(pl.col("alder")).alias("alder"))
    return mondrian(banded, quasi=QUASI, sensitive=[SECRET], k=10, l=3).frame


def test_the_shadow_models_know_the_twins_people_and_few_of_the_packages(attack_row, here, tmp_path):
    reference = population(6_000, 31)
    register = pl.concat([here.inside, here.outside])
    told = json.loads((here.folder / "risk.json").read_text(encoding="utf-8"))
    assert told["membership_at_most"] <= told["membership_limit"] == LIMIT
    assert told["k_asked"] == 10
    for held, tried in ((reference, "2 shadow packages"), (register, "2 shadow packages, and the whole register")):
        twin = shadowed(tmp_path / "t", here, twin_of, held, QUASI)
        ten = shadowed(tmp_path / "k", here, of_ten, held, QUASI)
        ours = shadowed(tmp_path / tried[-8:], here, packaged, held, QUASI)
        assert twin[0] > 0.8  # the attack works
        assert ten[0] > LIMIT  # and k alone does not stop it
        attack_row.row(
            "8",
            tried=f"{2 * here.inside.height:,} people, half in; {tried}; 10 asked, classes of {told['k']} made",
            twin=f"AUC {twin[0]:.3f}, with classes of 10 {ten[0]:.3f}",
            result=f"AUC {ours[0]:.3f}, at most {ours[1]:.3f}; certainty lost {told['gcp']:.2f}",
            limit=f"at most {LIMIT}",
            held=ours[1] <= LIMIT,
        )


def test_who_knows_every_column_learns_more_and_is_told_of(attack_row, here, tmp_path):
    """No promise of k: what is told beside the quasi-identifiers tells who is in as well. The page says so."""
    register = pl.concat([here.inside, here.outside])
    twin = shadowed(tmp_path / "t", here, twin_of, register, ALL)
    ours = shadowed(tmp_path / "o", here, packaged, register, ALL)
    attack_row.row(
        "8",
        tried="the same, by one who knows all 8 columns",
        twin=f"AUC {twin[0]:.3f}",
        result=f"AUC {ours[0]:.3f}",
        limit="none promised",
        held=ours[0] < twin[0],
    )
