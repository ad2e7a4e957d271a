"""What a release is and what opens the door for it, from its signed acts alone: pure rules, no file.

The rules: asked for by an analyst; statements by a DPO, before the decision; one decision by a decider; three
different people with three different keys; taken back by the one who asked while it is open, by a decider afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pipelines import signatures
from pipelines.accounts import Account
from pipelines.release_files import Manifest
from pipelines.signatures import Act, Signed
from pipelines.study import Study

__all__ = ["NOTHING", "ROLE_OF", "State", "state", "statement_required", "why_closed"]

NOTHING = "0" * 64  # of what comes before the first
State = Literal["requested", "approved", "returned", "rejected", "withdrawn", "void"]
AFTER: dict[Act, State] = {"approve": "approved", "return": "returned", "reject": "rejected", "withdraw": "withdrawn"}
ROLE_OF: dict[Act, str] = {
    "request": "analyst",
    "statement": "dpo",
    "approve": "decider",
    "return": "decider",
    "reject": "decider",
}


def state(manifest: Manifest, acts: Sequence[Signed], people: Mapping[str, Account]) -> tuple[State, str]:
    """Return what a release is, from its signed acts alone; `void` and why, when one of them does not hold.

    Files and policy are looked at elsewhere (`why_closed`).
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
            now = AFTER[act.act]
    return (now, "") if asked is not None else ("void", "no_request")


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
    if act.role != ROLE_OF[act.act]:
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


def statement_required(manifest: Manifest, study: Study) -> bool:
    """Policy then or now, whichever is stricter: a study.toml changed in between opens nothing."""
    return manifest.statement_required or study.statement_required
