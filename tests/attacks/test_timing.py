"""Attack 14: does the time of a lookup tell whether somebody is there? Secrets are compared in constant time.

No test here holds a clock to a limit: the times are taken by `python -m benchmarks.lookup_times`, which `make attack`
runs beside the suite, where nothing else does.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET_WORDS = ("mac", "digest", "hmac", "secret", "token", "passphrase", "password", "cookie")
# Public hashes, told to everybody: comparing them slowly hides nothing.
PUBLIC = ("sha256", "tree", "manifest", "head", "terms")


def compared(source: str) -> list[int]:
    """Lines on which something named like a secret is compared with == or !=, which stops at the first difference."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(one, (ast.Eq, ast.NotEq)) for one in node.ops):
            sides = [node.left, *node.comparators]
            if any(isinstance(side, ast.Constant) for side in sides):
                continue  # against a word of the program: no secret
            if any(isinstance(side, ast.Call) and ast.unparse(side.func) == "len" for side in sides):
                continue
            names = " ".join(ast.unparse(side).lower() for side in sides)
            if any(word in names.replace("_", " ").replace(".", " ").split() for word in SECRET_WORDS):
                found.append(node.lineno)
    return found


def test_a_plain_comparison_of_a_secret_is_seen():
    assert compared("def f(mac, given):\n    return mac == given\n") == [2]
    assert compared("import hmac\ndef f(mac, given):\n    return hmac.compare_digest(mac, given)\n") == []


@pytest.mark.parametrize("room", ["pseudonymisation", "pipelines", "portal", "flows"])
def test_no_secret_is_compared_with_equals(room):
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in (ROOT / room).rglob("*.py")
        for line in compared(path.read_text(encoding="utf-8"))
        if not any(word in path.read_text(encoding="utf-8").splitlines()[line - 1] for word in PUBLIC)
    }
    assert found == set()
