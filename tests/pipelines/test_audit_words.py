from __future__ import annotations

import re
from pathlib import Path

import pytest

import pipelines
from reports import catalogue

MODULES = ["alarm", "atomic", "audit", "key_files", "ledger", "ledger_heads", "vault", "workspaces"]
SOURCE = {name: (Path(pipelines.__file__).parent / f"{name}.py").read_text(encoding="utf-8") for name in MODULES}
RAISED = sorted({key for text in SOURCE.values() for key in re.findall(r'InputError\(\s*"(\w+)"', text)})
FACTS = {"known": 2, "mode": "0644", "shortest": 12, "row": 3}


@pytest.mark.parametrize("key", [*RAISED, "key_in_workspace", "key_in_git"])
@pytest.mark.parametrize("language", ["da", "en"])
def test_every_error_here_has_its_words_and_a_cure(key, language):
    text = catalogue.error_text(language, key, {"file": "x", **FACTS})
    assert len(text.splitlines()) >= 3
    assert "{" not in text


def test_every_reason_and_fact_of_a_control_has_its_words():
    sources = "".join((Path(pipelines.__file__).parent / f"{name}.py").read_text() for name in AUDIT)
    reasons = set(re.findall(r'"reason": "(\w+)"', sources)) | set(re.findall(r'_note\(chain, "(\w+)"', sources))
    assert len(reasons) > 10
    for reason in reasons:
        assert catalogue.has(f"control.reason.{reason}"), reason


AUDIT = ["audit", "audit_outputs", "audit_places"]
