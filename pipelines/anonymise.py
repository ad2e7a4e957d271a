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
from pipelines.anonymise_people import PLACE, Asked, People, all_sensitive, by_lattice, by_mondrian, people_of
from pipelines.direct_identifiers import as_dates, identifier_kind
from pipelines.errors import InputError
from pipelines.hierarchy_files import read_hierarchies
from pipelines.package import STATUS
from pipelines.table import csv_text, read_table, refuse_onto_itself, table_content
from pseudonymisation.k_anonymity import Generalised, measure
from pseudonymisation.membership import LIMIT, Membership, class_size, membership, of_fixed_classes
from reports import catalogue
from reports.catalogue import Language
from reports.numbers import decimal

USUAL_L = 3
TABLE, RISK = "anonymous.csv", "risk.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymiseResult:
    """Where the two files are, the figures in the second, and the command's last lines."""

    table: Path
    risk: Path
    figures: Mapping[str, object]
    lines: list[str] = field(default_factory=list)


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
    used, a column that looks like a direct identifier, a promise that the table cannot keep, and a table that would be
    written over.
    """
    content = table_content(table)
    refuse_onto_itself(table, out / TABLE, out / RISK)
    typed = read_table(table, content)
    raw, delimiter = _as_written(table, content, typed)
    asked = _asked(table, raw, quasi, sensitive, keep, id_column, k=k, l=l, shares=(max_share, max_suppressed))
    frame = typed.with_columns(as_dates(typed[name]) for name in asked.quasi if typed[name].dtype == pl.String)
    people = people_of(frame, raw, asked)
    if method == "lattice":
        given, files = read_hierarchies(table, raw, people.place, asked.quasi)
        made, steps = by_lattice(people, asked, given)
    else:
        files, steps = [], {}
        made = by_mondrian(people, asked)
    data = _joined(raw, people, made, asked)
    risk = measure(data, quasi=asked.quasi, sensitive=asked.sensitive, person=PLACE)
    if not risk.keeps(k=asked.k, l=asked.l, max_share=asked.max_share):
        raise RuntimeError("the table made does not keep its promise")  # ours; nothing is written
    suppressed = people.frame.height - risk.people
    if suppressed > asked.max_suppressed * people.frame.height + 1e-9:
        most = int(asked.max_suppressed * people.frame.height)
        raise InputError(
            "anonymise_suppressed", file=table, suppressed=suppressed, people=people.frame.height, most=most
        )
    member = _membership(data, people, asked, method)
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
        "membership": round(member.area, 3),
        "membership_at_most": round(member.at_most, 3),
        "membership_limit": LIMIT,
    }
    if steps:
        figures["steps"] = dict(steps)
    columns = [name for name in raw.columns if name in asked.out]
    shuffled = _shuffled(data.select(columns), content)
    result = _written(shuffled, figures, delimiter, out)
    lines = _lines(asked, figures, files, result, language)
    if not member.keeps():
        larger = class_size(people.frame, k=asked.k, quasi=people.features, sensitive=all_sensitive(asked), l=asked.l,
                            max_share=asked.max_share)[0] if method == "mondrian" else None  # fmt: skip
        key = "anonymise.membership" if larger is None else "anonymise.membership_k"
        told: dict[str, str | int] = {
            "area": decimal(member.area, language),
            "limit": decimal(LIMIT, language),
            "k": larger or 0,
        }
        lines.append(catalogue.text(language, key, told))
    return AnonymiseResult(table=result[0], risk=result[1], figures=figures, lines=lines)


def _membership(data: pl.DataFrame, people: People, asked: Asked, method: str) -> Membership:
    """Return what somebody who holds the register learns of who is in the table."""
    if method == "lattice":
        sizes = data.group_by(asked.quasi).agg(pl.col(PLACE).n_unique().alias("people"))["people"]
        return of_fixed_classes(sizes.to_list())
    return membership(
        people.frame, quasi=people.features, sensitive=all_sensitive(asked), k=asked.k, l=asked.l,
        max_share=asked.max_share,
    )  # fmt: skip


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
) -> Asked:
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
    return Asked(
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


def _joined(raw: pl.DataFrame, people: People, made: Generalised, asked: Asked) -> pl.DataFrame:
    """Return all rows of the people who stay, quasi-identifiers as generalised, the rest as the file has it."""
    told = made.frame.select(PLACE, *asked.quasi)
    rest = raw.with_columns(people.place).select(*asked.sensitive, *asked.keep, PLACE)
    data = rest.join(told, on=PLACE, how="inner", maintain_order="left")
    if rest.height == people.frame.height or not asked.sensitive:
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
    table, risk = out / TABLE, out / RISK
    atomic.write_text(table, text)
    atomic.write_text(risk, json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    return table, risk


def _lines(
    asked: Asked, figures: Mapping[str, object], files: Sequence[str], written: tuple[Path, Path], language: Language
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
