"""The DPO's sample: a few lines of what people did in a closed month, judged explained or unexplained, in the ledger.

Drawn with a seed from the ledger's head at the end of the month (`audit.sample`). An unexplained line is a case with a
deadline until it is explained.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from pipelines import audit, ledger
from pipelines.accounts import Account
from pipelines.errors import InputError
from pipelines.ledger import Line
from pipelines.log import study_event
from pipelines.study import read_study
from reports.numbers import HERE

__all__ = ["Drawn", "Judgement", "Sample", "judge", "open_sample"]

Judgement = Literal["explained", "unexplained"]
LINES = 5
ANSWER_DAYS = 14
WORK_HOURS = range(6, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One drawn line, and what the DPO said of it."""

    number: int
    line: Line
    judged: str  # explained, unexplained, or nothing yet
    unusual: tuple[str, ...]  # catalogue words: out_of_hours, first_time
    due: date  # when an unexplained one must be answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A month's sample."""

    month: str
    human: int  # acts by people in the month
    lines: tuple[Drawn, ...]

    @property
    def unexplained(self) -> tuple[Drawn, ...]:
        return tuple(one for one in self.lines if one.judged == "unexplained")


def open_sample(workspace: Path) -> Sample:
    """Return the newest closed month's sample (while the first month is open: its own)."""
    months = [path.stem for path in ledger.segments(workspace)]
    if not months:
        return Sample(month="", human=0, lines=())
    month = months[-2] if len(months) > 1 else months[-1]
    drawn = audit.sample(workspace, LINES, month=month)
    said: dict[str, tuple[str, datetime]] = {}
    human = 0
    first: dict[tuple[str, str], int] = {}
    for line in ledger.read(workspace):
        body = line.body
        if line.segment == month and line["role"] != "system":
            human += 1
        first.setdefault((body["actor"], body["action"]), line.number)
        if body["action"] == "sample" and body.get("code") in ("explained", "unexplained"):
            about = str((body.get("object") or {}).get("sha256"))
            said[about] = (str(body["code"]), datetime.fromisoformat(str(body["ts"])))
    lines = []
    for line in drawn:
        judged, when = said.get(line.hash, ("", datetime.now(UTC)))
        at = datetime.fromisoformat(str(line.body["ts"]))
        unusual = [] if at.astimezone(HERE).hour in WORK_HOURS else ["out_of_hours"]
        if first[line.body["actor"], line.body["action"]] == line.number and line.number > 50:
            unusual.append("first_time")
        due = (when + timedelta(days=ANSWER_DAYS)).date()
        lines.append(Drawn(number=line.number, line=line, judged=judged, unusual=tuple(unusual), due=due))
    return Sample(month=month, human=human, lines=tuple(lines))


def judge(workspace: Path, number: int, judgement: Judgement, account: Account, *, now: datetime | None = None) -> None:
    """Write what the DPO says of a drawn line. Raises: InputError `sample_line` for one that was not drawn."""
    if account.role != "dpo":
        raise InputError("release_role_dpo", file="sample")
    found = next((one for one in open_sample(workspace).lines if one.number == number), None)
    if found is None or judgement not in ("explained", "unexplained"):
        raise InputError("sample_line", file="sample")
    study = read_study(workspace)
    event, _ = study_event(study, "sample", role="dpo", now=now, object_sha256=found.line.hash, code=judgement)
    ledger.append(workspace, event, actor=account.id)
