"""Refuse numbers shaped like a living person's CPR number, anywhere in the repository, also in tests.

A number counts when it has a day of 01-31 and a month of 01-12, with or without a hyphen or space before the last
four digits. Synthetic people have day + 60 (61-91), which nobody alive has. Prints file and line, never the number.

    python tools/no_cpr.py [FILE ...]       (without files: everything that git tracks or would track)
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

SHAPED = re.compile(
    r"(?<![0-9A-Za-z.,])"  # not inside a hash, a longer number or a decimal
    r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}[-\s]?[0-9]{4}"
    r"(?![0-9A-Za-z])"
)
HASHES = ("requirements.lock",)  # a lock file is hexadecimal from end to end


def offences(text: str) -> Iterator[int]:
    """Return the numbers of the lines that hold such a number."""
    for number, line in enumerate(text.splitlines(), 1):
        if SHAPED.search(line):
            yield number


def check(files: Iterable[Path]) -> list[str]:
    """Return a line of complaint for every place found; files that are not text are passed over."""
    found = []
    for file in files:
        if file.name in HASHES or not file.is_file():
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{file}:{number}: shaped like a living person's CPR number; use day + 60" for number in offences(text)
        ]
    return found


def tracked() -> list[Path]:
    """Return every file that git tracks, or would: not the ignored ones."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True, capture_output=True
    ).stdout
    return [Path(name) for name in names.decode().split("\0") if name]


def main() -> int:
    found = check([Path(name) for name in sys.argv[1:]] or tracked())
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
