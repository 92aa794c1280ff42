"""What stands on the page around the offer: the site's own words, known one by one, so that no other goes along."""

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
# The way back to the home page, each step without figures: an offer's number or day is never one.
_BREADCRUMB = re.compile(r"accueil(?: ?[/>›»] ?[^\d/>›»:.]{1,80})+")


def is_boilerplate(folded: str) -> bool:
    """Say whether a folded line, with one space where it has blanks, is the site's and not the offer's."""
    return len(folded) <= _MAX_LENGTH and bool(_KNOWN.fullmatch(folded) or _BREADCRUMB.fullmatch(folded))
