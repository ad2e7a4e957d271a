"""Several outcomes in one run: the people made ready once, and one alpha over all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

from analysis.characteristics import Definitions
from analysis.confirm import LookFor
from analysis.families import is_known, known_of
from analysis.search import search
from analysis.settings import CannotSearch, Settings
from analysis.shared import Shared, sharing
from analysis.values import Asked, Condition, Discovery

Progress = Callable[[float], None]


def search_outcomes(
    frame: pl.DataFrame,
    definitions: Definitions,
    outcomes: Sequence[Asked],
    *,
    adjust: Sequence[str] = (),
    cluster: str | None = None,
    settings: Settings,
    progress: Progress | None = None,
    look: LookFor | None = None,
    taken: Sequence[tuple[Condition, ...]] = (),
    shared: Shared | None = None,
) -> Discovery:
    """Search every combination for each outcome, at family-wise `settings.alpha` over all of them together.

    Each outcome is searched at its share of alpha, in the people of whom it is known, by everything that does not give
    it away; no outcome is a characteristic. `p_search` is adjusted for the whole run. The first one's Discovery is
    returned, with the `others` in it. Raises: CannotSearch as `search` does, with the outcome's `column`.
    """
    if shared is None:
        with sharing(settings) as made:
            return search_outcomes(
                frame, definitions, outcomes, adjust=adjust, cluster=cluster, settings=settings, progress=progress,
                look=look, taken=taken, shared=made,
            )  # fmt: skip
    names = {name for one in outcomes for name in one.columns}
    usable, settings = definitions.without(frozenset(names)), replace(settings, outcomes=len(outcomes))
    found: list[Discovery] = []
    for place, asked in enumerate(outcomes):
        people = known_of(frame, asked)
        try:
            made_of_one = search(
                people, usable.without(frozenset(asked.without)), outcome=asked.column, positive=asked.positive,
                kind=asked.kind, follow_up=asked.follow_up, adjust=[one for one in adjust if one not in asked.without],
                cluster=cluster, settings=settings, look=None if look is None else look(asked, people), taken=taken,
                progress=_part(progress, place, len(outcomes)), shared=shared, who=_who(frame, people, asked),
            )  # fmt: skip
        except CannotSearch as error:
            facts = error.facts if "column" in error.facts else {"column": asked.column, **error.facts}
            raise CannotSearch(error.code, **facts) from None
        found.append(_labelled(made_of_one, asked.column if place else None, frame.height - people.height))
    return replace(found[0], others=tuple(found[1:]))


def _labelled(found: Discovery, label: str | None, unknown: int) -> Discovery:
    """Return a search whose findings say which outcome they are of."""
    findings = tuple(replace(one, outcome=label) for one in found.findings)
    return replace(found, label=label, unknown=unknown, findings=findings)


def _who(frame: pl.DataFrame, people: pl.DataFrame, asked: Asked) -> bytes:
    """Return who of the frame these people are; nothing where it is everybody."""
    return b"" if people is frame else is_known(frame, asked).tobytes()


def _part(progress: Progress | None, place: int, of: int) -> Progress | None:
    if progress is None:
        return None
    return lambda share: progress((place + share) / of)
