"""Attack 4: no row can be told apart, but everybody in the class has the same illness."""

import numpy as np
import polars as pl

from pseudonymisation.k_anonymity import keep_diverse, keep_k_anonymous, mondrian

QUASI = ["age", "district"]
random = np.random.default_rng(5)
PEOPLE = 4_000
AGE = random.integers(65, 96, PEOPLE)
DISTRICT = random.choice(["Nord", "Syd", "Vest"], PEOPLE)
# The oldest in Nord all have dementia, and nearly all of the oldest in Syd: what a class can give away.
SICK = np.where((AGE > 88) & (DISTRICT == "Nord"), "demens", random.choice(["kol", "hjerte", "ingen"], PEOPLE))
SICK = np.where((AGE > 88) & (DISTRICT == "Syd") & (random.random(PEOPLE) < 0.93), "demens", SICK)
TABLE = pl.DataFrame({"row": np.arange(PEOPLE), "age": AGE, "district": DISTRICT, "sick": SICK})


def learned(released, certainty):
    """People whose illness a neighbour reads off their class with at least this certainty."""
    share = pl.len().over([*QUASI, "sick"]) / pl.len().over(QUASI)
    return released.filter(share.max().over(QUASI) >= certainty).height


def test_k_anonymity_alone_gives_illnesses_away():
    made = mondrian(TABLE, quasi=QUASI, k=10)
    assert learned(made.frame, 1.0) > 100  # the attack works
    assert learned(made.frame, 0.85) > 200
    kept = keep_k_anonymous(TABLE, person="row", quasi_identifiers=QUASI, k=10)
    assert learned(kept, 1.0) > 100


def test_diverse_classes_with_a_capped_share_give_none_away(attack_row):
    made = mondrian(TABLE, quasi=QUASI, sensitive=["sick"], k=10, l=3, max_share=0.8)
    assert made.suppressed == 0
    alone = mondrian(TABLE, quasi=QUASI, k=10).frame
    attack_row.row(
        "4", tried=f"{PEOPLE} people, certainty above 80 %", twin=f"{learned(alone, 0.8 + 1e-9)} read off",
        result=f"{learned(made.frame, 0.8 + 1e-9)} read off", limit="0", held=learned(made.frame, 0.8 + 1e-9) == 0,
    )  # fmt: skip
    assert made.frame.group_by(QUASI).agg(pl.col("sick").n_unique())["sick"].min() >= 3
    kept = keep_diverse(TABLE, quasi=QUASI, sensitive=["sick"], l=3, max_share=0.8)
    assert learned(kept, 0.8 + 1e-9) == 0
    assert kept.height > PEOPLE / 2


def test_three_values_without_the_cap_are_not_enough():
    made = mondrian(TABLE, quasi=QUASI, sensitive=["sick"], k=10, l=3, max_share=1.0)
    assert learned(made.frame, 0.85) > 0  # why the cap is there
