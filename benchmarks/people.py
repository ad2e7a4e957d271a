"""Public data with one row a person, for `undring discover`: `python -m benchmarks.people FOLDER` writes three files.

What the accounts in docs/findings start from; `--crude` prints the plain tables that they quote. Data: UNDRING_DATA;
sources and licences stand in each account.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import polars as pl

# Died or went to hospice: cannot come back.
GONE = (11, 13, 14, 19, 20, 21)
HOME = {1: "home", 6: "home with a service", 8: "home with a service"}
CHAPTERS = (  # the nine groups of Strack et al. (2014); ICD-9, three digits
    ("circulatory", (*range(390, 460), 785)),
    ("respiratory", (*range(460, 520), 786)),
    ("digestive", (*range(520, 580), 787)),
    ("diabetes", (250,)),
    ("injury", tuple(range(800, 1000))),
    ("musculoskeletal", tuple(range(710, 740))),
    ("genitourinary", (*range(580, 630), 788)),
    ("neoplasms", tuple(range(140, 240))),
)
# Known only because of the diabetes, or another way to say the outcome.
AFTER_DIABETES = ("DiabetesAge",)


def diabetes130(data: Path) -> pl.DataFrame:
    """The first stay of each patient, readmitted within 30 days or not."""
    stays = pl.read_parquet(data / "diabetes130.parquet")
    first = stays.sort("encounter_id").unique("patient_nbr", keep="first", maintain_order=True)
    first = first.filter(~pl.col("discharge_disposition_id").is_in(GONE))
    drugs = [one for one in first.columns[24:47] if one != "insulin"]
    return first.select(
        pl.col("patient_nbr"),
        (pl.col("readmitted") == "<30").alias("readmitted_30_days"),
        pl.col("race").replace("?", None),
        "gender",
        pl.col("age").str.extract(r"\[(\d+)").cast(pl.Int64).alias("age_from"),
        pl.col("admission_type_id").replace_strict({1: "emergency", 2: "urgent", 3: "elective"}, default="other"),
        pl.col("discharge_disposition_id").replace_strict(HOME, default="elsewhere").alias("discharged_to"),
        pl.col("admission_source_id")
        .replace_strict({1: "referral", 2: "referral", 3: "referral", 7: "emergency room"}, default="elsewhere")
        .alias("admitted_from"),
        pl.col("time_in_hospital").cast(pl.Float64),
        *("num_lab_procedures", "num_procedures", "num_medications"),
        *("number_outpatient", "number_emergency", "number_inpatient", "number_diagnoses"),
        _chapter("diag_1").alias("main_diagnosis"),
        _chapter("diag_2").alias("second_diagnosis"),
        pl.when(pl.col("A1Cresult") == "None").then(pl.lit("not measured")).otherwise("A1Cresult").alias("hba1c"),
        "insulin",
        *[(pl.col(one) != "No").alias(one) for one in drugs],
        (pl.col("change") == "Ch").alias("medicine_changed"),
    )


def _chapter(column: str) -> pl.Expr:
    """Nine groups; a code that lost its zeros (38 for 038) is three digits again by being read as a number."""
    number = pl.col(column).str.extract(r"^(\d+)").cast(pl.Int64)
    groups = {code: name for name, codes in CHAPTERS for code in codes}
    return pl.when(pl.col(column) == "?").then(None).otherwise(number.replace_strict(groups, default="other"))


def brfss2015(data: Path) -> pl.DataFrame:
    """Who says that a doctor has told them of diabetes; one row a person as it is."""
    people = pl.read_parquet(data / "brfss2015.parquet").rename({"Diabetes_binary": "diabetes"})
    flags = [one for one in people.columns if people[one].n_unique() == 2]
    return people.with_columns(
        *[pl.col(one) == 1 for one in flags if one not in ("Sex", "diabetes")],
        pl.col("diabetes") == 1,
        pl.col("Sex").replace_strict({0: "woman", 1: "man"}, return_dtype=pl.String),
    )


def nhanes(data: Path) -> pl.DataFrame:
    """Adults of NHANES, each ID once (the file repeats people), with diabetes or not."""
    people = pl.read_csv(data / "nhanes.csv.gz", null_values=["NA", ""], infer_schema_length=None)
    people = people.unique("ID", keep="first", maintain_order=True)
    people = people.filter((pl.col("Age") >= 20) & pl.col("Diabetes").is_not_null())
    same = ("AgeDecade", "AgeMonths", "Gender", "BMICatUnder20yrs", "BMI_WHO", "HHIncome", "Smoke100n", "Race3")
    parts = [one for one in people.columns if one.startswith(("BPSys", "BPDia")) and not one.endswith("Ave")]
    young = ("Length", "HeadCirc", "TVHrsDayChild", "CompHrsDayChild", "UrineVol2", "UrineFlow2", "Testosterone")
    return people.drop(*AFTER_DIABETES, *same, *parts, *young)


CRUDE: dict[str, tuple[tuple[str, str, pl.Expr], ...]] = {  # the plain tables that the accounts quote
    "diabetes130": (("discharged_to", "musculoskeletal", pl.col("main_diagnosis") == "musculoskeletal"),),
    "brfss2015": (
        ("HighChol", "55 or older", pl.col("Age") >= 8),
        ("HighBP", "health excellent", pl.col("GenHlth") == 1),
        ("Sex", "65 or older", pl.col("Age") >= 10),
    ),
}
OUTCOMES = {"diabetes130": "readmitted_30_days", "brfss2015": "diabetes"}

TABLES = {"diabetes130": diabetes130, "brfss2015": brfss2015, "nhanes": nhanes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--crude", action="store_true")
    chosen = parser.parse_args()
    folder = chosen.folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        frame = table(Path(os.environ["UNDRING_DATA"]))
        frame.write_parquet(folder / f"{name}.parquet")
        print(f"{name}: {frame.height:,} people, {frame.width} columns")
        for column, words, of in CRUDE.get(name, ()) if chosen.crude else ():
            with_it = pl.col(OUTCOMES[name]).mean().mul(1000).round(0).cast(pl.Int64).alias("per_1000")
            cells = frame.group_by(column, of.alias("of_those")).agg(people=pl.len(), per_1000=with_it)
            print(f"  {column}, {words} or not, people, per 1,000 with {OUTCOMES[name]}")
            for row in cells.sort("of_those", column).iter_rows():
                print("   ", *row)


if __name__ == "__main__":
    main()
