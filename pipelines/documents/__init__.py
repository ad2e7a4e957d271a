"""The papers that the law asks for, written out from the study, its contracts and the ledger. See docs/documents.md."""
