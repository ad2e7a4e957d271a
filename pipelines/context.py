"""What every step of a run is given: the study, its contracts, its key, its folder, and somebody to tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.contracts import Contract
from pipelines.key_files import StudyKey
from pipelines.study import Study
from pseudonymisation import keys

Tell = Callable[[float], None]


# The vault's own ids keep the first epoch for ever: a household's place in the split hangs on its id.
INTERNAL_EPOCH = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one study, as its steps see it."""

    workspace: Path
    study: Study
    contracts: Mapping[str, Contract]
    key: StudyKey
    id: str  # K-0001: the number of the run in this workspace
    try_leads: bool  # open the lock for this run's leads
    by_person: bool = True  # False for a run that nobody watches
    whole_account: bool = False  # a demo spends its whole account of attempts in one batch
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def folder(self) -> Path:
        return self.workspace / "runs" / self.id

    @property
    def vault(self) -> Path:
        return self.workspace / "vault"

    def subkey(self, kind: str, *, recipient: str = "internal", epoch: int | None = None) -> bytes:
        """Return a derived key. The split's and the rounding's have epoch 0 for ever: rotation does not touch them."""
        fixed = kind in ("split", "rounding", "vault", "quarantine")
        chosen = 0 if fixed and epoch is None else self.key.epoch if epoch is None else epoch
        return keys.derive(self.key.secret, study=self.study.id, recipient=recipient, kind=kind, epoch=chosen)
