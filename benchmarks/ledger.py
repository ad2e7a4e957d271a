"""How long it takes to verify a ledger of 100,000 lines, and to write to it: `python benchmarks/ledger.py [lines]`.

The peer is the least that any checker must do: parse each line as JSON and hash it once.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipelines import audit, ledger

LIMIT_SECONDS = 10
FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def event(number: int) -> ledger.Event:
    return ledger.Event(
        at=FIRST + timedelta(minutes=8 * number),
        action="read",
        study="aeldre",
        purpose="Forebyggelse af akutte indlæggelser blandt ældre",
        basis="GDPR art. 9(2)(j)",
        run=f"K-{number // 40:04d}",
        register="indsatser",
        people=number % 20_000,
        rows=number,
        columns=12,
        object_sha256=sha256(str(number).encode()).hexdigest(),
    )


def main(lines: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["UNDRING_HOME"] = str(Path(folder) / "home")
        workspace = Path(folder) / "ws"
        (workspace / "ledger").mkdir(parents=True)

        start = time.perf_counter()
        for number in range(300):
            ledger.append(workspace, event(number), actor="ole")
        synced = 300 / (time.perf_counter() - start)
        for path in ledger.segments(workspace):
            path.unlink()

        write_fast(workspace, lines)
        head = workspace.parent / "head.txt"
        head.write_text(ledger.checkpoint(workspace).text)
        size = sum(path.stat().st_size for path in ledger.segments(workspace))

        start = time.process_time()
        for path in ledger.segments(workspace):
            for raw in path.read_bytes().split(b"\n")[:-1]:
                json.loads(raw)
                sha256(raw).digest()
        peer = time.process_time() - start

        start, busy = time.perf_counter(), time.process_time()
        controls = audit.verify(workspace, head=head, now=FIRST)
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        assert controls[0].passed, controls[0]
        assert controls[1].passed, controls[1]

        start = time.perf_counter()
        ledger.append_once(workspace, event(lines), "K-9999/last", actor="ole")
        once = time.perf_counter() - start
    print(f"lines                      {lines:,} in {size / lines:.0f} bytes each")
    print(f"append, one fsync an event {synced:,.0f} a second")
    print(f"append_once at the end     {once * 1000:.0f} ms")
    print(f"verify, nine controls      {seconds:.1f} s (limit {LIMIT_SECONDS} s at 100,000 lines)")
    print(f"  of that this processor   {busy:.1f} s; parse and hash once (peer) {peer:.1f} s: ratio {busy / peer:.1f}")
    if lines <= 100_000 and seconds > LIMIT_SECONDS:
        sys.exit(1)


def write_fast(workspace: Path, lines: int) -> None:
    """Write the same lines as `append` does, without an fsync each."""
    previous, parts = ledger.FIRST, {}
    for number in range(lines):
        body = {**ledger.body_of(event(number), actor="ole"), "seq": number + 1, "prev": previous}
        previous = body["hash"] = sha256(ledger.canonical(body)).hexdigest()
        parts.setdefault(str(body["ts"])[:7], []).append(ledger.canonical(body))
    for month, rows in parts.items():
        (workspace / "ledger" / f"{month}.jsonl").write_bytes(b"\n".join([*rows, b""]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
