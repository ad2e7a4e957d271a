"""`undring redact`: line for line. Every number here is made up: CPR numbers have 60 added to the day."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import redact
from pipelines.errors import InputError
from pseudonymisation import cpr

ROOT = Path(__file__).resolve().parents[2]
PLAIN = redact.redactor()
CLOSED = redact.redactor(closed=True)


def made(data, redactor=PLAIN, seen=None):
    return b"".join(redact.redact_lines(io.BytesIO(data), redactor, source="-", seen=seen))


def undring(*arguments, stdin=b"", **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("UNDRING_")}
    return subprocess.run(
        [sys.executable, "-c", "from flows.cli import main; main()", *map(str, arguments)],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        input=stdin,
    )


def test_line_ends_marks_and_letters_outside_utf8_are_kept():
    text = "\ufeffRing Anna Jensen\r\nok\n\n  Bo Skov faldt\tigen\rsår\n610150-1234"
    for encoding in ("utf-8", "cp1252"):
        data = text.removeprefix("\ufeff" if encoding == "cp1252" else "").encode(encoding)
        told = text.replace("Anna Jensen", "[NAVN]").replace("Bo Skov", "[NAVN]").replace("610150-1234", "[CPR]")
        assert made(data).decode(encoding) == told.removeprefix("\ufeff" if encoding == "cp1252" else "")
    assert made(b"\x81\x8d s\xe5r\r\n") == b"\x81\x8d s\xe5r\r\n"
    assert made(b"") == b""


@settings(deadline=None)
@given(st.text(max_size=120), st.booleans())
def test_any_text_comes_out_with_as_many_lines(text, closed):
    data = text.encode("utf-8", "surrogatepass").replace(b"\0", b"")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    out = made(data, CLOSED if closed else PLAIN)
    assert out.count(b"\n") == data.count(b"\n")
    told, true = out.decode("utf-8", "replace").splitlines(), data.decode("utf-8", "replace").splitlines()
    assert len(told) == len(true)


@settings(deadline=None)
@given(st.integers(0, 9_999), st.data(), st.booleans())
def test_every_spelling_of_a_cpr_number_is_removed(serial, data, closed):
    number = f"721149{serial:04d}"
    written = data.draw(st.sampled_from(cpr.spellings(number)))
    text = data.draw(st.sampled_from(["borger {} er vasket\r\n", "nr{}\n", "{}", "({})\nok"])).format(written)
    out = made(text.encode(), CLOSED if closed else PLAIN).decode()
    assert "[CPR]" in out
    assert not any(spelling in out for spelling in cpr.spellings(number))


def test_a_closed_vocabulary_lets_no_unknown_word_through():
    out = made("Liv bor i Aarhus og fik xqvortium af zelmira.\nHun spiser selv, ærtegrønne borgere.\n".encode(), CLOSED)
    first, second = out.decode().splitlines()
    assert first == "[NAVN] bor i [STED] og fik [UKENDT] af [UKENDT]."
    assert second == "Hun spiser selv, [UKENDT] borgere."
    notes = (
        "Borger har fået hjælp til bad og toiletbesøg. Blodtrykket er målt, vægt 71,5 kg. Sygeplejersken kommer kl. 9."
    )
    assert made(notes.encode(), CLOSED).decode() == notes


def test_names_come_from_the_file_that_is_given(tmp_path):
    names = tmp_path / "navne.txt"
    names.write_bytes("Xerxes Bo Qvortrup\r\n\r\nÅløse, Yrla\r\n".encode("cp1252"))
    redactor = redact.redactor(names=names)
    assert made("talte med xerxes og åløse".encode(), redactor).decode() == "talte med [NAVN] og [NAVN]"
    for content, key in ((b"\n 12\n", "redact_no_names"), (b"\xff\xfeA\0", "redact_no_text")):
        names.write_bytes(content)
        with pytest.raises(InputError) as caught:
            redact.redactor(names=names)
        assert caught.value.key == key


def test_what_is_no_text_is_refused_before_anything_is_said():
    for data in ("Anna".encode("utf-16"), b"PK\x03\x04\0\0\n"):
        with pytest.raises(InputError):
            made(data)


def test_what_was_replaced_is_counted():
    seen = redact.Seen()
    made(b"Ring Anna Jensen\nAnna, 610150-1234\n", seen=seen)
    assert (seen.lines, dict(seen.counts)) == (2, {"NAVN": 2, "CPR": 1})
    assert "CPR 1, NAVN 2" in redact.summary(seen, "da")
    assert "Nothing is replaced" in redact.summary(redact.Seen(lines=3), "en")


def test_the_command_reads_a_file_or_what_comes_in_and_says_counts_only(tmp_path):
    notes = tmp_path / "noter.txt"
    notes.write_bytes(b"Ring Anna Jensen\r\ncpr 610150-1234\n")
    done = undring("redact", notes)
    assert (done.returncode, done.stdout) == (0, b"Ring [NAVN]\r\ncpr [CPR]\n")
    piped = undring("redact", "-", "--closed", "--language", "en", stdin=notes.read_bytes())
    assert (piped.returncode, piped.stdout) == (0, b"Ring [NAVN]\r\ncpr [CPR]\n")
    assert b"2 lines" in piped.stderr
    assert b"Jensen" not in done.stderr + piped.stderr
    assert undring("redact", notes, "--quiet").stderr == b""


def test_the_command_says_what_is_wrong_in_two_languages_and_ends_with_2(tmp_path):
    binary = tmp_path / "billede.bin"
    binary.write_bytes(b"610150-1234\0\n")
    for arguments in (("redact", tmp_path / "nej.txt"), ("redact", binary), ("redact", tmp_path)):
        danish, english = undring(*arguments), undring(*arguments, "--language", "en")
        assert danish.returncode == english.returncode == 2
        assert danish.stderr.startswith(b"FEJL ")
        assert english.stderr.startswith(b"ERROR ")
        assert danish.stdout + english.stdout == b""
        assert b"610150" not in danish.stderr + english.stderr
