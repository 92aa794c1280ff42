"""Text that a spreadsheet could take for a formula, and what is done about it.

A cell that starts with = + - @, a tab or a line break may be computed when a CSV file is opened (OWASP, "CSV
Injection"). Quoting does not prevent it, and a spreadsheet that separates fields by semicolons starts a new cell in
the middle of ours: each start of a possible cell is judged. What is found gets an apostrophe in front, so that
“-Ève” stays readable, and the rest of the text is untouched.
"""

import re

_BLANKS = r'[\s"\u200b\ufeff]*'
"""What spreadsheets skip, or take for a text delimiter, before they look at the first character."""
_SIGNS = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
"""The four signs, and the full-width forms that East Asian versions accept for them."""
_START = re.compile(rf"^(?=[\t\r\n]|{_BLANKS}{_SIGNS})|(?<=[;,\t\r\n|])(?={_BLANKS}{_SIGNS})")


def looks_like_formula(text: str) -> bool:
    """Say whether a spreadsheet could compute `text`, or a part of it that it takes for a cell of its own."""
    return _START.search(text) is not None


def neutralise(text: str) -> str:
    """Return `text` with an apostrophe before every start that a spreadsheet could take for a formula."""
    return _START.sub("'", text)
