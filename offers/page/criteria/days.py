"""The reference day that a sentence of the offer names."""

import re

from .sentence import Sentence

_START = re.compile(
    r",? ?\b(?:a la date (?:de |du |prevue (?:de |du |pour le ))?(?:debut|commencement) (?:du |de ce )?stage"
    r"|a la date (?:a laquelle|ou) (?:le stage (?:debute|commence)|(?:debute|commence) le stage)"
    r"|(?:au|lors du|au moment du|des le) (?:debut|commencement) (?:du |de ce )?stage"
    r"|au moment (?:de commencer|d'entreprendre|de debuter) (?:le|son|votre|ce) stage"
    r"|(?:le|au) premier jour du stage|le jour ou (?:le stage (?:debute|commence)|(?:debute|commence) le stage))"
)
_CLOSING = re.compile(
    r",? ?\b(?:a|au moment de) la (?:date limite|date de (?:cloture|fermeture)|cloture|fermeture)"
    r"(?: (?:d'inscription|des inscriptions|de l'offre|de depot des candidatures|pour (?:s'inscrire|postuler)))?\b"
)
_FILING = re.compile(
    r",? ?\b(?:au moment|lors|a la date) (?:de l'inscription|du depot (?:de (?:la|sa|votre|leur) candidature)?"
    r"|de (?:postuler|s'inscrire|(?:deposer|presenter|soumettre|poser) (?:sa|votre|leur|la) candidature)"
    r"|de (?:la|sa|votre) candidature)"
)


def consume_day(sentence: Sentence, *, default: str) -> tuple[str, bool]:
    """Take the day out of the sentence; return its name in a rulebook, and True if it is only an approximation.

    The day of filing is not known in advance: the closing day approximates it. `default` is the reference day of the
    programme's own rule, for a sentence that names no day.
    """
    if sentence.take(_START):
        return "starts_on", False
    if sentence.take(_CLOSING):
        return "closes_on", False
    if sentence.take(_FILING):
        return "closes_on", True
    return default, False
