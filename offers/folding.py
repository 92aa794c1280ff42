"""Text without accents or case, for searching. The database and Python fold with the same two alphabets."""

# One letter for one letter, as PostgreSQL's translate() wants it. Capitals too: lower() leaves « É » alone
# under the C locale. Ligatures lose their second letter, in what is searched and in what is typed alike.
ACCENTED = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸœŒæÆ’\u00a0\u202f"
PLAIN = "aaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuyyooaa'  "

_TABLE = str.maketrans(ACCENTED, PLAIN)


def fold(text: str) -> str:
    """Return `text` in lower case and without accents, as `Offer.search_text` is."""
    return text.translate(_TABLE).lower()
