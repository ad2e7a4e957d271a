"""The people of a table, one row each, generalised by one method or the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.errors import InputError
from pseudonymisation.hierarchies import Hierarchy
from pseudonymisation.k_anonymity import Generalised, mondrian
from pseudonymisation.lattice import MOST_NODES, TooManyNodes, lattice
from pseudonymisation.vectors import certainty_lost, features, told, varying

PLACE = "undring place"  # which person of the table a row is
CLASS = "undring class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the table."""

    file: Path
    quasi: tuple[str, ...]
    sensitive: tuple[str, ...]
    keep: tuple[str, ...]
    id_column: str | None
    k: int
    l: int  # noqa: E741
    max_share: float
    max_suppressed: float

    @property
    def out(self) -> tuple[str, ...]:
        return (*self.quasi, *self.sensitive, *self.keep)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One row a person, and for every row of the table which of them it belongs to."""

    frame: pl.DataFrame  # PLACE, quasi-identifiers (or what they span), sensitive columns; sorted by PLACE
    place: pl.Series  # (rows of the table,)
    rows: pl.DataFrame  # PLACE and quasi-identifiers of every row of the table
    vary: tuple[str, ...]  # quasi-identifiers that differ between some person's rows

    @property
    def features(self) -> list[str]:
        """The columns by which classes are cut."""
        return [name for name in self.frame.columns if name != PLACE and not name.startswith("undring sensitive ")]


def people_of(frame: pl.DataFrame, raw: pl.DataFrame, asked: Asked) -> People:
    """Return the people. Raises: InputError if a row lacks its person, or there are fewer than k."""
    if asked.id_column is None:
        place = pl.Series(PLACE, np.arange(frame.height), dtype=pl.Int64)
    else:
        who = raw[asked.id_column]
        if who.has_nulls():
            first = int(who.is_null().arg_true()[0]) + 2
            raise InputError(
                "anonymise_id_missing", file=asked.file, column=asked.id_column, rows=who.null_count(), first=first
            )
        place = (who.str.strip_chars().rank("dense") - 1).cast(pl.Int64).alias(PLACE)
    rows = frame.select(*asked.quasi, *asked.sensitive).with_columns(place)
    vary = varying(rows, person=PLACE, columns=asked.quasi)
    people = features(rows, person=PLACE, columns=asked.quasi, vary=vary)
    # A person with several sensitive values stands with the first; the whole is measured afterwards.
    first_values = rows.group_by(PLACE, maintain_order=True).agg(
        pl.col(name).first().alias(_sensitive(name)) for name in asked.sensitive
    )
    if people.height < asked.k:
        raise InputError("anonymise_too_few", file=asked.file, people=people.height, k=asked.k)
    return People(
        frame=people.join(first_values, on=PLACE, maintain_order="left"), place=place, rows=rows, vary=tuple(vary)
    )


def by_lattice(people: People, asked: Asked, given: Mapping[str, Hierarchy]) -> tuple[Generalised, Mapping[str, int]]:
    """Return the people generalised at the best node, and the step of each column.

    Raises: InputError where a column varies within a person, there are too many nodes, or none will do.
    """
    for name in people.vary:
        several = people.rows.group_by(PLACE).agg(pl.col(name).n_unique().alias("values"))["values"]
        raise InputError("anonymise_varies", file=asked.file, column=name, people=int((several > 1).sum()))
    try:
        found = lattice(
            people.frame, quasi=asked.quasi, sensitive=all_sensitive(asked), k=asked.k, l=asked.l,
            max_share=asked.max_share, max_suppressed=asked.max_suppressed, hierarchies=given,
        )  # fmt: skip
    except TooManyNodes as error:
        raise InputError("anonymise_nodes", file=asked.file, nodes=error.nodes, most=MOST_NODES) from None
    if found is None:
        raise _impossible(asked)
    return found.made, found.steps


def by_mondrian(people: People, asked: Asked) -> Generalised:
    """Return the people generalised class by class; what varies within a person is told for the class as a whole.

    Raises: InputError where not even the whole table keeps the promise.
    """
    cut = people.features
    made = mondrian(
        people.frame, quasi=cut, sensitive=all_sensitive(asked), k=asked.k, l=asked.l, max_share=asked.max_share
    )
    if made.frame.is_empty():
        raise _impossible(asked)
    if not people.vary:
        return made
    classes = made.frame.with_columns(pl.struct(cut).rank("dense").alias(CLASS))
    rows = people.rows.join(classes.select(PLACE, CLASS), on=PLACE)
    wide = told(rows, classes=CLASS, vary=people.vary)
    frame = classes.drop(people.vary).join(wide, on=CLASS, maintain_order="left")
    lost = certainty_lost(rows, person=PLACE, classes=CLASS, columns=asked.quasi)
    return replace(made, frame=frame, gcp=lost)


def _sensitive(name: str) -> str:
    return f"undring sensitive {name}"


def all_sensitive(asked: Asked) -> list[str]:
    """Return the names that the sensitive columns have in `People.frame`."""
    return [_sensitive(name) for name in asked.sensitive]


def _impossible(asked: Asked) -> InputError:
    return InputError("anonymise_impossible", file=asked.file, l=asked.l, share=int(asked.max_share * 100))
