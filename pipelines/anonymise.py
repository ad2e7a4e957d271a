"""`undring anonymise`: any table with people in it becomes one in which everybody stands among at least k."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from pipelines import atomic
from pipelines.direct_identifiers import as_dates, identifier_kind
from pipelines.errors import InputError
from pipelines.hierarchy_files import read_hierarchies
from pipelines.package import STATUS
from pipelines.table import csv_text, read_table, table_content
from pseudonymisation.hierarchies import Hierarchy
from pseudonymisation.k_anonymity import Generalised, measure, mondrian
from pseudonymisation.lattice import MOST_NODES, TooManyNodes, lattice
from reports import catalogue
from reports.catalogue import Language
from reports.numbers import decimal

PLACE = "undring place"  # which person of the table a row is: no column of a file has this name in use here
USUAL_L = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymiseResult:
    """Where the two files are, the figures in the second, and the command's last lines."""

    table: Path
    risk: Path
    figures: Mapping[str, object]
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
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


def anonymise_table(
    table: Path,
    *,
    quasi: Sequence[str],
    sensitive: Sequence[str] = (),
    keep: Sequence[str] = (),
    id_column: str | None = None,
    k: int,
    l: int | None = None,  # noqa: E741
    max_share: float = 0.8,
    max_suppressed: float = 0.02,
    method: str = "mondrian",
    out: Path,
    language: Language = Language.DA,
) -> AnonymiseResult:
    """Write `out/anonymous.csv` and `out/risk.json`, or nothing.

    The rows are shuffled under a seed from the file's content. Raises: InputError for a file or column that cannot be
    used, a column that looks like a direct identifier, and a promise that the table cannot keep.
    """
    content = table_content(table)
    typed = read_table(table, content)
    raw, delimiter = _as_written(table, content, typed)
    asked = _asked(table, raw, quasi, sensitive, keep, id_column, k=k, l=l, shares=(max_share, max_suppressed))
    frame = typed.with_columns(as_dates(typed[name]) for name in asked.quasi if typed[name].dtype == pl.String)
    people, place = _people(frame, raw, asked)
    given: dict[str, Hierarchy] = {}
    files: list[str] = []
    if method == "lattice":
        given, files = read_hierarchies(table, raw, place, asked.quasi)
    made, steps = _generalised(people, asked, given, method)
    data = _joined(raw, place, people, made, asked)
    risk = measure(data, quasi=asked.quasi, sensitive=asked.sensitive, person=PLACE)
    if not risk.keeps(k=asked.k, l=asked.l, max_share=asked.max_share):
        raise RuntimeError("the table made does not keep its promise")  # ours; nothing is written
    suppressed = people.height - risk.people
    if suppressed > asked.max_suppressed * people.height + 1e-9:
        most = int(asked.max_suppressed * people.height)
        raise InputError("anonymise_suppressed", file=table, suppressed=suppressed, people=people.height, most=most)
    left_out = [name for name in raw.columns if name not in asked.out and name != asked.id_column]
    figures: dict[str, object] = {
        "status": STATUS,
        "method": method,
        "quasi": list(asked.quasi),
        "sensitive": list(asked.sensitive),
        "k": risk.k,
        "l": risk.l if asked.sensitive else None,
        "classes": risk.classes,
        "people": risk.people,
        "suppressed": suppressed,
        "gcp": round(made.gcp, 4),
        "average_class": round(risk.people / risk.classes, 2) if risk.classes else 0.0,
        "highest_risk": round(risk.highest_risk, 4),
        "largest_share": round(risk.largest_share, 4) if asked.sensitive else None,
        "row_is_person": asked.id_column is None,
        "left_out": left_out,
    }
    if steps:
        figures["steps"] = dict(steps)
    columns = [name for name in raw.columns if name in asked.out]
    shuffled = _shuffled(data.select(columns), content)
    result = _written(shuffled, figures, delimiter, out)
    lines = _lines(asked, figures, files, result, language)
    return AnonymiseResult(table=result[0], risk=result[1], figures=figures, lines=lines)


def _as_written(table: Path, content: bytes, typed: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Return every cell as the file has it, a missing one as null, and the delimiter."""
    if table.suffix.lower() in (".parquet", ".pq"):
        return typed.select(pl.all().cast(pl.String)), ","
    text, delimiter = csv_text(content, table)
    raw = pl.read_csv(io.StringIO(text), separator=delimiter, infer_schema=False)
    return raw, delimiter


def _asked(
    table: Path,
    raw: pl.DataFrame,
    quasi: Sequence[str],
    sensitive: Sequence[str],
    keep: Sequence[str],
    id_column: str | None,
    *,
    k: int,
    l: int | None,  # noqa: E741
    shares: tuple[float, float],
) -> _Asked:
    """Return what is asked, once every column is there, in one role, and no direct identifier."""
    if not quasi:
        raise InputError("anonymise_no_quasi", file=table)
    if l is not None and l > 1 and not sensitive:
        raise InputError("anonymise_no_sensitive", file=table)
    seen: set[str] = set()
    for name in (*quasi, *sensitive, *keep, *([id_column] if id_column else [])):
        if name not in raw.columns:
            raise InputError("table_column", file=table, column=name, columns=raw.width)
        if name in seen:
            raise InputError("anonymise_roles", file=table, column=name)
        seen.add(name)
    for name in (*quasi, *sensitive, *keep):
        kind = identifier_kind(raw[name], may_be_unique=name in quasi)
        if kind is not None:
            raise InputError("anonymise_identifier", file=table, column=name, kind=kind)
    values = min((raw[name].n_unique() for name in sensitive), default=1)
    return _Asked(
        file=table,
        quasi=tuple(quasi),
        sensitive=tuple(sensitive),
        keep=tuple(keep),
        id_column=id_column,
        k=k,
        l=l if l is not None else min(USUAL_L, values),
        max_share=shares[0] if l != 1 else 1.0,
        max_suppressed=shares[1],
    )


def _people(frame: pl.DataFrame, raw: pl.DataFrame, asked: _Asked) -> tuple[pl.DataFrame, pl.Series]:
    """Return one row a person, and for every row of the table which of them it belongs to.

    A person's rows must agree in every quasi-identifier: then all that is known of them is one vector, and k holds
    for the person. A person with several sensitive values stands with the first; the whole is measured afterwards.
    """
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
    kept = frame.select(*asked.quasi, *asked.sensitive).with_columns(place)
    if asked.id_column is not None:
        for name in asked.quasi:
            values = kept.group_by(PLACE).agg(pl.col(name).n_unique().alias("values"))["values"]
            if several := int((values > 1).sum()):
                raise InputError("anonymise_varies", file=asked.file, column=name, people=several)
    people = kept.unique(PLACE, keep="first", maintain_order=True).sort(PLACE)
    if people.height < asked.k:
        raise InputError("anonymise_too_few", file=asked.file, people=people.height, k=asked.k)
    return people, place


def _generalised(
    people: pl.DataFrame, asked: _Asked, given: Mapping[str, Hierarchy], method: str
) -> tuple[Generalised, Mapping[str, int]]:
    promise = {"k": asked.k, "l": asked.l}
    steps: Mapping[str, int] = {}
    made: Generalised | None
    if method == "lattice":
        try:
            found = lattice(
                people, quasi=asked.quasi, sensitive=asked.sensitive, max_share=asked.max_share,
                max_suppressed=asked.max_suppressed, hierarchies=given, **promise,
            )  # fmt: skip
        except TooManyNodes as error:
            raise InputError("anonymise_nodes", file=asked.file, nodes=error.nodes, most=MOST_NODES) from None
        made, steps = (found.made, found.steps) if found is not None else (None, {})
    else:
        made = mondrian(people, quasi=asked.quasi, sensitive=asked.sensitive, max_share=asked.max_share, **promise)
    if made is None or made.frame.is_empty():
        share = int(asked.max_share * 100)
        raise InputError("anonymise_impossible", file=asked.file, l=asked.l, share=share)
    return made, steps


def _joined(
    raw: pl.DataFrame, place: pl.Series, people: pl.DataFrame, made: Generalised, asked: _Asked
) -> pl.DataFrame:
    """Return all rows of the people who stay, quasi-identifiers as generalised, the rest as the file has it."""
    told = made.frame.select(PLACE, *asked.quasi)
    rest = raw.with_columns(place).select(*asked.sensitive, *asked.keep, PLACE)
    data = rest.join(told, on=PLACE, how="inner", maintain_order="left")
    if rest.height == people.height or not asked.sensitive:
        return data
    # Several rows a person: what the sensitive columns say over all of them may break what the first row kept.
    for column in asked.sensitive:
        people_of = pl.col(PLACE).n_unique()
        share = people_of.over([*asked.quasi, column]) / people_of.over(list(asked.quasi))
        fine = (pl.col(column).n_unique().over(list(asked.quasi)) >= asked.l) & (
            share.max().over(list(asked.quasi)) <= asked.max_share
        )
        data = data.filter(fine)
    return data


def _shuffled(data: pl.DataFrame, content: bytes) -> pl.DataFrame:
    """Return the rows in an order that says nothing of the file's: sorted first, then shuffled by the content."""
    seed = int.from_bytes(hashlib.sha256(b"undring/anonymise" + content).digest(), "big")
    order = np.random.default_rng(seed).permutation(data.height)
    return data.sort(data.columns, nulls_last=True)[order]


def _written(data: pl.DataFrame, figures: Mapping[str, object], delimiter: str, out: Path) -> tuple[Path, Path]:
    text = data.write_csv(separator=delimiter)
    atomic.make_private(out)
    table, risk = out / "anonymous.csv", out / "risk.json"
    atomic.write_text(table, text)
    atomic.write_text(risk, json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    return table, risk


def _lines(
    asked: _Asked, figures: Mapping[str, object], files: Sequence[str], written: tuple[Path, Path], language: Language
) -> list[str]:
    def say(key: str, **facts: object) -> str:
        plain = {name: value if isinstance(value, int) else str(value) for name, value in facts.items()}
        return catalogue.text(language, f"anonymise.{key}", plain)

    counts = {name: figures[name] for name in ("people", "classes", "k", "suppressed")}
    smallest = figures["k"]
    assert isinstance(smallest, int)
    lines = [say("done", **counts)]
    lines.append(say("risk", quasi=", ".join(asked.quasi), risk=decimal(100 / smallest, language, digits=1)))
    if asked.id_column is None:
        lines.append(say("row_is_person"))
    if asked.sensitive and asked.l == 1:
        lines.append(say("not_diverse"))
    left_out = figures["left_out"]
    assert isinstance(left_out, list)
    if left_out:
        lines.append(say("left_out", columns=", ".join(left_out)))
    if files:
        lines.append(say("hierarchies", files=", ".join(files)))
    lines += [say("status"), say("files", table=written[0], risk=written[1])]
    return lines
