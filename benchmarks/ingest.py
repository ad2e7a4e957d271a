"""Ingest and pseudonymisation of a messy CSV beside `polars.scan_csv(...).sink_parquet` of the same file, same run.

`python -m benchmarks.ingest [ROWS]`   1,000,000 rows of 20 columns, a tenth as many people; 250,000 rows for the growth
`python -m benchmarks.ingest full`     10,000,000 rows and 1,000,000 people; 1,000,000 rows for the growth of memory

The file is cp1252 with decimal commas, dates in two writings, numbers in three, sentinels, quoted remarks with a
delimiter or a line break in them, and 1 row of 500 that breaks its contract. It lies in the temporary folder
(TMPDIR), and is removed. Each way runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

COLUMNS: dict[str, dict[str, Any]] = {
    "CPR-nr.": {"name": "person", "role": "person_identifier"},
    "Borger": {"name": "navn", "role": "direct_identifier"},
    "Indsats": {"name": "indsats", "role": "plain"},
    "FSIII-kode": {"name": "kode", "role": "plain", "pattern": "[HG][0-9][.][0-9]"},
    "Lovgrundlag": {"name": "lov", "role": "plain"},
    "Status": {"name": "status", "role": "plain", "codes": ["01", "02", "03", "90"]},
    "Bevilget": {"name": "bevilget", "type": "date", "role": "date"},
    "Ikrafttrædelse": {"name": "ikraft", "type": "date", "role": "date", "minimum": "2000-01-01"},
    "Ophør": {"name": "ophoer", "type": "date", "role": "date"},
    "Leverandør": {"name": "leverandoer", "role": "plain"},
    "Frekvens": {"name": "frekvens", "type": "integer", "role": "plain", "minimum": 0},
    "Visiteret tid (min/uge)": {"name": "tid", "type": "number", "role": "plain", "minimum": 0},
    "Beløb": {"name": "beloeb", "type": "number", "role": "plain"},
    "Alene": {"name": "alene", "type": "boolean", "role": "plain"},
    "Vejkode": {"name": "vejkode", "role": "quasi_identifier", "treatment": "keep"},
    "Sagsbeh.": {"name": "sagsbehandler", "role": "linking_identifier", "kind": "staff"},
    "Antal besøg": {"name": "antal", "type": "integer", "role": "plain"},
    "Score": {"name": "score", "type": "number", "role": "sensitive"},
    "Tilbudt": {"name": "tilbudt", "type": "boolean", "role": "plain"},
    "Bemærkning": {"name": "bemaerkning", "role": "free_text"},
}
BLOCK = 50_000


def main(arguments: list[str]) -> None:
    """Print the figures and their limits."""
    full = arguments[:1] == ["full"]
    rows = 10_000_000 if full else int(arguments[0]) if arguments else 1_000_000
    small = rows // 10 if full else rows // 4
    with tempfile.TemporaryDirectory() as place:
        one = _measured(Path(place), small, rows // 10)
        two = _measured(Path(place), rows, rows // 10)
    spent = two["cpu"] - two["validate_cpu"]
    print(
        f"ingest + validate + pseudonymise, {rows:,} rows x {len(COLUMNS)} columns, {rows // 10:,} people, "
        f"{two['bytes'] / 2**20:,.0f} MiB, {os.cpu_count()} cores:\n"
        f"  {two['seconds']:.1f} s, of which read and typed {two['ingest']:.1f}, validated {two['validate']:.1f}, "
        f"pseudonymised {two['pseudonymise']:.1f}; {two['cpu']:.1f} s of processor time\n"
        f"  polars.scan_csv.sink_parquet beside it: {two['peer']:.1f} s, of processor time {two['peer_cpu']:.1f}\n"
        f"  ingest + pseudonymise beside it {(two['seconds'] - two['validate']) / two['peer']:.2f} times (limit 3), "
        f"by processor time {spent / two['peer_cpu']:.2f}; with validation {two['seconds'] / two['peer']:.2f} and "
        f"{two['cpu'] / two['peer_cpu']:.2f}\n"
        f"  Great Expectations {two['expectations']:.1f} s of processor time, {two['loading']:.1f} of them to load it: "
        f"{100 * two['expectations'] / two['cpu']:.0f} % (limit 25)\n"
        f"  peak memory {two['peak'] / 2**30:.2f} GiB (limit 2); with {small:,} rows {one['peak'] / 2**30:.2f}, "
        f"growth {100 * (two['peak'] / one['peak'] - 1):.0f} % (limit 20)"
    )


def _measured(place: Path, rows: int, people: int) -> dict[str, float]:
    inbox = place / "inbox"
    inbox.mkdir(exist_ok=True)
    file = inbox / "indsatser.csv"
    with open(file, "wb") as stream:
        stream.writelines(_blocks(rows, people))
    try:
        peer = _apart(_peer, file, place / "peer.parquet")
        ours = _apart(_ours, place)
        again = _apart(_peer, file, place / "peer.parquet")
        ours["peer"] = min(peer["seconds"], again["seconds"])
        ours["peer_cpu"] = min(peer["cpu"], again["cpu"])
        ours["bytes"] = file.stat().st_size
    finally:
        file.unlink()
        shutil.rmtree(place / "run", ignore_errors=True)
    return ours


def _blocks(rows: int, people: int) -> Iterator[bytes]:
    """Return a messy file in blocks: some of them are made, and the rest repeat their lines with other people."""
    draw = random.Random(7)
    yield (";".join(COLUMNS) + "\r\n").encode("cp1252")
    made = [_line(draw) for _ in range(min(BLOCK, rows))]
    for start in range(0, rows, BLOCK):
        lines = []
        for place in range(min(BLOCK, rows - start)):
            before, after = made[(place * 7919 + start) % len(made)]
            number = draw.randrange(people)
            digits = f"{61 + number % 28}{1 + number // 28 % 12:02d}{number // 336 % 100:02d}{number // 33_600:04d}"
            lines.append(f"{digits[:6]}-{digits[6:]}{before}{number % 9973};{start + place}{after}")
        yield "".join(lines).encode("cp1252", errors="replace")


def _line(draw: random.Random) -> tuple[str, str]:
    """Return a line without its person, in two halves around a number of the member of staff and one of visits."""
    day = date(2021, 1, 1) + timedelta(draw.randrange(1500))
    written = "%d-%m-%Y" if draw.random() < 0.9 else "%Y-%m-%d"
    end = "31-12-9999" if draw.random() < 0.3 else (day + timedelta(draw.randrange(400))).strftime("%d-%m-%Y")
    minutes = f"{draw.randrange(100, 500_000) / 100:,.2f}".translate(str.maketrans(",.", ".,"))
    remark = draw.choice(["", "", "", "ringer til datter", "nøgle under måtten", "bor alene – ældre hund"])
    if draw.random() < 0.02:
        remark = draw.choice(['"ring først; så kør"', '"to\nlinjer"', '"siger ""nej"" ofte"'])
    status = "77" if draw.random() < 0.002 else draw.choice(["01", "1", "02", "03", "90"])
    before = ";".join(
        [
            "", draw.choice(["Åse Ørsted", "Karen Holm", "Jens Æbelø", "Uoplyst"]),
            draw.choice(["Personlig pleje", "Rengøring"]), f"H{draw.randrange(9)}.{draw.randrange(9)}",
            draw.choice(["SEL § 83", "SUL § 138", "Ældrelov § 10"]), status, day.strftime(written),
            (day + timedelta(7)).strftime(written), end, f"Leverandør {draw.randrange(12)}",
            str(draw.randrange(30)), minutes if draw.random() < 0.95 else "Uoplyst", f"{draw.randrange(10_000)},50",
            draw.choice(["Ja", "Nej", ""]), f"{draw.randrange(300):04d}", "",
        ]
    )  # fmt: skip
    after = f";{draw.randrange(100)},{draw.randrange(10)};{draw.choice(['J', 'N', ''])};{remark}\r\n"
    return before, after


def _peer(file: Path, target: Path) -> dict[str, float]:
    """What polars alone takes: no typing, no checks. It reads UTF-8 only, so lossily here."""
    import polars as pl

    began, before = time.perf_counter(), time.process_time()
    frame = pl.scan_csv(file, separator=";", encoding="utf8-lossy", infer_schema=False, truncate_ragged_lines=True)
    frame.sink_parquet(target)
    spent = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - before}
    target.unlink()
    return spent


def _ours(place: Path) -> dict[str, float]:
    """The three steps as a run takes them, with what lies between them sealed on disk."""
    from pipelines import validate, vault
    from pipelines.contracts import read_contract
    from pipelines.ingest import ingest_register
    from pipelines.pseudonymise import pseudonymise_register

    run = place / "run"
    run.mkdir()
    contract = read_contract(_contract(place))
    spent = {"expectations": 0.0, "loading": 0.0}
    _time(validate._Asked, "_ask", spent, "expectations")
    _time(validate, "_load", spent, "loading")
    key = b"k" * 32
    began, before = time.perf_counter(), time.process_time()
    validate.load()
    taken = ingest_register(contract, place / "inbox", sealed_in=(run, key))
    ingested, asked = time.perf_counter(), time.process_time()
    verdict = validate.validate_register(contract, taken.stage.frames())
    validated, answered = time.perf_counter(), time.process_time()
    with vault.Register(run / "vault", contract.register, key) as register:
        for part in taken.stage.frames(ordered=True):
            coded = pseudonymise_register(
                contract, part, secret=key, study="maaling", epoch=1, reference_date=date(2025, 1, 1), districts={}
            )
            register.add(coded.frame)
    done = time.perf_counter()
    if register.rows + taken.rows_rejected + taken.duplicates != taken.rows_read or not verdict.passed:
        raise SystemExit("rows were lost, or the register did not pass")
    return {
        "seconds": done - began, "ingest": ingested - began, "validate": validated - ingested,
        "pseudonymise": done - validated, "cpu": time.process_time() - before,
        "validate_cpu": answered - asked + spent["loading"], "expectations": sum(spent.values()),
        "loading": spent["loading"],
    }  # fmt: skip


def _time(owner: Any, name: str, spent: dict[str, float], what: str) -> None:
    """Add up the processor time of the thread that is in a function, under a name."""
    plain = getattr(owner, name)

    def timed(*arguments: Any) -> Any:
        began = time.thread_time()
        try:
            return plain(*arguments)
        finally:
            spent[what] += time.thread_time() - began

    setattr(owner, name, timed)


def _contract(place: Path) -> Path:
    """Write the contract, as JSON, which is YAML too."""
    own = {"encoding": "cp1252", "missing": ["", "Uoplyst", "31-12-9999"]}
    columns = []
    for header, fields in COLUMNS.items():
        custom = {name: value for name, value in fields.items() if name not in ("name", "type")}
        columns.append(
            {
                "name": fields["name"], "physicalName": header, "logicalType": fields.get("type", "string"),
                "customProperties": [{"property": name, "value": value} for name, value in custom.items()],
            }
        )  # fmt: skip
    tree = {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "indsatser", "version": "1.0.0", "status": "active",
        "customProperties": [{"property": name, "value": value} for name, value in own.items()],
        "schema": [{"name": "indsatser", "physicalName": "indsatser.csv", "properties": columns}],
    }  # fmt: skip
    path = place / "contracts" / "indsatser.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    return path


def _apart(work: Any, *arguments: Any) -> dict[str, float]:
    """Run something in a process of its own: its result, and its peak memory in bytes."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        result = work(*arguments)
        result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        os.write(writing, json.dumps(result).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) or not text:
        raise SystemExit(f"{work.__name__} failed")
    answer: dict[str, float] = json.loads(text)
    return answer


if __name__ == "__main__":
    main(sys.argv[1:])
