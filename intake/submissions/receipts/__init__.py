"""Receipts: page, signed receipt, PDF dossier, and the source of the transparency log."""
