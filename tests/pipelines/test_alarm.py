from __future__ import annotations

import json
import stat
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pipelines import alarm
from reports import catalogue


@pytest.fixture
def receiver():
    """A webhook on loopback that keeps what it is sent."""
    got = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if self.path == "/broken" else 204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    server.server_close()


def study(workspace, webhook):
    (workspace / "study.toml").write_text(f'id = "s"\nalarm_webhook = "{webhook}"\n')


def test_an_alarm_says_step_run_and_code_in_both_languages_and_is_private(tmp_path):
    file = alarm.raise_alarm(tmp_path, "K-0007", "validate", "missing_column")
    lines = file.read_text(encoding="utf-8").splitlines()
    facts = {"run": "K-0007", "step": "validate", "code": "missing_column"}
    assert lines == [catalogue.text(language, "alarm.stopped", facts) for language in ("da", "en")]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    alarm.clear_alarm(tmp_path)
    alarm.clear_alarm(tmp_path)
    assert not file.exists()


def test_the_webhook_gets_the_same_words(tmp_path, receiver):
    address, got = receiver
    study(tmp_path, address)
    alarm.raise_alarm(tmp_path, "K-0007", "validate", "missing_column")
    assert got == [
        {
            "study": "s",
            "run": "K-0007",
            "step": "validate",
            "code": "missing_column",
            "text": catalogue.text("da", "alarm.stopped", run="K-0007", step="validate", code="missing_column"),
        }
    ]


def test_what_is_no_word_never_gets_into_an_alarm(tmp_path, receiver):
    address, got = receiver
    study(tmp_path, address)
    file = alarm.raise_alarm(tmp_path, "K-0007", "validate", "invalid cpr 610150-1234 in /inbox/Ole Hansen.csv")
    assert "1234" not in file.read_text() + str(got)
    assert "Hansen" not in file.read_text() + str(got)


@pytest.mark.parametrize("webhook", ["{receiver}/broken", "http://127.0.0.1:9/", "file:///etc/passwd", "nonsense"])
def test_a_dead_receiver_is_noted_and_raises_nothing(tmp_path, receiver, webhook):
    study(tmp_path, webhook.format(receiver=receiver[0]))
    before = time.monotonic()
    file = alarm.raise_alarm(tmp_path, "K-0007", "validate", "missing_column")
    assert catalogue.text("da", "alarm.not_posted") in file.read_text(encoding="utf-8")
    assert time.monotonic() - before < 10


def test_an_alarm_that_cannot_be_written_raises_nothing(tmp_path):
    (tmp_path / "runs").touch()  # a file where the folder should be
    alarm.raise_alarm(tmp_path, "K-0007", "validate", "missing_column")
