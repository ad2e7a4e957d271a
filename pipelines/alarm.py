"""The cry when a run fails: a file in the workspace and, where study.toml names one, a webhook. No data in it."""

from __future__ import annotations

import json
import re
import tomllib
import urllib.request
from contextlib import suppress
from pathlib import Path

from pipelines import atomic
from reports import catalogue
from reports.catalogue import Language

__all__ = ["ALARM", "clear_alarm", "raise_alarm"]

ALARM = "ALARM.txt"
TIMEOUT = 5  # seconds that a dead receiver may cost a failed night
WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def raise_alarm(workspace: Path, run: str, step: str, code: str) -> Path:
    """Write `runs/ALARM.txt` and tell the webhook; return the file. Raises nothing: the run's own error comes first.

    `run`, `step` and `code` are words (`K-0007`, `validate`, `missing_column`); anything else is left out.
    """
    facts: dict[str, str | int] = {
        name: value if WORD.fullmatch(value) else "?" for name, value in (("run", run), ("step", step), ("code", code))
    }
    texts = {language: catalogue.text(language, "alarm.stopped", facts) for language in Language}
    file = workspace / "runs" / ALARM
    lines = list(texts.values())
    with suppress(Exception):
        _write(file, lines)
    study, webhook = _study(workspace)
    if webhook and not _post(webhook, {"study": study, **facts, "text": texts[Language.DA]}):
        lines += [catalogue.text(language, "alarm.not_posted") for language in Language]
        with suppress(Exception):
            _write(file, lines)
    return file


def clear_alarm(workspace: Path) -> None:
    """Take the alarm down: a later run went well."""
    (workspace / "runs" / ALARM).unlink(missing_ok=True)


def _write(file: Path, lines: list[str]) -> None:
    atomic.make_private(file.parent)
    atomic.write_text(file, "\n".join([*lines, ""]))


def _study(workspace: Path) -> tuple[str, str]:
    try:
        study = tomllib.loads((workspace / "study.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # the study may be what is wrong
        return "", ""
    return str(study.get("id", "")), str(study.get("alarm_webhook", ""))


def _post(address: str, message: dict[str, str | int]) -> bool:
    if not address.startswith(("http://", "https://")):
        return False
    try:
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
            address,
            data=json.dumps(message, ensure_ascii=False).encode("utf-8"),
            headers={"Content-Type": "application/json; charset=utf-8"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return 200 <= int(answer.status) < 300
    except Exception:  # whatever it is: an alarm must not hide the error that it tells of
        return False
