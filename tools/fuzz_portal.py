"""Send the portal nonsense for some minutes: `make fuzz` (five), or `python tools/fuzz_portal.py SECONDS`.

Schemathesis makes requests from the portal's description (routes, parts of paths, fields of forms), as each role.
Nothing may end in a server error, no answer may be a page that the role may not see, and nothing may reach the outbox.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FIELDS = (
    "person",
    "passphrase",
    "kind",
    "receiver",
    "reason",
    "corrects",
    "follows",
    "says",
    "dictionary_seen",
    "seen",
    "sure",
    "study_passphrase",
    "language",
    "day",
    "hour",
    "minute",
    "breach",
    "finding",
    "ending",
)
IDS = {
    "release": "U-2026-01",
    "finding": "F-2026-001",
    "exchange": "F-2026-001",
    "run": "K-0001",
    "register": "cpr",
    "name": "rapport.html",
}
HOST = "127.0.0.1:8765"


def description() -> dict[str, Any]:
    """Return the portal as OpenAPI; the forms' token is put in as they are sent."""
    from portal.menu import ACCESS

    paths: dict[str, Any] = {}
    for method, path in ACCESS:
        parts = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"anyOf": [{"const": IDS[name]}, {"type": "string"}]},
            }
            for name in re.findall(r"{(\w+)}", path)
        ]
        query = [
            {"name": name, "in": "query", "schema": {"type": "string"}}
            for name in ("page", "action", "show", "to", "language")
        ]
        operation: dict[str, Any] = {"parameters": [*parts, *query], "responses": {"200": {"description": "a page"}}}
        if method == "POST":
            fields = {name: {"type": "string"} for name in FIELDS}
            form = {"type": "object", "properties": {**fields, "token": {"type": "string", "default": ""}}}
            operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
        paths.setdefault(path, {})[method.lower()] = operation
    return {"openapi": "3.0.2", "info": {"title": "Undring", "version": "1"}, "paths": paths}


def _probe(
    operation: Any, *, role: str, browser: Any, allowed: frozenset[str] | None, site: Any, wrong: list[str]
) -> int:
    """Send some requests to one route as one role; note each wrong answer, and return how many were sent."""
    from hypothesis import HealthCheck, Phase, given, settings

    from portal.guard import COOKIE

    sent = 0

    @settings(
        max_examples=8,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def probe(case: Any) -> None:
        nonlocal sent
        session = site.guard.opened(browser.cookies.get(COOKIE))
        body = case.body if isinstance(case.body, dict) else {}
        if case.method.upper() == "POST":
            body = {**body, "token": site.guard.token(f"session {session}" if session else "visitor x")}
        try:
            answer = browser.request(case.method, case.formatted_path, params=case.query or {}, data=body or None)
        except (UnicodeError, ValueError):
            return  # the client itself will not send that
        sent += 1
        hidden = role and allowed is not None and role not in allowed
        if answer.status_code >= 500 or (hidden and answer.status_code == 200):
            wrong.append(f"{role or 'nobody'} {case.method} {case.formatted_path}: {answer.status_code}")
        if not role and allowed is not None and answer.status_code == 200:
            wrong.append(f"nobody {case.method} {case.formatted_path}: a page without login")

    probe()
    return sent


def main(seconds: float) -> int:
    """Fuzz every route as every role in turn; return how many answers were wrong."""
    import pytest
    import schemathesis
    from starlette.testclient import TestClient

    from pipelines import releases
    from portal.app import create_site
    from portal.guard import COOKIE
    from portal.menu import ACCESS
    from portal.site import Settings, Site
    from tests.pipelines.release_builders import cheap_argon2, everybody, two_files, workspace

    wrong: list[str] = []
    sent = 0
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patched:
        os.environ["UNDRING_HOME"] = f"{place}/home"
        cheap_argon2(patched)
        two_files(patched)
        people = everybody()
        here = workspace(Path(place) / "ws")
        (here / "contracts").mkdir()
        releases.request(here, people["anna"], kind="report", receiver="Alle")
        site = Site(settings=Settings(workspace=here, hosts=frozenset({HOST})))
        app = create_site(site)[0]
        until = time.monotonic() + seconds
        roles = {"analyst": "anna", "decider": "britt", "dpo": "dorte", "reader": "rikke", "": ""}
        while time.monotonic() < until:
            for role, person in roles.items():
                schema = schemathesis.openapi.from_dict(description())
                for found in schema.get_all_operations():
                    operation = found.ok()
                    allowed = ACCESS[operation.method.upper(), operation.path]
                    # a browser of its own for each route: one of them logs out
                    browser = TestClient(
                        app, base_url=f"http://{HOST}", follow_redirects=False, raise_server_exceptions=False
                    )
                    if person:
                        browser.cookies.set(COOKIE, site.guard.begin(person))

                    sent += _probe(operation, role=role, browser=browser, allowed=allowed, site=site, wrong=wrong)
                    if time.monotonic() > until:
                        break
        if (here / "outbox").exists():
            wrong.append("something reached the outbox")
    print(f"{sent} requests, {len(wrong)} wrong answers")
    print("\n".join(sorted(set(wrong))[:20]))
    return len(wrong)


if __name__ == "__main__":
    raise SystemExit(min(1, main(float(sys.argv[1]) if len(sys.argv) > 1 else 300)))
