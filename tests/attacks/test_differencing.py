"""Attack 7 (b): subtract one printed group from another that contains it, also across releases."""

from itertools import combinations, product

import numpy as np

from pseudonymisation.disclosure import Group, audit, nested_differences

NAMES = ["alene", "flyttet", "ny_hjemmepleje", "fald"]
LIMIT, DIFFERENCE = 10, 5


def people(seed, size=900):
    """Who has what: characteristics that often go together, so that groups are nearly the same."""
    random = np.random.default_rng(seed)
    base = random.random(size) < 0.3
    having = {name: base ^ (random.random(size) < 0.02 * (1 + place)) for place, name in enumerate(NAMES)}
    return having, random.random(size) < 0.2 + 0.3 * base


def printed(having, outcome, release=""):
    """Every group of one to three characteristics that is large enough to print."""
    groups = []
    for order in (1, 2, 3):
        for names in combinations(NAMES, order):
            inside = np.logical_and.reduce([having[name] for name in names])
            observed = int((inside & outcome).sum())
            if min(observed, inside.sum() - observed) >= LIMIT:
                groups.append(
                    Group(id=f"{release}{'+'.join(names)}", conditions=frozenset(names), people=int(inside.sum()),
                          observed=observed, release=release)
                )  # fmt: skip
    return groups


def learned(groups):
    """Small counts an attacker gets by subtracting nested groups, and by inclusion and exclusion of four."""
    found = []
    for one, other in product(groups, groups):
        if one.conditions < other.conditions:
            for (_, outer), (_, inner) in zip(one.counts(), other.counts(), strict=True):
                found.append(abs(outer - inner))
    table = {group.conditions: group for group in groups}
    for one, other in combinations(table, 2):
        if one | other in table and one & other in table and not (one <= other or other <= one):
            four = (table[one & other], table[one], table[other], table[one | other])
            for (_, a), (_, b), (_, c), (_, d) in zip(*(group.counts() for group in four), strict=True):
                found.append(abs(a - b - c + d))
    return [count for count in found if 1 <= count < DIFFERENCE]


def held_back(groups):
    """What is left to print when every group that a violation names is held back, until there is none."""
    while violations := audit(groups, smallest_group=LIMIT, smallest_difference=DIFFERENCE):
        worst = {violation.inner for violation in violations}
        groups = [group for group in groups if group.id not in worst]
    return groups


def test_nested_groups_that_are_each_large_enough_give_small_ones_away():
    assert sum(len(learned(printed(*people(seed)))) for seed in range(5)) > 15  # the attack works


def test_after_the_audit_no_subtraction_leaves_one_to_four_people(attack_row):
    kept = tried = twin = got = 0
    for seed in range(5):
        groups = held_back(printed(*people(seed)))
        everything = printed(*people(seed))
        tried, twin, got = tried + len(everything), twin + len(learned(everything)), got + len(learned(groups))
        kept += len(groups)
    attack_row.row(
        "7", tried=f"{tried} nested groups, every pair and every four", twin=f"{twin} small counts",
        result=f"{got} small counts", limit="0", held=got == 0,
    )  # fmt: skip
    assert kept > 10  # and something is still printed


def test_a_later_release_subtracts_from_an_earlier_one():
    having, outcome = people(1)
    before = held_back(printed(having, outcome, "U-2026-01 "))
    moved = {name: holds.copy() for name, holds in having.items()}
    for name in NAMES:  # two citizens more have everything
        moved[name][np.flatnonzero(~having[name])[:2]] = True
    after = printed(moved, outcome, "U-2026-02 ")
    assert learned_across(
        before, held_back(after)
    )  # each release is safe by itself, both together are not: the attack works
    bad = {v.inner for v in nested_differences([*before, *after], smallest_difference=DIFFERENCE)}
    safe = [group for group in after if group.id not in bad]
    assert not learned_across(before, safe)


def learned_across(before, after):
    return [
        count
        for one in before
        for other in after
        if one.conditions <= other.conditions
        for count in (abs(a - b) for (_, a), (_, b) in zip(one.counts(), other.counts(), strict=True))
        if 1 <= count < DIFFERENCE
    ]
