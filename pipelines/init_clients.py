"""Is the population everybody, or only those whom somebody already helps? What a file shows of it, without a value.

A register of clients has one row a person too. Two things that each lead into it can look like a pattern among those
who are there (docs/traps.md, row 10), so a person is asked where there is any sign of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from pipelines.init_guess import Note, percent
from pipelines.init_register import Register
from pipelines.init_words import CPR_STATUS, DEATH, says

__all__ = ["signs_of_clients"]

STRANGERS = 0.1  # of other registers' people, a population may not know so many: numbers typed wrong are fewer
ALL_SEEN = 0.95  # of the population, so many have a row elsewhere: of everybody, some need nothing
FEWEST = 20  # people: of fewer nothing is said


def signs_of_clients(population: Register, registers: Sequence[Register]) -> Iterator[Note]:
    """Return each sign that the register is one of clients, as counts and headings show it.

    That nearly everybody has a row elsewhere is no sign alone: an extract of moves and addresses has everybody too.
    """
    here = population.people().drop_nulls().unique()
    others = [one.people().drop_nulls() for one in registers if one is not population and one.person is not None]
    seen = pl.concat(others).unique() if others else here.clear()
    many = min(len(seen), len(here)) >= FEWEST
    strange = 1 - _share(seen, here) if many else 0.0
    if strange > STRANGERS:
        yield Note("clients.strangers", {"share": percent(strange)})
    guesses = population.guesses.values()
    dead_told = any(guess.codes == CPR_STATUS or says(guess.header, DEATH) for guess in guesses)
    if not dead_told:
        yield Note("clients.no_dead")
    if (strange > STRANGERS or not dead_told) and many and _share(here, seen) >= ALL_SEEN:
        yield Note("clients.all_seen")


def _share(some: pl.Series, of: pl.Series) -> float:
    return float(some.is_in(of.implode()).mean() or 0)  # type: ignore[arg-type]
