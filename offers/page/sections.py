"""Parser of the body of the page: titles, and titled parts with text in the conventions of `offers.blocks`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from offers.blocks import BULLET, Block, BulletList, Item, Paragraph, parse_blocks

from .lines import Line, fold, squash
from .parts import Point

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
_INDENT = "  "


@dataclass(slots=True)
class Part:
    """A title and the lines under it.

    The first part of a body may have no title, and then perhaps an empty kind.
    """

    kind: str
    title: str
    lines: list[Line] = field(default_factory=list)
    is_note_on_eligibility: bool = False

    @property
    def says_who_may_apply(self) -> bool:
        """True if the part lists the conditions, or is a note directly after them."""
        return self.kind == ELIGIBILITY or self.is_note_on_eligibility

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The paragraphs and lists of the part."""
        return parse_blocks("\n".join(_with_one_bullet(self.lines)))


def split_parts(lines: Sequence[Line]) -> list[Part]:
    """Return the parts of a body, in order; each line is in one of them."""
    parts = [Part(kind="", title="")]
    for index, line in enumerate(lines):
        kind = _kind_of_title(lines, index, inside=parts[-1])
        if kind is not None:
            is_note = parts[-1].kind == ELIGIBILITY and is_note_title(squash(line.folded))
            title = squash(line.content).rstrip(" :")
            parts.append(Part(kind=kind, title=title, is_note_on_eligibility=is_note))
        else:
            parts[-1].lines.append(line)
    parts[0].kind = kind_of_untitled(next((line.folded for line in lines if line.content), ""))
    return [part for part in parts if part.title or any(line.content for line in part.lines)]


def _kind_of_title(lines: Sequence[Line], index: int, *, inside: Part) -> str | None:
    line = lines[index]
    if not line.content or line.is_bullet:
        return None
    folded = squash(line.folded)
    known = kind_of_known_title(folded)
    if known is not None:
        return known
    before, after = lines[max(index - 1, 0) : index], lines[index + 1 :]
    stands_alone = not any(neighbour.content for neighbour in (*before, *after[:1]))
    announces = any(later.content for later in after)
    # Lines of a contact are short and without punctuation too: there, only known titles are titles.
    if not stands_alone or not announces or inside.kind == CONTACT:
        return None
    return kind_of_likely_title(squash(line.content), folded)


def _with_one_bullet(lines: Iterable[Line]) -> Iterator[str]:
    """Yield the lines with the portal's bullet; the second line of a wrapped item is indented under it."""
    in_element = False
    indent = ""
    for line in lines:
        if line.is_bullet:
            in_element = True
            indent = line.text[: len(line.text) - len(line.text.lstrip())]
            yield line.with_bullet
        elif in_element and line.content[:1].islower():
            yield f"{indent}{_INDENT}{line.content}"
        else:
            in_element = in_element and bool(line.content) and line.text[:1].isspace()
            yield line.text


def to_text(blocks: Iterable[Block]) -> str:
    """Return blocks as text: blank lines between them, `•` before an item, two spaces for each level."""
    return "\n\n".join(
        "\n".join(block.lines) if isinstance(block, Paragraph) else "\n".join(_elements(block.items, 0))
        for block in blocks
    )


def _elements(items: Iterable[Item], depth: int) -> Iterator[str]:
    for item in items:
        yield f"{_INDENT * depth}{BULLET} {item.text}"
        yield from _elements(item.children, depth + 1)


def unplaced_points(lines: Iterable[Line]) -> list[Point]:
    """Return lines under no title as points, one for each run of lines without a blank line."""
    runs: list[list[str]] = [[]]
    for line in lines:
        if line.content:
            runs[-1].append(squash(line.content))
        elif runs[-1]:
            runs.append([])
    return [Point("TEXT_NOT_PLACED", "\n".join(run)) for run in runs if run]


def part_points(parts: Sequence[Part]) -> list[Point]:
    """Return points about expected parts that are missing, parts of unknown kind and empty parts."""
    kinds = {part.kind for part in parts}
    missing = [Point(f"{kind}_SECTION_MISSING") for kind in EXPECTED if kind not in kinds]
    unknown = [
        Point("SECTION_NOT_RECOGNISED", part.title)
        for part in parts
        if part.kind == OTHER and not part.is_note_on_eligibility
    ]
    empty = [Point("SECTION_EMPTY", part.title) for part in parts if not part.blocks]
    return missing + unknown + empty


def paragraphs_of(block: Block) -> list[str]:
    """Return the texts of a paragraph, with wrapped sentences joined; empty for a list."""
    if isinstance(block, BulletList):
        return []
    texts: list[str] = []
    for line in block.lines:
        is_broken = texts and texts[-1][-1] not in ".;:!?" and line[:1].islower()
        if is_broken or (texts and is_note_title(squash(fold(texts[-1])))):
            texts[-1] = f"{texts[-1]} {line}"
        else:
            texts.append(line)
    return texts


# -- Titles ------------------------------------------------------------------------------------------
def kind_of_known_title(folded: str) -> str | None:
    """Return the kind of a line that is a title of the programme, at any place; None for other lines."""
    return next((kind for kind, words in _KNOWN_TITLE.items() if words.fullmatch(folded)), None)


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
