"""The legal section of a drafted study: every answer stands open, for nobody but people can give it."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.init_contract import Draft, quoted
from pipelines.init_guess import Note
from pipelines.init_register import Register

__all__ = ["draft_legal"]


def draft_legal(draft: Draft, registers: Sequence[Register]) -> None:
    """Add `[legal]`, and the log's period, as questions."""
    draft.ask(Note("ask.legal"))
    draft.add("[legal]")
    draft.add(*(f'{field} = ""' for field in ("decided_by", "decided_on", "journal", "importance", "information")))
    draft.add(*(f'{field} = ""' for field in ("rights", "staff_informed", "archive", "councils")))
    draft.add("", "[legal.dpia]", *(f'{field} = ""' for field in ("made_on", "journal", "advice", "advice_on")))
    draft.add("")
    draft.ask(Note("ask.legal_basis_of"))
    draft.add("[legal.basis]", *(f'{quoted(register.name)} = ""' for register in registers))
    draft.add("")
    draft.ask(Note("ask.log_days"))
    draft.add("# [retention]", "# log_days = ")
