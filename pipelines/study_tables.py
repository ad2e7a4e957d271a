"""The tables of `study.toml`, one by one: each read into its value, every fault noted with its key path."""

from __future__ import annotations

import re
from typing import Literal, cast

from pipelines import patterns
from pipelines.errors import InputError
from pipelines.legal import read_legal
from pipelines.shown import shown_name
from pipelines.study_toml import Table
from pipelines.study_values import (
    Arrived,
    Guards,
    Left,
    Level,
    Limits,
    PackageColumns,
    Population,
    Retention,
    Scale,
    Stay,
    Study,
)
from pipelines.study_variables import read_adjustment, read_characteristic, read_outcome, read_where

STUDY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
MOST_QUASI = 5  # more quasi-identifiers leave classes of everything


def study_of(top: Table, sha256: str) -> Study:
    """Return the study that the whole file says. Where something is noted as wrong in `top`, it is not to be used."""
    demo = top.flag("demo", False)
    publish = "confirmed" if top.values.get("lock", 0.3) else "discovered"
    optional = {"default": ""} if demo else {}  # real data does not run without its legal fields
    study = Study(
        id=top.text("id"),
        demo=demo,
        invented=top.flag("invented", demo) and demo,
        controller=top.text("controller", **optional),
        dpo=top.text("dpo", **optional),
        title=top.words("title"),
        purpose=top.words("purpose"),
        legal_basis=top.text("legal_basis", **optional),
        key=top.text("key"),
        inbox=top.text("inbox", "inbox"),
        reference_date=top.maybe_day("reference_date"),
        index_day=top.whole("index_day", 0),
        alpha=top.number("alpha", 0.05, low=1e-6, high=0.2),
        lock=top.number("lock", 0.3, low=0, high=0.9),
        attempts=top.whole("attempts", 20, low=1, high=10_000),
        publish_from=cast(
            Literal["discovered", "confirmed"], top.choice("publish_from", ("discovered", "confirmed"), publish)
        ),
        scale=cast(Scale, top.choice("scale", ("ratio", "additive"), "ratio")),
        max_order=top.whole("max_order", 3, low=2, high=5),
        seed=top.whole("seed", 1, low=0),
        known=tuple(str(one) for one in top.scalars("known")),
        negative_controls=tuple(str(name) for name in top.scalars("negative_controls")),
        care_home=top.maybe_text("care_home"),
        self_test_seconds=top.number("self_test_seconds", 20, low=0, high=36_000),
        alarm_webhook=top.text("alarm_webhook", "") if top.values.get("alarm_webhook") else top.skip("alarm_webhook"),
        witness_folder=top.text("witness_folder", "")
        if top.values.get("witness_folder")
        else top.skip("witness_folder"),
        not_adjusted_for=top.list_of_words("not_adjusted_for"),
        limits=_limits(top.table("limits")),
        retention=_retention(top.table("retention")),
        guards=_guards(top.table("guards")),
        population=_population(top.table("population", required=True)),
        characteristics=tuple(read_characteristic(table) for table in top.tables("characteristic", at_least_one=True)),
        adjust=tuple(read_adjustment(table) for table in top.tables("adjust")),
        outcomes=tuple(read_outcome(table) for table in top.tables("outcome", at_least_one=True)),
        sha256=sha256,
        levels=tuple(_level(table) for table in top.tables("level")),
        package=_package(top.table("package")) if "package" in top.values else None,
        legal=read_legal(top),
        statement_required=top.flag("statement_required", True),
    )
    top.done()
    _check_names(top, study)
    if study.index_day and study.reference_date is not None:
        top.note("study_index_day", "index_day")
    if study.id and not STUDY_ID.fullmatch(study.id):
        top.note("study_id_shape", "id")
    if study.lock == 0 and study.publish_from == "confirmed":
        top.note("study_confirmed_without_lock", "publish_from")
    return study


def _check_names(top: Table, study: Study) -> None:
    seen = {"person", "cluster"}
    for variable in study.variables:
        if variable.name in seen:
            top.note("study_name_twice", variable.name)
        seen.add(variable.name)

    names = {one.name for one in study.characteristics}
    for text in study.known:
        try:
            parts = patterns.parse(text, file=top.file)
        except InputError as error:
            top.errors.append(error)
            continue
        for part in parts:
            if part.column not in names:
                top.note("pattern_column", "known", part=shown_name(part.column))
    others = {outcome.name for outcome in study.outcomes[1:]}
    for name in study.negative_controls:
        if name not in others:
            top.note("study_negative_control", "negative_controls")
    if study.outcomes and not study.searched:
        top.note("study_no_outcome", "searched")
    if study.care_home is not None and study.care_home not in {one.name for one in study.characteristics if one.yes_no}:
        top.note("study_care_home", "care_home")
    if study.package is not None:
        names = {variable.name for variable in study.variables}
        for column in (*study.package.quasi, *study.package.sensitive):
            if column not in names:
                top.note("study_package_column", "package", column=column)
        if not 1 <= len(study.package.quasi) <= MOST_QUASI:
            top.note("study_package_quasi", "package.quasi", most=MOST_QUASI)


def _package(table: Table) -> PackageColumns:
    made = PackageColumns(
        quasi=tuple(str(name) for name in table.scalars("quasi")),
        sensitive=tuple(str(name) for name in table.scalars("sensitive")),
    )
    table.done()
    return made


def _level(table: Table) -> Level:
    window = table.window("window")
    if window is None and "window" not in table.values:
        table.note("study_missing_key", "window")
    level = Level(
        name=table.name("name"),
        register=table.name("from"),
        count=table.text("count"),
        date=table.text("date"),
        window=window or (0, 1),
        where=read_where(table),
        label=table.words("label"),
    )
    table.done()
    return level


def _limits(table: Table) -> Limits:
    limits = Limits(
        smallest_group=table.whole("smallest_group", 10, low=1),
        smallest_difference=table.whole("smallest_difference", 5, low=1),
        search_floor=table.whole("search_floor", 50, low=1),
        search_expected=table.number("search_expected", 5, low=0),
        package_k=table.whole("package_k", 10, low=2),
        package_l=table.whole("package_l", 3, low=1),
        package_membership=table.number("package_membership", 0.55, low=0.5, high=1),
        reason=table.text("reason", ""),
    )
    table.done()
    for name in limits.looser if not limits.reason.strip() else ():
        table.note("study_limit_reason", name, default=f"{getattr(Limits(), name):g}")
    return limits


def _guards(table: Table) -> Guards:
    guards = Guards(**{name: table.text(name, "") for name in Guards.__dataclass_fields__})
    table.done()
    return guards


def _retention(table: Table) -> Retention:
    retention = Retention(
        vault_days=table.whole("vault_days", 730, low=1),
        quarantine_days=table.whole("quarantine_days", 90, low=1),
        run_days=table.whole("run_days", 730, low=1),
        package_days=table.whole("package_days", 365, low=1),
        log_days=table.whole("log_days", 1825, low=1),
    )
    table.done()
    return retention


def _population(table: Table) -> Population:
    left = table.table("left")
    population = Population(
        register=table.name("from"),
        where=read_where(table),
        min_age=table.maybe_whole("min_age", low=0, high=120),
        max_age=table.maybe_whole("max_age", low=0, high=120),
        age=table.maybe_text("age"),
        cluster=table.maybe_text("cluster"),
        first=table.maybe_text("first"),
        left=_left(left) if left.values else None,
        arrived=_arrived(table.table("arrived")),
        never_resident=read_where(table, "never_resident"),
        protected=read_where(table, "protected"),
        label=table.words("label"),
        definition=table.words("definition"),
    )
    left.done()
    table.done()
    if population.age is None and (population.min_age is not None or population.max_age is not None):
        table.note("study_age_column", "age")
    return population


def _left(table: Table) -> Left:
    stays: tuple[Stay, ...] = ("keep", "unknown")
    return Left(
        where=read_where(table),
        date=table.text("date"),
        died=() if table.values.get("died") is True else read_where(table, "died"),
        all_died=table.flag("died", False) if table.values.get("died") is True else False,
        died_in_window=cast(Stay, table.choice("died_in_window", stays, "keep")),
        moved_in_window=cast(Stay, table.choice("moved_in_window", stays, "keep")),
    )


def _arrived(table: Table) -> Arrived | None:
    if not table.values:
        return None
    rules = ("leave_out", "unknown")
    made = Arrived(
        date=table.text("date"),
        days=table.whole("days", low=1, high=36_525),
        rule=cast(Literal["leave_out", "unknown"], table.choice("rule", rules)),
    )
    table.done()
    return made
