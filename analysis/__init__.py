"""The discovery engine: a table of people in, honest findings out. Knows nothing of files, identity or reports."""

from analysis.characteristics import Definitions, define, holds
from analysis.confirm import confirm
from analysis.search import search
from analysis.settings import CannotSearch, Settings
from analysis.values import Cell, Condition, Discovery, Evidence, Finding, LeftOut

__all__ = [
    "CannotSearch",
    "Cell",
    "Condition",
    "Definitions",
    "Discovery",
    "Evidence",
    "Finding",
    "LeftOut",
    "Settings",
    "confirm",
    "define",
    "holds",
    "search",
]
