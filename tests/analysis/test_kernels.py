"""The kernels against a plain road: every combination by a boolean mask, its sums by numpy."""

from itertools import combinations

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import logit

from analysis import Settings, counting, scan
from analysis.counting import count_rest, unpack, walk_rest
from analysis.kernels import ADDED_RATES, ADDED_RISKS, ODDS, RATES, contrast_root
from analysis.lists import active_lists, by_characteristic, lanes, packed_words, steps_of, turned_about
from analysis.table import workers


def plain_root(cells, signs):
    """The signed root by a bracketing solver and the textbook deviance; of a pair as much larger as it spreads less."""
    people, observed, expected, weight = cells.T
    up = signs > 0
    low = max((observed - people)[up].max(), (-observed)[~up].max())
    high = min(observed[up].min(), (people - observed)[~up].min())
    if low >= high:
        return 0.0
    target = (signs * logit(expected / people)).sum()
    shift = brentq(
        lambda t: (signs * logit((observed - signs * t) / people)).sum() - target, low + 1e-12, high - 1e-12, xtol=1e-13
    )
    m = observed - signs * shift

    def part(count, fitted):
        return np.where(count > 0, count * np.log(np.where(count > 0, count / fitted, 1.0)), 0.0).sum()

    deviance = 2 * (part(observed, m) + part(people - observed, people - m))
    more = (1 / weight).sum() / (1 / (expected * (1 - expected / people))).sum()
    return np.sign(shift) * np.sqrt(deviance * (max(more, 1.0) if len(cells) == 4 else 1.0))


def world(seed, people=400, count=6, share=0.5):
    rng = np.random.default_rng(seed)
    held = rng.uniform(size=(count, people)) < rng.uniform(0.3, share + 0.3, size=(count, 1))
    mu = rng.uniform(0.1, 0.6, size=people)
    outcome = (rng.uniform(size=people) < mu).astype(float)
    return held, mu, outcome


def scanned(
    held, mu, outcome, monkeypatch, *,
    max_order=3, kernel=0, floor_people=5, floor_expected=1.0, threads=2, weight=None, family=ODDS,
):  # fmt: skip
    """Scan and list everything, however little it stands out. Returns tested by order, contrasts and joints."""
    for order in scan.LISTED_FROM:
        monkeypatch.setitem(scan.LISTED_FROM, order, 0.0)
    monkeypatch.setattr(scan, "STRONGEST", 10_000)
    chosen = Settings(max_order=max_order, floor_people=floor_people, floor_expected=floor_expected, threads=threads)
    allowed = ~np.eye(len(held), dtype=bool)
    with workers(chosen) as pool:
        scanner = scan.Scanner(held, allowed, chosen, pool, family, kernel=kernel)
        screen = scanner.scan(outcome, mu, weight, progress=lambda _share: None)
        again = scanner.rescan(outcome, mu, weight)
    assert again == screen  # listed or not, each is read alike
    contrasts = {one.members: one.stat for order in screen.contrasts.values() for one in order}
    joints = {one.members: one.stat for order in screen.joints.values() for one in order}
    return screen.tested, contrasts, joints


def plain_cells(held, members, mu, outcome):
    order = len(members)
    code = sum(held[member].astype(int) << place for place, member in enumerate(members))
    signs = np.array([(-1.0) ** (order - bin(cell).count("1")) for cell in range(1 << order)])
    rows = [code == cell for cell in range(1 << order)]
    cells = np.array([[r.sum(), outcome[r].sum(), mu[r].sum(), (mu * (1 - mu))[r].sum()] for r in rows], dtype=float)
    return cells, signs


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), share=st.floats(0.2, 0.6), kernel=st.integers(0, 2), max_order=st.integers(2, 5))
def test_every_combination_is_read_as_by_plain_counting(monkeypatch, seed, share, kernel, max_order):
    held, mu, outcome = world(seed, share=share)
    floor = 0.0 if kernel == 2 else 1.0  # of 400 people no 64 are alike: their expectation is near, not exact
    tested, contrasts, joints = scanned(
        held, mu, outcome, monkeypatch, max_order=max_order, kernel=kernel, floor_expected=floor
    )
    seen = dict.fromkeys(range(2, max_order + 1), 0)
    for order in seen:
        for members in combinations(range(len(held)), order):
            cells, signs = plain_cells(held, members, mu, outcome)
            if (cells[:, 0] < 5).any() or (cells[:, 2] < floor).any() or (cells[:, 0] - cells[:, 2] < floor).any():
                assert members not in contrasts
                continue
            seen[order] += 1
            np.testing.assert_allclose(contrasts[members], plain_root(cells, signs), rtol=1e-3, atol=1e-3)
            if order > 2:
                x = np.array([[1, *(held[member][person] for member in members)] for person in range(len(mu))], float)
                w = mu * (1 - mu)
                s = np.logical_and.reduce(held[list(members)])
                v = x.T @ (w * s)
                left = (w * s).sum() - v @ np.linalg.solve(x.T @ (x * w[:, None]), v)
                np.testing.assert_allclose(
                    joints[members], (outcome - mu)[s].sum() / np.sqrt(left), rtol=1e-3, atol=1e-3
                )
    assert {order: tested[order] for order in seen if order < 5} == {o: n for o, n in seen.items() if o < 5}
    assert tested.get(5, 0) >= seen.get(5, 0)  # a bound: a fifth member of whatever four


def alike(held, mu, outcome):
    """The people ordered by outcome and expectation, as the kernels take those of the first characteristic."""
    order = np.lexsort((mu, outcome))
    held, mu, outcome = held[:, order], mu[order], outcome[order]
    lists, words, holds = active_lists(packed_words(held), len(mu))
    turned = held ^ lists.flipped.astype(bool)[:, None]
    np.testing.assert_array_equal(lists.active, np.concatenate([np.flatnonzero(one) for one in turned.T]))
    np.testing.assert_array_equal(turned_about(holds, len(held)), words)
    asked = np.arange(len(held)) % 2 == 0
    listed = by_characteristic(lists, asked)
    for one in range(len(held)):
        mine = slice(listed.starts[one], listed.starts[one + 1])
        np.testing.assert_array_equal(listed.people[mine], np.flatnonzero(turned[one]) if asked[one] else [])
        assert (lists.active[listed.places[mine]] == one).all()
    mine = slice(listed.starts[0], listed.starts[1])
    walk = (listed.people[mine], listed.places[mine], lists.ends, lists.active)
    return held, mu, outcome, lists, walk, holds


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.0, 0.02, 0.2, 0.9, 1.0]), order=st.integers(3, 5))
def test_chosen_people_are_summed_as_by_a_mask(seed, share, order):
    rng = np.random.default_rng(seed)
    held = rng.uniform(size=(7, int(rng.integers(1, 20_000)))) < share ** (1 / order)
    packed = rng.integers(0, 1_000, size=(held.shape[1], 2))
    groups = rng.integers(0, 7, size=(9, order))
    sums = np.zeros((9, 2), dtype=np.int64)
    counting.held_sums(groups, packed_words(held), packed, sums)
    np.testing.assert_array_equal(sums, [packed[held[group].all(axis=0)].sum(axis=0) for group in groups])


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_the_steps_of_a_walk_are_counted_as_it_takes_them(seed):
    held, mu, _ = world(seed)
    lists, _, _ = active_lists(packed_words(held), len(mu))
    turned = held ^ lists.flipped.astype(bool)[:, None]
    later = [turned[first + 1 :][:, turned[first]].sum(axis=0) for first in range(len(held))]
    np.testing.assert_array_equal(steps_of(lists), [(one * (one - 1) / 2).sum() for one in later])


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000))
def test_64_words_turned_about_are_a_square_of_bits_turned_about(seed):
    words = np.random.default_rng(seed).integers(0, 2**63, size=64).astype(np.uint64)
    turned = words.copy()
    counting.turn(turned)
    square, about = (np.unpackbits(one.view(np.uint8), bitorder="little").reshape(64, 64) for one in (words, turned))
    np.testing.assert_array_equal(about, square.T)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), people=st.integers(100, 5_000), level=st.floats(0.01, 0.9))
def test_counting_bits_gives_the_sums_of_walking_lists(seed, people, level):
    held, mu, outcome = world(seed, people=people, count=9)
    mu[outcome > 0] = level  # those of a word are alike
    mu[outcome == 0] = level / 2
    held, mu, outcome, lists, walk, holds = alike(held, mu, outcome)
    packed = lanes(outcome, mu, mu * (1 - mu))
    rows = 8 * 7 // 2
    slab, walked, counted = np.zeros((rows, 2), dtype=np.int64), np.empty((rows, 4)), np.zeros((rows, 4))
    walk_rest(*walk, packed.packed, 0, 8, slab)
    unpack(slab, packed.shift, packed.units, walked)
    highest = np.array([mu.max(), (mu * (1 - mu)).max()])
    wanted = np.ones(rows, dtype=np.uint8)
    count_rest(walk[0], holds, outcome, mu, mu * (1 - mu), packed.units, highest, 0, 8, wanted, counted)
    np.testing.assert_array_equal(counted[:, :2], walked[:, :2])
    np.testing.assert_allclose(counted, walked, rtol=1e-6)
    turned = held ^ lists.flipped.astype(bool)[:, None]
    together = [(turned[0] & turned[b] & turned[c]) for b, c in combinations(range(1, 9), 2)]
    np.testing.assert_array_equal(walked[:, 0], [one.sum() for one in together])
    np.testing.assert_allclose(walked[:, 2], [mu[one].sum() for one in together], rtol=1e-6)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), counts=st.booleans(), lowest=st.floats(-0.3, 0.0))
def test_whole_number_weights_give_back_every_sum(seed, counts, lowest):
    rng = np.random.default_rng(seed)
    people = int(rng.integers(1, 3_000))
    outcome = rng.poisson(1.2, size=people).astype(float) if counts else rng.uniform(size=people)
    mu, weight = rng.uniform(lowest, 2.0, size=people), rng.uniform(0, 5.0, size=people)
    packed = lanes(outcome, mu, weight)
    some = rng.uniform(size=people) < rng.uniform()
    sums = np.empty((1, 4))
    unpack(packed.packed[some].sum(axis=0, keepdims=True), packed.shift, packed.units, sums)
    plain = [some.sum(), outcome[some].sum(), mu[some].sum(), weight[some].sum()]
    np.testing.assert_allclose(sums[0], plain, rtol=1e-4, atol=0.0 if counts else 1e-5 * people)


@settings(deadline=None, max_examples=200)
@given(seed=st.integers(0, 100_000), order=st.integers(2, 4))
@example(seed=27_399, order=4)  # the solution lies a millionth of an outcome from where a cell is empty
def test_a_contrast_root_is_that_of_a_plain_solver_even_where_cells_are_empty(seed, order):
    rng = np.random.default_rng(seed)
    size = 1 << order
    people = rng.integers(5, 300, size=size).astype(float)
    expected = people * rng.uniform(0.02, 0.7, size=size)
    observed = np.minimum(rng.poisson(expected * rng.choice([0.0, 1.0, 2.0], size=size)), people).astype(float)
    cells = np.column_stack([people, observed, expected, expected * (1 - expected / people)])
    signs = np.array([(-1.0) ** (order - bin(cell).count("1")) for cell in range(size)])
    np.testing.assert_allclose(contrast_root(cells, signs), plain_root(cells, signs), rtol=1e-4, atol=2e-4)


def test_a_characteristic_and_its_opposite_give_the_same_contrast_with_the_sign_turned(monkeypatch):
    held, mu, outcome = world(5)
    opposite = held.copy()
    opposite[0] = ~opposite[0]
    _, one, _ = scanned(held, mu, outcome, monkeypatch, max_order=4)
    _, other, _ = scanned(opposite, mu, outcome, monkeypatch, max_order=4)
    assert one.keys() == other.keys()
    assert {len(members) for members in one} == {2, 3, 4}
    for members, stat in one.items():
        np.testing.assert_allclose(stat, -other[members] if 0 in members else other[members], atol=1e-6)


def test_sums_are_the_same_bit_for_bit_for_any_number_of_threads(monkeypatch):
    held, mu, outcome = world(7, people=6_000, count=9)
    one, two, three = (scanned(held, mu, outcome, monkeypatch, max_order=4, threads=threads) for threads in (1, 2, 3))
    assert one == two == three


@settings(deadline=None, max_examples=8)
@given(
    seed=st.integers(0, 10_000),
    kernel=st.integers(0, 2),
    max_order=st.integers(3, 4),
    share=st.sampled_from([0.05, 0.5]),
)
def test_a_scan_with_the_lists_of_another_outcome_is_a_scan_from_the_start(seed, kernel, max_order, share):
    held, mu, outcome = world(seed, people=5_000, count=8)
    held[::2] &= np.random.default_rng(seed).uniform(size=(4, 5_000)) < share  # some are walked, some counted
    counts = np.random.default_rng(seed).gamma(2.0, size=5_000)  # of many sizes: always walked
    chosen = Settings(max_order=max_order, threads=2, floor_people=5, floor_expected=1.0)
    apart = ~np.eye(len(held), dtype=bool)
    with workers(chosen) as pool:
        last = None
        for values in (outcome, 1.0 - outcome, counts):
            last = scan.Scanner(held, apart, chosen, pool, kernel=kernel, like=last)
            alone = scan.Scanner(held, apart, chosen, pool, kernel=kernel)
            for fitted in (mu, 0.6 * mu):
                one, other = (each.scan(values, fitted, progress=lambda _share: None) for each in (last, alone))
                assert one == other
            assert len(one.joints[3])  # with too little expected some stand out


def test_the_memory_of_counting_is_a_block_whatever_the_people():
    later = 200
    words = counting.BLOCK_BYTES // (8 * later)
    assert words * later * 8 <= counting.BLOCK_BYTES
    # In a table many blocks long each block is cleared and used again: the sums are those of plain counting.
    held, mu, outcome = world(9, people=70_000, count=4)
    held, mu, outcome, lists, walk, holds = alike(held, mu, outcome)
    wide = np.zeros((later * (later - 1) // 2, 4))
    wanted = np.zeros(len(wide), dtype=np.uint8)
    rows = [0, 1, later - 1]  # the pairs of characteristics 1, 2 and 3, the only ones that anybody has
    wanted[rows] = 1
    weight = mu * (1 - mu)
    units, highest = np.array([1.0, 1.0, 1.0, 0.0]), np.array([mu.max(), weight.max()])
    holds = np.pad(holds, ((0, 0), (0, 3)))  # as many as 256 characteristics
    count_rest(walk[0], holds, outcome, mu, weight, units, highest, 0, later, wanted, wide)
    turned = held ^ lists.flipped.astype(bool)[:, None]
    assert len(walk[0]) > 64 * words
    for row, (b, c) in zip(rows, combinations((1, 2, 3), 2), strict=True):
        together = turned[0] & turned[b] & turned[c]
        assert wide[row, 0] == together.sum()
        assert wide[row, 1] == outcome[together].sum()
        np.testing.assert_allclose(wide[row, 2], mu[together].sum(), rtol=1e-4)


def plain_rates_root(cells, signs):
    """The signed root for Poisson counts, by a bracketing solver and the textbook deviance."""
    observed, expected = cells[:, 1], cells[:, 2]
    low, high = -observed[signs < 0].min(), observed[signs > 0].min()
    if low >= high:
        return 0.0
    target = (signs * np.log(expected)).sum()
    shift = brentq(
        lambda t: (signs * np.log(observed - signs * t)).sum() - target, low + 1e-12, high - 1e-12, xtol=1e-13
    )
    m = observed - signs * shift
    part = np.where(observed > 0, observed * np.log(np.where(observed > 0, observed / m, 1.0)), 0.0) - (observed - m)
    return np.sign(shift) * np.sqrt(max(2 * part.sum(), 0.0))


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 100_000), order=st.integers(2, 3))
def test_a_contrast_root_of_rates_is_that_of_a_plain_solver(seed, order):
    rng = np.random.default_rng(seed)
    size = 1 << order
    expected = rng.uniform(5, 300, size=size)
    observed = rng.poisson(expected * rng.choice([0.02, 1.0, 2.0], size=size)).astype(float)
    cells = np.column_stack([np.full(size, 50.0), observed, expected, expected])  # more outcomes than people, too
    signs = np.array([(-1.0) ** (order - bin(cell).count("1")) for cell in range(size)])
    np.testing.assert_allclose(contrast_root(cells, signs, RATES), plain_rates_root(cells, signs), rtol=2e-4, atol=2e-4)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), family=st.sampled_from([ADDED_RISKS, ADDED_RATES]))
def test_where_effects_add_a_score_is_what_the_people_one_by_one_give(monkeypatch, seed, family):
    held, mu, outcome = world(seed)
    rng = np.random.default_rng(seed)
    time = np.ones_like(mu) if family == ADDED_RISKS else rng.uniform(0.5, 2.0, size=len(mu))
    _, contrasts, joints = scanned(held, mu, outcome, monkeypatch, weight=time, family=family)
    for members in combinations(range(len(held)), 3):
        if members not in contrasts:
            continue
        code = sum(held[member].astype(int) << place for place, member in enumerate(members))
        people, expected = np.bincount(code, minlength=8), np.bincount(code, weights=mu, minlength=8)
        spread = np.maximum(expected * (1 - expected / people) if family == ADDED_RISKS else expected, 1.0)[code]
        spread = spread / people[code]  # a cell's variance, spread over its people
        signs = np.array([(-1.0) ** (3 - bin(cell).count("1")) for cell in range(8)])
        direction = (signs / np.bincount(code, weights=time, minlength=8))[code]
        wanted = direction @ (outcome - mu) / np.sqrt(direction**2 @ spread)
        np.testing.assert_allclose(contrasts[members], wanted, rtol=1e-3, atol=1e-3)
        x = np.column_stack([np.ones(len(mu)), *held[list(members)]]).astype(float)
        whole = (code == 7).astype(float)
        own = whole - x @ np.linalg.solve(x.T @ (x * time[:, None]), x.T @ (time * whole))
        score = (outcome - mu)[code == 7].sum() / np.sqrt(own**2 @ spread)
        np.testing.assert_allclose(joints[members], score, rtol=1e-3, atol=1e-3)
