"""Commands of dossiers and receipts."""
