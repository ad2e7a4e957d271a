"""Presidio's own way with our recognisers: its analyzer, one text at a time, each recogniser looking at each text.

A blank Danish tokeniser (no model is on PyPI), none of presidio's built-in recognisers (one of them dials out, by
tldextract), no decision log. What it finds is replaced as ours is, so that the two can be held against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pseudonymisation import cpr, free_text
from pseudonymisation.free_text import Trace
from pseudonymisation.names import find_names, listed_names

__all__ = ["PresidioWay"]

LANGUAGE = "da"
Spans = Callable[[str], list[tuple[int, int]]]


class PresidioWay:
    """Finds traces as presidio does, with our patterns and name rules as its recognisers."""

    def __init__(self) -> None:
        import spacy
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import SpacyNlpEngine

        engine = SpacyNlpEngine(models=[{"lang_code": LANGUAGE, "model_name": "blank"}])
        engine.nlp = {LANGUAGE: spacy.blank(LANGUAGE)}
        registry = RecognizerRegistry(supported_languages=[LANGUAGE])
        for number, (kind, spans) in enumerate(_spans()):
            registry.add_recognizer(_recogniser(f"{kind}{number}", kind, spans))
        self._analyzer = AnalyzerEngine(
            registry=registry, nlp_engine=engine, supported_languages=[LANGUAGE], log_decision_process=False
        )

    def traces(self, text: str) -> list[Trace]:
        """Return the traces in a text, in order; no two overlap."""
        found = self._analyzer.analyze(text, language=LANGUAGE)
        one_by_one = sorted(found, key=lambda one: (one.entity_type == "NAVN", one.start))
        kept = free_text._apart([Trace(one.start, one.end, one.entity_type) for one in one_by_one])
        return sorted(kept, key=lambda trace: trace.start)

    def text(self, text: str) -> str:
        """Return the text with each trace replaced by its type."""
        return free_text.replaced(text, self.traces(text))


def _spans() -> list[tuple[str, Spans]]:
    listed = listed_names(frozenset())
    found: list[tuple[str, Spans]] = [("CPR", lambda text: list(cpr.find(text)))]
    for kind, _, _, pattern in free_text._COMPILED:
        found.append((kind, _of_pattern(kind, pattern)))
    found.append(("ADRESSE", lambda text: [(one.start, one.end) for one in free_text._streets(text)]))
    found.append(("UKENDT", lambda text: list(cpr.find_any_ten(text))))
    found.append(("NAVN", lambda text: find_names(text, listed=listed)))
    return found


def _of_pattern(kind: str, pattern: Any) -> Spans:
    def spans(text: str) -> list[tuple[int, int]]:
        matches = pattern.finditer(text)
        refused = free_text.NOT_INITIALS if kind == "INITIALER" else frozenset()
        return [match.span("value") for match in matches if match["value"].upper() not in refused]

    return spans


def _recogniser(name: str, kind: str, spans: Spans) -> Any:
    from presidio_analyzer import EntityRecognizer, RecognizerResult

    class Ours(EntityRecognizer):
        def load(self) -> None:
            """Nothing to load."""

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any) -> list[Any]:
            return [RecognizerResult(kind, start, end, 1.0) for start, end in spans(text)]

    return Ours(supported_entities=[kind], supported_language=LANGUAGE, name=name)
