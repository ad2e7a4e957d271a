"""Discovery alone, on any table with one row a person: for the analyst's own eyes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from analysis import (
    Asked,
    CannotSearch,
    Definitions,
    SelfTest,
    Settings,
    confirm,
    define,
    looker,
    search_outcomes,
    self_test,
)
from analysis.confirm import LookFor
from analysis.landscape import Landscape, landscapes
from analysis.values import Condition, Discovery, Kind, Scale
from pipelines import atomic, findings, patterns
from pipelines.errors import InputError
from pipelines.gate import Gate
from pipelines.progress import Progress
from pipelines.publish import PACKAGES
from pipelines.release import gate_findings
from pipelines.release_landscape import gate_landscapes, with_landscapes
from pipelines.release_outcomes import Pair, within
from pipelines.self_tests import printed
from pipelines.split import draw_lock
from pipelines.table_outcome import TableOutcome, natural, read_outcomes
from pipelines.unfit_told import unfit_lines
from pipelines.words import both, known_words
from pseudonymisation import keys
from reports import catalogue
from reports.catalogue import Language
from reports.numbers import decimal
from reports.values import AlsoSearched, LeftOutColumn, Report, Technical, Unit, Words
from reports.values import Outcome as OutcomeWords

DISPERSED = 1.05  # over-dispersion below this is not worth a line
WIDEST = 20_000  # columns; an extract of registers has hundreds
SMALL_TABLE = 5_000  # people; below, groups of `smallest_group` may be searched, and the report says so


@dataclass(frozen=True, slots=True, kw_only=True)
class TableResult:
    """Where a discovery's two files are, and its last lines."""

    findings: Path
    report: Path
    discovery: Discovery
    lines: list[str] = field(default_factory=list)


def discover_table(
    table: Path,
    *,
    outcome: str | Sequence[str],
    positive: str | Sequence[str] | None = None,
    kind: Kind = "yes_no",
    exposure: str | Sequence[str] | None = None,
    time: str | Sequence[str] | None = None,
    unit: Unit = "years",
    scale: Scale = "ratio",
    adjust: Sequence[str] = (),
    id_column: str | None = None,
    cluster: str | None = None,
    exclude: Sequence[str] = (),
    max_order: int = 3,
    alpha: float = 0.05,
    lock: float = 0.0,
    seed: int = 1,
    exact: bool = False,
    self_test_seconds: float = 0.0,
    negative_controls: Sequence[str] = (),
    year: str | None = None,
    known: Sequence[str] = (),
    out: Path,
    language: Language = Language.DA,
    progress: Progress | None = None,
) -> TableResult:
    """Search a CSV or Parquet file and write `out/findings.json` and `out/report.html`.

    Several outcomes are searched in one run and share alpha; `positive`, `exposure` and `time` are then one for all or
    one for each. `exposure` (of counts) and `time` (to the event or the end of follow-up) are columns, in `unit`;
    `scale` decides.
    `negative_controls` are yes/no columns that no finding should show in, `year` a column of years or rounds: both are
    for holding findings against, and are not searched.
    `self_test_seconds`: about so long the search then tests itself on drawn outcomes. Split and rounding derive from
    the seed and the file's content. `exact` writes true numbers to findings.json; the report is always rounded.
    Raises: InputError for a file, column or outcome that cannot be searched.
    """
    asked = _asked(table, outcome, positive=positive, kind=kind, exposure=exposure, time=time)
    outcomes, follow_ups = [one.column for one in asked], [one.follow_up for one in asked if one.follow_up]
    shown = progress or Progress.none()
    steps = 4 if self_test_seconds > 0 else 3
    with shown.step("table", 1, steps) as line:
        content = table_content(table)
        frame = read_table(table, content)
        beside = (*negative_controls, *follow_ups, *(one for one in (id_column, cluster, year) if one))
        named = (*outcomes, *adjust, *exclude, *beside)
        for column in named:
            if column not in frame.columns:
                raise InputError("table_column", file=table, column=column, columns=frame.width)
        _one_row_a_person(frame, id_column, table)
        rows = frame.height
        frame, levels = read_outcomes(frame, asked, table)
        frame = frame.with_columns(_control(frame, name, table) for name in negative_controls)
        without = rows - frame.height
        line.result(rows=frame.height, columns=frame.width)
    secret = hashlib.sha256(f"undring/discover/{seed}".encode() + hashlib.sha256(content).digest()).digest()
    frame = _with_lock(frame, cluster or id_column, lock, secret)
    settings = settings_for(frame.height, max_order=max_order, alpha=alpha, seed=seed, scale=scale)
    settings = replace(settings, outcomes=len(asked))
    left = {*outcomes, "locked", *exclude, *beside}
    columns = [name for name in frame.columns if name not in left]
    with shown.step("discover", 2, steps) as line:
        kinds = {name: frame.schema[name] for name in columns}
        taken = tuple(
            patterns.conditions(patterns.parse(one, file=table, field="--known"), kinds, file=table, field="--known")
            for one in known
        )
        found, definitions = _searched(
            frame,
            columns,
            asked,
            adjust,
            cluster,
            settings,
            table,
            shown,
            lambda _one, people: looker(people, settings=settings, years=year, controls=negative_controls),
            taken,
        )
        counts = {"searched": found.searched_in_all, "tested": found.tested_in_all}
        line.result(**counts, findings=len(found.all_findings))
    told = SelfTest()
    if self_test_seconds > 0:
        with shown.step("self_test", 3, steps) as line:
            told = self_test(
                frame, definitions, found, locked=frame["locked"].to_numpy(), cluster=cluster, settings=settings,
                seconds=self_test_seconds, progress=shown.update,
            )  # fmt: skip
            line.result(runs=told.placebo_runs, false=told.placebo_discovered)
    seen = landscapes(frame.filter(~pl.col("locked")), definitions, found, cluster=cluster, settings=settings)
    lying_within = within(frame, outcomes)
    each = [replace(one, outcome_positive=level) for one, level in zip(found.each, levels, strict=True)]
    found = replace(each[0], others=tuple(each[1:]))
    with shown.step("table_report", steps, steps):
        result = _written(
            found, lying_within, seen, told, out, secret, settings, exact=exact, lock=lock, table=table,
            without=without, language=language, unit=unit,
        )  # fmt: skip
    return result


def _asked(
    table: Path,
    outcome: str | Sequence[str],
    *,
    positive: str | Sequence[str] | None,
    kind: Kind,
    exposure: str | Sequence[str] | None,
    time: str | Sequence[str] | None,
) -> list[TableOutcome]:
    """Return the outcomes, each with its own value for yes and its own follow-up."""
    if exposure and time:
        raise InputError("table_exposure_twice", file=table)
    outcomes = [outcome] if isinstance(outcome, str) else list(outcome)
    if len(set(outcomes)) < len(outcomes):
        raise InputError("table_outcome_twice", file=table)
    positives = _each("--positive", positive, len(outcomes), table)
    follow_up, option = (exposure, "--exposure") if exposure else (time, "--time")
    follow_ups = _each(option, follow_up, len(outcomes), table)
    return [
        TableOutcome(column=column, positive=level, kind=kind, follow_up=end)
        for column, level, end in zip(outcomes, positives, follow_ups, strict=True)
    ]


def _each(option: str, given: str | Sequence[str] | None, count: int, table: Path) -> list[str | None]:
    """Return one for each outcome, of none, one for all or one for each."""
    values: list[str | None] = [given] if given is None or isinstance(given, str) else list(given) or [None]
    if len(values) not in (1, count):
        raise InputError("table_each", file=table, option=option, given=len(values), count=count)
    return values * count if len(values) == 1 else values


def read_table(path: Path, content: bytes | None = None) -> pl.DataFrame:
    """Return a CSV (comma, semicolon or tab; UTF-8 or Windows-1252; also gzipped) or Parquet file as a frame.

    Columns of a CSV become numbers where every value is one; with semicolons a decimal comma is read as such.
    """
    data = content if content is not None else table_content(path)
    try:
        parquet = path.suffix.lower() in (".parquet", ".pq")
        frame = pl.read_parquet(io.BytesIO(data)) if parquet else _csv(data, path)
    except InputError:
        raise
    except Exception:  # polars quotes values in its errors
        raise InputError("table_unreadable", file=path) from None
    if frame.height == 0:
        raise InputError("table_empty", file=path)
    if frame.width > WIDEST:
        raise InputError("table_too_wide", file=path, columns=frame.width, most=WIDEST)
    return frame


def table_content(path: Path) -> bytes:
    """Return a file's bytes. Raises: InputError where there is none."""
    if not path.is_file():
        raise InputError("table_missing", file=path)
    return path.read_bytes()


def refuse_onto_itself(table: Path, *written: Path) -> None:
    """Raises: InputError `counts_onto_itself` where a protected table would take the place of the one it is made of."""
    if any(path.exists() and path.samefile(table) for path in written):
        raise InputError("counts_onto_itself", file=table)


def csv_text(data: bytes, path: Path) -> tuple[str, str]:
    """Return a CSV file's text and its delimiter. Raises: InputError for what is no text, or repeats a column."""
    import gzip
    import zlib

    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise InputError("table_unreadable", file=path) from None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError("table_encoding", file=path)
    if not text.strip():
        raise InputError("table_empty", file=path)
    if "\0" in text[:10_000]:
        raise InputError("table_unreadable", file=path)
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    names = [name.strip().strip('"') for name in header.rstrip("\r").split(delimiter)]
    if len(set(names)) < len(names):
        raise InputError("table_duplicate_column", file=path, row=1)
    return text, delimiter


def _csv(data: bytes, path: Path) -> pl.DataFrame:
    text, delimiter = csv_text(data, path)
    columns = text.partition("\n")[0].count(delimiter) + 1
    if columns > WIDEST:
        raise InputError("table_too_wide", file=path, columns=columns, most=WIDEST)
    frame = pl.read_csv(
        io.StringIO(text),
        separator=delimiter,
        infer_schema=False,
        null_values=["", "NA", "NULL"],
        truncate_ragged_lines=False,
    )
    return frame.with_columns(_typed(frame[name], comma=delimiter == ";") for name in frame.columns)


def _typed(values: pl.Series, *, comma: bool) -> pl.Series:
    known = values.drop_nulls()
    if known.len() == 0:
        return values
    # a code with leading zeros is a name, not a number
    if known.str.contains(r"^-?0\d").any():
        return values
    as_number = known.str.replace(",", ".", literal=True) if comma else known
    if as_number.str.contains(r"^-?\d{1,15}$").all():
        return values.cast(pl.Int64)
    if as_number.str.contains(r"^-?\d+(\.\d+)?([eE][-+]?\d+)?$").all():
        text = values.str.replace(",", ".", literal=True) if comma else values
        return text.cast(pl.Float64)
    return values


def _one_row_a_person(frame: pl.DataFrame, id_column: str | None, table: Path) -> None:
    if id_column is None:
        return
    repeated = frame[id_column].is_duplicated()
    if repeated.any():
        first = int(repeated.arg_true()[0]) + 2
        raise InputError("table_people", file=table, column=id_column, rows=int(repeated.sum()), first=first)


def _control(frame: pl.DataFrame, name: str, table: Path) -> pl.Series:
    """A negative control as yes or no; who lacks it counts as no."""
    values = frame[name]
    levels = values.drop_nulls().unique().sort().to_list()
    if len(levels) != 2:
        raise InputError("table_outcome_levels", file=table, column=name, levels=len(levels))
    yes: pl.Series = (values == natural(levels)).fill_null(False).alias(name)
    return yes


def _with_lock(frame: pl.DataFrame, unit: str | None, lock: float, secret: bytes) -> pl.DataFrame:
    units = (
        frame[unit].cast(pl.String).fill_null("")
        if unit
        else pl.Series(range(frame.height), dtype=pl.Int64).cast(pl.String)
    )
    key = keys.derive(secret, study="discover", recipient="internal", kind="split", epoch=0)
    return frame.with_columns(draw_lock(units, key=key, share=lock).alias("locked"))


def settings_for(
    people: int, *, max_order: int = 3, alpha: float = 0.05, seed: int = 1, scale: Scale = "ratio"
) -> Settings:
    """Return the settings of a table with so many people: a small one is searched down to smaller groups."""
    small = people < SMALL_TABLE
    return Settings(
        max_order=max_order,
        alpha=alpha,
        seed=seed,
        scale=scale,
        floor_people=10 if small else 50,
        floor_expected=5.0,
    )


def _searched(
    frame: pl.DataFrame,
    columns: list[str],
    outcomes: Sequence[TableOutcome],
    adjust: Sequence[str],
    cluster: str | None,
    settings: Settings,
    table: Path,
    shown: Progress,
    look: LookFor,
    taken: Sequence[tuple[Condition, ...]],
) -> tuple[Discovery, Definitions]:
    try:
        definitions = define(frame.select(columns), columns=columns, settings=settings)
        searched, locked = frame.filter(~pl.col("locked")), frame.filter(pl.col("locked"))
        asked = [Asked(column=one.column, kind=one.kind, follow_up=one.follow_up) for one in outcomes]
        found = search_outcomes(
            searched, definitions, asked, adjust=adjust, cluster=cluster, settings=settings, progress=shown.update,
            look=look, taken=taken,
        )  # fmt: skip
        if locked.height:
            leads = [one for one in found.all_findings if one.status == "discovered"]
            found = confirm(found, locked, definitions, leads, cluster=cluster, settings=settings, look=look,
                            answer_all=True)  # fmt: skip
            found = replace(found, tried=len(leads))
    except CannotSearch as error:
        facts = {"column": outcomes[0].column, **error.facts}
        raise InputError(f"search_{error.code}", file=table, **facts) from None
    return found, definitions


def _written(
    found: Discovery,
    lying_within: Sequence[Pair],
    seen: Sequence[Landscape],
    told: SelfTest,
    out: Path,
    secret: bytes,
    settings: Settings,
    *,
    exact: bool,
    lock: float,
    table: Path,
    without: int,
    language: Language,
    unit: Unit,
) -> TableResult:
    from reports.html import render

    items = findings.numbered(found.all_findings, prefix="F-")
    gate = Gate(
        key=keys.derive(secret, study="discover", recipient="internal", kind="rounding", epoch=0),
        smallest_group=10,
        smallest_difference=5,
    )
    gated = gate_findings(
        found, items, gate=gate, publish_from="confirmed" if found.people_locked else "discovered", columns={},
        notes={}, objection=both("objection.shared_cause"), service_objection=both("objection.service"),
        within=lying_within,
    )  # fmt: skip
    pictures = gate_landscapes(seen, found, items, gated, gate=gate, columns={})
    report = _report(found, told, gated, gate, settings, lock=lock, table=table, without=without, unit=unit)
    report = with_landscapes(report, pictures)
    out.mkdir(parents=True, exist_ok=True)
    content = findings.as_json(
        found, items, rounded=not exact, finding_json=None if exact else lambda item: gated.json_by_id[item.id]
    )
    findings.write_json(out / "findings.json", content)
    atomic.write_text(out / "report.html", render(report, language=language))
    return TableResult(
        findings=out / "findings.json",
        report=out / "report.html",
        discovery=found,
        lines=_lines(found, settings.floor_people, out, language, without=without),
    )


def _lines(found: Discovery, floor: int, out: Path, language: Language, *, without: int) -> list[str]:
    passed = [one for one in found.all_findings if one.p_search <= found.alpha]  # discovered, whatever became of it
    held = sum(one.status == "confirmed" for one in passed)
    counts = {"discovered": len(passed), "confirmed": held, "lead": len(found.all_findings) - len(passed)}
    said = "table.found_locked" if found.people_locked else "table.found"
    counts |= {"searched": found.searched_in_all, "tested": found.tested_in_all}
    lines = [catalogue.text(language, said, counts), *_of_each(found, language)]
    lines += unfit_lines(found, lambda column: Words(da=column, en=column), language, of=lambda _: True)
    if without:
        lines.append(catalogue.text(language, "table.without", rows=without))
    if found.dispersion >= DISPERSED:
        spread = decimal(found.dispersion, language, digits=1)
        lines.append(catalogue.text(language, "rate.dispersion", dispersion=spread))
    if not found.tested_in_all:
        lines.append(catalogue.text(language, "table.nothing_tested", floor=floor, columns=len(found.left_out)))
    if "order_5_not_exhaustive" in found.notes:
        lines.append(catalogue.text(language, "table.order_5"))
    names = [one.column for one in found.left_out if one.reason == "too_many_levels"]
    if names:
        lines.append(catalogue.text(language, "table.names", columns=", ".join(names)))
    leaked = dict.fromkeys(name for one in found.each for name in one.leaked)
    if leaked:
        lines.append(catalogue.text(language, "table.leaks", columns=", ".join(leaked)))
    lines.append(
        catalogue.text(language, "table.files", findings=str(out / "findings.json"), report=str(out / "report.html"))
    )
    return lines


def _of_each(found: Discovery, language: Language) -> list[str]:
    """Say what was found for each outcome, where there are several."""
    lines = []
    for one in found.each if found.others else ():
        discovered = sum(finding.p_search <= found.alpha for finding in one.findings)
        facts: dict[str, str | int] = {
            "outcome": one.outcome_column,
            "discovered": discovered,
            "lead": len(one.findings) - discovered,
            "tested": one.tested,
            "people": one.people_searched,
        }
        lines.append(catalogue.text(language, "outcomes.table_found", facts))
        if unknown := one.unknown + one.unknown_locked:
            facts = {"outcome": one.outcome_column, "rows": unknown}
            lines.append(catalogue.text(language, "outcomes.table_without", facts))
    return lines


def _words_of(column: str) -> OutcomeWords:
    """Return a column as an outcome in words."""
    return OutcomeWords(
        label=Words(da=column, en=column),
        more=both("table.more", outcome=column),
        fewer=both("table.fewer", outcome=column),
        past=both("table.past", outcome=column),
        definition=both("part.column", label=column),
    )


def _report(
    found: Discovery,
    told: SelfTest,
    gated: Any,
    gate: Gate,
    settings: Settings,
    *,
    lock: float,
    table: Path,
    without: int,
    unit: Unit,
) -> Report:
    rows = both("table.population")
    return Report(
        title=both("table.title", table=table.name),
        controller="",
        dpo_contact="",
        made=datetime.now(UTC).date(),
        draft=True,
        demo=False,
        own_eyes=True,
        population=rows,
        population_definition=both("table.population_definition", table=table.name),
        index_date=None,
        period=both("table.period"),
        people=gate.total("people", found.people),
        people_searched=gate.total("people_searched", found.people_searched),
        people_locked=gate.total("people_locked", found.people_locked),
        lock_share=lock,
        publish_from="confirmed" if found.people_locked else "discovered",
        outcome=_words_of(found.outcome_column),
        outcomes=gate.total("outcomes", found.outcomes_searched),
        adjusted_for=tuple(Words(da=one, en=one) for one in found.adjusted_for),
        not_adjusted_for=(),
        cards=gated.cards,
        fallen=gated.fallen,
        funnel=gated.funnel,
        sources=(),
        missing=(),
        left_out=tuple(
            LeftOutColumn(column=Words(da=one.column, en=one.column), reason=one.reason) for one in found.left_out
        )
        + tuple(
            LeftOutColumn(
                column=both("outcomes.leaked", column=name, outcome=one.outcome_column), reason="gives_outcome_away"
            )
            for one in found.others
            for name in one.leaked
        ),
        cohort_flow=((both("flow.outcome_unknown"), gate.total("flow|outcome_unknown", without)),) if without else (),
        held_back=gate.held_back,
        legal_basis="",
        purpose=both("table.purpose"),
        technical=Technical(
            run_id="discover",
            version=version("undring"),
            alpha=settings.alpha,
            lock_share=lock,
            attempts=found.tried,
            attempts_used=found.tried,
            max_order=settings.max_order,
            smallest_group=gate.smallest_group,
            smallest_difference=gate.smallest_difference,
            search_floor=settings.floor_people,
            study_sha256="",
            packages=tuple((name, version(name)) for name in PACKAGES),
        ),
        outcome_column=found.outcome_column,
        outcome_positive=found.outcome_positive,
        kind=found.kind,
        scale=found.scale,
        unit=unit if found.follow_up_column is not None else None,
        dispersion=round(found.dispersion, 1),
        known=tuple(known_words(one, {}) for one in found.known),
        others=tuple(
            AlsoSearched(
                column=one.outcome_column,
                positive=one.outcome_positive,
                words=_words_of(one.outcome_column),
                period=both("table.period"),
                outcomes=gate.total(f"outcomes {one.outcome_column}", one.outcomes_searched),
                kind=one.kind,
                unit=unit if one.follow_up_column is not None else None,
                dispersion=round(one.dispersion, 1),
            )
            for one in found.others
        ),
        **printed(told),
    )
