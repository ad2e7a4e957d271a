"""How many lines of what `undring init` drafts a person had to change, for each example.

`python -m benchmarks.drafted [EXAMPLE ...]`   needs the data (UNDRING_DATA, or what `make data` fetched)

The example's files are laid in an inbox, a draft is made of them, and each drafted file is held against the committed
one of the same data file. Lines without comments count, whatever their order of blanks: kept as they were drafted,
removed (most are proposals nobody wanted), and written by a person (new, or in place of a drafted line).
"""

from __future__ import annotations

import difflib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipelines.contracts import read_contracts
from pipelines.study import inbox_folder, read_study

EXAMPLES = Path(__file__).parents[1] / "examples"


def main(names: list[str]) -> None:
    """Print a line for each example: of its contracts, of its study, and the share of the draft that stood."""
    from pipelines.init import init

    for name in names or sorted(path.parent.name for path in EXAMPLES.glob("*/study.toml")):
        workspace = EXAMPLES / name
        study, contracts = read_study(workspace), read_contracts(workspace)
        with tempfile.TemporaryDirectory() as place:
            inbox = Path(place) / "inbox"
            inbox.mkdir()
            for contract in contracts.values():
                for file in inbox_folder(study, workspace).glob(contract.files):
                    (inbox / file.name).write_bytes(file.read_bytes())
            questions = init(inbox, Path(place) / name).open
            folders = (Path(place) / name / "contracts", workspace / "contracts")
            contract_lines = [
                _compared(*(_file(folder, contract.files) for folder in folders)) for contract in contracts.values()
            ]
            study_lines = _compared(Path(place) / name / "study.toml", workspace / "study.toml")
        kept, removed, written = (sum(one[part] for one in contract_lines) for part in range(3))
        print(
            f"{name}: {questions} questions; contracts: {kept} lines kept, {removed} removed, {written} written; "
            f"study: {study_lines[0]} kept, {study_lines[1]} removed, {study_lines[2]} written",
            flush=True,
        )


def _compared(before: Path, after: Path) -> tuple[int, int, int]:
    """Return how many of a draft's lines were kept and removed, and how many were written."""
    old, new = list(_lines(before)), list(_lines(after))
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = sum(block.size for block in blocks)
    return kept, len(old) - kept, len(new) - kept


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        said = " ".join(line.split("  #")[0].split())
        if said and not said.startswith("#"):
            yield said


def _file(folder: Path, files: str) -> Path:
    """Return the contract of a folder that reads these files."""
    return next(path for path in sorted(folder.glob("*.yaml")) if f'physicalName: "{files}"' in path.read_text("utf-8"))


if __name__ == "__main__":
    os.environ.setdefault("UNDRING_HOME", tempfile.mkdtemp())
    main(sys.argv[1:])
