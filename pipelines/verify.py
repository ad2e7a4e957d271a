"""A card computed again from what is printed on it: the page is read as a reader reads it, and nothing else is used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any

from pipelines.errors import InputError
from pipelines.papers import report_file
from pipelines.verify_table import PrintedRow, adjusted_from, expected_from
from reports import catalogue, rates
from reports.catalogue import Language
from reports.numbers import decimal, whole
from reports.values import row_order

NUMBER = r"\d[\d.,]*"


@dataclass(frozen=True, slots=True)
class Checked:
    """One printed figure: what it is, what stands there, what it comes to."""

    what: str
    printed: str
    computed: str
    within: bool | None = None  # of an interval: whether the printed figure lies in it

    @property
    def agrees(self) -> bool:
        return self.printed == self.computed if self.within is None else self.within


def verify(workspace: Path, finding_id: str, language: Language) -> list[Checked]:
    """Return every figure of a finding's card beside what its printed counts come to.

    Raises: InputError `no_findings` where there is no draft, `finding_no_card` where the finding has no card in it.
    """
    file = report_file(workspace, language)
    content = json.loads((workspace / "draft" / "fund.json").read_text(encoding="utf-8"))
    return verify_page(file, content, finding_id, language)


def verify_page(file: Path, content: dict[str, Any], finding_id: str, language: Language) -> list[Checked]:
    """Do the same for one page and its findings as data: `discover` writes them beside each other."""
    reader = _Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    sides = [one for one in reader.sections if finding_id in one.foot]
    front = next((one for one in sides if "front" in one.kind), None)
    back = next((one for one in sides if "back" in one.kind), None)
    if front is None or back is None or not back.rows:
        raise InputError("finding_no_card", file=file, finding=finding_id)
    data = next(one for one in content["findings"] if one["id"] == finding_id)
    mine = data.get("outcome", content["outcome"])["column"]
    wanted = _taken_out(back, language)
    kinds = {one["column"]: one.get("kind") for one in content.get("outcomes", [])}
    law = (kinds.get(mine) or content.get("kind", "yes_no"), content.get("scale", "ratio"))
    return [
        *_figures(front, back, data, language),
        *_by_table(back, len(data["conditions"]), law, language),
        *_by_rows(back, wanted, data, language),
    ]


def lines(checked: list[Checked], language: Language) -> list[str]:
    """Return a line a figure, and one that sums up."""
    said = []
    for one in checked:
        mark = "✓" if one.agrees else "✕"
        key = "verify.wrong" if not one.agrees else "verify.line" if one.within is None else "expected.line"
        said.append(
            f"{mark} {catalogue.text(language, key, what=one.what, printed=one.printed, computed=one.computed)}"
        )
    wrong = sum(not one.agrees for one in checked)
    key = "verify.all" if not wrong else "verify.some"
    return [*said, catalogue.text(language, key, count=len(checked), wrong=wrong)]


def _figures(front: _Section, back: _Section, data: dict[str, Any], language: Language) -> Iterator[Checked]:
    def say(key: str, **facts: str | int) -> str:
        return catalogue.text(language, key, facts)

    per = _numbers(back.head[-2], language)[-1]
    group: tuple[int, int] | None = None
    expected: tuple[int, int, int] | None = None
    for label, cells in back.rows:
        if not cells[-2]:
            continue
        base, count = _number(cells[-4], language), _number(cells[-3], language)
        is_expected = label.endswith(": " + say("report.back.expected_row"))
        rate = rates.rounded(per * count / base)
        yield Checked(say("verify.rate", group=label, count=count, people=base), cells[-2], whole(rate, language))
        if is_expected and group is not None:
            told = _match("report.back.rounded_expected", ("expected", "low", "high", "people"), back.text, language)
            if told is not None:
                expected = (told["expected"], told["low"], told["high"])
                yield Checked(say("verify.expected"), whole(told["expected"], language), whole(count, language))
                ends = rates.expected_rate(*expected, base, per=per)
                span = say("report.back.span", low=ends.low, high=ends.high)
                yield Checked(say("verify.span", group=label), cells[-1], span)
        elif len(cells) == 4:  # of events over follow-up the interval needs the spread, which appendix D has
            seen = rates.observed_rate(count, base, per=per)
            yield Checked(
                say("verify.span", group=label), cells[-1], say("report.back.span", low=seen.low, high=seen.high)
            )
            group = (base, count)
        else:
            group = (base, count)
    if group is None:
        return
    base, count = group
    seen_rate = rates.rounded(per * count / base)
    strong = [found for one in front.strong for found in _numbers(one, language)[:1]]
    if expected is not None and len(strong) >= 3:
        gap = rates.gap(count, *expected, base, per=per)
        wanted = rates.rounded(per * expected[0] / base)
        for what, printed, computed in zip(
            ("seen", "wanted", "gap"), strong, (seen_rate, wanted, abs(gap.value)), strict=False
        ):
            yield Checked(say(f"verify.{what}"), whole(printed, language), whole(computed, language))
        around = (gap.low, gap.high) if gap.value >= 0 else (-gap.high, -gap.low)
        bracket = _adjusted(back.text, language)
        if bracket is not None:
            yield Checked(say("verify.gap_span"), say("report.back.span", low=bracket[0], high=bracket[1]),
                          say("report.back.span", low=around[0], high=around[1]))  # fmt: skip
    yield from _crude(back.text, base, seen_rate, per, language)
    yield from _in_search(back.text, language)
    yield from _hidden(back.text, count, expected, language)
    pairs = {"people": _number(back.rows[-1][1][0], language), "observed": count}
    if expected is not None:
        pairs["expected"] = expected[0]
    for name, printed in pairs.items():
        yield Checked(say("verify.file", name=name), whole(printed, language), whole(int(data[name]), language))


def _by_table(back: _Section, order: int, law: tuple[str, str], language: Language) -> Iterator[Checked]:
    """The unadjusted expected count, from the rows of the table: within what rounding leaves open."""
    told = _match("report.back.rounded_crude", ("crude",), back.text, language)
    if told is None:
        return
    rows = []
    sizes = sorted(one.bit_count() for one in range(2**order))  # rows stand by how many parts hold
    for (_, cells), parts in zip(back.rows, sizes, strict=False):
        if any(character.isdigit() for character in cells[-3]) and cells[-2]:
            rows.append(PrintedRow(_number(cells[-4], language), _number(cells[-3], language), parts))
    ends = expected_from(rows, order=order, kind=law[0], scale=law[1])
    if ends is not None:
        yield Checked(
            catalogue.text(language, "several_scales.by_table"),
            whole(told["crude"], language),
            catalogue.text(language, "report.back.span", low=ends[0], high=ends[1]),
            within=ends[0] <= told["crude"] <= ends[1],
        )


def _taken_out(back: _Section, language: Language) -> list[int]:
    """Take the expected counts of the rows out of the table, where it has them, and return them."""
    name = catalogue.text(language, "expected.column")
    if name not in back.head:
        return []
    place = back.head.index(name) - 1  # the first heading stands over the rows' names
    cells = [cells.pop(place) for _, cells in back.rows]
    back.head.remove(name)
    return [_number(one, language) for one in cells[:-1]]  # the last row is the expected itself


def _by_rows(back: _Section, wanted: list[int], data: dict[str, Any], language: Language) -> Iterator[Checked]:
    """The adjusted expected count, difference and ratio, from the rows' expected counts: within the rounding."""

    def say(key: str, **facts: str | int) -> str:
        return catalogue.text(language, f"expected.{key}", facts)

    order = len(data["conditions"])
    rows = back.rows[: 2**order]
    if len(wanted) != 2**order or len(rows) != 2**order:
        return
    seen = [_number(cells[-3], language) for _, cells in rows]
    printed, per = wanted[-1], _numbers(back.head[-2], language)[-1]
    ends = adjusted_from(seen, wanted, order=order)
    for (low, high), (label, _) in zip(ends, rows[1 : order + 1], strict=True):
        yield _between(say("by_rows", part=_part(label, language)), printed, low, high, language)
    low, high = max(low for low, _ in ends), min(high for _, high in ends)
    base, count = _number(rows[-1][1][-4], language), seen[-1]

    def rate(count: int) -> int:
        return rates.rounded(per * count / base)

    ways = (rate(count) - rate(high), rate(count) - rate(low))
    yield _between(say("gap", per=whole(per, language)), rate(count) - rate(printed), *ways, language)
    yield from _ratio(count, printed, (low, high), data, language)
    told = _match("expected.how_two" if order == 2 else "expected.how_more", ("seen", "others", "left"), back.text,
                  language, any_of=("part", "both"))  # fmt: skip
    holds = sorted(product((False, True), repeat=order), key=row_order)
    mine = [place for place, holding in enumerate(holds) if holding[0]]
    sums = {"seen": sum(seen[one] for one in mine), "others": sum(wanted[one] for one in mine[:-1])}
    sums["left"] = sums["seen"] - sums["others"]
    for name, value in sums.items():
        shown = "–" if told is None else whole(told[name], language)
        yield Checked(say("told", what=say(f"told_{name}")), shown, whole(value, language))


def _ratio(
    count: int, printed: int, ends: tuple[int, int], data: dict[str, Any], language: Language
) -> Iterator[Checked]:
    """Observed over expected, as fund.json has it: from the printed counts, and from what the rows leave."""

    def written(value: float) -> str:
        return decimal(value, language, digits=3)

    if not printed or data["ratio"] is None:
        return
    yield Checked(
        catalogue.text(language, "expected.file_ratio"), written(data["ratio"]), written(round(count / printed, 3))
    )
    if ends[0] > 0:
        low, high = round(count / ends[1], 3), round(count / ends[0], 3)
        span = catalogue.text(language, "report.back.span", low=written(low), high=written(high))
        name = catalogue.text(language, "expected.ratio")
        yield Checked(name, written(data["ratio"]), span, within=low <= data["ratio"] <= high)


def _between(what: str, printed: int, low: int, high: int, language: Language) -> Checked:
    span = catalogue.text(language, "report.back.span", low=whole(low, language), high=whole(high, language))
    return Checked(what, whole(printed, language), span, within=low <= printed <= high)


def _part(label: str, language: Language) -> str:
    """A part's name, from the row of those for whom it alone holds."""
    before, _, after = catalogue.text(language, "report.card.only", label="\ue000").partition("\ue000")
    return label.removeprefix(before).removesuffix(after)


def _adjusted(text: str, language: Language) -> tuple[int, int] | None:
    """The interval in brackets after the adjusted difference, on the back."""
    low, high = "\ue000", "\ue001"
    between = re.escape(catalogue.text(language, "report.back.span", low=low, high=high))
    between = between.replace(low, f"([−-]?{NUMBER})").replace(high, f"([−-]?{NUMBER})")
    message = catalogue.text(language, "report.back.adjusted_list", list=low, gap=high)
    before = re.escape(message.partition(low)[2].partition(high)[0])
    found = re.search(rf"{before}[^()]*\({between}\)", text)
    return None if found is None else (_number(found[1], language), _number(found[2], language))


def _crude(text: str, base: int, seen_rate: int, per: int, language: Language) -> Iterator[Checked]:
    told = _match("report.back.rounded_crude", ("crude",), text, language)
    gap = re.search(
        re.escape(catalogue.text(language, "report.back.crude", gap="\ue000")).partition("\ue000")[0] + rf"({NUMBER})",
        text,
    )
    if told is not None and gap is not None:
        computed = abs(seen_rate - rates.rounded(per * told["crude"] / base))
        yield Checked(catalogue.text(language, "verify.crude"), gap[1].rstrip(".,"), whole(computed, language))


def _in_search(text: str, language: Language) -> Iterator[Checked]:
    told = _match("robust.searched", ("observed", "people", "expected"), text, language)
    before = re.search(
        re.escape(catalogue.text(language, "report.trial.locked_shrunk", before="\ue000", after="", per=""))
        .partition("\ue000")[0] + rf"({NUMBER})",
        text,
    )  # fmt: skip
    if told is not None and before is not None:
        gap = rates.rounded(1000 * told["observed"] / told["people"]) - rates.rounded(
            1000 * told["expected"] / told["people"]
        )
        yield Checked(catalogue.text(language, "verify.in_search"), before[1], whole(abs(gap), language))


def _hidden(text: str, count: int, expected: tuple[int, int, int] | None, language: Language) -> Iterator[Checked]:
    from reports.checks import e_value

    found = re.search(
        re.escape(catalogue.text(language, "robust.hidden_value", value="\ue000")).replace("\ue000", rf"({NUMBER})"),
        text,
    )
    if found is not None and expected is not None and count and expected[0]:
        value = e_value(round(count / expected[0], 3))
        yield Checked(catalogue.text(language, "verify.hidden"), found[1], decimal(value, language, digits=1))


def _match(
    key: str, names: tuple[str, ...], text: str, language: Language, *, any_of: tuple[str, ...] = ()
) -> dict[str, int] | None:
    """Read the figures that a catalogue message printed, by the message itself; `any_of` are words in it."""
    hidden: dict[str, str | int] = {name: f"\ue000{place}\ue001" for place, name in enumerate(names)}
    pattern = re.escape(catalogue.text(language, key, hidden | dict.fromkeys(any_of, "\ue002")))
    pattern = pattern.replace("\ue002", ".+?")
    for place, name in enumerate(names):
        pattern = pattern.replace(f"\ue000{place}\ue001", rf"(?P<{name}>{NUMBER}?)(?![\d])", 1)
    found = re.search(pattern, text)
    return None if found is None else {name: _number(found[name], language) for name in names}


def _numbers(text: str, language: Language) -> list[int]:
    return [_number(found, language) for found in re.findall(rf"[−-]?{NUMBER}", text)]


def _number(text: str, language: Language) -> int:
    return int(text.replace("−", "-").replace("." if language == Language.DA else ",", "").rstrip(".,") or 0)


@dataclass(slots=True)
class _Section:
    kind: str
    text: str = ""
    foot: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[str]]] = field(default_factory=list)
    strong: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads a report's pages: text, the table of numbers, the lead's figures, the foot."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: list[_Section] = []
        self._in: list[str] = []  # what we are inside of: svg, numbers, lead, foot
        self._depth = 0
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = dict(attrs).get("class") or ""
        if tag == "section":
            self.sections.append(_Section(kind))
        if not self.sections:
            return
        if tag == "svg":
            self._depth += 1
        elif tag == "table":
            self._in.append("numbers" if "numbers" in kind else "table")
        elif tag == "p" and "lead" in kind.split():
            self._in.append("lead")
        elif tag == "div" and kind == "foot":
            self._in.append("foot")
        elif tag == "tr" and "numbers" in self._in:
            self.sections[-1].rows.append(("", []))
        elif tag in ("td", "th") and "numbers" in self._in:
            self._cell = []
        elif tag == "strong" and "lead" in self._in:
            self.sections[-1].strong.append("")

    def handle_endtag(self, tag: str) -> None:
        if not self.sections:
            return
        page = self.sections[-1]
        if tag == "svg":
            self._depth -= 1
        elif tag == "table" and self._in:
            self._in.pop()
            page.rows = [(label, cells) for label, cells in page.rows if cells]
        elif (tag == "p" and self._in[-1:] == ["lead"]) or (tag == "div" and self._in[-1:] == ["foot"]):
            self._in.pop()
        elif tag in ("td", "th") and self._cell is not None:
            words = " ".join("".join(self._cell).split())
            if tag == "td":
                page.rows[-1][1].append(words)
            elif not page.rows[-1][0] and len(page.rows) > 1:
                page.rows[-1] = (words, page.rows[-1][1])
            else:
                page.head.append(words)
            self._cell = None

    def handle_data(self, data: str) -> None:
        if not self.sections or self._depth > 0:
            return
        page = self.sections[-1]
        page.text += data
        if self._cell is not None:
            self._cell.append(data)
        if "foot" in self._in:
            page.foot += data
        if "lead" in self._in and page.strong and self.get_starttag_text() and self._open_strong():
            page.strong[-1] += data

    def _open_strong(self) -> bool:
        return (self.get_starttag_text() or "").startswith("<strong")
