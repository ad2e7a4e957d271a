"""One register while it is drafted: its files' tables as one, its columns' shapes and guesses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from pipelines.init_file import Table
from pipelines.init_guess import Guess, Note
from pipelines.init_shape import Shape
from pipelines.meaning import CPR_DAY, FULL_DAY
from pseudonymisation import cpr

ONE_A_PERSON = 0.95  # people a row, for a file to be the population
MANY_ROWS = 1_000_000  # more are not looked through for rows that stand twice


@dataclass(slots=True)
class Register:
    """What is known of it so far; `change` replaces one column's guess."""

    name: str
    pattern: str
    files: int
    table: Table
    shapes: dict[str, Shape]
    guesses: dict[str, Guess]
    population: bool = False
    keys: list[str] = field(default_factory=list)  # registers that its person or link is found in
    known: float | None = None  # of its people, the share that the population knows
    clients: tuple[Note, ...] = ()  # of the population: signs that it is a register of clients
    _people: tuple[str, pl.Series] | None = None

    @property
    def dated_name(self) -> bool:
        """Whether the file's name tells the day on which it was made."""
        return bool(FULL_DAY.search(self.table.file.name) or CPR_DAY.search(self.table.file.name))

    @property
    def person(self) -> Guess | None:
        return next((guess for guess in self.guesses.values() if guess.role == "person_identifier"), None)

    @property
    def dates(self) -> list[Guess]:
        """The dates that are kept, the fullest first; else whole days that the register counts itself."""
        kept = [guess for guess in self.guesses.values() if guess.role == "date" and guess.treatment != "drop"]
        kept = kept or [guess for guess in self.guesses.values() if guess.why.key == "why.days"]
        return sorted(kept, key=lambda guess: self.shapes[guess.header].text.null_count())

    def people(self) -> pl.Series:
        """Each row's person in one writing, null where there is none."""
        person = self.person
        if person is None:
            return pl.Series([], dtype=pl.String)
        text = self.shapes[person.header].text
        if person.shape == "text":
            return text
        if self._people is None or self._people[0] != person.header:
            digits = cpr.normalise_column(text)
            self._people = person.header, pl.select(pl.when(cpr.plausible_column(digits)).then(digits)).to_series()
        return self._people[1]

    def one_a_person(self) -> bool:
        """Return whether nearly every row is another person; rows that stand twice count once, as in a run."""
        people, rows = self.people().drop_nulls().n_unique(), self.table.frame.height
        if people < ONE_A_PERSON * rows <= MANY_ROWS:
            rows = self.table.frame.n_unique()
        return 0 < people >= ONE_A_PERSON * rows

    def change(self, header: str, **fields: object) -> None:
        self.guesses[header] = replace(self.guesses[header], **fields)  # type: ignore[arg-type]
