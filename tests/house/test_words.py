"""Words of the screens: one word for one idea, and the typography of Québec's French, over the whole catalogue.

`words_left.txt` lists, per rule, the entries that still have its fault: RULE, a tabulation, the French entry. A line
without its fault fails too, so that the list only gets shorter; `make held` removes such lines and adds none.
"""

import importlib.util
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from babel.messages.catalog import Message
from django.conf import settings

ROOT: Final = Path(settings.BASE_DIR)
LEFT: Final = Path(__file__).with_name("words_left.txt")
REWRITE: Final = os.environ.get("HELD") == "rewrite"
NO_BREAK: Final = "\u00a0"
MAX_WORDS: Final = 25  # words of a sentence
HOLE: Final = re.compile(r"%\(\w+\)[a-z]|\{\w+\}|</?[a-z][^>]*>")

UNITS: Final = (
    "caract\\w* heures? h min minutes? secondes? jours? mois ans Mo Ko ko octets? pages? janvier "
    "février mars avril mai "
    "juin juillet août septembre octobre novembre décembre"
)
BREAKING_SIGN: Final = r"[ ][:;?!»%$](?![(%])|«[ ]"
BREAKING_UNIT: Final = rf"\d[ ](?:{'|'.join(UNITS.split())})\b|\d[ ]\d\d\d\b(?!-)"
BREAKING_COUNT: Final = (
    r"%\((?:n|number|count|counter|most|pages|days|months|ranks|figures|readers|minutes)\)[sd][ ][a-zà-ÿ]"
)
GENDERED: Final = (
    r"\(e\)|\b(?:désist|connect|convoqu|présélectionn)ée ou|\b(?:retenue ou retenu|évaluatrice)\b"
)
OUT: Final = (
    r"sous réserve|réserve (?:est )?(?:levée|maintenue)|délais? personnels?|\bvalables?\b"
    r"|\bqui vaut\b"
    r"|\bne va(?:ut|lait)\b|\bpièces?\b|à l’aveugle|\ben main\b|\bappréciations?\b|\bquiconque\b"
    r"|adresse de courriel|\bjugements?\b"
    r"|\bbascul|\bpos(?:é|er) (?:votre|sa|leur) candidature|\bconfi(?:er|ée?s?)\b|notes? de réunion|jour de remise"
    r"|\binfirm|[Rr]egistre des (?:stages|exportations)|\bbail\b|\bBureau\b"
)
OUT_IN_ENGLISH: Final = (
    r"\be-mail|\borganis|ecognis|nonymis|\bprogramme|\binadmissible|\bineligible|\bwhoever\b|\bsomebody\b|\bnobody\b"
    r"|\bclosing date|\b[Bb]lind\b|\bin hand\b|\b[Ff]lips?\b|\bapplicants?\b|\bdue days?\b|\bunder reserve\b|\bfiled\b"
    r"|\bfilings?\b|[Rr]eserve (?:is )?(?:lifted|upheld)|\bDesk\b|\bledger\b|\bgive up on\b|\blet go\b"
)
RELATIVE_ALONE: Final = (
    r"(?:^|[.] )Qui (?!êtes|sont|est|les lit|a consulté)\w+"
    r"|\b(?:à|de) qui (?:exploite|répond|attend|écrire, a)\b"
)
NUMERO: Final = r"[nN]ᵒ|[nN]°[ ]"


@cache
def _entries() -> list[Message]:
    spec = importlib.util.spec_from_file_location("catalogue", ROOT / "scripts" / "catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.messages(module.updated_catalogue()))


def _one_line(text: str) -> str:
    return re.sub(r"[ \n\t]+", " ", text)


def _forms(message: Message) -> Iterator[tuple[str, str]]:
    """Yield each French form with its English."""
    if isinstance(message.id, str):
        yield _one_line(message.id), _one_line(str(message.string))
    else:
        for french, english in zip(message.id, message.string or (), strict=True):
            yield _one_line(french), _one_line(english)


def _french_with(pattern: str) -> Callable[[Message], list[str]]:
    """Return the rule that no French form matches `pattern`."""
    found = re.compile(pattern)
    return lambda message: [french for french, _english in _forms(message) if found.search(french)]


def _english_with(pattern: str) -> Callable[[Message], list[str]]:
    """Return the rule that no English form matches `pattern`; a name in guillemets or quotation marks may."""
    found = re.compile(pattern)
    return lambda message: [
        french
        for french, english in _forms(message)
        if found.search(HOLE.sub("", re.sub(r"“[^”]*”", "", english)))
    ]


def _counts(message: Message) -> list[str]:
    return [] if isinstance(message.id, str) else _french_with(BREAKING_COUNT)(message)


def _long_sentences(message: Message) -> list[str]:
    return [french for french, _english in _forms(message) if any(_lengths(french))]


def _lengths(text: str) -> Iterator[bool]:
    for sentence in re.split(r"[.?!…](?:\s|$)|[:;](?:\s|$)", HOLE.sub("X", text.replace(NO_BREAK, " "))):
        yield len(re.findall(r"\w[\w’'-]*", sentence)) > MAX_WORDS


RULES: Final[dict[str, Callable[[Message], list[str]]]] = {
    "sign": _french_with(BREAKING_SIGN),
    "unit": _french_with(BREAKING_UNIT),
    "count": _counts,
    "number": _french_with(NUMERO),
    "gender": _french_with(GENDERED),
    "word": _french_with(OUT),
    "english": _english_with(OUT_IN_ENGLISH),
    "qui": _french_with(RELATIVE_ALONE),
    "length": _long_sentences,
}


def _found(rule: str) -> set[str]:
    return {text for message in _entries() for text in RULES[rule](message)}


def _left(rule: str) -> set[str]:
    """Return the entries listed for `rule`. With `HELD=rewrite`, first remove those that no longer have its fault."""
    lines = LEFT.read_text(encoding="utf-8").splitlines()
    if REWRITE and rule in RULES:
        found = {f"{rule}\t{text}" for text in _found(rule)}
        lines = [line for line in lines if line in found or not line.startswith(f"{rule}\t")]
        LEFT.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return {text for name, _tab, text in (line.partition("\t") for line in lines) if name == rule}


@pytest.mark.parametrize("rule", RULES)
def test_a_text_has_no_fault_but_those_that_are_left(rule: str) -> None:
    assert _found(rule) == _left(rule)


def test_the_list_of_what_is_left_names_known_rules() -> None:
    named = [line.partition("\t")[0] for line in LEFT.read_text(encoding="utf-8").splitlines()]
    assert set(named) <= {*RULES, "twin"}
    assert [line for line, times in Counter(LEFT.read_text("utf-8").splitlines()).items() if times > 1] == []


def test_no_two_entries_differ_only_by_their_spaces() -> None:
    alike: dict[tuple[str | None, str], set[str]] = defaultdict(set)
    for message in _entries():
        for french, _english in _forms(message):
            alike[message.context, re.sub(r"\s", " ", french)].add(french)
    found = {text.strip() for (_context, text), forms in alike.items() if len(forms) > 1}
    assert found == _left("twin")


TAGS: Final = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<style>.*?</style>", re.DOTALL)


def test_mails_outside_the_catalogue_keep_signs_on_their_line() -> None:
    faults = [
        (path.name, line.strip())
        for path in sorted((ROOT / "templates" / "mail").glob("*.html"))
        for line in TAGS.sub(
            "X", re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        ).splitlines()
        if re.search(BREAKING_SIGN, line) and not re.search(r"^\s*[.:@]|\{[^}]*[:;]", line)
    ]
    assert faults == []


@pytest.mark.parametrize(
    "rule, text, faulty",
    [
        ("sign", "Motif : oui", True),
        ("sign", "Motif\u00a0: oui", False),
        ("sign", "« oui\u00a0»", True),
        ("unit", "250 caractères au plus", True),
        ("unit", "le 30 avril", True),
        ("unit", "au plus 250\u00a0caractères", False),
        ("unit", "418 555-0142", False),
        ("number", "n° 7", True),
        ("number", "n°\u00a07", False),
        ("gender", "Êtes-vous inscrit(e)", True),
        ("word", "Déposée sous réserve", True),
        ("word", "Liste de réserve", False),
        ("word", "Votre pièce", True),
        ("qui", "Qui décide voit les noms", True),
        ("qui", "La personne qui décide", False),
        ("length", " ".join(["mot"] * 26), True),
        ("length", f"{' '.join(['mot'] * 20)}. {' '.join(['mot'] * 20)}.", False),
    ],
)
def test_each_rule_recognizes_its_fault_and_nothing_else(rule: str, text: str, *, faulty: bool) -> None:
    assert bool(RULES[rule](Message(text, "x"))) is faulty


def test_english_is_checked_outside_quotations_with_each_plural_form() -> None:
    found = [
        RULES["english"](Message("Texte", text)) for text in ("Send an e-mail", "An email", "See “Desk”")
    ]
    assert found == [["Texte"], [], []]
    message = Message(("%(count)d dossier", "%(count)d\u00a0dossiers"), ("%(count)d file", "%(count)d files"))
    assert RULES["count"](message) == ["%(count)d dossier"]
