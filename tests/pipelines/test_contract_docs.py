from __future__ import annotations

import re
from pathlib import Path

from pipelines.contract_schema import ENCODINGS, KINDS, OF_A_COLUMN, OF_A_CONTRACT, TIMES, TREATMENTS
from pipelines.contracts import read_contract

PAGE = Path(__file__).parents[2] / "docs" / "contracts.md"


def test_the_contract_in_the_page_is_a_contract(tmp_path):
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    path = tmp_path / "indsatser.yaml"
    path.write_text(example, encoding="utf-8")
    contract = read_contract(path)
    assert [(column.name, column.treatment) for column in contract.properties] == [
        ("person", "pseudonym"),
        ("ikraft", "offset"),
        ("bemaerkning", "drop"),
    ]


def test_the_page_names_every_word_of_the_closed_schema():
    words = set(re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", PAGE.read_text(encoding="utf-8"), flags=re.S)))
    for names in (OF_A_CONTRACT, OF_A_COLUMN, TREATMENTS, TIMES, KINDS, ENCODINGS):
        assert set(names) <= words


def test_the_page_gives_each_roles_treatments_in_order():
    rows = dict(
        re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (`\w+`(?:, `\w+`)*) \|", PAGE.read_text(encoding="utf-8"), re.M)
    )
    told = {
        role: tuple(re.findall(r"\w+", treatments))
        for roles, treatments in rows.items()
        for role in re.findall(r"\w+", roles)
    }
    assert told == dict(TREATMENTS)
