"""How quickly the portal's pages come: 20 people at once, a ledger of 100,000 lines (`python -m benchmarks.portal`).

The server is the command itself, on loopback. Each person waits half a second between two pages: a quick reader.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

LINES, PEOPLE, SECONDS, PAUSE_S = 100_000, 20, 30, 0.5
PAGES = {
    "demo-analytiker": ("/", "/runs", "/findings", "/quality", "/quarantine", "/contracts", "/releases"),
    "demo-dpo": ("/", "/dpo", "/log", "/log?action=read&page=7", "/deadlines", "/record", "/releases"),
    "demo-godkender": ("/", "/releases", "/dpo", "/log?actor=anna&month=2026-03", "/findings", "/contracts"),
}
TOKEN = re.compile(r'name="token" value="([^"]+)"')


def main() -> None:
    """Make a demo and a long ledger, let 20 people read, and print the 95th percentile of every page."""
    import httpx

    with tempfile.TemporaryDirectory() as place:
        home, workspace = Path(place) / "home", Path(place) / "kommune"
        env = {**os.environ, "UNDRING_HOME": str(home)}
        undring = str(Path(sys.executable).with_name("undring"))
        subprocess.run(
            [undring, "demo", "--people", "3000", "--dir", str(workspace), "--quiet"],
            env=env,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        _long_ledger(workspace)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen([undring, "portal", str(workspace), "--port", str(port)], env=env)
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(address)
            cookies = {person: _login(httpx.Client(base_url=address, timeout=120), person) for person in PAGES}
            times: dict[str, list[float]] = {}
            for person, pages in PAGES.items():  # the first reading of the ledger is not a page's time
                for page in pages:
                    httpx.get(address + page, cookies=cookies[person], timeout=120)
            until = time.perf_counter() + SECONDS
            readers = [
                threading.Thread(target=_read, args=(address, *_person(number, cookies), until, times, number))
                for number in range(PEOPLE)
            ]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
        finally:
            process.terminate()
            process.wait()
    everything = sorted(one for taken in times.values() for one in taken)
    print(f"{LINES:,} ledger lines, {PEOPLE} people, {PAUSE_S} s between pages, {len(everything)} pages")
    for page, taken in sorted(times.items()):
        print(f"  {page:<34} median {_at(taken, 0.5):6.1f} ms   95th percentile {_at(taken, 0.95):6.1f} ms")
    print(
        f"all pages: median {_at(everything, 0.5):.1f} ms, 95th percentile {_at(everything, 0.95):.1f} ms (limit 150)"
    )


def _person(number: int, cookies: dict[str, dict[str, str]]) -> tuple[dict[str, str], tuple[str, ...]]:
    person = list(PAGES)[number % len(PAGES)]
    return cookies[person], PAGES[person]


def _read(
    address: str,
    cookies: dict[str, str],
    pages: tuple[str, ...],
    until: float,
    times: dict[str, list[float]],
    seed: int,
) -> None:
    import httpx

    client = httpx.Client(base_url=address, cookies=cookies, timeout=120)
    time.sleep(PAUSE_S * seed / PEOPLE)
    number = seed
    while time.perf_counter() < until:
        page = pages[number % len(pages)]
        begun = time.perf_counter()
        answer = client.get(page)
        times.setdefault(page, []).append(1000 * (time.perf_counter() - begun))
        assert answer.status_code == 200, (page, answer.status_code)
        number += 1
        time.sleep(PAUSE_S)


def _long_ledger(workspace: Path) -> None:
    """Put a year of lines in place of the demo's: written by the ledger's own code, without a sync a line."""
    from pipelines import ledger

    shutil.rmtree(workspace / "ledger")
    real = os.fsync
    os.fsync = lambda descriptor: None  # type: ignore[assignment]
    try:
        begun = datetime.now(UTC) - timedelta(days=330)
        for number in range(LINES):
            event = ledger.Event(
                at=begun + timedelta(seconds=number * 285),
                action=("read", "ingest", "search", "sample")[number % 4],
                study="demo",
                purpose="Statistik",
                basis="GDPR art. 6(1)(e)",
                role="analyst" if number % 3 else "system",
                people=1_000 + number % 900,
            )
            ledger.append(workspace, event, actor=("anna", "bo", "natten")[number % 3])
    finally:
        os.fsync = real


def _login(client: object, person: str) -> dict[str, str]:
    import httpx

    assert isinstance(client, httpx.Client)
    token = TOKEN.search(client.get("/login").text)
    assert token is not None
    answer = client.post("/login", data={"token": token[1], "person": person, "passphrase": "demo"})
    assert answer.status_code == 303
    return dict(client.cookies)


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            with urlopen(address + "/health", timeout=5):  # noqa: S310
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the portal does not answer")


def _at(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
