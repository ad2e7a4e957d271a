"""Fetch public data for the examples: `make data`. Nothing here is ever committed.

Debian packs R's own example data. Each package is downloaded by apt (nothing is installed), unpacked in a temporary
folder, and its data sets are read without R:

- r-cran-survival (LGPL >= 2): nafld1-3, as data/nafld/{person.csv.gz, measurement.parquet, event.csv.gz}
- r-cran-epi (GPL-2): DMlate, as data/danish_diabetes.csv.gz
"""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import lzma
import shutil
import subprocess
import sys
import tempfile
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"r-cran-survival": "usr/lib/R/library/survival/data", "r-cran-epi": "usr/lib/R/site-library/Epi/data"}
FILES = ("nafld/person.csv.gz", "nafld/measurement.parquet", "nafld/event.csv.gz", "danish_diabetes.csv.gz")
DATES = ("dobth", "dodm", "dodth", "dooad", "doins", "dox")
XZ = [{"id": lzma.FILTER_LZMA2, "preset": 6}]  # how R writes its third kind of block
UNPACK: dict[bytes, Callable[[bytes], bytes]] = {
    b"2": bz2.decompress,
    b"Z": lambda data: lzma.decompress(data, format=lzma.FORMAT_RAW, filters=XZ),
}


class CannotFetchError(Exception):
    """Data that cannot be had here, and what to do."""


def main() -> int:
    target = ROOT / "data"
    if all((target / name).exists() for name in FILES):
        print(f"data/: all {len(FILES)} files are there. Remove the folder to fetch them anew.")
        return 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            unpacked = fetch(Path(folder))
            print("reading R's data sets ...", flush=True)
            write_all(unpacked, target)
    except CannotFetchError as why:
        print(f"make data: {why}", file=sys.stderr)
        return 2
    for name in FILES:
        print(f"data/{name}: {pl_height(target / name):,} rows")
    print("Licences: nafld LGPL >= 2 (R package survival), danish_diabetes GPL-2 (R package Epi).")
    return 0


def fetch(folder: Path) -> Path:
    """Download and unpack the packages; return the folder that they unpacked to. Raises: CannotFetchError."""
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise CannotFetchError(
                f"{tool} is missing: this works on Debian and its kin. Elsewhere, install the R packages survival and"
                " Epi, write nafld1, nafld2, nafld3 and DMlate as CSV, and see this file for the names."
            )
    folder.chmod(0o755)  # apt's own user must be able to look in
    for package in PACKAGES:
        print(f"downloading {package} ...", flush=True)
        got = subprocess.run(["apt-get", "download", package], cwd=folder, capture_output=True, text=True, check=False)
        found = sorted(folder.glob(f"{package}_*.deb"))
        if got.returncode or not found:
            raise CannotFetchError(
                f"apt could not download {package}. Try `apt-get update` first, and look at the network."
            )
        subprocess.run(["dpkg-deb", "-x", str(found[0]), str(folder / "unpacked")], check=True)
    return folder / "unpacked"


def write_all(unpacked: Path, target: Path) -> None:
    """Write the data files that the examples and tests read."""
    survival, epi = (unpacked / path for path in PACKAGES.values())
    person = data_set(survival, "nafld1").rename({"case.id": "case_id"})
    _csv(target / FILES[0], person)
    _parquet(target / FILES[1], data_set(survival, "nafld2"))
    _csv(target / FILES[2], data_set(survival, "nafld3"))
    late = data_set(epi, "DMlate").with_row_index("id", offset=1)
    _csv(target / FILES[3], late.with_columns(iso_date(column) for column in DATES))


def data_set(folder: Path, name: str) -> pl.DataFrame:
    """Return a data frame of an R package, from its own file or the lazy-load database. Raises: CannotFetchError."""
    import rdata

    single = folder / f"{name}.rda"
    if single.exists():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "unknown encoding": R's own data sets are ASCII
            return as_polars(rdata.read_rda(single)[name])
    index = _r_object(zlib_or_gzip((folder / "Rdata.rdx").read_bytes()))
    places = {str(key): [int(number) for number in place] for key, place in index["variables"].items()}
    if name not in places:
        raise CannotFetchError(f"the package has no data set {name}: it has changed since this was written.")
    offset, length = places[name]
    with (folder / "Rdata.rdb").open("rb") as database:
        database.seek(offset)
        return as_polars(_r_object(unpacked_block(database.read(length))))


def unpacked_block(block: bytes) -> bytes:
    """Return one object of a lazy-load database: four bytes of length, then zlib, or a letter and bzip2 or xz."""
    size, kind = int.from_bytes(block[:4], "big"), block[4:5]
    data = UNPACK[kind](block[5:]) if kind in UNPACK else zlib.decompress(block[4:])
    if len(data) != size:
        raise CannotFetchError("a data set cannot be unpacked: R's format has changed since this was written.")
    return data


def zlib_or_gzip(data: bytes) -> bytes:
    """Return the content of an index file, whichever of the two wrote it."""
    return zlib.decompress(data, wbits=47)


def as_polars(frame: Any) -> pl.DataFrame:
    """Return R's data frame as R would have written it to CSV: 15 digits, whole numbers whole, factors as texts."""
    columns: dict[str, pl.Series] = {}
    for name in frame.columns:
        column = frame[name].astype(object) if str(frame[name].dtype) == "category" else frame[name]
        values: pl.Series = pl.from_pandas(column, nan_to_null=True).alias(str(name))
        if values.dtype.is_float():
            values = pl.Series(str(name), [None if value is None else float(f"{value:.15g}") for value in values])
            if (values.drop_nulls() == values.drop_nulls().round(0)).all():
                values = values.cast(pl.Int64)
        columns[str(name)] = values
    return pl.DataFrame(columns)


def iso_date(column: str) -> pl.Expr:
    """Epi's decimal years (1970 + days / 365.25) as a date."""
    days = ((pl.col(column) - 1970) * 365.25).round().cast(pl.Int64)
    return (pl.lit(dt.date(1970, 1, 1)) + pl.duration(days=days)).alias(column)


def pl_height(path: Path) -> int:
    frame = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path)
    return int(frame.select(pl.len()).collect().item())


def _r_object(serialised: bytes) -> Any:
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it guesses that bytes without a header are one R object: they are
        parsed: Any = rdata.parser.parse_data(serialised)  # type: ignore[no-untyped-call, unused-ignore]
        return rdata.conversion.convert(parsed)


def _csv(path: Path, frame: pl.DataFrame) -> None:
    _write(path, gzip.compress(frame.write_csv().encode(), 9, mtime=0))


def _parquet(path: Path, frame: pl.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    frame.write_parquet(half, compression="zstd", compression_level=19)
    half.replace(path)


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    half.write_bytes(content)
    half.replace(path)


if __name__ == "__main__":
    sys.exit(main())
