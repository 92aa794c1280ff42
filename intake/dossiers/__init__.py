"""Sealed payloads and what is generated from them: signed receipts and PDF dossiers."""
