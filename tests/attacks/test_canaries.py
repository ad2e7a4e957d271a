"""Attack 10: people planted where nobody looks for them: in text, codes, numbers, dates, sheet and file names."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from pipelines.demo import make_municipality
from pipelines.run import make_demo_key
from pipelines.study import read_study
from pseudonymisation.cpr import spellings
from tests.journeys.conftest import undring

SEED = 6
PLANTED = 50
NUMBERS = [f"{61 + n % 30}{1 + n % 12:02d}50{9100 + n}" for n in range(PLANTED)]  # day + 60: nobody
NAMES = [f"Xhemilqe Qvortruppe{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(PLANTED)]
REGISTER = "indsatser_udtraek.csv"
PLACES = ("Bemærkning", "Status", "Visiteret tid (min/uge)", "Bevilget")
ORIGINAL = "without anybody in its sheet's name.xlsx"
IN_NAMES = 0  # the number that stands in a file's and a sheet's name


def planted(folder: Path) -> None:
    """Plant each number, in a writing of its own, and each name in a cell that is for something else."""
    path = folder / "inbox" / REGISTER
    lines = path.read_bytes().decode("cp1252").splitlines()
    heading = lines[0].split(";")
    for n, number in enumerate(NUMBERS):
        writings = [one for one in spellings(number) if one.isascii()]
        cells = lines[1 + 3 * n].split(";")
        cells[heading.index(PLACES[n % len(PLACES)])] = f"{writings[n % len(writings)]}"
        cells[heading.index("Bemærkning")] += f" talt med {NAMES[n].lower() if n % 2 else NAMES[n]}"
        lines[1 + 3 * n] = ";".join(cells)
    path.write_bytes("\r\n".join([*lines, ""]).encode("cp1252"))
    written = f"{NUMBERS[IN_NAMES][:6]}-{NUMBERS[IN_NAMES][6:]}"
    book = next((folder / "inbox").glob("FHB*.xlsx"))
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(book.with_name(f"FHB {written}.xlsx"), "w") as new:
        for one in old.namelist():
            content = old.read(one)
            if one == "xl/workbook.xml":
                content = content.replace(b'name="FHB"', f'name="FHB {written}"'.encode())
                assert written.encode() in content
            new.writestr(one, content)
    book.rename(folder / ORIGINAL)


def found(data: bytes) -> set[str]:
    """The planted people in some bytes: ten digits however they are parted, and names."""
    text = data.decode("utf-8", "replace")
    digits = re.sub(r"(?<=[\dOolI])[ .\-\u00a0\u2010-\u2015]+(?=[\dOolI])", "", text)
    digits = digits.translate(str.maketrans("OolI", "0011"))
    return {one for one in NUMBERS if one in digits} | {one for one in NAMES if one.casefold() in text.casefold()}


@pytest.mark.slow
def test_nobody_planted_in_a_wrong_place_comes_out(attack_row, tmp_path, monkeypatch):
    work, home = tmp_path / "k", tmp_path / "home"
    monkeypatch.setenv("UNDRING_HOME", str(home))
    make_municipality(work, people=1_000, seed=SEED)
    study = read_study(work)
    make_demo_key(study.key, study.id, seed=SEED)
    planted(work)
    inbox = work / "inbox"
    there = found((inbox / REGISTER).read_bytes().decode("cp1252").encode())
    said, ended = "", []
    original = work / ORIGINAL
    for step in range(3):  # with a number in a file's name, in a sheet's, and in cells alone
        book = next(inbox.glob("FHB*.xlsx"))
        if step == 1:
            book.rename(inbox / "FHB 2022-25.xlsx")
        elif step == 2:
            original.rename(inbox / "FHB 2022-25.xlsx")
        done = undring("run", str(work), "--confirm", "--yes", home=home, cwd=tmp_path)
        said, ended = said + done.stdout + done.stderr, [*ended, done.returncode]
    files = [
        path for place in (work, home) for path in place.rglob("*") if path.is_file() and inbox not in path.parents
    ]
    out = {person for path in files for person in found(path.read_bytes()) | found(path.name.encode())}
    out |= found(said.encode())
    assert len(there) >= 0.9 * 2 * PLANTED  # the grep finds them where they were planted
    attack_row.row(
        "10",
        tried=f"{PLANTED} numbers and {PLANTED} names in {len(PLACES)} columns, a sheet's and a file's name",
        twin=f"{len(there)} found in the inbox",
        result=f"{len(out)} in {len(files)} files and what was said",
        limit="0",
        held=not out,
    )
    assert ended[0] == 2  # refused, and the name is not repeated
    assert ended[2] == 0, said  # the others' night goes on without those rows
    assert (work / "draft" / "package" / "data.csv").is_file()
