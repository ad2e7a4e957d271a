"""Contracts: what a register's files must look like, and what becomes of each column. Files, reviewed like code.

A contract is an Open Data Contract Standard document (v3.1.0); what is ours stands in its `customProperties`, and is
held to a closed schema, since the standard accepts any. Below this module nobody sees a dict. See docs/contracts.md.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipelines.contract_document import Document, open_document
from pipelines.contract_schema import Break, Eligibility, SeenFor
from pipelines.errors import InputError, InputErrors

__all__ = ["Contract", "Property", "contract_of", "read_contract", "read_contracts"]

FOLDER = "contracts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One column: where it stands in the file, what it may hold, who it tells of, and what becomes of it."""

    name: str  # ours
    header: str  # the file's
    logical_type: str  # string, integer, number, date, boolean
    role: str
    treatment: str
    time: str  # historic, event, snapshot
    kind: str  # whose number it is: person, household, staff ...; "" where it is nobody's
    shape: str  # cpr or text: how an identifier is written
    required: bool
    purpose: str
    label_da: str
    label_en: str
    codes: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # texts that mean nothing here, beside the contract's
    minimum: float | date | None = None
    maximum: float | date | None = None  # for a date, `today` is read as the largest date: see `not_after_today`
    not_after_today: bool = False
    pattern: str = ""
    cuts: tuple[float, ...] = ()  # of the treatment band
    concepts: tuple[tuple[str, tuple[str, ...]], ...] = ()  # of the treatment concepts: each, and its words
    not_before: str = ""  # the date column that this one may not lie before
    service: bool = False  # a help given by need: whoever has it was ill enough to get it
    eligibility: Eligibility | None = None
    time_said: bool = True  # False: nobody said so, and the safe choice was made
    empty: str = "unknown"  # of a date: `never` where an empty cell says that it did not happen
    optional: bool = False  # a file may lack the column: its cells are empty then
    former: bool = False  # the number that the row's person had before
    in_text: bool = False  # the CPR number stands among other words, which are dropped
    start: int = 0  # of a fixed-width file: the column's first place, 1 the first
    width: int = 0
    mass_day: str = ""  # of a date: what becomes of a day on which a mass of rows is dated; "": nobody has said
    arrival: bool = False  # of the population: the day from which the person has lived here

    @property
    def dropped(self) -> bool:
        """Whether the column ends at the vault's door."""
        return self.treatment == "drop"

    @property
    def told(self) -> tuple[str, ...]:
        """The columns that the vault has of it: its own, or one yes or no for each concept of a text."""
        if self.treatment == "concepts":
            return tuple(f"{self.name}_{concept}" for concept, _ in self.concepts)
        return () if self.dropped else (self.name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where a database is. Never a password: libpq finds it in .pgpass, a service file or the unit's credential."""

    type: str  # postgres, duckdb
    database: str  # its name; a file of the inbox
    schema: str = ""
    host: str = ""
    port: int = 0
    user: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One register's agreement."""

    register: str
    version: str
    files: str  # a pattern in the inbox
    format: str  # csv, fixed, xlsx, xls, xlsb, ods, parquet, sas, stata, spss, duckdb, postgres
    encoding: str
    delimiter: str
    quote: str  # "" where quotation marks are plain text
    decimal: str
    sheet: str  # "" is the first, "*" all
    header_row: int
    key: tuple[str, ...]  # rows alike in these are one row; () is the whole row
    max_rejected_share: float
    min_known_share: float  # of its people, those that the population must know
    legal_basis: str
    purpose: str
    missing: tuple[str, ...]
    properties: tuple[Property, ...]
    population: bool
    label_da: str
    label_en: str
    sha256: str  # of the file's bytes: a changed contract is another contract
    extracted: date | str | None = None  # the day of extraction, or `file_name`
    dead_and_moved: str = ""  # held, gone, or "": nobody has answered
    whole_from: date | None = None
    seen_for: SeenFor | str | None = None  # `everybody`, or people seen earlier in a register; None: not answered
    delivery: str = ""  # full, changes, or "": nobody has answered
    maturity: int = 0  # days until what happened on a day is in the file
    breaks: tuple[Break, ...] = ()
    eligibility: Eligibility | None = None
    released: frozenset[tuple[str, str]] = frozenset()  # column and reason: such a cell is missing, its row is kept
    header_rows: int = 1  # rows on top of each other that the headings take
    skip_rows: tuple[str, ...] = ()  # a row that begins so is none: totals, footnotes
    fill_down: tuple[str, ...] = ()  # columns whose empty cells have the value above them
    wide: str = ""  # headings of one column a week or a month, `y_*`: each cell becomes a row
    record: str = ""  # of a fixed-width file: how this register's lines begin
    records: tuple[str, ...] = ()  # how the other registers' lines begin
    end_record: str = ""  # how the last line begins: without it the file is cut
    server: Server | None = None  # of a database
    part_of: str = ""  # the population's register, which gets these columns: one row a person, in another record
    parts: tuple[Property, ...] = ()  # of the population: the columns it gets so
    unlinked: bool = False  # nobody's number is in it: it can be joined with nothing, and shows a level only

    @property
    def held(self) -> tuple[Property, ...]:
        """Every column that the register has in the vault's eyes: its own, and those of its parts."""
        return (*self.properties, *self.parts)

    @property
    def arrival(self) -> str | None:
        """The population's column of the day from which a person has lived here; None: nothing says so."""
        return next((one.name for one in self.held if one.arrival), None)

    def read_by(self, names: AbstractSet[str]) -> tuple[Property, ...]:
        """Return the columns that a study reads by these names: a text by its concepts' names too."""
        return tuple(one for one in self.held if names & {one.name, *one.told})

    @property
    def person(self) -> Property | None:
        """The column that says who the row is about; None for a register of dwellings."""
        return next((column for column in self.properties if column.role == "person_identifier"), None)

    def column(self, name: str) -> Property:
        """Return a column by our name. Raises: KeyError."""
        return next((column for column in self.properties if column.name == name), None) or _unknown(name)


def read_contracts(workspace: Path) -> dict[str, Contract]:
    """Return the workspace's contracts by register, sorted.

    Raises: InputErrors with every fault of every contract at once; InputError `contracts_missing` if there is none.
    """
    folder = workspace / FOLDER
    files = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]) if folder.is_dir() else []
    if not files:
        raise InputError("contracts_missing", file=f"{FOLDER}/")
    faults: list[InputError] = []
    contracts: dict[str, Contract] = {}
    for path in files:
        try:
            contract = read_contract(path)
        except InputErrors as error:
            faults += error.errors
            continue
        if contract.register in contracts:
            faults.append(InputError("contract_register_twice", file=_name(path), register=contract.register))
        contracts.setdefault(contract.register, contract)
    populations = [contract.register for contract in contracts.values() if contract.population]
    if len(populations) > 1:
        faults.append(InputError("contract_two_populations", file=f"{FOLDER}/", registers=", ".join(populations)))
    contracts, wrong = _with_parts(contracts)
    faults += wrong
    faults += [
        InputError("contract_arrival", file=f"{FOLDER}/{register}.yaml", path=one.name)
        for register, contract in contracts.items()
        if not contract.part_of
        for place, one in enumerate(one for one in contract.held if one.arrival)
        if place or not contract.population
    ]
    if faults:
        raise InputErrors(faults)
    return dict(sorted(contracts.items()))


def _with_parts(contracts: dict[str, Contract]) -> tuple[dict[str, Contract], list[InputError]]:
    """Give the population the columns of the registers that are parts of it; and what is wrong with them."""
    faults: list[InputError] = []
    whole = dict(contracts)
    for register, part in sorted(contracts.items()):
        if not part.part_of:
            continue
        home = whole.get(part.part_of)
        if home is None or not home.population or part.person is None:
            faults.append(InputError("contract_part_of", file=f"{FOLDER}/{register}.yaml", register=part.part_of))
            continue
        more = tuple(one for one in part.properties if not one.dropped and one.role != "person_identifier")
        twice = sorted({one.name for one in more} & {one.name for one in home.held})
        if twice:
            faults.append(InputError("contract_part_twice", file=f"{FOLDER}/{register}.yaml", name=", ".join(twice)))
        whole[part.part_of] = replace(home, parts=(*home.parts, *more))
    return whole, faults


def contract_of(workspace: Path, register: str) -> Contract:
    """Return one register's contract. Raises: InputError `contract_none` where there is none of that name."""
    contracts = read_contracts(workspace)
    if register not in contracts:
        raise InputError("contract_none", file=f"{FOLDER}/", registers=", ".join(contracts))
    return contracts[register]


def read_contract(path: Path) -> Contract:
    """Return one contract. Raises: InputErrors with each fault's line and path in the document."""
    document = open_document(path, shown=_name(path))
    contract = _contract(document)
    if document.faults:
        raise InputErrors(document.faults)
    return contract


def _contract(document: Document) -> Contract:
    own = document.contract_properties()
    kinds = document.columns(own["time"])
    properties = tuple(Property(**column) for column in kinds)
    document.check_columns(properties)
    document.check_names(own.get("key", ()), [column.name for column in properties])
    document.check_meaning(own, properties)
    server = document.server(own["format"])
    document.check_layout(own, properties)
    return Contract(
        register=document.register(),
        version=document.text("version", required=True),
        files=document.files(),
        format=own["format"],
        encoding=own["encoding"],
        delimiter=own["delimiter"],
        quote=own["quote"],
        decimal=own["decimal"],
        sheet=own["sheet"],
        header_row=own["header_row"],
        key=own["key"],
        max_rejected_share=own["max_rejected_share"],
        min_known_share=own["min_known_share"],
        legal_basis=own["legal_basis"],
        purpose=document.purpose(),
        missing=own["missing"],
        properties=properties,
        population=own["population"],
        label_da=own["label_da"] or document.text("name") or document.register(),
        label_en=own["label_en"] or document.text("name") or document.register(),
        sha256=document.sha256,
        extracted=own["extracted"],
        dead_and_moved=own["dead_and_moved"],
        whole_from=own["whole_from"],
        seen_for=own["seen_for"],
        delivery=own["delivery"],
        maturity=own["maturity"],
        breaks=own["breaks"],
        eligibility=own["eligibility"],
        header_rows=own["header_rows"],
        skip_rows=own["skip_rows"],
        fill_down=own["fill_down"],
        wide=own["wide"],
        record=own["record"],
        records=own["records"],
        end_record=own["end_record"],
        server=Server(**server) if server else None,
        part_of=own["part_of"],
        unlinked=own["unlinked"],
    )


def _name(path: Path) -> str:
    return f"{FOLDER}/{path.name}"


def _unknown(name: str) -> Property:
    raise KeyError(name)
