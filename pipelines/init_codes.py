"""Which codes a draft may hold: those that at least ten people share."""

from __future__ import annotations

import polars as pl

from pipelines.init_guess import LEAST, RARE_SHARE
from pipelines.init_register import Register
from pipelines.init_words import CPR_STATUS

# Reasons of columns that may tell one person from another.
_PEOPLES = ("why.shape_name", "why.heading_name", "why.shape_address", "why.heading_address", "why.some_cpr")


def keep_shared_codes(register: Register) -> None:
    """A draft holds the codes that at least ten people share: people, not rows, where anything tells them apart."""
    whose = _tell_apart(register)
    for guess in list(register.guesses.values()):
        if not guess.codes or guess.codes == CPR_STATUS:
            continue
        shape = register.shapes[guess.header]
        counted = (
            pl.DataFrame({"code": shape.text, **whose})
            .drop_nulls("code")
            .group_by("code")
            .agg(
                pl.min_horizontal(pl.col(name).drop_nulls().n_unique() for name in whose).alias("people"),
                pl.len().alias("rows"),
            )
        )
        kept = set(counted.filter(pl.col("people") >= LEAST)["code"])
        rare = int(counted.filter(pl.col("people") < LEAST)["rows"].sum())
        codes = tuple(code for code in guess.codes if code in kept)
        closed = bool(codes) and rare <= RARE_SHARE * shape.given
        register.change(guess.header, codes=codes if closed else (), rare_rows=rare)


def _tell_apart(register: Register) -> dict[str, pl.Series]:
    """Return what tells people apart: the person, else each number and name that may be theirs, else the row."""
    if register.person is not None:
        return {"whose": register.people()}
    whose = {
        f"whose_{place}": register.shapes[header].text
        for place, (header, guess) in enumerate(register.guesses.items())
        if (guess.looks_like_id and guess.role == "unknown") or guess.why.key in _PEOPLES
    }
    return whose or {"whose": pl.Series(range(register.table.frame.height))}
