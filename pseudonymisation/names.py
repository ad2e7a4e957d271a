"""Where the names stand in a Danish text: lists, endings, cue words, and capitals inside a sentence.

Danish writes nouns small: a capital inside a sentence marks a proper noun, taken for a name unless known as another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import is_normalized, normalize

from pseudonymisation.name_words import (
    BETWEEN_CUE_AND_NAME,
    CUES,
    FIRM_MARKS,
    FIRST_NAMES,
    NO_NAMES,
    NOUN_ENDINGS,
    ORDINARY,
    PARTICLES,
    SURE_ENDINGS,
    SURNAMES,
    THING_ENDINGS,
    THINGS,
    WORDS_TOO,
)
from pseudonymisation.vocabulary import is_plain_word, is_proper

_LETTER = "[^\\W\\d_][\u0300-\u036f]*"  # å may be written as an a and a ring
WORD = re.compile(f"(?:{_LETTER})+(?:[-'’](?:{_LETTER})+)*")
_WORD_WHOLE = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_APART = re.compile("[\u0300-\u036f]")
_FIRM = re.compile(rf"(?:[^\W\d_a-z][\w&.'’-]*[ \u00a0]){{1,4}}(?:{'|'.join(map(re.escape, FIRM_MARKS))})(?!\w)")
_JOINS = re.compile(r"\.?[ \u00a0]{1,2}\Z|\.\Z")  # between two words of one name: a space, or an initial's full stop
_THINGS = tuple(THING_ENDINGS)
_COMMON = FIRST_NAMES | SURNAMES
_NEW_SENTENCE = re.compile(r"[.!?:;\n\"“”»«•*()\[\]–-]\s*\Z")


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    text: str
    low: str
    capital: bool
    first: bool  # of a sentence: its capital tells nothing
    named: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Words that are names: all of them, and those that are one without a capital too."""

    all: frozenset[str]
    small: frozenset[str]


def listed_names(names: AbstractSet[str]) -> Listed:
    """Return the words of full names (and the built-in ones), in lower case. Single letters tell nothing."""
    parts = (part for name in names for part in re.split(r"[\s,]+", lower(name)))
    words = _COMMON | {part for part in parts if len(part) > 1 and not part.isdigit()}
    return Listed(all=words, small=words - ORDINARY - NO_NAMES)


def own_names(names: AbstractSet[str]) -> frozenset[str]:
    """Return the words of somebody's names, in lower case, for her own record: ordinary words too, particles not."""
    found: set[str] = set()
    for name in names:
        parts = [part for part in re.split(r"[\s,.]+", lower(name)) if len(part) > 1 and not part.isdigit()]
        found.update(part for place, part in enumerate(parts) if place == 0 or part not in PARTICLES)
    return frozenset(found | {half for part in found for half in part.split("-") if len(half) > 2})


def is_own(low: str, own: AbstractSet[str]) -> bool:
    """Return whether a word in lower case, its genitive or a half of it is one of these names."""
    return _in(low, own) or ("-" in low and any(_in(part, own) for part in low.split("-") if len(part) > 1))


def lower(word: str) -> str:
    """Return a word in lower case, its letters whole: what the lists hold."""
    low = word.lower()
    return low if low.isascii() or is_normalized("NFC", low) else normalize("NFC", low)


def find_names(
    text: str, *, listed: Listed, taken: Sequence[tuple[int, int]] = (), own: AbstractSet[str] = frozenset()
) -> list[tuple[int, int]]:
    """Return where names stand, a run of name words as one (start, end).

    Words inside `taken` are none. A name that is an ordinary word too (Bo, Skov) needs its capital; one of `own`, the
    names of whom the text is about, does not: in her own record Maj is no month.
    """
    if not own and not _worth_a_look(text, listed):
        return []
    words = _words(text, taken)
    for mark in FIRM_MARKS:
        if mark in text:
            _leave_out_firms(words, text, listed)
            break
    some = False
    for place, word in enumerate(words):
        if own and is_own(word.low, own):
            word.named = True
        elif word.capital:
            located = place > 0 and not _in(word.low, listed.all) and _is_located(words[place - 1], word)
            word.named = (not located and _is_name(word, listed)) or _follows_cue(words, place, text)
        else:
            low = word.low
            word.named = (low in listed.small or (low[-1] in "s'’" and _in(low, listed.small))) and low not in ORDINARY
        some = some or word.named
    if not some:
        return []
    _spread(words, text, listed)
    runs: list[tuple[int, int]] = []
    last: _Word | None = None
    for word in words:
        if not word.named:
            last = None
            continue
        if last is not None and _JOINS.match(text[last.end : word.start]):
            runs[-1] = (runs[-1][0], word.end)
        else:
            runs.append((word.start, word.end))
        last = word
    return runs


def _worth_a_look(text: str, listed: Listed) -> bool:
    """Return whether some word may be a name: most sentences of a note hold none, and end here."""
    before, last, last_but_one = 0, "", ""
    small = listed.small
    for match in (WORD if not text.isascii() and _APART.search(text) else _WORD_WHOLE).finditer(text):
        low, capital, never, ordinary = _seen(match[0])
        if capital:
            if not never:
                start = match.start()
                gap = text[before:start]
                first = not last or (gap != " " and _NEW_SENTENCE.search(gap) is not None)
                alone = not first and len(low) > 1
                if alone or last in CUES or last_but_one in CUES or (not ordinary and _may_be_first(low, listed)):
                    return True
        elif low in small or (low[-1] in "s'’" and _in(low, small)):
            return True
        before, last, last_but_one = match.end(), low, last
    return False


def _may_be_first(low: str, listed: Listed) -> bool:
    """Return whether a word at the start of a sentence may be a name by itself."""
    if _in(low, listed.all) or "-" in low:
        return True
    return low.endswith(SURE_ENDINGS) or low[:-1].endswith(SURE_ENDINGS)


@lru_cache(maxsize=65_536)
def _seen(word: str) -> tuple[str, bool, bool, bool]:
    """Return a word in lower case, and whether it has a capital, is never a name, and is ordinary at a start."""
    low = lower(word)
    return low, word[0].isupper(), _in(low, NO_NAMES), low in ORDINARY and low not in WORDS_TOO


def _words(text: str, taken: Sequence[tuple[int, int]]) -> list[_Word]:
    found: list[_Word] = []
    before = 0
    blocks = iter(sorted(taken))
    block = next(blocks, None)
    # Without a mark that stands apart from its letter, a simpler expression finds the same words.
    for match in (WORD if not text.isascii() and _APART.search(text) else _WORD_WHOLE).finditer(text):
        start, end = match.span()
        while block is not None and block[1] <= start:
            block = next(blocks, None)
        if block is not None and block[0] < end:
            before = end
            continue
        word = match[0]
        low, capital, _, _ = _seen(word)
        first = capital and (
            not found or (text[before:start] != " " and _NEW_SENTENCE.search(text, before, start) is not None)
        )
        found.append(_Word(start, end, word, low, capital, first))
        before = end
    return found


def _is_name(word: _Word, listed: Listed) -> bool:
    """Return whether a word with a capital is a name by itself."""
    if len(word.text) == 1 or _in(word.low, NO_NAMES):
        return False
    if word.first and word.low in ORDINARY and word.low not in WORDS_TOO:
        return False
    if _in(word.low, listed.all):
        return True
    if "-" in word.low and any(part in listed.all for part in word.low.split("-") if len(part) > 2):
        return True
    if _is_shout(word.text.split("-")[0]) or word.low.endswith(NOUN_ENDINGS) or is_proper(word.low):
        return False
    if _is_thing(word.text, word.low):
        return False
    if word.first:  # a sentence begins with a capital anyway: only the ending tells
        return len(word.low) >= 6 and (word.low.endswith(SURE_ENDINGS) or word.low[:-1].endswith(SURE_ENDINGS))
    return True


@lru_cache(maxsize=65_536)
def _is_thing(text: str, whole: str) -> bool:
    """Return whether a word that no list has as a name is a thing: Kosan-selskaber, Luftfartsforsikring, Videnskabs."""
    low = whole.removesuffix("s")
    tail = text.rpartition("-")[2]
    if tail != text and len(tail) > 3 and tail.islower():
        return True
    thing = low.endswith(_THINGS) and any(low.endswith(one) and len(low) >= len(one) + 3 for one in _THINGS)
    return thing or is_plain_word(whole)


def _is_located(before: _Word, word: _Word) -> bool:
    """Return whether a word says where or what something is: "i Gausdal", "plejehjemmet Solbakken".

    People are seldom in one another: "i Xhemiles stue" is somebody.
    """
    return before.low in THINGS or (before.text == "i" and not word.low.endswith(("s", "'", "’")))


def _leave_out_firms(words: list[_Word], text: str, listed: Listed) -> None:
    """Drop the words of a firm's name, "Danbyg Totalentreprise A/S", from what may be a person's; listed names stay."""
    for firm in _FIRM.finditer(text):
        words[:] = [word for word in words if not firm.start() <= word.start < firm.end() or _in(word.low, listed.all)]


def _follows_cue(words: Sequence[_Word], place: int, text: str) -> bool:
    word = words[place]
    if not word.capital or place == 0 or _in(word.low, NO_NAMES) or (_is_shout(word.text) and len(word.text) < 4):
        return False
    before = words[place - 1]
    if before.low in BETWEEN_CUE_AND_NAME and place > 1:
        before = words[place - 2]
    gap = text[words[place - 1].end : word.start]
    if "." in gap and len(before.low) > 3:  # hr. and mvh. are short; after longer words a full stop ends a sentence
        return False
    return before.low in CUES and len(gap) <= 3 and not any(mark in gap for mark in "!?;\n")


def _spread(words: Sequence[_Word], text: str, listed: Listed) -> None:
    """Let a name take in its neighbours: initials, capitals, and a particle between two capitals."""
    for step in (1, -1):
        order = range(len(words)) if step == 1 else range(len(words) - 1, -1, -1)
        for place in order:
            beside = place + step
            if not words[place].named or not 0 <= beside < len(words):
                continue
            left, right = (words[place], words[beside]) if step == 1 else (words[beside], words[place])
            if words[beside].named or not _JOINS.match(text[left.end : right.start]):
                continue
            other = words[beside]
            if other.low in PARTICLES and not other.first:
                far = beside + step
                if 0 <= far < len(words) and words[far].capital and not words[far].first:
                    other.named = True
            elif other.capital and (other.low not in NO_NAMES or other.low in listed.all) and _may_begin(other):
                stop = text[left.end : right.start].startswith(".")
                other.named = not stop or len(left.text) <= 2


def _may_begin(word: _Word) -> bool:
    """Return whether a capital beside a name is of it: Xhemile Jensen is one name, Ring Anna a word and a name."""
    if not word.first or len(word.text) == 1:
        return True
    return word.low not in ORDINARY and word.low not in CUES and not word.low.endswith(NOUN_ENDINGS)


def _in(low: str, words: AbstractSet[str]) -> bool:
    """Return whether a word, or what it is without a genitive's s, is among the words."""
    if low in words:
        return True
    if low[-1] not in "s'’":  # most words end here
        return False
    if low.endswith(("'s", "’s")):
        return low[:-2] in words
    return low.endswith(("s", "'", "’")) and low[:-1] in words


def _is_shout(word: str) -> bool:
    return len(word) > 1 and word.isupper()
