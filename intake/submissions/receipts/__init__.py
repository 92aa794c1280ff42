"""The receipt's page, its PDF, the dossier, and the public log of receipts."""
