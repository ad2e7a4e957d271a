"""What a variable means, in names that another municipality knows: code lists, CPR events, paragraphs of the law.

What has no such name travels in the municipality's own words, and says so. A definition that names a unit, a home or
a provider is refused: it would tell of the few people who work there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.contract_schema import CODE_LISTS
from pipelines.contracts import Contract, Property
from pipelines.study import Characteristic, Outcome, Variable, Where
from reports.values import Words

__all__ = ["Meaning", "meaning_of", "names_a_unit", "unit_columns", "words_of_variable"]

CPR_EVENTS = {
    "flytning": "move", "civilstand": "civil_status", "samliv": "cohabitation", "enke/enkemand": "widowed",
    "enke": "widowed", "enkemand": "widowed", "fraskilt": "divorced", "ugift": "never_married", "gift": "married",
    "alene": "lives_alone", "samlevende": "cohabits", "fødsel": "birth", "død": "death", "indvandring": "immigration",
    "udvandring": "emigration",
}  # fmt: skip
REGISTERS = {"sks": "hospital", "icd10": "hospital", "atc": "medicine", "icpc2": "general_practice"}
LISTS = {pattern: name for name, pattern in CODE_LISTS.items()}
PARAGRAPH = re.compile(r"§\s*(\d+\s*[a-z]?)")
LAWS = (("sel", re.compile(r"(?i)\bsel\b|servicelov")), ("sul", re.compile(r"(?i)\bsul\b|sundhedslov")),
        ("aeldreloven", re.compile(r"(?i)ældrelov")))  # fmt: skip
WHOSE = ("household", "dwelling", "care_home", "staff", "clinic", "case", "employer", "other")
UNIT_COLUMN = re.compile(
    r"(?i)enhed|afdeling|afsnit|team|bosted|institution|medarbejder|ansat|vikar|klinik|l(æ|ae)ge(hus|navn|_|$)|"
    r"leverand|udf(ø|oe)rer|lokalcent|plejehjem(_?navn|$)|plejecent(er|ret)?(_?navn|$)|hospital|sygehus|distrikt|"
    r"department|ward|provider|staff"
)
_UNIT = (
    r"(?i:plejehjem\w*|plejecent\w+|ældrecent\w+|lokalcent\w+|bosted\w*|botilbud\w*|afdeling\w*|afsnit\w*|team\w*|"
    r"distrikt\w*|hjemmeplejegruppe\w*|gruppe\w*|område\w*|klinik\w*|lægehus\w*|sygehus\w*|hospital\w*|"
    r"care homes?|nursing homes?|wards?|clinics?)"
)
NAMED_UNIT = re.compile(rf"\b{_UNIT}\s+(?:[»\"“']?[A-ZÆØÅ][\w-]+|\d{{1,3}}\b)")
OWNED_UNIT = re.compile(
    r"\b(?!Kommunens|Borgerens|Borgernes|Byens|Landets|Egnens)[A-ZÆØÅ]\w+s (?i:plejehjem|plejecenter|ældrecenter)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A variable as its rule says it, in standard names where the contracts know them."""

    register: str  # cpr, hospital, medicine, general_practice, or own
    rule: str
    codes: tuple[str, ...]  # "icpc2:A04", "cpr:move", "sel:§83", or "own:indsats=Personlig hygiejne"
    window: tuple[int, int] | None  # days from the index date, [from, to)
    measure: str  # the column that a number is read from, in its contract's words
    at_least: float | None
    standard: bool  # whether all of its codes are

    @property
    def told(self) -> tuple[str, tuple[str, ...], str, float | None]:
        """What two municipalities may have in common, whatever the window."""
        return self.rule, self.codes, self.measure, self.at_least


def meaning_of(variable: Variable, contracts: Mapping[str, Contract]) -> Meaning:
    """Return what a variable means."""
    contract = contracts.get(variable.register)
    codes = list(_codes(variable.where, contract))
    if variable.column is not None and variable.is_:
        codes += _codes(((variable.column, variable.is_),), contract)
    if variable.after is not None:
        later = contracts.get(variable.after.register)
        codes += [f"after {code}" for code in _codes(variable.after.where, later)]
    lists = [REGISTERS[code.partition(":")[0]] for code in codes if code.partition(":")[0] in REGISTERS]
    register = "cpr" if _is_cpr(contract) else lists[0] if lists else "own"
    column = _property(contract, variable.column)
    return Meaning(
        register=register,
        rule=variable.rule,
        codes=tuple(sorted(codes)),
        window=variable.window,
        measure="" if variable.column is None else (column.label_da if column and column.label_da else variable.column),
        at_least=variable.at_least,
        standard=bool(codes) and not any("own:" in code for code in codes),
    )


def unit_columns(variable: Variable, contracts: Mapping[str, Contract]) -> list[str]:
    """Return the columns of a variable that say where somebody lives or works: what may not travel."""
    contract = contracts.get(variable.register)
    asked = [(name, contract) for name in sorted(variable.columns)]
    if variable.after is not None:
        asked += [(name, contracts.get(variable.after.register)) for name, _ in variable.after.where]
    found = ["-"] if variable.geography else []
    for name, where in asked:
        one = _property(where, name)
        header = one.header if one is not None else ""
        told = one is not None and (one.kind in WHOSE or one.treatment == "district" or one.role == "direct_identifier")
        if told or UNIT_COLUMN.search(name) or UNIT_COLUMN.search(header):
            found.append(name)
    return found


def names_a_unit(text: str) -> bool:
    """Return whether words name one home, ward, clinic or team, as far as their form tells."""
    return bool(NAMED_UNIT.search(text) or OWNED_UNIT.search(text))


def words_of_variable(variable: Variable) -> tuple[Words, ...]:
    """Return every text of a variable that would travel: its words and its values."""
    found = [variable.label, *([variable.definition] if variable.definition is not None else [])]
    if isinstance(variable, Characteristic):
        found += [one for one in (variable.clause, variable.clause_not) if one is not None]
    if isinstance(variable, Outcome):
        found += [variable.more, variable.fewer, variable.past]
    values = [str(value) for _, several in variable.where for value in several] + [str(one) for one in variable.is_]
    return (*found, *(Words(da=value, en=value) for value in values))


def _codes(where: Where, contract: Contract | None) -> Iterator[str]:
    for name, values in where:
        one = _property(contract, name)
        for value in values:
            yield _code(name, str(value), one, contract)


def _code(name: str, value: str, one: Property | None, contract: Contract | None) -> str:
    listed = LISTS.get(one.pattern) if one is not None and one.pattern else None
    if listed is not None:
        return f"{listed}:{value.upper().replace('.', '')}"
    if _is_cpr(contract) and value.casefold() in CPR_EVENTS:
        return f"cpr:{CPR_EVENTS[value.casefold()]}"
    if contract is not None and contract.population and name == "status":
        return f"cpr:status {value}"
    law = PARAGRAPH.search(value)
    act = next((name for name, said in LAWS if said.search(value)), None)
    if law is not None and act is not None:  # a paragraph alone may be of any act
        return f"{act}:§{law[1].replace(' ', '')}"
    label = one.label_da if one is not None and one.label_da else name
    return f"own:{label}={value}"


def _is_cpr(contract: Contract | None) -> bool:
    return contract is not None and (contract.population or contract.register.lower().startswith("cpr"))


def _property(contract: Contract | None, name: str | None) -> Property | None:
    if contract is None or name is None:
        return None
    return next(iter(contract.read_by({name})), None)
