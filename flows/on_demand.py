"""A run that a person asks for in Prefect (`analyse`): the form has choices only."""

from __future__ import annotations

from flows import quiet  # noqa: F401 - before Prefect is imported

# isort: split
from prefect import flow

from flows.choices import StudyId
from flows.steps import take_the_way
from reports.catalogue import Language


@flow(name="analyse", persist_result=False)
def analyse(study: StudyId, language: Language = Language.DA) -> None:
    """Take one study from inbox to draft. The lock stays closed: trying leads is done by command, by a person."""
    take_the_way(str(study), language)
