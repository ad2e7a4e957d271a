"""One workspace as the pages see it: what they read is kept until the file changes."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pipelines import accounts, breaches, contract_changes, ledger, release_record, state, verdict
from pipelines.breaches import Breach
from pipelines.contracts import Contract, read_contracts
from pipelines.errors import InputError
from pipelines.release_record import Release
from pipelines.run import last_done
from pipelines.sample_acts import Sample, open_sample
from pipelines.study import Study, read_study
from portal.guard import Guard
from portal.ledger_index import LedgerIndex
from portal.making import Making
from reports.numbers import HERE
from reports.values import Report

__all__ = ["Settings", "Site"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the portal is served."""

    workspace: Path
    hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "[::1]"})  # with their ports
    https: bool = False  # behind a proxy that speaks TLS: the cookie is then sent over nothing else
    proxy_header: str = ""  # the header in which a trusted proxy names who is logged in
    proxy_addresses: frozenset[str] = frozenset()  # where that proxy calls from


@dataclass(slots=True)
class Site:
    """What all requests share."""

    settings: Settings
    guard: Guard = field(default_factory=Guard)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    signing: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(1))  # Argon2id takes 256 MiB
    worker: subprocess.Popen[bytes] | None = None  # the run that was started here last
    stopped: dict[str, str] | None = None  # what stopped it, by language, where a person can mend it
    making: Making | None = None  # the release that was asked for here last
    _kept: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    _ledger: LedgerIndex | None = None
    _taking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def workspace(self) -> Path:
        return self.settings.workspace

    def take_on(self, making: Making) -> bool:
        """Keep a release that is to be made, unless another is on its way."""
        with self._taking:
            if self.making is not None and not self.making.done.is_set():
                return False
            self.making = making
        return True

    def study(self) -> Study:
        """Return the study, read anew when its file has changed."""
        return self._fresh("study", _stamp(self.workspace / "study.toml"), lambda: read_study(self.workspace))

    def contracts(self) -> dict[str, Contract]:
        """Return the contracts by register."""
        folder = self.workspace / "contracts"
        paths = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
        stamp = tuple(_stamp(path) for path in paths)
        return self._fresh("contracts", stamp, lambda: dict(read_contracts(self.workspace)))

    def approved(self) -> dict[str, str]:
        """Return the hash of each register's contract that was approved last, as the ledger says."""
        index = self.ledger()
        lines = [index.entries[place] for place in index.by.get(("action", "config.change"), ())]
        return {line.register: line.object_sha256 for line in lines if line.code in contract_changes.CODES}

    def report(self) -> Report | None:
        """Return the released numbers of the last run, or None before the first."""
        try:
            path = self.workspace / "runs" / last_done(self.workspace) / "report.json"
        except InputError:
            return None
        return self._fresh("report", _stamp(path), lambda: state.read(path, Report)) if path.exists() else None

    def releases(self) -> tuple[Release, ...]:
        """Return the releases, their files hashed anew when one was touched; who signs or sends out computes anew."""
        return self._fresh("releases", self._releases_stamp(), lambda: release_record.read_releases(self.workspace))

    def kept(self, name: str, make: Callable[[], T], *, also: object = None) -> T:
        """Return what is made of all that pages read, made anew when any of it, `also` or the Danish day is another."""
        index = self.ledger()
        stamp = (
            also,
            self.clock().astimezone(HERE).date(),
            self.study().sha256,
            tuple((one.register, one.sha256) for one in self.contracts().values()),
            self._releases_stamp(),
            _touched(self.workspace / "runs" / verdict.FILE),
            _touched(self.workspace / "draft" / "package" / "risk.json"),
            (len(index.entries), index.entries[-1].hash if index.entries else ""),
        )
        return self._fresh(name, stamp, make)

    def _releases_stamp(self) -> tuple[object, ...]:
        return (_touched(accounts.file_of()), *_tree(self.workspace / "releases"), *_tree(self.workspace / "outbox"))

    def ledger(self) -> LedgerIndex:
        """Return the ledger as it stands now."""
        if self._ledger is None:
            self._ledger = LedgerIndex(self.workspace)
        self._ledger.refresh()
        return self._ledger

    def breaches(self) -> tuple[Breach, ...]:
        """Return the breaches that the ledger tells of, newest first."""
        index = self.ledger()
        stamp = (len(index.entries), index.entries[-1].hash if index.entries else "")
        return self._fresh("breaches", stamp, lambda: breaches.breaches(self.workspace))

    def sample(self) -> Sample:
        """Return the DPO's sample of the last closed month; a demo's first month counts as closed."""
        paths = ledger.segments(self.workspace)
        if len(paths) < (1 if self.study().demo else 2):
            return Sample(month="", human=0, lines=())
        read = paths if len(paths) == 1 else paths[:-1]
        judged = len(self.ledger().by.get(("action", "sample"), ()))
        stamp = (*(_stamp(path) for path in read), judged)
        return self._fresh("sample", stamp, lambda: open_sample(self.workspace))

    def _fresh(self, name: str, stamp: object, read: Callable[[], T]) -> T:
        kept = self._kept.get(name)
        if kept is None or kept[0] != stamp:
            kept = (stamp, read())
            self._kept[name] = kept
        value: T = kept[1]
        return value


def _stamp(path: Path) -> tuple[object, ...]:
    status = path.stat()  # the time of change is the file system's: nobody sets it back
    return (str(path), status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)


def _touched(path: Path) -> tuple[object, ...]:
    """Return the stamp of a file that may not be there."""
    try:
        return _stamp(path)
    except OSError:
        return (str(path),)


def _tree(folder: Path) -> list[tuple[object, ...]]:
    return [_touched(path) for path in sorted(folder.rglob("*"))] if folder.is_dir() else []
