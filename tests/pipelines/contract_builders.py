"""Contracts and inboxes small enough to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pipelines.contracts import Contract, read_contract

COLUMNS: list[dict[str, Any]] = [
    {"name": "cpr", "physicalName": "CPR-nr.", "role": "person_identifier"},
    {"name": "start", "physicalName": "Start", "logicalType": "date", "role": "date"},
    {"name": "minutter", "physicalName": "Visiteret tid", "logicalType": "number", "role": "plain", "minimum": 0},
    {"name": "antal", "physicalName": "Antal", "logicalType": "integer", "role": "plain"},
    {"name": "modtaget", "physicalName": "Modtaget", "logicalType": "boolean", "role": "plain"},
    {"name": "status", "physicalName": "Status", "role": "plain", "codes": ["01", "03", "90"]},
    {"name": "navn", "physicalName": "Borger", "role": "direct_identifier"},
]
HEADERS = [column["physicalName"] for column in COLUMNS]
STANDARD = ("name", "physicalName", "logicalType", "required", "description")
GOOD = ["610150-1234", "05-01-2024", "1.234,50", "3", "Ja", "01", "Karen Holm"]


def column(**fields: Any) -> dict[str, Any]:
    """Return a property: what is not the standard's goes into customProperties."""
    own = [{"property": name, "value": value} for name, value in fields.items() if name not in STANDARD]
    return {**{name: fields[name] for name in STANDARD if name in fields}, "customProperties": own}


def document(columns: list[dict[str, Any]] | None = None, *, files: str = "besoeg*.csv", **own: Any) -> dict[str, Any]:
    """Return a contract's tree."""
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "besoeg",
        "version": "1.0.0",
        "status": "active",
        "name": "Besøg",
        "description": {"purpose": "At se, hvad der hjælper"},
        "customProperties": [{"property": name, "value": value} for name, value in own.items()],
        "schema": [
            {
                "name": "besoeg",
                "physicalName": files,
                "properties": [column(**fields) for fields in (COLUMNS if columns is None else columns)],
            }
        ],
    }


def written(folder: Path, tree: dict[str, Any], name: str = "besoeg.yaml") -> Path:
    """Write a contract into a workspace, and return its path."""
    path = folder / "contracts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def contract(folder: Path, columns: list[dict[str, Any]] | None = None, **own: Any) -> Contract:
    """Return a contract that was written and read again."""
    return read_contract(written(folder, document(columns, **own)))


def csv_bytes(rows: list[list[str]], *, headers: list[str] | None = None, encoding: str = "utf-8") -> bytes:
    """Return a delimited file, nothing quoted."""
    lines = [";".join(row) for row in [HEADERS if headers is None else headers, *rows]]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def inbox(folder: Path, **files: bytes) -> Path:
    """Return an inbox with files: `besoeg_csv=...` is written as besoeg.csv."""
    path = folder / "inbox"
    path.mkdir(exist_ok=True)
    for name, data in files.items():
        (path / name.replace("_", ".")).write_bytes(data)
    return path
