"""Mask the parts of a text that change with the run or the day."""

import re
from typing import Final
from urllib.parse import unquote_plus

from tests.house.hostile import ADDRESS, FORMS, MARK, ONE_LINE, PLANTED, name_of

_MONTH: Final = (
    r"(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|janv\.?|f[ée]vr\.?|avr\.?|juill?\.?|sept\.?|oct\.?|nov\.?|d[ée]c\.?|jan\.?|feb\.?|mar\.|apr\.?|aug\.?)"
)
_WEEKDAY: Final = (
    r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|(?:mon|tue|wed|thu|fri|sat|sun)(?=,))"
)
_CLOCK: Final = (
    r"\d{1,2}(?::\d\d){1,2}(?:[.,]\d+)?(?: ?[ap]\.?m\b\.?)?|\d{1,2} ?h(?: ?\d\d(?: ?min)?(?: ?\d\d ?s)?)?\b"
)
_UNIT: Final = (
    r"(?:années?|ans?|mois|semaines?|jours?|heures?|minutes?|secondes?"
    r"|years?|months?|weeks?|days?|hours?|minutes?|seconds?|min|h|j|s|d)"
)
_ZONE: Final = (
    r"(?:heure (?:normale|avancée|d[’']été) de l[’']Est|heure (?:de l[’']Est|du Québec|de Québec)"
    r"|Eastern (?:Standard |Daylight )?Time|UTC ?[+−-] ?\d\d?(?::?\d\d)?)"
)
_NUMBER_OF_TIME: Final = r"(?:\d+|une?(?! second\b)|one|deux|two)"


def _spelled(form: str) -> str:
    """Return the regular expression of a hostile form; any white space matches its spaces."""
    any_form = r"\s*".join(re.escape(word) for word in form.format(f"{MARK}000").split())
    return any_form.replace(f"{MARK}000", rf"({MARK}\d{{3}})", 1).replace(f"{MARK}000", r"\1")


_RULES: Final[list[tuple[re.Pattern[str], str]]] = [
    (re.compile(expression, re.IGNORECASE), mask)
    for expression, mask in (
        (r"(?<=\b1)<sup>(er)</sup>", r"\1"),  # in HTML that a program reads
        (r"(?<![\w.])[0-9A-Za-z]{8}\.0(?![\w.])", "‹affichage›"),
        (r"(\bdata-local=[\\\"]*)-(?:240|300)\b", r"\1‹décalage›"),  # of summer or of winter
        (r"(?-i:\b(?:[A-Z2-7]{4}\s){7}[A-Z2-7]{4}\b)", "‹clé›"),  # of an authenticator application
        (r"(?<=:)[0-9A-Za-z]{6}(?=:[\w-]{43}\b)", "‹instant›"),  # of a signed text
        (r"(?<=\"id\": \")[\w-]{22}(?=\")", "‹jeton›"),  # an account, in the options of a passkey
        (r"(?<=\"challenge\": \")[\w-]{43}(?=\")", "‹jeton›"),
        (r"\b\d{4}\u00a0\d{4}\u00a0\d{4}\b", "‹code›"),  # a recovery code
        (r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "‹uuid›"),
        (r"(?-i:\b(?=[\d-]*[A-Z])(?:[0-9A-Z]{4}-){2}[0-9A-Z]{4}\b)", "‹code›"),
        (r"(?<=[a-z]\?)[0-9a-f]{8}\b", "‹empreinte›"),
        (r"(?<=[a-z_]=)[0-9a-f]{8}(?=[ »\n\"]|$)", "‹empreinte›"),  # of an answer, which may be a day
        (r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b|\b[0-9a-f]{4,8}(?: [0-9a-f]{4,8}){3,}\b", "‹empreinte›"),
        (r"\b(?:\d{4}-\d{3}-)?\d{6}-[0-9A-Z](?![0-9A-Z])", "‹reçu›"),
        (r"\b20\d\d-\d{3}\b", "‹offre›"),
        (r"(?-i:\bA-\d{6}\b)", "‹arrivée›"),
        (r"(?<![\w/+-])(?=[\w+/-]*\d)(?=[\w+/-]*[a-z])[\w+/-]{36,}={0,2}", "‹jeton›"),
        (r"\b((?:div_)?(?:id_)?(?:weight|line|remark|documents?|comment|choix|vu|mot)[_-])\d+", r"\1‹clé›"),
        (r"(?<=\bgrid\.)\d+|\b\d+(?=:‹jeton›|-state\b)", "‹clé›"),
        (r"(?<=\bpersonne-)\d+(?=@)|(?<=\bessai[ +-])\d+\b", "‹clé›"),
        (r"(?<=lecture=)\d+(?=-)|(?<=, n°[ \u00a0])\d+\b", "‹clé›"),
        (r"\b(Participation|Décision|Lot de décisions|Conflit) \d+\b", r"\1 ‹clé›"),
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)? ?(?:Z|[+-]\d\d:?\d\d)?", "‹date›"),
        (r"\b\d{4}-\d\d-\d\d\b|\b\d\d/\d\d/\d{4}\b|\b\d{8}T\d{6}Z?|(?<=[:=])\d{8}\b", "‹date›"),
        (rf"\b{_WEEKDAY}\b", "‹date›"),
        (
            rf"(?<!\w)(?:\d{{1,2}}(?:er|st|nd|rd|th)?\s+)?{_MONTH}(?!\w)(?:\s+\d{{1,2}}(?!\d))?(?:,?\s+\d{{4}})?",
            "‹date›",
        ),
        (r"(?<!\w)(?:demain|aujourd[’']hui|hier|tomorrow|today|yesterday)\b", "‹date›"),
        (rf"(?<![\w-])(?:{_CLOCK}|midi|minuit|noon|midnight)(?!\w)", "‹heure›"),
        (_ZONE, "‹heure›"),
        (rf"(?<![\w-]){_NUMBER_OF_TIME}\s{_UNIT}(?!\w)", "‹durée›"),
        (r"‹durée›(?:(?:,| et| and)?\s+‹durée›)+", "‹durée›"),
        (r"‹date›(?:,?\s+‹date›)+", "‹date›"),
        (r"\b\d{3} \d{3}\b", "‹code›"),
        (r"\b\d+(?:[.,]\d+)? (?:octets?|bytes?|[KkMm][oB])\b", "‹taille›"),
        (r"\b\d+-\d+\b", "‹clé›"),
        (r"\b20[23]\d\b(?!-\d)", "‹année›"),
        (r"\b(Django|PostgreSQL|Python) \d+(?:\.\d+)+", r"\1 ‹version›"),
    )
]
_HOSTILE: Final = [re.compile(_spelled(form), re.IGNORECASE) for form in (*FORMS, ONE_LINE, ADDRESS)]
_TOKEN: Final = re.compile(rf"(?<![a-z0-9+/]){MARK}\d{{3}}", re.IGNORECASE)
"""The mark of a hostile text. Between letters and digits it is a part of a random key instead."""
_KEY: Final = re.compile(r"(?<=[/=])\d+(?=[/&#?]|-notees|$)")


def _named(token: str) -> str:
    """Return the name of the hostile text with this mark, or the mark if no hostile text has it."""
    return f"‹{name_of(token)}›" if int(token.removeprefix(MARK)) < len(PLANTED) else token


class Masks:
    """Mask each text once: most texts are on hundreds of pages."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return `text` on one line, with dates, keys and marks masked."""
        if text not in self._known:
            self._known[text] = self._masked(text)
        return self._known[text]

    @staticmethod
    def _masked(text: str) -> str:
        text = " ".join(text.split())
        if MARK in text.lower():
            for form in _HOSTILE:
                text = form.sub(lambda found: f"‹{name_of(found[1].lower())}›", text)
            text = _TOKEN.sub(lambda found: _named(found[0].lower()), text)
        for rule, mask in _RULES:
            text = rule.sub(mask, text)
        return text


def address(text: str) -> str:
    """Return an address with its percent-encoding removed (three levels at most) and the keys of rows masked."""
    for _depth in range(3):
        text = unquote_plus(text) if "%" in text else text
    return _KEY.sub("‹clé›", text)
