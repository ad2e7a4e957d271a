"""A portal over a workspace of two small files, with every role, and a browser without a screen for each person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from pipelines import ledger, releases
from portal.app import create_site
from portal.guard import COOKIE
from portal.site import Settings, Site
from tests.pipelines.release_builders import cheap_argon2, everybody, two_files, workspace

HOST = "127.0.0.1:8765"
TOKEN = re.compile(r'name="token" value="([^"]+)"')


@dataclass
class Portal:
    site: Site
    app: object
    people: dict

    def browser(self, person=None, *, address="127.0.0.1", **headers):
        """A browser of somebody who is logged in already (or of nobody)."""
        made = TestClient(
            self.app, base_url=f"http://{HOST}", client=(address, 50_000), follow_redirects=False, headers=headers
        )
        if person is not None:
            made.cookies.set(COOKIE, self.site.guard.begin(person))
        return made

    def token(self, browser, path="/"):
        return TOKEN.search(browser.get(path).text)[1]

    def post(self, browser, path, *, page="/", **fields):
        return browser.post(path, data={"token": self.token(browser, page), **fields})

    def outbox(self):
        place = self.site.workspace / "outbox"
        return sorted(path.name for path in place.rglob("*.html")) if place.exists() else []


@pytest.fixture
def portal(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path / "home"))
    cheap_argon2(monkeypatch)
    two_files(monkeypatch)
    people = everybody()
    here = workspace(tmp_path / "ws")
    (here / "contracts").mkdir()
    event = ledger.Event(at=datetime.now(UTC), action="run.end", study="proeve", purpose="p", basis="b")
    ledger.append(here, event, actor="anna")
    releases.request(here, people["anna"], kind="report", receiver="Alle")
    site = Site(settings=Settings(workspace=here, hosts=frozenset({HOST, "localhost:8765"})))
    return Portal(site=site, app=create_site(site)[0], people=people)
