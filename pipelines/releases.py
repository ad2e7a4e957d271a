"""A release's life: asked for by one person, seen by the DPO, decided by another, each act signed on the same bytes.

`releases/U-YYYY-NN/` holds `files/`, `manifest.json` and `acts/NNN-ACT.json`. What a release is follows from its
signed acts alone: there is no state file to change. `release_door.py` alone moves files to `outbox/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pipelines import accounts, atomic, ledger, release_files, signatures
from pipelines.accounts import Account, Signer
from pipelines.errors import InputError
from pipelines.ledger import Line
from pipelines.log import study_event
from pipelines.release_files import ACTS, FILES, MANIFEST, Kind, Manifest
from pipelines.shown import names_somebody
from pipelines.signatures import Act, Signed
from pipelines.study import Study, read_study
from reports.values import Words

__all__ = [
    "Release",
    "approve",
    "notices",
    "read_release",
    "read_releases",
    "reject",
    "request",
    "return_",
    "state",
    "statement",
    "why_closed",
    "withdraw",
]

RELEASE_ID = re.compile(r"U-[0-9]{4}-[0-9]{2,4}")
EXPIRED = "retention.released"  # of the log line that told of a package whose time was out, before `release.expire`
NOTHING = "0" * 64
LONGEST_REASON, LONGEST_RECEIVER = 2_000, 120
State = Literal["requested", "approved", "returned", "rejected", "withdrawn", "void"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release as it stands on disk."""

    id: str
    folder: Path
    manifest: Manifest
    acts: tuple[Signed, ...]
    state: State
    problem: str  # why it is void: a catalogue word; else empty
    corrected_by: str = ""  # a later, approved release that corrects this one
    expired: bool = False  # a package whose rows `undring retention` deleted: manifest and acts are kept

    @property
    def statement(self) -> Signed | None:
        """The DPO's newest statement."""
        return next((act for act in reversed(self.acts) if act.act == "statement"), None)

    @property
    def decision(self) -> Signed | None:
        """The decider's approval, return or rejection."""
        return next((act for act in self.acts if act.act in ("approve", "return", "reject")), None)

    @property
    def requested(self) -> Signed:
        return self.acts[0]

    @property
    def went_out(self) -> bool:
        """Whether it was decided that it may leave the house, also where it was taken back since."""
        return self.decision is not None and self.decision.act == "approve"

    @property
    def withdrawal(self) -> Signed | None:
        return next((act for act in self.acts if act.act == "withdraw"), None)


def request(
    workspace: Path,
    signer: Signer,
    *,
    kind: Kind,
    receiver: str,
    reason: str = "",
    corrects: str = "",
    follows: str = "",
    study_passphrase: str | None = None,
    now: datetime | None = None,
) -> Release:
    """Make a release of the last run's report or package, and ask for it. Raises: InputError."""
    _may(signer, "request", None)
    _check_text(receiver, LONGEST_RECEIVER, "release_receiver", needed=True)
    check_reason(reason, needed=False)
    at = now or datetime.now(UTC)
    with atomic.folder_lock(workspace):
        if corrects and read_release(workspace, corrects).state not in ("approved", "withdrawn"):
            raise InputError("release_corrects", file=corrects)
        if follows and read_release(workspace, follows).state != "returned":
            raise InputError("release_follows", file=follows)
        earlier = _folders(workspace)
        folder = workspace / "releases" / _next_id(earlier, at)
        try:
            run_id = release_files.write_files(
                workspace, folder / FILES, kind, receiver=receiver, study_passphrase=study_passphrase
            )
            release_files.write_manifest(
                workspace,
                folder,
                kind=kind,
                receiver=receiver,
                run_id=run_id,
                at=at,
                corrects=corrects,
                follows=follows,
                previous=release_files.read_manifest(earlier[-1] / MANIFEST).sha256 if earlier else NOTHING,
            )
            return _act(workspace, folder, signer, "request", reason=reason, at=at)
        except BaseException:
            if not (folder / ACTS).exists():  # nobody has signed it: it never was
                release_files.remove(folder)
            raise


def statement(
    workspace: Path,
    release_id: str,
    signer: Signer,
    *,
    says: signatures.Statement,
    reason: str = "",
    dictionary_seen: bool = False,
    now: datetime | None = None,
) -> Release:
    """Give the DPO's statement. It decides nothing. Remarks and advice against need their words."""
    if says not in signatures.STATEMENTS:
        raise InputError("release_statement", file=release_id)
    check_reason(reason, needed=says != "none")
    with atomic.folder_lock(workspace):
        found = _open(workspace, release_id)
        _may(signer, "statement", found)
        if found.manifest.kind == "package" and not dictionary_seen:
            raise InputError("release_dictionary", file=release_id)
        return _act(
            workspace,
            found.folder,
            signer,
            "statement",
            reason=reason,
            says=says,
            dictionary_seen=int(dictionary_seen),
            at=now or datetime.now(UTC),
        )


def take_statement(workspace: Path, release_id: str, act: Signed, *, now: datetime | None = None) -> Release:
    """Take in a statement that was signed on another machine, on the same bytes. Raises: InputError."""
    with atomic.folder_lock(workspace):
        found = _open(workspace, release_id)
        account = accounts.find(act.by)
        accounts.usable(account, demo=read_study(workspace).demo)
        _, problem = state(found.manifest, (*found.acts, act), people_by_id())
        fits = act.act == "statement" and account.role == "dpo" and problem in ("", "same_person")
        if not fits or (found.manifest.kind == "package" and not act.dictionary_seen):
            raise InputError("release_foreign_statement", file=release_id)
        check_reason(act.reason, needed=act.statement != "none")
        if problem:
            raise InputError("release_same_person", file=release_id)
        return _keep(workspace, found.folder, act, at=now or datetime.now(UTC))


def approve(
    workspace: Path, release_id: str, signer: Signer, *, reason: str = "", now: datetime | None = None
) -> Release:
    """Decide for a release and move it to the outbox. Against *advised against* the answer must be written.

    All nine controls are computed anew first: when one fails, nothing is approved. Called again after a crash, it
    finishes what was signed.
    """
    from pipelines import release_door

    check_reason(reason, needed=False)
    at = now or datetime.now(UTC)
    with atomic.folder_lock(workspace):
        found = read_release(workspace, release_id)
        if found.state == "approved" and not release_door.is_out(workspace, found):
            release_door.deliver(workspace, found.id, at=at)
            return read_release(workspace, release_id)
        _check_open(found)
        _may(signer, "approve", found)
        given = found.statement
        if statement_required(found.manifest, read_study(workspace)) and given is None:
            raise InputError("release_no_statement", file=release_id)
        if given is not None and given.statement == "advised_against" and not reason.strip():
            raise InputError("release_no_answer", file=release_id)
        release_door.refuse_if_a_control_fails(workspace)
        _act(workspace, found.folder, signer, "approve", reason=reason, at=at)
        release_door.deliver(workspace, found.id, at=at)
        return read_release(workspace, release_id)


def return_(workspace: Path, release_id: str, signer: Signer, *, reason: str, now: datetime | None = None) -> Release:
    """Send a release back with questions: a new one may be asked for that follows it."""
    return _against(workspace, release_id, signer, "return", reason, now)


def reject(workspace: Path, release_id: str, signer: Signer, *, reason: str, now: datetime | None = None) -> Release:
    """Decide against a release."""
    return _against(workspace, release_id, signer, "reject", reason, now)


def withdraw(workspace: Path, release_id: str, signer: Signer, *, reason: str, now: datetime | None = None) -> Release:
    """Take a release back: the one who asked before it is decided, a decider after it went out.

    What went out leaves the outbox; a notice for its receivers takes its place, and every later report says so.
    """
    from pipelines import release_door

    check_reason(reason, needed=True)
    at = now or datetime.now(UTC)
    with atomic.folder_lock(workspace):
        found = read_release(workspace, release_id)
        if found.state == "withdrawn" and not release_door.is_noticed(workspace, found):
            release_door.take_back(workspace, found, at=at)
            return found
        if found.state not in ("requested", "approved"):
            raise InputError("release_decided", file=release_id)
        _may(signer, "withdraw", found)
        done = _act(workspace, found.folder, signer, "withdraw", reason=reason, at=at)
        release_door.take_back(workspace, done, at=at)
        return done


def read_release(workspace: Path, release_id: str) -> Release:
    """Return one release. Raises: InputError `release_unknown`."""
    folder = workspace / "releases" / release_id
    if not RELEASE_ID.fullmatch(release_id) or not (folder / ACTS).is_dir():
        raise InputError("release_unknown", file="releases")
    return _read(workspace, folder)


def read_releases(workspace: Path) -> tuple[Release, ...]:
    """Return every release of a workspace, oldest first."""
    found = [_read(workspace, folder) for folder in _folders(workspace)]
    corrected = {one.manifest.corrects: one.id for one in found if one.manifest.corrects and one.state == "approved"}
    return tuple(replace(one, corrected_by=corrected.get(one.id, "")) for one in found)


def notices(workspace: Path) -> tuple[Words, ...]:
    """Return a line for every release that was withdrawn after it went out, or corrected: later reports print them."""
    from pipelines.release_words import notice_line

    out = [one for one in read_releases(workspace) if one.went_out]
    return tuple(notice_line(one) for one in out if one.state == "withdrawn" or one.corrected_by)


def state(manifest: Manifest, acts: Sequence[Signed], people: Mapping[str, Account]) -> tuple[State, str]:
    """Return what a release is, from its signed acts alone; `void` and why, when one of them does not hold.

    Pure: files and policy are looked at elsewhere (`why_closed`). The rules: asked for by an analyst; statements by a
    DPO, before the decision; one decision by a decider; three different people with three different keys; taken
    back by the one who asked while it is open, and by a decider after it is approved.
    """
    now: State = "requested"
    previous = NOTHING
    asked: Signed | None = None
    advised: list[Signed] = []
    for place, act in enumerate(acts):
        problem = _wrong(act, manifest, previous, people.get(act.by), asked, advised, now, first=place == 0)
        if problem:
            return "void", problem
        previous = act.sha256
        if act.act == "request":
            asked = act
        elif act.act == "statement":
            advised.append(act)
        else:
            now = _AFTER[act.act]
    return (now, "") if asked is not None else ("void", "no_request")


_AFTER: dict[Act, State] = {"approve": "approved", "return": "returned", "reject": "rejected", "withdraw": "withdrawn"}
_ROLE: dict[Act, str] = {
    "request": "analyst",
    "statement": "dpo",
    "approve": "decider",
    "return": "decider",
    "reject": "decider",
}


def _wrong(
    act: Signed,
    manifest: Manifest,
    previous: str,
    account: Account | None,
    asked: Signed | None,
    advised: Sequence[Signed],
    now: State,
    *,
    first: bool,
) -> str:
    """Return why an act does not hold after those before it, as a catalogue word, or nothing."""
    if account is None or not signatures.signed_by(act, account.public_key):
        return "signature_wrong"
    if act.manifest_sha256 != manifest.sha256 or act.release != manifest.release or act.study != manifest.study:
        return "other_bytes"
    if act.previous != previous or first != (act.act == "request"):
        return "order_wrong"
    if act.role not in {role for _, role in account.roles}:
        return "role_wrong"
    if act.act == "withdraw":
        own = asked is not None and act.by == asked.by
        fits = own if now == "requested" else act.role == "decider"
        return "" if fits and now in ("requested", "approved") else "order_wrong"
    if act.role != _ROLE[act.act]:
        return "role_wrong"
    if now != "requested":
        return "order_wrong"
    others = [one for one in (asked, *(advised if act.act != "statement" else ())) if one is not None]
    return "same_person" if any(one.by == act.by or one.public_key == act.public_key for one in others) else ""


def why_closed(
    manifest: Manifest,
    acts: Sequence[Signed],
    people: Mapping[str, Account],
    *,
    statement_required: bool,
    demo: bool,
) -> str | None:
    """Return why the door stays closed for a release (a catalogue word), or None when it may go out.

    The one place that says what opens it: a decider's approval of exactly these bytes, asked for by another, with the
    DPO's statement where policy asks for one, and with a written answer where the DPO advised against.
    """
    now, problem = state(manifest, acts, people)
    if now == "void":
        return problem
    if now != "approved":
        return "not_approved"
    decided = next(act for act in acts if act.act == "approve")
    given = [act for act in acts if act.act == "statement"]
    if statement_required and not given:
        return "no_statement"
    if given and given[-1].statement == "advised_against" and not decided.reason.strip():
        return "no_answer"
    if manifest.kind == "package" and given and not given[-1].dictionary_seen:
        return "dictionary_unseen"
    if not demo and any(people[act.by].demo for act in acts):
        return "demo_people"
    return None


def people_by_id() -> dict[str, Account]:
    """Return all accounts by id."""
    return {one.id: one for one in accounts.everyone()}


def statement_required(manifest: Manifest, study: Study) -> bool:
    """Policy then or now, whichever is stricter: a study.toml changed in between opens nothing."""
    return manifest.statement_required or study.statement_required


def _against(workspace: Path, release_id: str, signer: Signer, act: Act, reason: str, now: datetime | None) -> Release:
    check_reason(reason, needed=True)
    with atomic.folder_lock(workspace):
        found = _open(workspace, release_id)
        _may(signer, act, found)
        return _act(workspace, found.folder, signer, act, reason=reason, at=now or datetime.now(UTC))


def _open(workspace: Path, release_id: str) -> Release:
    """Return a release that still waits for its decision, with every byte as it was asked for."""
    found = read_release(workspace, release_id)
    _check_open(found)
    return found


def _check_open(found: Release) -> None:
    if found.state == "void":
        raise InputError("release_void", file=found.id)
    if found.state != "requested":
        raise InputError("release_decided", file=found.id)


def _may(signer: Signer, act: Act, found: Release | None) -> None:
    """Raise the InputError of a person who may not do this: another role, or the same person twice."""
    accounts.usable(signer.account, demo=signer.account.demo)
    role = signer.account.role
    if act == "withdraw" and found is not None:
        own = signer.account.id == found.requested.by
        if not (own if found.state == "requested" else role == "decider"):
            raise InputError("release_withdraw_who", file=found.id)
        return
    if role != _ROLE[act]:
        raise InputError(f"release_role_{_ROLE[act]}", file=found.id if found is not None else "releases")
    if found is not None:
        before = [one for one in found.acts if one.act == "request" or (act != "statement" and one.act == "statement")]
        if any(one.by == signer.account.id or one.public_key == signer.account.public_key for one in before):
            raise InputError("release_same_person", file=found.id)


def _act(
    workspace: Path,
    folder: Path,
    signer: Signer,
    act: Act,
    *,
    at: datetime,
    reason: str = "",
    says: str = "",
    dictionary_seen: int = 0,
) -> Release:
    study = read_study(workspace)
    accounts.usable(signer.account, demo=study.demo)
    manifest = release_files.read_manifest(folder / MANIFEST)
    before = _acts(folder)
    signed = signatures.sign(
        signer,
        act=act,
        study=study.id,
        release=folder.name,
        manifest_sha256=manifest.sha256,
        previous=before[-1].sha256 if before else NOTHING,
        at=ledger.timestamp(at),
        reason=reason.strip(),
        statement=says,
        dictionary_seen=dictionary_seen,
    )
    return _keep(workspace, folder, signed, at=at)


def _keep(workspace: Path, folder: Path, act: Signed, *, at: datetime) -> Release:
    """Write a signed act and its line in the ledger: the line first stands for what is then on disk."""
    place = atomic.make_private(folder / ACTS)
    atomic.write_bytes(place / f"{len(list(place.iterdir())) + 1:03d}-{act.act}.json", act.document)
    log(workspace, f"release.{act.act}", folder.name, act, at=at)
    return _read(workspace, folder)


def log(workspace: Path, action: str, release_id: str, act: Signed, *, at: datetime, **facts: Any) -> None:
    """Put an act on a release in the ledger, once: which release, on which manifest, by which signed act."""
    event, _ = study_event(
        read_study(workspace),
        action,
        role=act.role,
        now=at,
        object_sha256=facts.pop("object_sha256", act.manifest_sha256),
        params_sha256=act.sha256,
        code=release_id,
        **facts,
    )
    once = f"{release_id}/{action}/{event.object_sha256}/{act.sha256}"
    ledger.append_once(workspace, event, once, actor=act.by)


def _read(workspace: Path, folder: Path) -> Release:
    manifest = release_files.read_manifest(folder / MANIFEST)
    people = people_by_id()
    try:
        acts = _acts(folder)
    except InputError:
        acts, now, problem = (), "void", "act_damaged"
    else:
        now, problem = state(manifest, acts, people)
    if now != "void" and manifest.release != folder.name:
        now, problem = "void", "other_bytes"
    expired = False
    if now != "void" and release_files.changed(manifest, folder / FILES) is not None:
        lacks = release_files.changed(manifest, folder / FILES, may_lack=True) is None
        expired = lacks and _expired(workspace, manifest)
        if not expired:
            now, problem = "void", "files_changed"
    return Release(
        id=folder.name,
        folder=folder,
        manifest=manifest,
        acts=tuple(acts),
        state=now,  # type: ignore[arg-type]
        problem=problem,
        expired=expired,
    )


def _expired(workspace: Path, manifest: Manifest) -> bool:
    """Return whether the ledger tells that a package's rows were deleted when their time was out."""

    def speaks_of_it(line: Line) -> bool:
        return isinstance(line["object"], dict) and line["object"].get("sha256") == manifest.sha256

    if any(line["action"] == "release.expire" and speaks_of_it(line) for line in ledger.evidence(workspace)):
        return True
    old = (line for line in ledger.read(workspace) if (line["action"], line["code"]) == ("delete", EXPIRED))
    return any(speaks_of_it(line) for line in old)


def _acts(folder: Path) -> tuple[Signed, ...]:
    found = []
    for path in sorted((folder / ACTS).iterdir()) if (folder / ACTS).is_dir() else ():
        act = signatures.parse(path.read_bytes()[: signatures.LARGEST + 1])
        if act is None:
            raise InputError("release_void", file=folder.name)
        found.append(act)
    return tuple(found)


def _folders(workspace: Path) -> list[Path]:
    """The releases that somebody asked for; a folder without a signed act was never one."""
    return sorted(
        (
            path
            for path in (workspace / "releases").glob("U-*")
            if RELEASE_ID.fullmatch(path.name) and (path / ACTS).is_dir()
        ),
        key=lambda path: (path.name[2:6], int(path.name[7:])),
    )


def _next_id(earlier: Sequence[Path], at: datetime) -> str:
    numbers = [int(path.name[7:]) for path in earlier if path.name[2:6] == f"{at.year}"]
    return f"U-{at.year}-{max(numbers, default=0) + 1:02d}"


def statement_word(text: str) -> signatures.Statement:
    """Return one of the three statements. Raises: InputError `release_statement` for anything else."""
    if text not in signatures.STATEMENTS:
        raise InputError("release_statement", file="releases")
    return text


def check_reason(reason: str, *, needed: bool) -> None:
    """Raise the InputError of a reason that is missing, too long, or that names somebody."""
    _check_text(reason, LONGEST_REASON, "release_reason", needed=needed)


def _check_text(text: str, longest: int, key: str, *, needed: bool = False) -> None:
    """Raise the InputError of words that are missing, too long, or that name somebody: they leave the house."""
    if needed and not text.strip():
        raise InputError(f"{key}_missing", file="releases")
    if len(text) > longest:
        raise InputError(f"{key}_long", file="releases", longest=longest)
    if names_somebody(text):
        raise InputError("release_names_somebody", file="releases")
