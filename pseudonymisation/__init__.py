"""What a CPR number is, keys and pseudonyms, free text, k-anonymity and disclosure control. Bytes and frames only."""

__all__ = [
    "cpr",
    "disclosure",
    "free_text",
    "generalise",
    "k_anonymity",
    "keys",
    "pseudonyms",
    "suppression",
]
