"""Refused rows: why, in rounded counts; and what a person decides about a kind of fault, never about a row."""

from __future__ import annotations

from pipelines import atomic, quarantine_decisions
from pipelines.contracts import contract_of
from pipelines.errors import InputError
from pipelines.quarantine_decisions import Kind
from portal.asking import Ask, Reply, page, to

__all__ = ["HANDLERS"]


def quarantine(ask: Ask) -> Reply:
    """Show why rows were refused, rounded, by register: never a row, never a value. An analyst decides here too."""
    report = ask.site.report()
    sources = [source for source in report.sources if source.refused_reasons] if report is not None else []
    closed, let_in, lying = _choices(ask)
    return page(
        ask,
        "quarantine",
        sources=sources,
        closed={value: _words(ask, one) for value, one in closed.items()},
        let_in={value: _words(ask, one) for value, one in let_in.items()},
        lying={value: f"{one.run}: {_words(ask, one)}" for value, one in lying.items()},
    )


def release(ask: Ask) -> Reply:
    """From the next run on, read a cell with this fault as missing and keep its row."""
    signer = ask.signer()
    with atomic.folder_lock(ask.site.workspace):
        one = _chosen(ask, _choices(ask)[0])
        contract = contract_of(ask.site.workspace, one.register)
        quarantine_decisions.release(
            ask.site.workspace, ask.site.study(), contract, one.column, one.reason, by=signer.account
        )
    return to("/quarantine")


def withdraw(ask: Ask) -> Reply:
    """Take such a decision back."""
    signer = ask.signer()
    with atomic.folder_lock(ask.site.workspace):
        one = _chosen(ask, _choices(ask)[1])
        quarantine_decisions.withdraw(
            ask.site.workspace, ask.site.study(), one.register, one.column, one.reason, by=signer.account
        )
    return to("/quarantine")


def drop(ask: Ask) -> Reply:
    """Delete refused rows of one kind for good: takes the study's key."""
    from pipelines.run import quarantine_key

    if ask.form.get("sure") != "yes":
        raise InputError("portal_choice", file="portal")
    signer = ask.signer()
    typed = ask.study_passphrase()
    with atomic.folder_lock(ask.site.workspace):
        one = _chosen(ask, _choices(ask)[2])
        with ask.site.signing:
            key = quarantine_key(ask.site.workspace, typed)
        quarantine_decisions.drop(
            ask.site.workspace,
            ask.site.study(),
            one.run,
            one.register,
            column=one.column,
            reason=one.reason,
            key=key,
            by=signer.account,
        )
    return to("/quarantine")


def _choices(ask: Ask) -> tuple[dict[str, Kind], dict[str, Kind], dict[str, Kind]]:
    """Return what may be let in, what was let in, and what may be deleted: by the value that a form sends."""
    read = ask.site.contracts()
    found = quarantine_decisions.kinds(ask.site.workspace)
    closed: dict[str, Kind] = {}
    lying: dict[str, Kind] = {}
    for one in found:
        name = f"{one.register}/{one.column}/{one.reason}"
        lying[f"{one.run}/{name}"] = one
        contract = read.get(one.register)
        may = contract is not None and quarantine_decisions.may_release(contract, one.column, one.reason)
        if may and not one.released:
            closed.setdefault(name, one)
    let_in = {
        f"{register}/{column}/{reason}": Kind(
            run="", register=register, column=column, reason=reason, rows=0, released=True
        )
        for register, column, reason in sorted(quarantine_decisions.released(ask.site.workspace))
    }
    return closed, let_in, lying


def _chosen(ask: Ask, choices: dict[str, Kind]) -> Kind:
    """Return the one that was chosen: looked up among ours, never taken apart."""
    found = choices.get(ask.form.get("kind", ""))
    if found is None:
        raise InputError("portal_choice", file="portal")
    return found


def _words(ask: Ask, one: Kind) -> str:
    contract = ask.site.contracts().get(one.register)
    header = next((p.header for p in contract.properties if p.name == one.column), one.column) if contract else ""
    label = (contract.label_da if ask.language.value == "da" else contract.label_en) if contract else ""
    return ask.say(
        "portal.quarantine.kind",
        register=label or one.register,
        column=header or ask.say("portal.quarantine.whole_row"),
        reason=ask.say(f"row.{one.reason}"),
    )


HANDLERS = {
    ("GET", "/quarantine"): quarantine,
    ("POST", "/quarantine/release"): release,
    ("POST", "/quarantine/withdraw"): withdraw,
    ("POST", "/quarantine/drop"): drop,
}
