"""How a reader works the combination's expected count out from the rows of its own table, with the card's figures."""

from __future__ import annotations

from reports.values import Card
from reports.wording import Speaker


def row_by_row(card: Card) -> bool:
    """Tell whether each row of the card has its expected count beside it."""
    return bool(card.rows) and all(row.expected is not None for row in card.rows)


def how(card: Card, both: str, say: Speaker) -> str:
    """Return the sum to do, by the rows in which the first part holds; `both` is what the last row is called.

    Among all for whom a part holds, the background expects as many as were seen (see pipelines/release_expected.py).
    Nothing where the card has no expected count in figures.
    """
    if card.expected is None:
        return ""
    if not row_by_row(card):
        return say("expected.withheld")
    mine = [row for row in card.rows if row.holds[0]]
    seen = sum(row.observed or 0 for row in mine)
    others = sum(row.expected or 0 for row in mine if not all(row.holds))
    facts: dict[str, str | int] = {"part": say.words(card.parts[0].label), "both": both, "seen": seen}
    key = "expected.how_two" if len(card.parts) == 2 else "expected.how_more"
    return say(key, facts, others=others, left=seen - others)
