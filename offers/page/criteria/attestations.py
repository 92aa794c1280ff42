"""WRITING, SKILLS and ONCE_ONLY: criteria about a person's own attestations."""

import re

from .sentence import ParsedCriterion, Sentence

_LANGUAGES = {
    "francais": "fr",
    "anglais": "en",
    "espagnol": "es",
    "allemand": "de",
    "italien": "it",
    "portugais": "pt",
    "arabe": "ar",
    "russe": "ru",
    "chinois": "zh",
    "mandarin": "zh",
}
_OFFICIAL = "les deux langues officielles"
_LANGUAGE = rf"(?:{'|'.join(_LANGUAGES)}|{_OFFICIAL})\b"
_HAVING = r"(?:(?:posseder|avoir|demontrer|detenir) )?(?:d'|de )?(?:une |l'|la )?"
_EXCELLENT = r"(?:excellente?s?|tres bonnes?)"
_LESSER = r"(?:bonnes?|solides?|grandes?)"
_ABILITY = r"(?:capacites?|aptitudes?|habiletes?|competences?|maitrise|qualites?|facilite)"
_IN = r"(?:en |du |de l'|dans |l'|le |a l'|au )"
_LANGUAGES_LIST = (
    rf"(?P<languages>{_IN}{_LANGUAGE}(?:(?:,| et| ainsi qu'?| et/ou| ou|, ou)? ?(?:{_IN})?{_LANGUAGE})*)"
    r"(?: (?:seulement|uniquement))?"
)
_WRITING = re.compile(
    rf"\b(?:{_HAVING}(?:(?P<best>{_EXCELLENT}) |(?P<lesser>{_LESSER}) )?{_ABILITY}"
    r" (?:(?:de|en|a|d'|de la|pour la|a l') ?(?:redaction|rediger|ecrire"
    r"|ecrits?|ecriture)|redactionnelles?|d'expression ecrite)"
    r"|(?:savoir |etre capable d[e'] ?|pouvoir )?(?:ecrire|rediger) (?P<well>tres bien|parfaitement|sans faute)?)"
    rf" ?{_LANGUAGES_LIST}"
)
_WRITTEN = re.compile(
    rf"\b{_HAVING}(?:(?P<best>{_EXCELLENT}) |(?P<lesser>{_LESSER}) )?"
    rf"(?:maitrise|connaissance) {_LANGUAGES_LIST} ecrits?\b"
)

_ASKED = (
    r"(?:requises?|demandees?|exigees?|recherchees?|figurant|mentionnees?|decrites?|enumerees?|indiquees?"
    r"|presentees?|precisees?|specifiees?|necessaires)"
)
_QUALITIES = r"(?:competences|experiences?|exigences|qualifications|connaissances|aptitudes)"
_OFFER = (
    r"(?:(?:dans|a|au|de|par|sous)? ?(?:l'offre|la presente offre|cette offre|l'annonce|la section precedente"
    r"|la section [«\"] ?competences et experiences? requises ?[»\"])(?: de stage)?)"
)
_ABOVE = r"(?:ci-dessus|plus haut|ci-haut|precedemment)"
_SKILLS = re.compile(
    r"\b(?:(?:posseder|avoir|detenir|demontrer|satisfaire|repondre|remplir) )?"
    r"(?:a )?(?:toutes |l'ensemble d)?(?:les |aux |des |es |l')?"
    rf"{_QUALITIES}(?:(?:,| et) (?:les |l'|aux |d'|de )?{_QUALITIES})*"
    rf"(?P<asked>(?:(?: et)? {_ASKED}|,? {_OFFER}|,? {_ABOVE})+)"
)

_PROGRAMME = (
    r"(?:(?:a|au|du|de|d'un|le|ce|cet|dudit|present|meme) ?)*programme"
    r"(?: (?:de )?stages(?: en organisations internationales gouvernementales)?)?"
)
_DONE = r"(?:effectue|fait|realise|accompli|complete|beneficie|participe|pris part|pu participer)"
_STAGE = (
    rf"(?:(?:d'|de |a )?(?:un |ce |cet )?(?:tel )?(?:stage|{_PROGRAMME}))"
    rf"(?:,? (?:dans le cadre|au sein|au titre|grace|offert par|finance par) ?(?:d'|de |du |a |au |le )?{_PROGRAMME})?"
)
_AGAIN = r"(?:a|de) nouveau|une autre fois|une (?:seconde|deuxieme) fois"
_APPLYING = (
    rf"(?:soumettre|poser|presenter|deposer)(?: {_AGAIN})? (?:leur|sa"
    rf"|une)(?: (?:nouvelle|autre))? candidature(?: {_AGAIN})?"
    r"(?: a (?:ce|cette|une) (?:programme|offre(?: de stage)?|autre offre))?"
)
_ONCE = (
    r"(?:unique(?:,? et)? ?(?:non[- ]renouvelable)?|non[- ]renouvelable|(?:limitee"
    r" a |possible )?(?:qu')?une (?:seule )?fois(?: seulement)?)"
)
_NOT_AGAIN = (
    r"\b(?:les personnes|une personne|toute personne|la personne|celles|les candidate?s|les stagiaires)"
    rf" (?:ayant|qui (?:y )?(?:a|ont)) deja {_DONE} {_STAGE} (?:ne|n') ?(?:peut|peuvent|pourra|pourront|seront|sera)"
    rf" (?:pas |plus )?(?:{_APPLYING}|admissibles?|y participer(?: {_AGAIN})?)"
)
_NEVER = (
    r"\b(?:ne (?:pas|jamais) avoir(?: deja| jamais)?|n'(?:avoir|avez|ayez) (?:jamais|pas(?: encore| deja)?)"
    rf"|ne pas deja avoir) {_DONE} {_STAGE}"
)
_UNIQUE = rf"\bparticipation {_PROGRAMME} (?:est|n'est(?: possible)?) {_ONCE}"
_BUT_ONCE = (
    r"\b(?:on|une personne|une meme personne|nul) ne (?:peut )?participer? qu'une (?:seule )?fois"
    rf" {_PROGRAMME}"
)
_ONCE_ONLY = [re.compile(words) for words in (_UNIQUE, _NOT_AGAIN, _NEVER, _BUT_ONCE)]
_ASIDE = re.compile(r"^(?:note|n\.? ?b\.?|important|remarque|a noter) ?:")
_LINK = re.compile(r"\b(?:puisque|comme|etant donne que|attendu que|car|ainsi|donc|par consequent)\b")


def read_writing(sentence: Sentence) -> ParsedCriterion | None:
    """Read `Posséder une excellente capacité de rédaction en français et en anglais` and its variants.

    `assumes` is true if the sentence requires less than excellent writing.
    """
    before = sentence.rest
    match = sentence.take(_WRITING) or sentence.take(_WRITTEN)
    if match is None:
        return None
    if re.search(r"\bou\b", match["languages"]):
        sentence.rest = before
        return None
    names = re.findall(_LANGUAGE, match["languages"])
    languages = [
        code for name in names for code in (["fr", "en"] if name == _OFFICIAL else [_LANGUAGES[name]])
    ]
    groups = match.groupdict()
    assumes = not (groups.get("best") or groups.get("well"))
    return ParsedCriterion("WRITING", {"languages": list(dict.fromkeys(languages))}, assumes=assumes)


def read_skills(sentence: Sentence) -> ParsedCriterion | None:
    """Read `Posséder les compétences et les expériences requises figurant dans l’offre` and its variants."""
    return ParsedCriterion("SKILLS") if sentence.take(_SKILLS) else None


def read_once_only(sentence: Sentence) -> ParsedCriterion | None:
    """Read the note that a person takes part in the programme once, in any of its variants."""
    if "programme" not in sentence.text:
        return None
    taken = [sentence.take(pattern) for pattern in _ONCE_ONLY]
    if not any(taken):
        return None
    sentence.take(_ASIDE)
    sentence.consume_all(_LINK)
    return ParsedCriterion("ONCE_ONLY", forbids=True)
