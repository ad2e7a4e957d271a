"""Recipes and answers: a finding described for others, others' findings tried here, and how each is asked to go out."""

from __future__ import annotations

from typing import Any

from pipelines import recipe, release_acts, releases
from pipelines.answer import Answer
from pipelines.errors import InputError
from pipelines.exchange_files import answers_here, own_recipes
from pipelines.exchange_told import asked_here, sent_out, tried
from pipelines.exchanged import current_file
from pipelines.recipe import Recipe, Told
from pipelines.release_files import Kind
from pipelines.release_record import Release
from pipelines.release_words import state_words
from pipelines.signed_file import Sealed, fingerprint
from portal.asking import Ask, Reply, page, to
from reports import exchange

__all__ = ["HANDLERS"]


def overview(ask: Ask) -> Reply:
    """List our recipes with what came back, and others' findings with what we answered."""
    place = ask.site.workspace
    ours, theirs = [], []
    broken: list[str] = []  # files that somebody has changed: the others are still shown
    for name in own_recipes(place):
        try:
            sealed, came = sent_out(place, name)
        except InputError as error:
            broken.append(error.text(ask.language))
            continue
        ours.append({"name": name, "pattern": _pattern(sealed.told, ask), "made": sealed.told.made, "asked": len(came),
                     "found": _found(came), "released": _released(ask, "recipe", name)})  # fmt: skip
    for name in answers_here(place):
        try:
            asked, told = asked_here(place, name)
        except InputError as error:
            broken.append(error.text(ask.language))
            continue
        theirs.append({"name": name, "finding": asked.told.finding, "from": asked.told.municipality,
                       "pattern": _pattern(asked.told, ask), "verdict": told.told.verdict,
                       "released": _released(ask, "answer", name)})  # fmt: skip
    report = ask.site.report()
    shown = (
        [] if report is None else [card.id for card in report.cards if not card.coarse and card.expected is not None]
    )
    return page(ask, "exchanges", ours=ours, theirs=theirs, broken=broken, findings=shown)


def one(ask: Ask) -> Reply:
    """Show one finding, where it was made and where it was tried, and the form that asks for it to go out."""
    name = ask.path["exchange"]
    kind: Kind = "answer" if "." in name else "recipe"
    came: tuple[Answer, ...]
    if kind == "answer":
        asked, answered = asked_here(ask.site.workspace, name)
        signed, came = _signed(answered), (answered.told,)
    else:
        asked, came = sent_out(ask.site.workspace, name)
        signed = _signed(asked)
    return page(
        ask,
        "exchange",
        kind=kind,
        exchange=name,
        tried=exchange.view(tried(asked.told, came), ask.say),
        codes=[_codes(told, ask) for told in (*(part.variable for part in asked.told.parts), asked.told.outcome)],
        signed=signed,
        receiver=asked.told.municipality if kind == "answer" else "",
        released=_released(ask, kind, name),
        old=_is_old(ask, kind, name),
    )


def write(ask: Ask) -> Reply:
    """Write and sign a recipe of one of the findings that are shown in figures."""
    finding = ask.form.get("finding", "")
    recipe.write(ask.site.workspace, finding, ask.signer())
    return to(f"/exchange/{finding}")


def ask_for(ask: Ask) -> Reply:
    """Ask for a recipe's or an answer's release: a release like any other, that somebody else decides."""
    name = ask.path["exchange"]
    receiver, reason = ask.form.get("receiver", ""), ask.form.get("reason", "")
    release_acts.check_receiver(receiver)
    release_acts.check_reason(reason, needed=False)
    kind: Kind = "answer" if "." in name else "recipe"
    made = releases.request(ask.site.workspace, ask.signer(), kind=kind, receiver=receiver, reason=reason, finding=name)
    return to(f"/releases/{made.id}")


def _signed(sealed: Sealed[Any]) -> dict[str, str]:
    return {"name": sealed.name, "role": sealed.role, "mark": fingerprint(sealed.public_key)}


def _is_old(ask: Ask, kind: Kind, name: str) -> bool:
    """Return whether it would be refused as a release today."""
    try:
        current_file(ask.site.workspace, kind, name)
    except InputError:
        return True
    return False


def _released(ask: Ask, kind: str, name: str) -> list[tuple[str, str]]:
    """Return the releases that hold it, newest first, each with its state in words."""
    found = [each for each in ask.site.releases() if each.manifest.kind == kind and _holds(each, name)]
    return [(each.id, state_words(each, ask.language)) for each in reversed(found)]


def _holds(found: Release, name: str) -> bool:
    return any(file in (f"{name}.opskrift.json", f"{name}.svar.json") for file, _, _ in found.manifest.files)


def _pattern(told: Recipe, ask: Ask) -> str:
    return " + ".join(ask.say.words(part.variable.label) for part in told.parts)


def _codes(told: Told, ask: Ask) -> dict[str, Any]:
    meaning = told.meaning
    return {"label": ask.say.words(told.label), "codes": ", ".join(meaning.codes), "standard": meaning.standard}


def _found(came: tuple[Answer, ...]) -> int:
    return sum(told.verdict == "found_again" for told in came)


HANDLERS = {
    ("GET", "/exchange"): overview,
    ("POST", "/exchange"): write,
    ("GET", "/exchange/{exchange}"): one,
    ("POST", "/exchange/{exchange}/release"): ask_for,
}
