"""The discovery engine: a table of people in, honest findings out. Knows nothing of files, identity or reports."""

from analysis.characteristics import Definitions, define, holds
from analysis.confirm import confirm
from analysis.outcomes import search_outcomes
from analysis.proposed import with_proposals
from analysis.robustness import e_value, e_value_of_interval, looker
from analysis.search import search
from analysis.self_test import self_test
from analysis.settings import CannotSearch, Settings
from analysis.shared import sharing
from analysis.values import Asked, Cell, Condition, Discovery, Evidence, Finding, LeftOut, Planted, SelfTest

__all__ = [
    "Asked",
    "CannotSearch",
    "Cell",
    "Condition",
    "Definitions",
    "Discovery",
    "Evidence",
    "Finding",
    "LeftOut",
    "Planted",
    "SelfTest",
    "Settings",
    "confirm",
    "define",
    "e_value",
    "e_value_of_interval",
    "holds",
    "looker",
    "search",
    "search_outcomes",
    "self_test",
    "sharing",
    "with_proposals",
]
