"""A run that was started from the portal, in a process of its own: `python -m portal.worker WORKSPACE LANGUAGE FD`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from pipelines.errors import InputError
from pipelines.run import run
from reports.catalogue import Language

__all__ = ["main"]


def main(workspace: str, language: str, descriptor: str) -> int:
    """Take the way; what went wrong stands in the ledger and in the run's folder, as for every other run.

    What a person can mend is also said on standard output, in both languages, for the page that started the run: a
    wrong passphrase or a missing key comes before there is any folder.
    """
    with os.fdopen(int(descriptor), "rb") as pipe:
        passphrase = pipe.readline(4_097).removesuffix(b"\n").decode()
    try:
        return run(Path(workspace), passphrase=passphrase or None, language=Language(language)).exit_code
    except InputError as error:
        print(json.dumps({one.value: error.text(one) for one in Language}))  # never a value: an error holds none
        return 2


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:4]))
