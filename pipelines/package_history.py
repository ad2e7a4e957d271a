"""What each receiver had before: who can be told apart by two packages beside one another is left out of the new.

An attacker who knows that somebody is in both packages looks for those whose class fits in each: they are 0 or at
least `smallest_difference` people, and so are those who went since. All earlier packages are held against the new one
together. The history lies sealed in the vault. Of somebody who was erased it has a random code in place of theirs.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import polars as pl

from pipelines import vault
from pipelines.context import Run
from pipelines.errors import InputError

__all__ = ["classes_of", "forget", "narrowed", "remember", "told_apart"]

FILE = "packages.vault"
MOST_LEFT_OUT = 0.02  # of the new package's people, for the sake of earlier ones; else it is refused


def classes_of(frame: pl.DataFrame, quasi: Sequence[str]) -> pl.DataFrame:
    """Return each person's class as it is told: person, class."""
    values = frame.select(quasi).rows()
    told = [hashlib.sha256(json.dumps(row, default=str).encode()).hexdigest()[:16] for row in values]
    return pl.DataFrame({"person": frame["person"], "class": pl.Series(told, dtype=pl.String)})


def told_apart(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Return the size of each group that an attacker with both packages can see: was, is, people. "" is not in it."""
    both = before.rename({"class": "was"}).join(now.rename({"class": "is"}), on="person", how="full", coalesce=True)
    return both.with_columns(pl.col("was", "is").fill_null("")).group_by("was", "is").agg(people=pl.len())


def narrowed(frame: pl.DataFrame, *, quasi: Sequence[str], earlier: Sequence[pl.DataFrame], least: int) -> pl.DataFrame:
    """Return a package's rows without those who would stand in a group of fewer than `least` people beside an earlier.

    Raises: InputError `package_history` where too many would have to go: give the receiver another package.
    """
    kept = frame
    before = _together(earlier)
    for _ in range(50):
        now = classes_of(kept, quasi)
        out = _to_leave_out(before, now, least)
        sizes = now.group_by("class").agg(people=pl.len()).filter(pl.col("people") < least)["class"]
        out |= set(now.filter(pl.col("class").is_in(sizes.to_list()))["person"])
        if not out:
            return kept
        kept = kept.filter(~pl.col("person").is_in(sorted(out)))
        if frame.height - kept.height > MOST_LEFT_OUT * frame.height:
            break
    raise InputError("package_history", file="package", least=least)


def remember(run: Run, receiver: str, frame: pl.DataFrame, quasi: Sequence[str]) -> None:
    """Keep what a receiver gets: a package of the same run again is the same package."""
    name = _domain(receiver)
    before = _all(run).filter((pl.col("receiver") != name) | (pl.col("run") != run.id))
    new = classes_of(frame, quasi).with_columns(receiver=pl.lit(name), run=pl.lit(run.id)).select(before.columns)
    vault.write_frame(run.vault / FILE, pl.concat([before, new]), run.subkey("vault"))


def forget(run: Run, codes: AbstractSet[str]) -> int:
    """Give the rows of somebody who was erased a random code, one a receiver; return how many there were.

    What a receiver had cannot be called back, so the guard must still count one person more in those classes, in all
    of that receiver's packages the same one. No key leads from the new code to a number. The rows are laid in the
    order of the codes: where a row stood among its neighbours' would tell where the old code was.
    """
    rows = _all(run)
    theirs = rows["person"].is_in(sorted(codes))
    if not theirs.any():
        return 0
    length = max(len(code) for code in codes)
    made = {name: secrets.token_hex(length)[:length] for name in rows.filter(theirs)["receiver"].unique().sort()}
    new = rows["receiver"].replace_strict(made, default=None, return_dtype=pl.String)
    rows = rows.with_columns(person=pl.when(theirs).then(new).otherwise("person"))
    vault.write_frame(run.vault / FILE, rows.sort(rows.columns), run.subkey("vault"))
    return int(theirs.sum())


def earlier_of(run: Run, receiver: str) -> list[pl.DataFrame]:
    """Return each earlier package of a receiver, as people and classes; the run's own is not earlier."""
    mine = _all(run).filter(pl.col("receiver") == _domain(receiver), pl.col("run") != run.id)
    return [part.select("person", "class") for part in mine.partition_by("run")]


def _together(earlier: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return each person's classes in all earlier packages, as one: two of them may leave fewer than either.

    Whoever cannot be told apart by all of them together cannot be told apart by any of them.
    """
    if not earlier:
        return pl.DataFrame(schema={"person": pl.String, "class": pl.String})
    joined = earlier[0].rename({"class": "0"})
    for place, one in enumerate(earlier[1:], 1):
        joined = joined.join(one.rename({"class": str(place)}), on="person", how="full", coalesce=True)
    return joined.select("person", pl.concat_str(pl.exclude("person").fill_null(""), separator="|").alias("class"))


def _to_leave_out(before: pl.DataFrame, now: pl.DataFrame, least: int) -> set[str]:
    """Whom to leave out so that no seen group stays small: all of it, or as many more as make it enough."""
    both = now.rename({"class": "is"}).join(before.rename({"class": "was"}), on="person", how="left")
    both = both.with_columns(pl.col("was").fill_null("")).with_columns(size=pl.len().over("was", "is"))
    out = set(both.filter(pl.col("size") < least)["person"])
    went = told_apart(before, now.filter(~pl.col("person").is_in(sorted(out)))).filter(
        pl.col("is") == "", pl.col("people") < least
    )
    for was, people in went.select("was", "people").iter_rows():
        rest = both.filter(pl.col("was") == was, ~pl.col("person").is_in(sorted(out)))
        largest = rest.sort("size", "is", "person", descending=[True, False, False])
        out |= set(largest["person"].head(least - people))
    return out


def _all(run: Run) -> pl.DataFrame:
    path = run.vault / FILE
    if path.exists():
        return vault.read_frame(path, run.subkey("vault"))
    return pl.DataFrame(schema={"receiver": pl.String, "run": pl.String, "person": pl.String, "class": pl.String})


def _domain(receiver: str) -> str:
    return " ".join(receiver.casefold().split())
