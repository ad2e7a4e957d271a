"""Into the vault: numbers become pseudonyms, dates become days and ages, what names somebody ends here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipelines.contracts import Contract, Property
from pipelines.errors import InputError
from pipelines.register_names import NOBODY, RegisterNames
from pseudonymisation import cpr, generalise, keys, pseudonyms

if TYPE_CHECKING:
    from pseudonymisation.free_text import Own

__all__ = ["IdentifierLeft", "Pseudonymised", "assert_no_identifiers", "pseudonymise_register", "read_districts"]

PERSON = "person"
DISTRICTS = "districts.csv"
RECIPIENT = "internal"  # the vault's own pseudonyms; a package's receiver gets others
ADDRESSES = frozenset(
    {"household", "dwelling", "care_home"}
)  # kinds told by an address, which two hands write differently
_PSEUDONYM = r"^p1-[0-9A-HJKMNP-TV-Z]{26}[0-9A-HJKMNP-TV-Z*~$=U]$"
_MAIL = r"[^\s@]@[^\s@]+\.[A-Za-zÆØÅæøå]{2,}"
_MANY_DIGITS = r"(?:[0-9OolIQ][^0-9]{0,3}){6}"  # less than this is in no CPR number


class IdentifierLeft(InputError):  # noqa: N818
    """A column that was to be kept names people: the contract keeps what it must not. Names the column, no more."""

    def __init__(self, column: str, *, register: str) -> None:
        super().__init__("identifier_left", file=f"contracts/{register}.yaml", column=column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudonymised:
    """A register as the vault holds it."""

    frame: pl.DataFrame
    people: int  # distinct; 0 for a register without people
    dropped_columns: tuple[str, ...]


def pseudonymise_register(
    contract: Contract,
    frame: pl.DataFrame,
    *,
    secret: bytes,
    study: str,
    epoch: int,
    reference_date: date | None,
    districts: Mapping[str, str],
    names: RegisterNames = NOBODY,
) -> Pseudonymised:
    """Return a typed register without anybody's identity, its rows sorted so that their order tells nothing.

    The person's column is called `person` and comes first; every other keeps our name for it. `names` is what the
    population's register has of people, for columns whose free text is redacted: first of whom a row is about.
    Raises: IdentifierLeft if a column that the contract keeps holds a CPR number or an e-mail address.
    """
    if not districts and any(column.treatment == "district" for column in contract.properties):
        raise InputError("districts_missing", file=DISTRICTS, register=contract.register)
    columns: dict[str, pl.Series] = {}
    places: dict[str, pl.Series] = {}
    for column in contract.properties:
        if column.dropped:
            continue
        if column.treatment == "concepts":
            columns.update(_concepts(frame[column.name], column))
            continue
        name = PERSON if column.role == "person_identifier" else column.name
        values = frame[column.name]
        if column.treatment == "pseudonym":
            key = keys.derive(secret, study=study, recipient=RECIPIENT, kind=column.kind, epoch=epoch)
            treated, places[name] = _coded(values, column, key)
        else:
            treated = _treated(values, column, reference_date, districts, names, _about(contract, frame, names))
        columns[name] = treated.alias(name)
    first = [PERSON] if PERSON in columns else []
    result = pl.DataFrame([columns[name] for name in [*first, *(name for name in columns if name not in first)]])
    assert_no_identifiers(result.drop(list(places)), register=contract.register)
    result = _sorted(result, places) if result.width else result
    return Pseudonymised(
        frame=result,
        people=result[PERSON].n_unique() if PERSON in result.columns else 0,
        dropped_columns=tuple(column.name for column in contract.properties if column.dropped),
    )


def read_districts(workspace: Path) -> dict[str, str]:
    """Return the district of each road code, from the workspace's districts.csv; none where there is no such file.

    Raises: InputError `districts_unreadable` when it is not two columns, `vejkode;distrikt`.
    """
    path = workspace / DISTRICTS
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        raise InputError("districts_unreadable", file=DISTRICTS, row=1) from None
    districts: dict[str, str] = {}
    for row, line in enumerate(lines, 1):
        code, mark, name = (part.strip() for part in line.partition(";"))
        if row == 1 and (code, name) != ("vejkode", "distrikt"):
            raise InputError("districts_unreadable", file=DISTRICTS, row=1)
        if row > 1 and line.strip():
            if not mark or not code or not name or not code.isdigit() or districts.get(code.zfill(4), name) != name:
                raise InputError("districts_unreadable", file=DISTRICTS, row=row)
            districts[code.zfill(4)] = name
    return districts


def normal(values: pl.Series, column: Property) -> pl.Series:
    """Return an identifier in the one writing that is hashed: two writings of one person, or door, are one."""
    if column.shape == "cpr":
        return cpr.normalise_column(values)  # already ten digits: looked at, and given back
    if column.kind in ADDRESSES:
        return generalise.normal_address(values)
    return values.cast(pl.String).str.normalize("NFC").str.strip_chars().str.to_uppercase()


def assert_no_identifiers(frame: pl.DataFrame, *, register: str) -> None:
    """Raise IdentifierLeft if any column still holds a CPR number, in any spelling, or an e-mail address.

    Pseudonyms are known by their form and passed over: their letters can hold ten digits by chance.
    """
    for column in frame.get_columns():
        if column.dtype in (pl.String, pl.Categorical, pl.Enum):
            found = _text_names_somebody(column.drop_nulls().unique().cast(pl.String))
        elif column.dtype.is_integer() or column.dtype.is_float():
            found = _numbers_are_cprs(column)
        else:
            found = False
        if found:
            raise IdentifierLeft(column.name, register=register)


def _coded(values: pl.Series, column: Property, key: bytes) -> tuple[pl.Series, pl.Series]:
    """Return a column's pseudonyms, and where each stands among the distinct ones in order.

    Each distinct writing is brought into its one form, and hashed, once. Places are sorted for less than texts.
    """
    distinct = values.drop_nulls().unique()
    made = pseudonyms.pseudonym_column(normal(distinct, column), key=key)
    table = pl.DataFrame({"written": distinct, "made": made}).sort("made")
    table = table.with_columns(pl.col("made").rle_id().alias("place"), pl.int_range(pl.len()).alias("row"))
    rows = values.alias("written").to_frame().join(table, on="written", how="left", maintain_order="left")
    return table["made"].gather(rows["row"]), rows["place"]


def _sorted(frame: pl.DataFrame, places: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Return the rows in the order of their cells, column by column; an Enum becomes text."""
    keys = frame.with_columns(place.alias(name) for name, place in places.items())
    order = keys.select(pl.arg_sort_by(keys.columns, nulls_last=False)).to_series()
    return frame[order].with_columns(pl.col(pl.Enum).cast(pl.String))


def _treated(
    values: pl.Series,
    column: Property,
    reference_date: date | None,
    districts: Mapping[str, str],
    names: RegisterNames,
    about: Callable[[], list[Own | None]],
) -> pl.Series:
    if reference_date is None and column.treatment in ("offset", "age_band"):
        raise InputError("reference_date_missing", file="study.toml", column=column.name)
    match column.treatment:
        case "offset" if reference_date is not None:
            return generalise.offset_days(values, reference_date)
        case "age_band" if reference_date is not None:
            return generalise.age_years(values, reference_date)
        case "district":
            return generalise.district(values, districts)
        case "band":
            return generalise.bands(values, column.cuts)
        case "redact":
            from pseudonymisation import free_text

            return free_text.redact_column(values, names=names.names, addresses=names.addresses, own=about()).texts
    return values


def _concepts(texts: pl.Series, column: Property) -> dict[str, pl.Series]:
    """Return for each concept of a column whether a text tells it: nothing else of the text is kept."""
    made = {}
    for name, (_, words) in zip(column.told, column.concepts, strict=True):
        asked = "|".join(re.escape(one.removesuffix("*")) + ("" if one.endswith("*") else r"\b") for one in words)
        made[name] = texts.cast(pl.String).str.contains(rf"(?i)\b(?:{asked})").alias(name)
    return made


def _about(contract: Contract, frame: pl.DataFrame, names: RegisterNames) -> Callable[[], list[Own | None]]:
    """Return what says, when it is asked for, whom each row is about."""

    def found() -> list[Own | None]:
        person = contract.person
        return [None] * frame.height if person is None else names.about(normal(frame[person.name], person))

    return found


def _text_names_somebody(values: pl.Series) -> bool:  # distinct ones
    text = pl.col("text")
    distinct = values.alias("text").to_frame().filter(~text.str.contains(_PSEUDONYM))
    suspects = distinct.filter(text.str.contains(_MAIL) | text.str.contains(_MANY_DIGITS)).to_series()
    if any(bool(cpr.find(value)) or "@" in value for value in suspects):
        return True
    return _numbers_are_cprs(suspects.filter(suspects.str.contains("^[0-9]{9}$")).cast(pl.Int64))  # an eaten zero


def _numbers_are_cprs(values: pl.Series) -> bool:
    """Return whether many numbers of nine or ten digits begin with a day of birth: by chance 1 in 27 do."""
    numbers = values.cast(pl.Int64, strict=False) if values.dtype.is_integer() else values
    numbers = numbers.filter(numbers.is_between(100_000_000, 9_999_999_999)).unique()
    if not values.dtype.is_integer():
        numbers = numbers.filter(numbers == numbers.floor())
    digits = numbers.cast(pl.Int64).cast(pl.String).str.zfill(10)
    plausible = cpr.plausible_column(digits).sum() or 0
    return bool(len(digits)) and bool(4 * plausible >= len(digits))
