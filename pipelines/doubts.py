"""The strongest objection that the tool can think of: the causal checklist, read off what a finding is made of.

Shared cause, selection, measurement, time. It stands on a card until a person has written a better one.
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.values import Finding
from pipelines.words import ColumnWords, both
from reports.values import Words


def proposed_objection(finding: Finding, columns: Mapping[str, ColumnWords]) -> Words:
    """Return the first objection of the checklist that the finding gives cause for; a shared cause always can be.

    Selected: the population is a register of clients, and two ways into it can look like a pattern. Measurement: a part
    is that something is not known. Time: the gap is not there in most years. Selection: a negative control shows the
    gap too, or fewer have the outcome than expected, as when the frailest are no longer there to have it. Service: a
    part is a help given by need.
    """
    if any(columns[one.column].selected for one in finding.conditions if one.column in columns):
        return both("objection.selected")
    if any(condition.value is None for condition in finding.conditions):
        return both("objection.measurement")
    told = finding.shown.robustness
    if told is not None:
        more = finding.direction == "more"
        wrong_way = sum((year.observed >= year.expected) != more for year in told.years)
        if 3 * wrong_way > len(told.years) > 1:
            return both("objection.time")
        if any(control.p <= 0.05 / len(told.controls) for control in told.controls):
            return both("objection.selection")
    if any(columns[one.column].service for one in finding.conditions if one.column in columns):
        return both("objection.service")
    return both("objection.left" if finding.direction == "fewer" else "objection.shared_cause")
