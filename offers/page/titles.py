"""Titles of sections: those of the programme, their variants, and other lines that look like a title."""

import re

MANDATE, TASKS, SKILLS, ELIGIBILITY = "MANDATE", "TASKS", "SKILLS", "ELIGIBILITY"
HEALTH, OTHER, CONTACT = "HEALTH", "OTHER", "CONTACT"
EXPECTED = (MANDATE, TASKS, SKILLS, ELIGIBILITY)

_MAX_TITLE_LENGTH = 120  # characters
_MAX_WORDS_BEFORE_COLON = 5
_KNOWN = {
    MANDATE: r"mandat(?: de l'(?:organisation|organisme|institution|unite))?"
    r"|(?:presentation|a propos) de l'organisation"
    r"|l'organisation",
    TASKS: r"description (?:des taches|du stage|du mandat)(?:(?: et)? (?:des |de )?responsabilites)?"
    r"|(?:principales )?taches(?: principales)?(?: et (?:des )?responsabilites)?|responsabilites",
    SKILLS: r"competences(?: et (?:l'|les |d')?experiences?)?(?: requises| demandees| recherchees| exigees)?"
    r"|profil recherche|experiences? et competences(?: requises)?",
    ELIGIBILITY: r"(?:(?:conditions|criteres|exigences) d')?admissibilite",
    HEALTH: r"covid-19|(?:situation|pandemie) (?:liee a la |relative a la |de )?covid-19",
    CONTACT: r"pour (?:toute question|plus (?:de renseignements|d'informations?))(?: relative(?:s)? au stage"
    r"| concernant le stage| sur le stage)?|renseignements|nous joindre|pour nous joindre|coordonnees",
}
# Words in the titles of each kind, whatever the rest of the title; the first kind that matches is used.
_TELLING = {
    HEALTH: r"covid|sanitaire|pandemie",
    ELIGIBILITY: r"admissib",
    SKILLS: r"competence|profil|qualification",
    TASKS: r"\btaches?\b|responsabilite",
    MANDATE: r"\bmandat\b|presentation de l'org",
    CONTACT: r"\bquestions?\b|renseignement|\bjoindre\b|coordonnees|personne-ressource",
}
_NOTE = re.compile(r"notes?|remarques?|a noter|n\.? ?b\.?|important")
_KNOWN_TITLE = {kind: re.compile(rf"(?:{words}) ?:?") for kind, words in _KNOWN.items()}
_TELLING_WORD = {kind: re.compile(words) for kind, words in _TELLING.items()}
_SENTENCE = re.compile(r"^(?:vous|le|la|les|il|elle|on|pour|afin|nous|ce|cette|si|veuillez|plus|note) ")
_INFINITIVE = re.compile(r"^(?:ne |n'|s'|se )?(?:etre|[a-z]+(?:er|ir|oir|tre|dre|ire|vre))\b")


def kind_of_known_title(folded: str) -> str | None:
    """Return the kind of a line that is a title of the programme, at any place; None for other lines."""
    return next((kind for kind, words in _KNOWN_TITLE.items() if words.fullmatch(folded)), None)


def is_known_title(folded: str) -> bool:
    """True if a folded line is a title of the programme."""
    return kind_of_known_title(folded) is not None


def kind_of_untitled(folded: str) -> str:
    """Return the kind of text before the first title: HEALTH if its first line is about health, else empty."""
    return HEALTH if _TELLING_WORD[HEALTH].search(folded) else ""


def is_note_title(folded: str) -> bool:
    """True if a folded line is the title of a note."""
    return bool(_NOTE.fullmatch(folded.rstrip(" :")))


def kind_of_likely_title(content: str, folded: str) -> str | None:
    """Return the kind of an isolated line that looks like a title; None if it looks like a sentence.

    A title without a word of any kind is OTHER. A line that begins with an infinitive is a condition or a task.
    """
    if not content[:1].isupper() or len(content) > _MAX_TITLE_LENGTH or content[-1] in ".;,!?":
        return None
    if "," in content or "@" in content or _SENTENCE.match(folded) or _INFINITIVE.match(folded):
        return None
    ends_with_colon = content.endswith(":")
    if ends_with_colon and len(content.split()) > _MAX_WORDS_BEFORE_COLON:
        return None
    for kind, words in _TELLING_WORD.items():
        if words.search(folded):
            return kind
    if is_note_title(folded):
        return OTHER
    return None if ends_with_colon else OTHER
