"""From a code back to a citizen: two people, a reason, a trace; and never in a study for statistics alone.

There is no table of who is who. The municipality's own register is hashed anew with the key: the two, and two people,
are needed together. Counts go to the ledger, the match to a file of 0600.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipelines import atomic, ledger, persons, receipts
from pipelines.accounts import Signer
from pipelines.context import INTERNAL_EPOCH, Run
from pipelines.errors import InputError
from pipelines.log import study_event
from pipelines.study import inbox_folder

__all__ = ["MOST", "refuse_statistics", "reidentify"]

MOST = 10  # codes in a request
CODE = re.compile(r"p1-[0-9A-HJKMNP-TV-Z]{26}[0-9A-HJKMNP-TV-Z*~$=U]")


def refuse_statistics(run: Run) -> None:
    """Raise InputError `reid_statistics` where any register is here under databeskyttelsesloven § 10."""
    legal = run.study.legal
    if legal.statistics_only or not legal.basis:
        raise InputError("reid_statistics", file="study.toml")


def reidentify(
    run: Run, codes: Sequence[str], signers: Sequence[Signer], *, receiver: str, reason: str, out: Path
) -> int:
    """Write who stands behind at most ten codes of a receiver's package (or of the vault: "internal"); return how many.

    Raises: InputError for a § 10 study, one person instead of two, more than ten codes, or what is no code. Refusals
    for the study's sake are told in the ledger too.
    """
    first, second = signers
    receipts.check_two(first, second)
    if not reason.strip():
        raise InputError("reason_missing", file="reidentify")
    try:
        refuse_statistics(run)
    except InputError as error:
        _told(run, "reid.request", first, len(codes), outcome="refused", code=error.key)
        raise
    if not 1 <= len(codes) <= MOST or not all(CODE.fullmatch(code) for code in codes):
        raise InputError("reid_codes", file="reidentify", most=MOST)
    _told(run, "reid.request", first, len(codes))
    _told(run, "reid.approve", second, len(codes))
    found = _match(run, codes, receiver)
    atomic.write_text(out, "\n".join(["code;number", *(f"{code};{number}" for code, number in found.items()), ""]))
    _told(run, "reid.run", first, len(found))
    return len(found)


def _match(run: Run, codes: Sequence[str], receiver: str) -> dict[str, str]:
    from pipelines.ingest import ingest_register

    contract = next((one for one in run.contracts.values() if one.population and one.person is not None), None)
    if contract is None or contract.person is None:
        raise InputError("reid_register", file="contracts")
    frame = ingest_register(contract, inbox_folder(run.study, run.workspace), today=run.clock().date()).frame
    numbers = frame[contract.person.name].unique()
    if receiver == "internal":
        made = persons.codes(run, numbers, contract.person, recipient=receiver, epoch=INTERNAL_EPOCH)
    else:  # a package's code is made of the vault's own
        inner = persons.codes(run, numbers, contract.person, recipient="internal", epoch=INTERNAL_EPOCH)
        made = persons.recoded(run, inner, receiver)
    table = pl.DataFrame({"code": made, "number": numbers.cast(pl.String)}).filter(pl.col("code").is_in(list(codes)))
    return dict(zip(table["code"], table["number"], strict=True))


def _told(run: Run, action: str, signer: Signer, count: int, *, outcome: str = "ok", code: str | None = None) -> None:
    event, _ = study_event(
        run.study, action, role=signer.account.role, now=run.clock(), facts={"codes": count}, outcome=outcome, code=code
    )
    ledger.append(run.workspace, event, actor=signer.account.id)
