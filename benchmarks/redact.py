"""What redaction finds in text that nobody here wrote, and how fast it is.

Run: UNDRING_DATA=… python -m benchmarks.redact
Newspaper Danish (danish_ner; the vocabulary took words from what train showed, and none from dev) and names of two
backgrounds (danish_names). The peer for speed is one plain regular expression for a CPR number, the least any
redaction must do.
"""

from __future__ import annotations

import gzip
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from pseudonymisation.free_text import Redactor, Trace, redact_column

FRAMES = ("Hun har talt med {} om besøget.", "I dag ville {} ikke spise.")
NOTES = (
    "Borger har sovet godt, spist morgenmad og taget sin medicin. Blodtryk 141/82, puls 78.",
    "Talt med datteren Mette Holm om besøget på torsdag. Ring 20 30 40 50.",
    "Hjælp til bad udført. Sår på venstre hæl skiftet, væsker lidt. Aftalt nyt besøg i morgen kl. 9.",
    "Se notat fra Anna Jensen, cpr. 610150-1234. Bor på Nygade 12, 2. tv, 8000 Aarhus C.",
    "Borger er urolig og spørger efter sin mand. Der er givet Panodil 1 g kl. 22, god effekt.",
)
AT_LEAST = 5  # times presidio's own analysis
PLAIN = re.compile(r"\b[0-9]{6}-?[0-9]{4}\b")


@dataclass(frozen=True, slots=True)
class Found:
    """Tokens of people's names, those removed, others removed as a name, others removed at all, all others."""

    persons: int
    removed: int
    as_name: int
    gone: int
    others: int

    @property
    def recall(self) -> float:
        return self.removed / self.persons

    @property
    def precision(self) -> float:
        """Of people's tokens replaced and others replaced as a name: the share that is a person's."""
        return self.removed / (self.removed + self.as_name)

    @property
    def precision_of_all(self) -> float:
        """Of all tokens replaced, whatever by: the share that is a person's."""
        return self.removed / (self.removed + self.gone)


class Finder(Protocol):
    """Whatever finds traces in a text."""

    def traces(self, text: str) -> list[Trace]: ...


def in_newspaper(redactor: Finder, file: Path) -> Found:
    """Return what is found in a CoNLL file, token by token; marks are not counted among the people."""
    persons = removed = as_name = gone = others = 0
    for sentence in _sentences(file):
        text = " ".join(token for token, _ in sentence)
        traces = redactor.traces(text)
        start = 0
        for token, tag in sentence:
            end = start + len(token)
            if not tag.endswith("PER"):
                over = [trace.type for trace in traces if trace.start < end and start < trace.end]
                others, gone, as_name = others + 1, gone + bool(over), as_name + ("NAVN" in over)
            elif any(letter.isalpha() for letter in token):
                persons += 1
                removed += any(trace.start <= start and end <= trace.end for trace in traces)
            start = end + 1
    return Found(persons, removed, as_name, gone, others)


def by_background(redactor: Redactor, file: Path, frame: str) -> dict[str, float]:
    """Return the share of names of each background that is removed from a sentence."""
    table = pl.read_csv(file).filter(pl.col("name").str.len_chars() > 1)
    found = {}
    for background in sorted(table["ethnicity"].unique()):
        names = table.filter(pl.col("ethnicity") == background)["name"].to_list()
        found[background] = sum(name not in redactor.text(frame.format(name)) for name in names) / len(names)
    return found


def texts_a_second(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Return texts a second of processor time, the best of three."""
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        for text in texts:
            work(text)
        best = max(best, len(texts) / (time.process_time() - start))
    return best


def main() -> None:
    data = os.environ.get("UNDRING_DATA")
    ways = {"default": Redactor(), "closed": Redactor(closed=True)}
    if data:
        names = frozenset(pl.read_csv(Path(data) / "danish_names.csv.gz")["name"])
        ways["default, --names danish_names"] = Redactor(names=names)
        for part in ("train", "dev"):
            for way, redactor in ways.items():
                found = in_newspaper(redactor, Path(data) / "danish_ner" / f"{part}.conll.gz")
                print(
                    f"danish_ner/{part}, {way}: recall {found.recall:.3f} of {found.persons} person tokens, "
                    f"precision of NAVN {found.precision:.3f}, of all that is replaced {found.precision_of_all:.3f}; "
                    f"{found.gone / found.others:.1%} of other tokens replaced"
                )
        for way in ("default", "closed"):
            for frame in FRAMES:
                alike = by_background(ways[way], Path(data) / "danish_names.csv.gz", frame)
                told = ", ".join(f"{background} {share:.1%}" for background, share in alike.items())
                apart = 100 * (max(alike.values()) - min(alike.values()))
                print(f"danish_names, {way}, {frame!r}: {told}; {apart:.1f} points apart")
    else:
        print("UNDRING_DATA is not set: recall is not measured")
    texts = [f"{note} Besøg nr. {number}." for number in range(400) for note in NOTES]
    peer = texts_a_second(lambda text: PLAIN.sub("[CPR]", text), texts)
    for way in ("default", "closed"):
        speed = texts_a_second(ways[way].text, texts)
        print(f"{way}: {speed:,.0f} notes a second; one plain expression is {peer / speed:.0f} times as fast")
    beside_presidio(data, texts)


def beside_presidio(data: str | None, notes: Sequence[str]) -> None:
    """Print how much faster ours is than presidio's own analysis one by one, and that it finds no less."""
    from benchmarks.presidio_way import PresidioWay

    ours, theirs = Redactor(), PresidioWay()
    for name, texts in (("400 x 5 notes of care", notes), *_newspaper(data)):
        fast, slow = texts_a_second(ours.text, texts), texts_a_second(theirs.text, texts)
        column = texts_a_second_of_column(texts)
        print(
            f"{name}: presidio one by one {slow:,.0f} texts a second; ours one by one {fast:,.0f}"
            f" ({fast / slow:.1f} x), "
            f"ours as a column {column:,.0f} ({column / slow:.1f} x; at least {AT_LEAST} asked)"
        )
    if data:
        dev = Path(data) / "danish_ner" / "dev.conll.gz"
        mine, his = in_newspaper(ours, dev), in_newspaper(theirs, dev)
        print(f"danish_ner/dev, same recognisers: recall ours {mine.recall:.3f}, presidio's way {his.recall:.3f}")


def texts_a_second_of_column(texts: Sequence[str]) -> float:
    """Return texts a second of processor time, all at once, as a register's column is redacted; the best of three."""
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        redact_column(pl.Series("note", texts))
        best = max(best, len(texts) / (time.process_time() - start))
    return best


def _newspaper(data: str | None) -> Iterator[tuple[str, list[str]]]:
    if data:
        file = Path(data) / "danish_ner" / "dev.conll.gz"
        yield "danish_ner/dev", [" ".join(token for token, _ in sentence) for sentence in _sentences(file)]


def _sentences(file: Path) -> Iterator[list[tuple[str, str]]]:
    sentence: list[tuple[str, str]] = []
    for line in [*gzip.decompress(file.read_bytes()).decode().splitlines(), ""]:
        token, _, tag = line.rstrip("\n").partition("\t")
        if line.strip():
            sentence.append((token, tag))
        elif sentence:
            yield sentence
            sentence = []


if __name__ == "__main__":
    main()
