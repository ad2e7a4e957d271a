"""A citizen's number in what people write (study, contracts, fund, file names) or in a crash: refused, never told."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import typer

from flows.failures import worded
from flows.scrubbed import Stopped, scrubbed
from pipelines import contracts, study
from pipelines.errors import InputError
from pipelines.fund import notes_of
from pipelines.shown import names_somebody
from reports.catalogue import Language

CPR = "6101" + "50-4321"
ESCAPED = "\\u0036101" + "50-4321"  # letters that only a reader of TOML or YAML sees
EXAMPLES = Path(__file__).resolve().parents[2] / "pipelines" / "demo"


class Panic(BaseException):
    """What a panic in polars is to Python: no Exception."""


def told(error: InputError) -> str:
    return "\n".join([str(error), *(error.text(language) for language in Language)])


@pytest.mark.parametrize(
    "line",
    [
        f'title = {{da = "Om {CPR}", en = "x"}}',
        f'title = {{da = "Om {ESCAPED}", en = "x"}}',
        f'"felt {CPR}" = 1',
        f'[[characteristic]]\nname = "a"\nis = ["{CPR}"]',
        f"[limits]\nsmallest_group = {CPR.replace('-', '')}",
    ],
)
def test_a_study_that_names_somebody_is_refused_before_it_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "study.toml").write_text(line + "\n", encoding="utf-8")
    unprotected = str(tomllib.loads(line))
    assert names_somebody(unprotected) or CPR.replace("-", "") in unprotected  # whoever prints the study prints it
    with pytest.raises(InputError) as refused:
        study.read_study(tmp_path)
    assert refused.value.key == "names_somebody"
    assert not names_somebody(told(refused.value))


@pytest.mark.parametrize("number", [CPR, ESCAPED])
def test_a_contract_that_names_somebody_is_refused_before_it_is_told(tmp_path: Path, number: str) -> None:
    path = tmp_path / "cpr.yaml"
    path.write_text(f'apiVersion: v3.1.0\nid: cpr\nname: "Udtræk {number}"\n', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        contracts.read_contract(path)
    assert refused.value.key == "names_somebody"
    assert not names_somebody(told(refused.value))


@pytest.mark.parametrize("text", [f"Spørg {CPR}", f"Spørg {ESCAPED}"])
def test_words_for_a_finding_that_name_somebody_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "fund").mkdir()
    (tmp_path / "fund" / f"{CPR}.yaml").write_text(f'betingelser: [a]\nejer: "{text}"\n', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        notes_of(tmp_path, ())
    assert refused.value.key == "fund_names_somebody"
    assert not names_somebody(told(refused.value))  # nor does the file's own name get out


def test_no_error_tells_a_number_whatever_its_facts() -> None:
    naive = f"{CPR}.csv: kolonnen {CPR}"
    assert names_somebody(naive)  # an error that says what it was given
    error = InputError("fund_not_read", file=Path(f"{CPR}.csv"), column=f"kolonne {CPR}", row=3)
    assert not names_somebody(told(error))
    assert error.facts["row"] == 3
    assert InputError("fund_not_read", file="x" * 80 + ".csv").facts["file"] == "x" * 80 + ".csv"


def test_a_panic_is_no_exception_and_tells_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDRING_HOME", str(tmp_path))
    assert not issubclass(Panic, Exception)  # whoever catches Exception lets its message out, to be printed
    with pytest.raises(typer.Exit) as leaving, worded(Language.DA):
        raise Panic(f"cannot cast {CPR}")
    assert leaving.value.exit_code == 1
    assert leaving.value.__suppress_context__
    kept = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.txt"))
    assert "Panic" in kept
    assert not names_somebody(kept + capsys.readouterr().err)

    @scrubbed
    def task(_study: str) -> None:
        raise Panic(f"cannot cast {CPR}")

    with pytest.raises(Stopped) as stopped:
        task("study")
    assert str(stopped.value) == "Panic"
    assert stopped.value.__context__ is None
