"""Releases: asked for, looked at, advised on, decided, taken back. Each form signs with the person's own passphrase."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pipelines import release_acts, release_rules, releases, verdict
from pipelines.errors import InputError
from pipelines.release_files import KINDS
from pipelines.release_record import Release
from pipelines.release_words import state_words
from portal.asking import NOT_FOUND, Ask, Reply, file, page, to
from portal.making import Making, begin

__all__ = ["HANDLERS", "facts_of"]

SHOWN = {
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".json": "text/plain; charset=utf-8",
    ".pdf": "application/pdf",
}
EVERY_S, SOON_S = 2, 0.3
ROWS_OF_PEOPLE = ("data.csv", "data.parquet")  # no page shows a citizen, a pseudonym or a value


def releases_page(ask: Ask) -> Reply:
    """List the releases, and for an analyst the form that asks for one."""
    found = ask.site.releases()
    rows = [(one, state_words(one, ask.language)) for one in reversed(found)]
    study = ask.site.study()
    making = ask.site.making
    return page(
        ask,
        "releases",
        making=making is not None and not making.done.is_set(),
        rows=rows,
        kinds=[kind for kind in KINDS if kind == "report" or study.package is not None],
        corrects=[one.id for one in found if one.state == "approved" and not one.corrected_by],
        follows=[one.id for one in found if one.state == "returned"],
        has_report=ask.site.report() is not None,
    )


def ask_for(ask: Ask) -> Reply:
    """Ask for a release: words and passphrase are looked at now, its files are made beside the pages."""
    kind = ask.form.get("kind", "")
    if kind not in KINDS:
        raise InputError("portal_choice", file="portal")
    receiver, reason = ask.form.get("receiver", ""), ask.form.get("reason", "")
    release_acts.check_receiver(receiver)
    release_acts.check_reason(reason, needed=False)
    signer = ask.signer()
    making = Making(person=ask.person.id, kind=kind, receiver=receiver, begun=ask.site.clock())
    if not ask.site.take_on(making):
        raise InputError("busy", file=ask.site.workspace)
    make = partial(
        releases.request,
        ask.site.workspace,
        signer,
        kind=kind,
        receiver=receiver,
        reason=reason,
        corrects=ask.form.get("corrects", ""),
        follows=ask.form.get("follows", ""),
        study_passphrase=ask.form.get("study_passphrase") or None,
    )
    begin(making, make)
    making.done.wait(SOON_S)  # what is refused at once is said at once
    return to("/releases/making")


def making(ask: Ask) -> Reply:
    """Show how far a release is; the page comes anew by itself, and ends at the release."""
    found = ask.site.making
    if found is None or found.person != ask.person.id:
        return to("/releases")
    if found.error is not None:
        ask.site.making = None
        raise found.error
    if found.release:
        return to(f"/releases/{found.release}")
    return page(
        ask, "making", making=found, files=found.files(ask.site.workspace), refresh=0 if found.broken else EVERY_S
    )


def release(ask: Ask) -> Reply:
    """Show one release unfolded: what is in it, what is new, who has answered, and what the visitor may do."""
    found = _found(ask)
    return page(ask, "release", one=facts_of(ask, found))


def facts_of(ask: Ask, found: Release) -> dict[str, Any]:
    """Return what the template of a release prints."""
    mine = ask.person.id
    before = {act.by for act in found.acts if act.act == "request"}
    advised = {act.by for act in found.acts if act.act == "statement"}
    last = verdict.last(ask.site.workspace)
    open_ = found.state == "requested"
    required = release_rules.statement_required(found.manifest, ask.site.study())
    return {
        "release": found,
        "state": state_words(found, ask.language),
        "changes": changes(ask, found),
        "shown": [name for name, _, _ in found.manifest.files if _kind_of(name) is not None],
        "may_state": open_ and ask.may("dpo") and mine not in before,
        "may_decide": open_ and ask.may("decider") and mine not in before | advised,
        "may_approve": found.statement is not None or not required,
        "answer_needed": found.statement is not None and found.statement.statement == "advised_against",
        "may_withdraw": (open_ and mine in before) or (found.state == "approved" and ask.may("decider")),
        "failed": last.failed if last is not None else (),
    }


def changes(ask: Ask, found: Release) -> list[tuple[str, str]]:
    """Return what is new since the last release of this kind to the same receiver: + − = and a file's name."""
    earlier = [
        one
        for one in ask.site.releases()
        if one.id < found.id and one.manifest.kind == found.manifest.kind and one.state == "approved"
        if one.manifest.receiver == found.manifest.receiver
    ]
    if not earlier:
        return []
    old = {name: digest for name, digest, _ in earlier[-1].manifest.files}
    new = {name: digest for name, digest, _ in found.manifest.files}
    said = [("since", earlier[-1].id)]
    for name in sorted(old.keys() | new.keys()):
        sign = "+" if name not in old else "−" if name not in new else "=" if old[name] == new[name] else "≠"
        said.append((sign, name))
    return said


def release_file(ask: Ask) -> Reply:
    """Show one file of a release, as it lies there; never rows of people."""
    found = _found(ask)
    name = ask.path["name"]
    kind = _kind_of(name)
    if kind is None or name not in {file for file, _, _ in found.manifest.files}:
        raise NOT_FOUND
    if not (found.folder / "files" / name).is_file():  # its time was out
        raise NOT_FOUND
    return file((found.folder / "files" / name).read_bytes(), kind, name=name if kind == "application/pdf" else None)


def statement(ask: Ask) -> Reply:
    """Give the DPO's statement."""
    says = release_acts.statement_word(ask.form.get("says", ""))
    done = releases.statement(
        ask.site.workspace,
        ask.path["release"],
        ask.signer(),
        says=says,
        reason=ask.form.get("reason", ""),
        dictionary_seen=ask.form.get("dictionary_seen") == "yes",
    )
    return to(f"/releases/{done.id}")


def _decided(act: Callable[..., Release]) -> Callable[[Ask], Reply]:
    """Return the page of an act on a release that takes a reason; everything is checked anew in it."""

    def page(ask: Ask) -> Reply:
        done = act(ask.site.workspace, ask.path["release"], ask.signer(), reason=ask.form.get("reason", ""))
        return to(f"/releases/{done.id}")

    return page


def _found(ask: Ask) -> Release:
    wanted = ask.path["release"]
    for one in ask.site.releases():
        if one.id == wanted:
            return one
    raise NOT_FOUND


def _kind_of(name: str) -> str | None:
    if name in ROWS_OF_PEOPLE:
        return None
    if name.endswith(".csv"):
        return "text/plain; charset=utf-8"
    return next((kind for ending, kind in SHOWN.items() if name.endswith(ending)), None)


HANDLERS = {
    ("GET", "/releases"): releases_page,
    ("POST", "/releases"): ask_for,
    ("GET", "/releases/making"): making,  # before the next: no release is called so
    ("GET", "/releases/{release}"): release,
    ("GET", "/releases/{release}/files/{name}"): release_file,
    ("POST", "/releases/{release}/statement"): statement,
    ("POST", "/releases/{release}/approve"): _decided(releases.approve),
    ("POST", "/releases/{release}/return"): _decided(releases.return_),
    ("POST", "/releases/{release}/reject"): _decided(releases.reject),
    ("POST", "/releases/{release}/withdraw"): _decided(releases.withdraw),
}
