"""Attack 8: is this person in the package? By shadow models: packages made of people whom the attacker made up."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import rankdata

from tests.attacks.package_world import QUASI, REST, SECRET, fits, packaged, population, untold, world

LIMIT = 0.55
ALL = [*QUASI, SECRET, *REST]


def area(inside, outside):
    """The area under the attacker's curve, and its 95 % upper end (Hanley and McNeil 1982)."""
    ranks = rankdata(np.concatenate([inside, outside]))
    n, m = len(inside), len(outside)
    a = float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))
    error = np.sqrt((a * (1 - a) + (n - 1) * (a / (2 - a) - a * a) + (m - 1) * (2 * a * a / (1 + a) - a * a)) / (n * m))
    return a, a + 1.645 * float(error)


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
    return area(*scores)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return world(tmp_path_factory.mktemp("package") / "here", people=1_500, seed=7)


def twin_of(_folder, inside):
    return untold(inside)


def hundreds(folder, inside):
    return packaged(folder, inside, 100)


SHORT = "a class of ten says too much of how many of it are in; `package_k = 100` holds"


def test_the_shadow_models_know_the_twins_people_and_few_of_the_packages(attack_row, here, tmp_path):
    reference = population(6_000, 31)
    twin = shadowed(tmp_path / "t", here, twin_of, reference, QUASI)
    assert twin[0] > 0.8  # the attack works
    for made, k in ((packaged, 10), (hundreds, 100)):
        ours = shadowed(tmp_path / f"o{k}", here, made, reference, QUASI)
        attack_row.row(
            "8",
            tried=f"{2 * here.inside.height:,} people, half in; 2 shadow packages; k = {k}",
            twin=f"AUC {twin[0]:.3f}",
            result=f"AUC {ours[0]:.3f}, at most {ours[1]:.3f}",
            limit=f"at most {LIMIT}",
            held=ours[1] <= LIMIT,
            short=SHORT if k == 10 else "",
        )
        assert ours[0] - 0.5 < (twin[0] - 0.5) / 3


def test_who_holds_the_whole_register_or_every_column_learns_more_and_is_told_of(attack_row, here, tmp_path):
    """No promise of k: membership shows in how many of a class's people are in. The page says so."""
    register = pl.concat([here.inside, here.outside])
    for columns, tried in ((QUASI, "who holds the whole register"), (ALL, "who knows all 8 columns")):
        twin = shadowed(tmp_path / f"t{len(columns)}", here, twin_of, register, columns)
        ours = shadowed(tmp_path / f"o{len(columns)}", here, packaged, register, columns)
        attack_row.row(
            "8",
            tried=f"the same, by one {tried}",
            twin=f"AUC {twin[0]:.3f}",
            result=f"AUC {ours[0]:.3f}",
            limit="none promised",
            held=ours[0] < twin[0],
        )
