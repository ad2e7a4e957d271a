"""One contract file while it is read: the standard's model, our closed schema, and every fault with line and path."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pipelines.contract_schema import (
    CELL,
    CODE_LISTS,
    DATABASES,
    HEADING,
    IN_TEXT,
    LOGICAL_TYPES,
    OF_A_COLUMN,
    OF_A_CONTRACT,
    TREATMENTS,
    TYPES,
    Rule,
)
from pipelines.errors import InputError, InputErrors
from pipelines.formats import is_boolean_format, is_date_format
from pipelines.measures import is_number_format
from pipelines.shown import number_within, shown_name

if TYPE_CHECKING:
    from pipelines.contracts import Property

API = "v3.1.0"
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
LARGEST = 2_000_000
LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
RESERVED = frozenset({"person", "cluster"})


class Document:
    """A contract's tree. A getter notes a fault and returns a harmless value of its type."""

    def __init__(self, tree: Mapping[str, Any], *, lines: Mapping[str, int], shown: str, digest: str) -> None:
        self.tree, self.lines, self.shown, self.sha256 = tree, lines, shown, digest
        self.faults: list[InputError] = []
        self._check_standard()
        objects = tree.get("schema")
        self.object: Mapping[str, Any] = objects[0] if isinstance(objects, list) and objects else {}
        if isinstance(objects, list) and len(objects) != 1:
            self.fault("contract_one_schema", "schema")

    def fault(self, key: str, path: str, **facts: str | int) -> None:
        """Note a fault at a path of the document."""
        place = path
        while place and place not in self.lines:  # a key that is missing: the line of what should hold it
            place = re.sub(r"(\.[^.\[]+|\[\d+\])$|^[^.\[]+$", "", place)
        self.faults.append(InputError(key, file=self.shown, row=self.lines.get(place, 1), path=path, **facts))

    def text(self, name: str, *, required: bool = False) -> str:
        """Return a text at the top of the document."""
        value = self.tree.get(name)
        if required and not value:
            self.fault("contract_field_missing", name)
        return str(value) if value else ""

    def register(self) -> str:
        return _name_of(self.tree.get("id"))

    def purpose(self) -> str:
        description = self.tree.get("description")
        return str(description.get("purpose") or "").strip() if isinstance(description, dict) else ""

    def files(self) -> str:
        """Return the pattern of the files' names: in the inbox, never beside or above it."""
        pattern = self.object.get("physicalName")
        path = "schema[0].physicalName"
        if not isinstance(pattern, str) or not pattern:
            self.fault("contract_field_missing", path)
            return ""
        if re.search(r"[/\\\x00]", pattern) or pattern.startswith("."):
            self.fault("contract_files_outside", path)
        return pattern

    def contract_properties(self) -> dict[str, Any]:
        """Return our custom properties of the whole contract, defaults filled in."""
        own = self._custom(self.tree, "", OF_A_CONTRACT)
        if own["format"] == "csv" and not own["delimiter"]:
            self.fault(
                "contract_value", "customProperties", property="delimiter", expected=OF_A_CONTRACT["delimiter"].expected
            )
        return own

    def columns(self, time: str) -> list[dict[str, Any]]:
        """Return each column's fields, ready for `Property`; `time` is the contract's own, for columns without one."""
        columns = self.object.get("properties")
        if not isinstance(columns, list) or not columns:
            self.fault("contract_field_missing", "schema[0].properties")
            return []
        return [
            self._column(column, f"schema[0].properties[{place}]", time)
            for place, column in enumerate(columns)
            if isinstance(column, dict)
        ]

    def check_columns(self, columns: Sequence[Property]) -> None:
        """Check what columns must be together: names and headers once, one person at most, what `not_before` names."""
        for place, column in enumerate(columns):
            path = f"schema[0].properties[{place}]"
            before = columns[:place]
            if column.name in (other.name for other in before):
                self.fault("contract_name_twice", f"{path}.name", name=column.name)
            if column.header in (other.header for other in before):
                self.fault("contract_header_twice", f"{path}.physicalName", name=column.name)
            if column.role == "person_identifier" and "person_identifier" in (other.role for other in before):
                self.fault("contract_two_persons", path, name=column.name)
            if column.name in RESERVED and column.role != "person_identifier":
                self.fault("contract_name_reserved", f"{path}.name", name=column.name)
            dates = [other.name for other in columns if other.logical_type == "date"]
            if column.not_before and (column.not_before not in dates or column.logical_type != "date"):
                self.fault("contract_not_before", path, name=column.name)

    def check_names(self, key: Iterable[str], names: Sequence[str]) -> None:
        """Check that the key's columns are there."""
        for name in key:
            if name not in names:
                self.fault("contract_key_column", "customProperties", name=shown_name(name))

    def check_meaning(self, own: Mapping[str, Any], columns: Sequence[Property]) -> None:
        """Check that breaks name columns that are there, and that changes have a key to be merged by."""
        types = {column.name: column.logical_type for column in columns}
        for one in own["breaks"]:
            for name in one.columns:
                if name not in types or (one.mapping and types[name] != "string"):
                    self.fault("contract_break_column", "customProperties", name=shown_name(name))
        if own["delivery"] == "changes" and not own["key"]:
            self.fault("contract_changes_key", "customProperties")
        if own["unlinked"] and any(column.role == "person_identifier" for column in columns):
            self.fault("contract_unlinked", "customProperties")

    def server(self, kind: str) -> dict[str, Any]:
        """Return where a database is, {} for files. A password here is a fault: contracts are copied and mailed."""
        servers = self.tree.get("servers")
        found: Mapping[str, Any] = (
            servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], dict) else {}
        )
        if kind not in DATABASES:
            return {}
        own = {
            str(item.get("property")): str(item.get("value"))
            for item in found.get("customProperties") or ()
            if isinstance(item, dict)
        }
        if re.search(r"password|adgangskode|pwd|://", str(found), re.IGNORECASE):
            self.fault("contract_password", "servers")
        if set(own) - {"service"} or found.get("type") not in (kind, {"postgres": "postgresql"}.get(kind)):
            self.fault("contract_server", "servers", type=kind)
        database = str(found.get("database") or "")
        if not database and not own.get("service"):
            self.fault("contract_field_missing", "servers[0].database")
        if kind == "duckdb" and re.search(r"[/\\\x00]|^\.", database):
            self.fault("contract_files_outside", "servers[0].database")
        port = found.get("port")
        return {
            "type": kind,
            "database": database,
            "schema": str(found.get("schema") or ""),
            "host": str(found.get("host") or ""),
            "port": port if isinstance(port, int) else 0,
            "user": str(found.get("user") or ""),
            "service": own.get("service", ""),
        }

    def check_layout(self, own: Mapping[str, Any], columns: Sequence[Property]) -> None:
        """Check what belongs together: places of a fixed-width file, the two columns that wide ones become."""
        self.check_names(own["fill_down"], [column.name for column in columns])
        if own["format"] == "fixed":
            for place, column in enumerate(columns):
                if not column.start or not column.width:
                    self.fault("contract_places", f"schema[0].properties[{place}]", name=column.name)
        headers = [column.header for column in columns]
        both = headers.count(HEADING) == headers.count(CELL) == 1
        if bool(own["wide"]) != both or (own["wide"] and own["wide"].count("*") != 1):
            self.fault("contract_wide", "customProperties")

    def _check_standard(self) -> None:
        from open_data_contract_standard.model import OpenDataContractStandard
        from pydantic import ValidationError

        if self.tree.get("apiVersion") != API or self.tree.get("kind") != "DataContract":
            self.fault("contract_version", "apiVersion", version=API)
        if not NAME.fullmatch(str(self.tree.get("id") or "")):
            self.fault("contract_id", "id")
        try:
            OpenDataContractStandard.model_validate(_plain(self.tree))
        except ValidationError as error:
            for item in error.errors(include_input=False, include_url=False, include_context=False):
                self.fault("contract_standard", _path(item["loc"]), type=item["type"])

    def _column(self, column: Mapping[str, Any], path: str, time: str) -> dict[str, Any]:
        own = self._custom(column, path, OF_A_COLUMN)
        name, header = column.get("name"), column.get("physicalName", column.get("name"))
        if not isinstance(name, str) or not NAME.fullmatch(name):
            self.fault("contract_name", f"{path}.name")
        logical = column.get("logicalType", "string")
        if logical not in LOGICAL_TYPES:
            self.fault("contract_choice", f"{path}.logicalType", choices=" | ".join(LOGICAL_TYPES))
            logical = "string"
        role = own["role"]
        if not role:
            if "role" not in self._given(column):
                self.fault("contract_role_missing", path)
        elif role == "unknown":
            self.fault("contract_role_unknown", path, name=_name_of(name))
        treatment = self._treatment(own, logical, path)
        kind = own["kind"] or ("person" if role == "person_identifier" else "")
        if role == "linking_identifier" and not kind and treatment == "pseudonym":
            self.fault("contract_kind_missing", path)
        if own["former"] and (role != "linking_identifier" or kind != "person" or treatment != "pseudonym"):
            self.fault("contract_former", path)
        self._check_type(own, logical, path)
        maximum = own["maximum"]
        return {
            "name": _name_of(name),
            "header": " ".join(str(header).split()),
            "logical_type": logical,
            "role": role,
            "treatment": treatment,
            "time": own["time"] or time or ("event" if logical == "date" else "snapshot"),
            "time_said": bool(own["time"] or time),
            "kind": kind,
            "shape": "cpr" if own["shape"] == IN_TEXT else own["shape"] or ("cpr" if kind == "person" else "text"),
            "former": own["former"],
            "in_text": own["shape"] == IN_TEXT,
            "required": column.get("required") is True or role == "person_identifier",
            "purpose": own["purpose"] or self.purpose(),
            "label_da": own["label_da"] or " ".join(str(header).split()),
            "label_en": own["label_en"] or _name_of(name).replace("_", " "),
            "codes": own["codes"],
            "formats": own["formats"],
            "missing": own["missing"],
            "minimum": own["minimum"],
            "maximum": None if maximum == "today" else maximum,
            "not_after_today": maximum == "today",
            "pattern": own["pattern"] or CODE_LISTS.get(own["code_list"], ""),
            "cuts": own["cuts"],
            "concepts": own["concepts"],
            "not_before": own["not_before"],
            "service": own["service"],
            "empty": own["empty"] or "unknown",
            "eligibility": own["eligibility"],
            "optional": own["optional"],
            "mass_day": own["mass_day"],
            "arrival": own["arrival"],
            "start": own["start"],
            "width": own["width"],
        }

    def _treatment(self, own: Mapping[str, Any], logical: str, path: str) -> str:
        role, treatment = str(own["role"]), str(own["treatment"])
        allowed = TREATMENTS.get(role, ())
        if not treatment:
            treatment = allowed[0] if allowed else "drop"
            if role in ("quasi_identifier", "sensitive", "plain") and logical == "date":
                treatment = "offset"
        elif allowed and treatment not in allowed:
            self.fault("contract_treatment", path, role=role, treatment=treatment, choices=" | ".join(allowed))
            return treatment
        if allowed and logical not in TYPES[treatment]:
            self.fault("contract_treatment_type", path, treatment=treatment, choices=" | ".join(TYPES[treatment]))
        if treatment == "band" and not own["cuts"]:
            self.fault("contract_cuts_missing", path)
        if (treatment == "concepts") != bool(own["concepts"]):
            self.fault("contract_concepts", path)
        return treatment

    def _check_type(self, own: Mapping[str, Any], logical: str, path: str) -> None:
        unsaid = own["mass_day"] == "unknown" and own["empty"] == "never"  # without its date it would say no
        if own["mass_day"] and (logical != "date" or own["treatment"] == "drop" or unsaid):
            self.fault("contract_mass_day", path)
        if own["arrival"] and (logical != "date" or own["treatment"] in ("drop", "age_band")):
            self.fault("contract_arrival", path)
        if own["codes"] and logical != "string":
            self.fault("contract_codes_type", path)
        for bound in (own["minimum"], own["maximum"]):
            right = isinstance(bound, date) or bound == "today" if logical == "date" else isinstance(bound, int | float)
            if bound is not None and (not right or logical not in ("date", "integer", "number")):
                self.fault("contract_bound", path, type=logical)
        known = {"date": is_date_format, "boolean": is_boolean_format, "number": is_number_format}.get(logical)
        if own["formats"] and (known is None or not all(known(text) for text in own["formats"])):
            self.fault("contract_formats", path, type=logical)
        if own["code_list"] and (logical != "string" or own["pattern"]):
            self.fault("contract_code_list", path)
        if own["pattern"] and (logical != "string" or not _is_pattern(own["pattern"])):
            self.fault("contract_pattern", path)

    def _custom(self, holder: Mapping[str, Any], path: str, rules: Mapping[str, Rule]) -> dict[str, Any]:
        """Return the custom properties of a contract or a column by the closed schema."""
        found = {name: rule.default for name, rule in rules.items()}
        seen: set[str] = set()
        items = holder.get("customProperties")
        for place, item in enumerate(items if isinstance(items, list) else ()):
            where = f"{path}.customProperties[{place}]".lstrip(".")
            name = str(item.get("property", "")) if isinstance(item, dict) else ""
            if name not in rules:
                near = get_close_matches(name, list(rules), 1)
                self.fault(
                    "contract_property",
                    f"{where}.property",
                    property=shown_name(name),
                    choices=near[0] if near else " | ".join(rules),
                )
                continue
            if name in seen:
                self.fault("contract_property_twice", f"{where}.property", property=name)
            seen.add(name)
            try:
                found[name] = rules[name].read(item.get("value"))
            except (ValueError, TypeError):
                self.fault("contract_value", f"{where}.value", property=name, expected=rules[name].expected)
        return found

    @staticmethod
    def _given(holder: Mapping[str, Any]) -> set[str]:
        items = holder.get("customProperties")
        return (
            {str(item.get("property")) for item in items if isinstance(item, dict)}
            if isinstance(items, list)
            else set()
        )


def open_document(path: Path, *, shown: str) -> Document:
    """Return a contract's document. Raises: InputErrors when the file cannot be read as YAML at all."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError:
        raise InputErrors([InputError("contract_unreadable", file=shown)]) from None
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputErrors([InputError("contract_encoding", file=shown, row=row)]) from None
    try:
        # Aliases: a small file that grows without end, and a column nobody sees written.
        if len(data) > LARGEST or any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, LOADER)):
            raise InputErrors([InputError("contract_too_clever", file=shown)])
        tree = yaml.load(text, LOADER)  # noqa: S506 (the safe loader, written in C)
        node = yaml.compose(text, LOADER)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise InputErrors([InputError("contract_yaml", file=shown, row=mark.line + 1 if mark else 1)]) from None
    if not isinstance(tree, dict):
        raise InputErrors([InputError("contract_yaml", file=shown, row=1)])
    person = number_within(tree)
    if person is not None:  # before anything of it is said, printed or logged
        raise InputErrors([InputError("names_somebody", file=shown, field=person or shown)])
    lines: dict[str, int] = {}
    twice: list[tuple[str, int]] = []
    _lines(node, "", lines, twice)
    document = Document(tree, lines=lines, shown=shown, digest=sha256(data).hexdigest())
    for place, line in twice:
        document.faults.append(InputError("contract_key_twice", file=shown, row=line, path=place))
    return document


def _lines(node: yaml.Node | None, path: str, lines: dict[str, int], twice: list[tuple[str, int]]) -> None:
    if node is None:
        return
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[Hashable] = set()
        for key, value in node.value:
            place = f"{path}.{key.value}".lstrip(".")
            if key.value in seen:
                twice.append((place, key.start_mark.line + 1))
            seen.add(key.value)
            lines[place] = key.start_mark.line + 1
            _lines(value, place, lines, twice)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _lines(value, f"{path}[{number}]", lines, twice)


def _plain(value: Any) -> Any:
    """Return a tree with dates as text: YAML reads 2025-01-01 as a date, and the standard's model wants words."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _path(places: Sequence[int | str]) -> str:
    return "".join(f"[{place}]" if isinstance(place, int) else f".{place}" for place in places).lstrip(".")


def _is_pattern(text: str) -> bool:
    """Return whether polars can match it: its patterns have no way back, so that none takes for ever."""
    import polars as pl

    try:
        pl.Series([""]).str.contains(f"^(?:{text})$")
    except pl.exceptions.PolarsError:
        return False
    return True


def _name_of(value: Any) -> str:
    return value if isinstance(value, str) and NAME.fullmatch(value) else "?"
