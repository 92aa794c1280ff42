"""Names in the PDF of a receipt, for who makes it and who reads it. Without the libraries that read PDFs."""

from typing import Final

NAMESPACE: Final = "urn:intake:receipt:1#"
"""Namespace of the XMP property with the statement. Metadata are not compressed, so the raw file contains it."""
FIELD: Final = "Accuse"
"""Name of the signature field."""
