"""Handing the ledger's head outside the house: a file in a mounted folder, the text of a mail, a QR code on paper."""

from __future__ import annotations

import io
import os
from pathlib import Path

from pipelines import atomic
from pipelines.errors import InputError
from pipelines.ledger_heads import Head
from reports import catalogue
from reports.catalogue import Language

__all__ = ["hand_out", "mail_text", "write_paper"]


def hand_out(head: Head, folder: Path) -> Path:
    """Lay the head in a folder of somebody else's, as a file of its own that is never written over; return it.

    Raises: InputError `witness_missing` where the folder is not there: a mount that is gone must not pass in silence.
    """
    if not folder.is_dir():
        raise InputError("witness_missing", file=folder)
    _, study, log = head.origin.split("/")
    path = folder / f"{study}.{log}.{head.size:08d}.checkpoint"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except FileExistsError:
        if path.read_text(encoding="utf-8", errors="replace").split("\n\n")[0] != head.text.split("\n\n")[0]:
            raise InputError("ledger_changed", file=path) from None  # it holds another head of the same length
        return path
    except OSError:
        raise InputError("witness_missing", file=folder) from None
    with open(descriptor, "wb") as file:
        file.write(head.text.encode())
        file.flush()
        os.fsync(descriptor)
    return path


def mail_text(head: Head, language: Language) -> str:
    """Return what may be mailed to the DPO as it stands: what it is, what to do with it, and the head."""
    return catalogue.text(language, "witness.mail", lines=head.size, head=head.text)


def write_paper(head: Head, path: Path, language: Language) -> None:
    """Write a page to print and put in a drawer: the head as letters, and as a QR code that any phone reads."""
    import segno

    drawing = io.BytesIO()
    segno.make(head.text, error="m", micro=False).save(
        drawing, kind="svg", scale=5, xmldecl=False, svgns=True, title=catalogue.text(language, "witness.code")
    )
    page = catalogue.text(
        language, "witness.paper", lines=head.size, head=head.text, code=drawing.getvalue().decode("utf-8")
    )
    atomic.write_text(path, page)
