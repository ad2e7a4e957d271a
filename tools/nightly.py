"""`make nightly`: a Prefect server and a worker on loopback, both deployments, one night on the demo, its state.

Everything it starts it stops again, and its Prefect database is new each time: it shows that a night works on this
machine. A house that wants it every night runs the same server and worker as services (docs/nightly.md).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
POOL = "undring"
HEALTHY_WITHIN, DEPLOYED_WITHIN, NIGHT_WITHIN = 180, 180, 1200  # seconds
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass
class LocalPrefect:
    """A Prefect server and a worker of our own on loopback, with everything of theirs in one folder."""

    home: Path
    more: Mapping[str, str] = field(default_factory=dict)  # environment of the server, the worker and its runs
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.environment = {
            **os.environ,
            "PREFECT_HOME": str(self.home),
            "PREFECT_API_URL": self.api,
            "PREFECT_SERVER_API_HOST": "127.0.0.1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{self.home / 'prefect.db'}",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            "PREFECT_CLI_PROMPT": "false",
            "DO_NOT_TRACK": "1",
            "UNDRING_ROOT": str(ROOT),
            **self.more,
        }

    def start(self) -> None:
        """Start the server, and wait until it is healthy."""
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True, mode=0o700)
        self._background("server", "server", "start", "--host", "127.0.0.1", "--port", str(self.port))
        self._wait_until_healthy()

    def deploy(self) -> None:
        """Make the work pool, and deploy everything in prefect.yaml."""
        self._prefect("work-pool", "create", POOL, "--type", "process", "--overwrite")
        self._prefect("--no-prompt", "deploy", "--all")

    def start_worker(self) -> None:
        """Start a worker that takes the runs of the pool."""
        self._background("worker", "worker", "start", "--pool", POOL, "--name", "lokal")

    def run(self, deployment: str, parameters: Mapping[str, Any], *, within: float = NIGHT_WITHIN) -> dict[str, Any]:
        """Run a deployment and wait for its end; return the run as Prefect shows it."""
        found = self.ask("GET", f"/deployments/name/{deployment}")
        asked = self.ask("POST", f"/deployments/{found['id']}/create_flow_run", {"parameters": dict(parameters)})
        end = time.monotonic() + within
        while time.monotonic() < end:
            now: dict[str, Any] = self.ask("GET", f"/flow_runs/{asked['id']}")
            if now["state_type"] in ENDED:
                return now
            self._still_running()
            time.sleep(1)
        raise TimeoutError(f"{deployment} had not ended after {within:.0f} s")

    def task_runs(self, flow_run_id: str) -> list[dict[str, Any]]:
        """Return the tasks of a run, in order."""
        query = {"flow_runs": {"id": {"any_": [flow_run_id]}}, "sort": "EXPECTED_START_TIME_ASC"}
        return list(self.ask("POST", "/task_runs/filter", query))

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask the server's API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            self.api + path, data=data, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")

    def stop(self) -> None:
        """Stop what was started, the worker first, each with its children."""
        for process in reversed(self._running):
            _signal_group(process, signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()
            _signal_group(process, signal.SIGKILL)  # children that outlived it
        self._running.clear()

    def _background(self, name: str, *arguments: str) -> None:
        with (self.home / f"{name}.log").open("wb") as log:
            self._running.append(
                subprocess.Popen(
                    [str(BIN / "prefect"), *arguments],
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )

    def _prefect(self, *arguments: str) -> None:
        done = subprocess.run(
            [str(BIN / "prefect"), *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEPLOYED_WITHIN,
        )
        if done.returncode:
            raise RuntimeError(f"prefect {' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")

    def _wait_until_healthy(self) -> None:
        end = time.monotonic() + HEALTHY_WITHIN
        while time.monotonic() < end:
            self._still_running()
            try:
                if self.ask("GET", "/health") is True:
                    return
            except (OSError, ValueError):
                time.sleep(0.5)
        raise TimeoutError(f"the server was not healthy after {HEALTHY_WITHIN} s: see {self.home / 'server.log'}")

    def _still_running(self) -> None:
        for process in self._running:
            if process.poll() is not None:
                raise RuntimeError(f"a Prefect process ended by itself: see the logs in {self.home}")


@contextmanager
def local_prefect(home: Path, more: Mapping[str, str] | None = None) -> Iterator[LocalPrefect]:
    """A server with both deployments and a worker, for as long as the block lasts."""
    prefect = LocalPrefect(home, more or {})
    try:
        prefect.start()
        prefect.deploy()
        prefect.start_worker()
        yield prefect
    finally:
        prefect.stop()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def main() -> int:
    sys.path.insert(0, str(ROOT))
    from pipelines import workspaces
    from reports import catalogue
    from reports.catalogue import Language

    language = Language.EN if os.environ.get("UNDRING_LANGUAGE") == "en" else Language.DA

    def say(key: str, **facts: str | int) -> None:
        print(catalogue.text(language, f"nightly.{key}", facts), flush=True)

    workspace = workspaces.known().get("demo")
    if workspace is None or not (workspace / "study.toml").is_file():
        say("demo_first")
        code = subprocess.run([str(BIN / "undring"), "demo"], cwd=ROOT).returncode
        if code:
            return code
        workspace = workspaces.find("demo")
    home = ROOT / ".prefect"
    say("starting")
    began = time.monotonic()
    with local_prefect(home) as prefect:
        say("triggered", seconds=round(time.monotonic() - began))
        night = prefect.run("nat/nat", {"studies": ["demo"]})
        for task in prefect.task_runs(night["id"]):
            print(f"  {task['state_name']:<10} {task['name']}")
        say("state", state=night["state_name"], seconds=round(night["total_run_time"]))
    went_well = night["state_type"] == "COMPLETED"
    say("outputs" if went_well else "alarm", path=str(workspace / ("draft" if went_well else "runs/ALARM.txt")))
    say("stopped", path=str(home))
    return 0 if went_well else 1


if __name__ == "__main__":
    raise SystemExit(main())
