"""Detect and neutralise text that a spreadsheet could compute as a formula.

A cell that starts with = + - @, a tab or a line break may be computed when a CSV file is opened (OWASP, "CSV
Injection"). Quoting does not prevent it, and a spreadsheet that separates fields by semicolons starts a new cell in the
middle of one of these cells: each possible start of a cell is checked. An apostrophe is inserted before each match, so
that “-Ève” stays readable; the rest of the text is unchanged.
"""

import re

_BLANKS = r'[\s"\u200b\ufeff]*'
"""Characters that a spreadsheet skips, or reads as a text delimiter, before the first significant character."""
_SIGNS = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
"""The four signs, and the full-width forms that East Asian versions accept."""
_START = re.compile(rf"^(?=[\t\r\n]|{_BLANKS}{_SIGNS})|(?<=[;,\t\r\n|])(?={_BLANKS}{_SIGNS})")


def looks_like_formula(text: str) -> bool:
    """True if a spreadsheet could compute `text`, or a part of it that it reads as a separate cell."""
    return _START.search(text) is not None


def neutralise(text: str) -> str:
    """Return `text` with an apostrophe before every start that a spreadsheet could read as a formula."""
    return _START.sub("'", text)
