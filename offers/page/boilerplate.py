"""Boilerplate of the site around the offer. Each text is listed, so that no text of an offer is removed."""

import re

_PIECES = (
    r"logo du gouvernement du quebec\.?",
    r"bouton pour ouvrir ou fermer la recherche\.?",
    r"(?:passer au|aller au) contenu(?: principal)?\.?",
    r"(?:retour|retourner) (?:en haut(?: de (?:la )?page)?|a la liste(?: des offres)?|a l'accueil)\.?",
    r"haut de (?:la )?page",
    r"(?:derniere )?mise a jour ?: ?(?:le )?(?:\d{1,2}(?:er)? [a-z]+ \d{4}|\d{4}-\d{2}-\d{2})\.?",
    r"(?:imprimer|partager)(?: (?:la|cette) page)?",
    r"(?:accessibilite|acces a l'information|politique de confidentialite|english|menu|rechercher)",
    r"© ?gouvernement du quebec,? ?(?:\d{4})?",
    r"offres? de stages?",
    r"stages en organisations internationales gouvernementales",
)
_KNOWN = re.compile(rf"(?:{'|'.join(_PIECES)})(?: (?:{'|'.join(_PIECES)}))*")
_MAX_LENGTH = 500  # characters
# A breadcrumb. Its steps have no digits, so that it never matches an offer's number or day.
_BREADCRUMB = re.compile(r"accueil(?: ?[/>›»] ?[^\d/>›»:.]{1,80})+")


def is_boilerplate(folded: str) -> bool:
    """True if a folded and squashed line is text of the site and not of the offer."""
    return len(folded) <= _MAX_LENGTH and bool(_KNOWN.fullmatch(folded) or _BREADCRUMB.fullmatch(folded))
