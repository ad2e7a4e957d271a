"""How large a report with eight findings is, and how long it takes to write: `python -m benchmarks.report`.

Limits: HTML 400 kB, PDF 600 kB, both written in 8 s. The eight cards are the test builders' example, eight times.
"""

from __future__ import annotations

import time
from dataclasses import replace

FINDINGS = 8


def main() -> None:
    """Render a report of eight findings in both languages, and print sizes and times."""
    from reports.catalogue import Language
    from reports.html import render
    from reports.paper import pdf
    from tests.reports.builders import example_report

    one = example_report()
    cards = [replace(one.cards[place % len(one.cards)], id=f"F-2026-{place + 1:03d}") for place in range(FINDINGS)]
    report = replace(one, cards=tuple(cards))
    pdf(render(report, language=Language.DA), language=Language.DA)  # fonts and imports are read once
    for language in Language:
        begun = time.perf_counter()
        html = render(report, language=language)
        written = time.perf_counter()
        printed = pdf(html, language=language)
        done = time.perf_counter()
        print(
            f"{language.value}: HTML {len(html.encode()) / 1000:.0f} kB in {written - begun:.2f} s, "
            f"PDF {len(printed) / 1000:.0f} kB in {done - written:.2f} s, both {done - begun:.2f} s "
            f"(limits 400 kB, 600 kB, 8 s)"
        )


if __name__ == "__main__":
    main()
