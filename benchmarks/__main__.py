"""`make bench`: every figure that the documents name, each printed by the script that measures it."""

from __future__ import annotations

from benchmarks import cohort, demo, discovery, engine, init, k_anonymity, ledger, pseudonyms, redact

if __name__ == "__main__":
    demo.main(["time"])
    demo.main(["seeds"])
    demo.main(["null"])
    demo.main(["peer"])
    discovery.main()
    engine.main()
    k_anonymity.main()
    ledger.main(100_000)
    pseudonyms.main()
    redact.main()
    init.main()
    cohort.main([])
