"""The package: pseudonymised, k-anonymous microdata with a data dictionary for one receiver. Never called anonymous.

Only the searched people are in it: what a vendor finds there can still be tried in the locked part. The receiver
gets pseudonyms of its own (a key derived for it alone), so two receivers' packages do not join.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import polars as pl

from pipelines import atomic, package_history
from pipelines.context import Run
from pipelines.log import log_event
from pipelines.package_findings import still_visible
from pipelines.steps import parts
from pipelines.study_check import unprotected
from pseudonymisation.generalise import age_band
from pseudonymisation.k_anonymity import measure, mondrian
from pseudonymisation.membership import class_size
from pseudonymisation.pseudonyms import pseudonym_column
from reports import catalogue
from reports.catalogue import Language
from reports.numbers import decimal

DRAFT = "draft"  # nobody's: each night's is a package of its own
STATUS = "pseudonymised, k-anonymous; personal data unless somebody has assessed otherwise"


def write_package(run: Run, folder: Path, *, recipient: str = DRAFT) -> int:
    """Write data.csv, data.parquet, dataordbog.csv, risk.json, README and manifest; return how many people are in it.

    Every class of the quasi-identifiers holds at least `package_k` people, `package_l` different values of each
    sensitive column, and none with more than 80 % of one. Rows are sorted by the receiver's pseudonym, which says
    nothing of the order they came in. Classes are larger than `package_k` where somebody who holds the register would
    else learn who is in the package (`package_membership`).
    """
    asked = run.study.package
    if asked is None:
        raise ValueError("the study declares no package")
    everybody = parts(run)
    frame = everybody.filter(~pl.col("locked"))
    ages = {run.study.population.age} | {
        one.name for one in run.study.variables if one.column == run.study.population.age
    }
    banded = frame.with_columns(age_band(pl.col(name)).alias(name) for name in asked.quasi if name in ages)
    limits = run.study.limits
    quasi, sensitive = asked.quasi, asked.sensitive
    size, member = class_size(
        banded, quasi=quasi, sensitive=sensitive, k=limits.package_k, l=limits.package_l,
        limit=limits.package_membership,
    )  # fmt: skip
    made = mondrian(banded, quasi=quasi, sensitive=sensitive, k=size, l=limits.package_l)
    left_out = unprotected(run.study, run.contracts)
    others = [one.name for one in (*run.study.characteristics, *run.study.outcomes) if one.name not in left_out]
    columns = list(dict.fromkeys(["person", *asked.quasi, *asked.sensitive, *others]))
    rows = made.frame
    if recipient != DRAFT:
        least = limits.smallest_difference
        earlier = package_history.earlier_of(run, recipient)
        rows = package_history.narrowed(rows, quasi=asked.quasi, earlier=earlier, least=least) if earlier else rows
        package_history.remember(run, recipient, rows, asked.quasi)
    # Two packages of one receiver share no code either: rows that come and go would else be followed one by one.
    key = run.subkey("person", recipient=f"{recipient}/{run.id}")
    data = rows.select(columns).with_columns(pseudonym_column(rows["person"], key=key).alias("person"))
    data = data.sort("person")
    atomic.make_private(folder)
    atomic.write_bytes(folder / "data.csv", data.write_csv(separator=";").encode())
    atomic.write_bytes(folder / "data.parquet", _parquet(data))
    atomic.write_bytes(folder / "dataordbog.csv", _dictionary(run, columns))
    risk = measure(data, quasi=list(asked.quasi), sensitive=list(asked.sensitive))
    visible, known = still_visible(run, rows, everybody, quasi=asked.quasi, columns=columns)
    figures: dict[str, object] = {
        "status": STATUS,
        "quasi": list(asked.quasi),  # what k protects against: somebody who knows these, and nothing else
        "left_out": list(left_out),  # columns that a neighbour may know by the contract, and that k does not protect
        "k": risk.k,
        "k_asked": limits.package_k,  # k is larger where smaller classes would say who is in the package
        "l": risk.l,
        "classes": made.classes,
        "people": _about(data.height),  # two nights' exact counts would tell one person's coming or going
        "suppressed": _about(made.suppressed + made.frame.height - data.height),
        "gcp": round(made.gcp, 4),
        "average_class": round(made.average_class),
        "highest_risk": round(made.highest_risk, 4),
        "largest_share": round(risk.largest_share, 4),
        "membership": round(member.area, 3),  # 0.5: who holds the register does not learn who is in
        "membership_at_most": round(member.at_most, 3),
        "membership_limit": limits.package_membership,
        "findings_visible": visible,
        "findings_known": known,
    }
    atomic.write_text(folder / "risk.json", json.dumps(figures, indent=1) + "\n")
    for name, language in (("LAES_MIG.md", Language.DA), ("README.md", Language.EN)):
        words = _read_me(run, language, risk.k, data.height, raised=size > limits.package_k, seen=(visible, known))
        atomic.write_text(folder / name, words)
    files = sorted(path for path in folder.iterdir() if path.name != "manifest.json")
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    atomic.write_text(folder / "manifest.json", json.dumps({"study": run.study.id, "files": hashes}, indent=1) + "\n")
    log_event(run, "package", "package", people=data.height, columns=len(columns), object_sha256=hashes["data.csv"])
    return int(data.height)


def _about(people: int) -> int:
    """Return a count to the nearest hundred above 100, else to the nearest ten; never 0 for somebody."""
    base = 100 if people >= 100 else 10
    return base * max(round(people / base), 1) if people else 0


def _parquet(data: pl.DataFrame) -> bytes:
    target = io.BytesIO()
    data.write_parquet(target, statistics=False)  # least and greatest values would stand in the file's footer
    return target.getvalue()


def _dictionary(run: Run, columns: list[str]) -> bytes:
    known = {one.name: one for one in run.study.variables}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(["kolonne", "dansk", "engelsk", "betyder", "meaning", "register"])
    for name in columns:
        one = known.get(name)
        if one is None:
            words = [catalogue.text(language, "package.person") for language in Language]
            writer.writerow([name, *words, *words, ""])
        else:
            meant = one.definition or one.label
            writer.writerow([name, one.label.da, one.label.en, meant.da, meant.en, one.register])
    return b"\xef\xbb\xbf" + text.getvalue().encode()  # with a mark, so that Danish Excel reads the letters


def _read_me(run: Run, language: Language, k: int, people: int, *, raised: bool, seen: tuple[int, int]) -> str:
    rounded = 100 * (people // 100)
    larger = catalogue.text(language, "package.raised", asked=run.study.limits.package_k)
    found = catalogue.text(language, "package.visible", visible=seen[0], known=seen[1])
    return catalogue.text(
        language,
        "package.read_me",
        controller=run.study.controller,
        purpose=run.study.purpose.said(language),
        basis=run.study.legal_basis,
        dpo=run.study.dpo,
        people=rounded,
        k=k,
        quasi=", ".join(run.study.package.quasi if run.study.package else ()),
        risk=decimal(100 / k, language, digits=0),
        raised=larger if raised else "",
        visible=found if seen[1] else "",
        demo=catalogue.text(language, "package.demo") if run.study.invented else "",
    )
