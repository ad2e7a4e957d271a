"""Every number here is made up: CPR numbers have 60 added to the day."""

import gzip
import os
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonymisation import cpr, free_text
from pseudonymisation import names as find
from pseudonymisation.free_text import Redactor, redact, redact_column

EXAMPLES = [
    ("Borger 610150-1234 ringede.", "Borger [CPR] ringede."),
    ("cpr.6101501234/ok", "cpr.[CPR]/ok"),
    ("Se notat fra Anna Jensen, cpr. 610150-1234.", "Se notat fra [NAVN], cpr. [CPR]."),
    ("Borger ønsker ikke besøg før kl. 9. Ring til Karen Marie Sørensen.",
     "Borger ønsker ikke besøg før kl. 9. Ring til [NAVN]."),
    ("Talt med datteren Mette Holm-Nielsens mand.", "Talt med datteren [NAVN] mand."),
    ("Hr. Lykketoft faldt i går", "Hr. [NAVN] faldt i går"),
    ("fru H. C. Andersen sover", "fru [NAVN] sover"),
    ("Aftalt med Ludwig van Beethoven.", "Aftalt med [NAVN]."),
    ("jensens kone anna kom", "[NAVN] kone [NAVN] kom"),
    ("Bor på Nygade 12, 2. tv, 8000 Aarhus C.", "Bor på [ADRESSE]."),
    ("Flyttet til Sankt Pauls Kirkeplads 9, st.th.", "Flyttet til [ADRESSE]"),
    ("bor søndergade 4b nu", "bor [ADRESSE] nu"),
    ("adressen er Rosenvænget 17", "adressen er [ADRESSE]"),
    ("Tlf. 20 30 40 50, mobil: +45 20304050", "Tlf. [TELEFON], mobil: [TELEFON]"),
    ("ring 2030 4050", "ring [TELEFON]"),
    ("Skriv til børge.å@exämple.dk snarest", "Skriv til [EMAIL] snarest"),
    ("Reg.nr. 1234 konto 0005123456", "Reg.nr. [KONTO]"),
    ("udbetales til DK50 0040 0440 1162 43", "udbetales til [KONTO]"),
    ("Sagsnr. 2024-0012345 er lukket", "Sagsnr. [SAG] er lukket"),
    ("jf. 27.36.04-G01-12-24", "jf. [SAG]"),
    ("Bilen AB 12 345 holder udenfor", "Bilen [NUMMERPLADE] holder udenfor"),
    ("Født 1. marts 1941 i byen", "Født [DATO] i byen"),
    ("f. 01.03.41, enlig", "f. [DATO], enlig"),
    ("12-05-1938 står der", "[DATO] står der"),
    ("Besøg udført. Mvh. KLJ", "Besøg udført. Mvh. [INITIALER]"),
    ("Besøg udført /kj", "Besøg udført /[INITIALER]"),
    ("Xhemile Jensen ringer. Ring Anna", "[NAVN] ringer. Ring [NAVN]"),
    ("Bor Lille Æblevej 3", "Bor [ADRESSE]"),
    ("kode 9912345678", "kode [UKENDT]"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "redacted"), EXAMPLES)
def test_a_trace_is_replaced_by_its_type_and_all_else_is_kept(text, redacted):
    assert redact(text) == redacted


KEPT = [
    "Borger har KOL og DM2, BT 141/82, puls 78.",
    "Besøg d. 12-03-2024 kl. 10.30, varighed 15 min.",
    "Giv Panodil 1 g x 4 og Furix 40 mg.",
    "Vægt 71,5 kg. I dag er alt godt. Hun spiser selv.",
    "Ring kl. 8. Det går bedre. Der er sår på venstre ben.",
    "Indlagt på Rigshospitalet i København, udskrevet mandag.",
    "Hjælp efter § 83, 2 x ugentlig, 45 min.",
    "per dag: 2 stk., ny plan om 3 uger, vil gerne bo alene",
    "Aftalt med hjemmeplejen. Nøgle i nøgleboks.",
    "",
]


@pytest.mark.parametrize("text", KEPT)
def test_a_note_without_a_trace_is_kept_as_it_is(text):
    assert redact(text) == text


def test_line_breaks_and_spaces_are_kept():
    assert redact("Anna\nJensen  \n\n i dag\t610150-1234\n") == "[NAVN]\n[NAVN]  \n\n i dag\t[CPR]\n"


def test_the_registers_own_names_are_found_in_any_case_but_ordinary_words_need_their_capital():
    names = {"Xerxes Bo Qvortrup", "Yrla Vest"}
    assert redact("talte med xerxes og Qvortrups kone", names=names) == "talte med [NAVN] og [NAVN] kone"
    assert redact("hun vil bo i vest", names=names) == "hun vil bo i vest"
    assert redact("talte med Bo om det", names=names) == "talte med [NAVN] om det"
    assert redact("talte med Yrla Vest i Vest", names=names) == "talte med [NAVN] i Vest"


def test_the_registers_own_addresses_are_found_in_any_case():
    addresses = {"Lille Æblehegn 3", "Præstøen"}
    assert redact("bor i lille æblehegn 3 nu", addresses=addresses) == "bor i [ADRESSE] nu"
    assert redact("ude på præstøen igen", addresses=addresses) == "ude på [ADRESSE] igen"


@settings(deadline=None)
@given(st.integers(0, 9_999), st.data())
def test_every_spelling_of_a_cpr_number_is_removed(serial, data):
    number = f"721149{serial:04d}"
    written = data.draw(st.sampled_from(cpr.spellings(number)))
    for text in (f"borger {written} er vasket", f"nr{written}", written, f"({written})"):
        made = redact(text)
        assert "[CPR]" in made
        assert not any(spelling in made for spelling in cpr.spellings(number))


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_redacted_without_error_and_traces_never_overlap(text):
    traces = Redactor().traces(text)
    assert all(one.end <= other.start for one, other in pairwise(traces))
    assert all(0 <= trace.start < trace.end <= len(text) for trace in traces)
    assert redact(text).count("\n") >= text.count("\n") - sum("\n" in text[t.start : t.end] for t in traces)


def test_letters_written_as_two_marks_are_letters():
    text = unicodedata.normalize("NFD", "Talt med Åse Qvåkkå. Ring Bjÿrk i dag, så går det.")
    made = redact(text, names={"Bjÿrk"})
    assert unicodedata.normalize("NFC", made) == "Talt med [NAVN]. Ring [NAVN] i dag, så går det."


def test_a_closed_vocabulary_knows_words_by_their_parts_and_names_are_none_of_them():
    redactor = Redactor(closed=True)
    kept = "Borgeren fik sårskiftningen på plejehjemmet; blodtryksmålingerne var fine, vægten 71,5 kg."
    assert redactor.text(kept) == kept
    assert redactor.text("så mødte hun zelmira og Xhemile i Vejle") == "så mødte hun [UKENDT] og [NAVN] i [STED]"
    assert redactor.text("Liv sover. i aarhus") == "[NAVN] sover. i [STED]"


def test_a_long_line_takes_time_in_proportion():
    redactor, times = Redactor(closed=True), []
    for often in (500, 4_000):
        line = "Ring Anna Jensen på 20 30 40 50, cpr 610150-1234. Bor på Nygade 12. " * often
        start = time.process_time()
        redactor.text(line)
        times.append(time.process_time() - start)
    assert times[1] < 30 * times[0]  # 8 in proportion, 64 if each trace looked at each other


def test_a_column_is_redacted_as_its_texts_and_counted():
    column = pl.Series("notat", ["Ring Anna Jensen", None, "Ring Anna Jensen", "ok", "kode 9912345678"])
    made = redact_column(column)
    assert made.texts.name == "notat"
    assert made.texts.to_list() == ["Ring [NAVN]", None, "Ring [NAVN]", "ok", "kode [UKENDT]"]
    assert made.counts == {"NAVN": 2, "UKENDT": 1}
    assert redact(column).to_list() == made.texts.to_list()
    assert redact(["Ring Anna Jensen", None]) == ["Ring [NAVN]", None]


DATA = os.environ.get("UNDRING_DATA")
needs_data = pytest.mark.skipif(
    not DATA, reason="UNDRING_DATA is not set: recall on text that nobody here wrote is NOT tested"
)


def sentences(path):
    """Sentences of (token, tag), as the CoNLL file has them."""
    sentence = []
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        if line.strip():
            sentence.append(line.rstrip("\n").split("\t"))
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


@needs_data
@pytest.mark.parametrize(
    ("with_list", "closed", "least"), [(False, False, 0.90), (True, False, 0.94), (False, True, 0.97)]
)
def test_names_in_newspaper_danish_are_removed(with_list, closed, least, capsys):
    names = frozenset(pl.read_csv(Path(DATA) / "danish_names.csv.gz")["name"]) if with_list else frozenset()
    redactor = Redactor(names=names, closed=closed)
    persons = removed = wrong = 0
    for sentence in sentences(Path(DATA) / "danish_ner" / "dev.conll.gz"):
        text, spans = "", []
        for token, tag in sentence:
            text += " " if text else ""
            spans.append((len(text), len(text) + len(token), tag.endswith("PER")))
            text += token
        traces = redactor.traces(text)
        for start, end, person in spans:
            gone = any(trace.start <= start and end <= trace.end for trace in traces)
            if person and any(character.isalpha() for character in text[start:end]):
                persons += 1
                removed += gone
            elif not person:
                wrong += any(trace.start < end and start < trace.end and trace.type == "NAVN" for trace in traces)
    recall, precision = removed / persons, removed / (removed + wrong)
    lists = ("listed" if with_list else "built in") + (", closed vocabulary" if closed else "")
    with capsys.disabled():
        print(f"\ndanish_ner/dev, names {lists}: recall {recall:.3f}, precision {precision:.3f}")
    assert recall >= least
    assert precision >= 0.55


@needs_data
def test_names_of_every_background_are_removed_alike(capsys):
    table = pl.read_csv(Path(DATA) / "danish_names.csv.gz").filter(pl.col("name").str.len_chars() > 1)
    redactor, recall = Redactor(), {}
    for background in sorted(table["ethnicity"].unique()):
        part = table.filter(pl.col("ethnicity") == background)["name"].to_list()
        gone = sum(name not in redactor.text(f"Hun har talt med {name} om besøget.") for name in part)
        recall[background] = gone / len(part)
    with capsys.disabled():
        print(f"\nrecall after a cue word, by background: {recall}")
    assert min(recall.values()) >= 0.95
    assert max(recall.values()) - min(recall.values()) <= 0.03


PIECES = (
    "Nygade 12, 2. tv", "8000 Aarhus C", "tlf. 20 30 40 50", "+4520304050", "61.01.50 1234", "12.12.1950", "3. maj 44",
    "1234-1234567890", "DK5000400440116243", "AB 12 345", "ÆB-12345", "27.69.40-P19-12-20", "sagsnr. 22/1234", "/abc",
    "hr. Xhemile", "talt med", "bo", "Bo", "Å.", "i Vest", "datteren", "Regn", ".", "\n", "12", "Vej 2", "5", "x",
    "Jensen", "Kosan-selskaber", "plejehjemmet", "Danbyg A/S",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=8), st.sampled_from(["", " "]))
def test_the_quick_roads_find_what_the_slow_ones_do(pieces, between):
    text = between.join(pieces)
    quick = Redactor(names={"Regn Vest"}).traces(text)
    with pytest.MonkeyPatch.context() as slow:
        slow.setattr(find, "_worth_a_look", lambda *_: True)
        slow.setattr(free_text, "_matches", lambda pattern, whole, _: pattern.finditer(whole))
        assert Redactor(names={"Regn Vest"}).traces(text) == quick


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("hun flyttede til plejehjemmet Solbakken", True),
        ("de to Kosan-selskaber sagde det", True),
        ("arbejdede hos Danbyg Totalentreprise A/S i år", True),
        ("medlem af den danske Luftfartsforsikring", True),
        ("talte med Xhemile-Maria om det", False),
        ("arbejdede hos Jens Hansen A/S i år", False),  # a listed name is one wherever it stands
        ("flyttede fra plejehjemmet Anna", False),
    ],
)
def test_a_capital_that_tells_of_a_thing_is_no_person(text, kept):
    assert (redact(text) == text) is kept
