"""The attackers, and where each is played. `make attack` plays them all and prints what they got."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attack:
    """One attacker of PRIVACY's list: a name for the table, and the files that play it."""

    name: str
    files: tuple[str, ...]


ATTACKS: dict[str, Attack] = {
    "1": Attack("dictionary of CPR numbers", ("attacks/test_dictionary.py",)),
    "2": Attack("two packages joined by code", ("attacks/test_linkage_domains.py",)),
    "3": Attack("neighbour who knows all quasi-identifiers", ("attacks/test_linkage.py",)),
    "4": Attack("everybody in the class has it", ("attacks/test_homogeneity.py",)),
    "5": Attack("thirty nights laid on one another", ("attacks/test_intersection.py",)),
    "6": Attack(
        "hidden cells solved for",
        (
            "attacks/test_linear_program.py",
            "attacks/test_printed_counts.py",
            "attacks/test_releases_together.py",
            "attacks/test_expected_counts.py",
        ),
    ),
    "7": Attack("printed groups subtracted", ("attacks/test_differencing.py", "attacks/test_rounding.py")),
    "8": Attack("membership, by shadow models", ("attacks/test_membership.py",)),
    "9": Attack("every output searched for everybody", ("journeys/test_nothing_leaks.py",)),
    "10": Attack("people planted in wrong places", ("attacks/test_canaries.py",)),
    "11": Attack(
        "text that others wrote",
        (
            "attacks/test_text_of_others.py",
            "attacks/test_redaction.py",
            "attacks/test_register_names.py",
        ),
    ),
    "12": Attack("ledger tampered with", ("attacks/test_ledger_tampering.py",)),
    "13": Attack("key file opened, moved, changed", ("attacks/test_key_file.py",)),
    "14": Attack("time of a lookup, hit or miss", ("attacks/test_timing.py",)),
    "15": Attack("network during a whole run", ("flows/test_nothing_dials_out.py",)),
    "16": Attack("killed in every step", ("journeys/test_killed.py",)),
    "17": Attack("objected, and looked for", ("attacks/test_rights.py",)),
    "A": Attack("singling out", ("attacks/test_three_risks.py",)),
    "B": Attack("linkability", ("attacks/test_three_risks.py",)),
    "C": Attack("inference", ("attacks/test_three_risks.py",)),
    "D": Attack("leaks of the stack", ("attacks/test_stack_leaks.py",)),
}
