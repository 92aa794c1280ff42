"""Compare and merge answers from elsewhere, such as another tab, with those of a draft. Reads and writes nothing."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from intake.submissions.questions.answer_display import answered_sections
from intake.submissions.questions.answers import (
    CONFLICTS,
    EMPTY_VALUES,
    PAGES,
    UNREADABLE,
    clean_answers,
    unreadable_texts_of,
)
from intake.submissions.questions.grid_form import field_name
from intake.submissions.questions.offer_questions import GRID, is_line
from intake.submissions.questions.sections import Section
from intake.submissions.questions.study_forms import EVALUATED_STUDY_KEYS, STUDY, StudiesForm

STUDIES = StudiesForm.ENTRIES
_NAME_KEYS = tuple(key for key in STUDY if key not in EVALUATED_STUDY_KEYS)


def replace_answers(kept: object, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `kept` answers of a draft, updated with `given`.

    Grid lines are updated one by one: the answer to a line that the offer dropped stays. The unreadable text of a
    replaced answer, and the page that saved it, are dropped.
    """
    answers = {**(kept if isinstance(kept, Mapping) else {}), **given}
    if GRID in given:
        before = clean_answers(kept).get(GRID, {})
        lines = {**before, **given[GRID]}
        answers[GRID] = {number: text for number, text in lines.items() if text}
    texts = {
        section: {name: text for name, text in names.items() if name.partition("-")[0] not in given}
        for section, names in unreadable_texts_of(kept).items()
    }
    pages = {part: page for part, page in _pages_of(kept).items() if part.partition(".")[0] not in given}
    return _with_notes(answers, texts, pages)


def _with_notes(
    answers: Mapping[str, Any], texts: Mapping[str, Mapping[str, str]], pages: Mapping[str, str]
) -> dict[str, Any]:
    """Return `answers` with these unreadable `texts` and `pages`; without their keys if there are none."""
    kept = {section: dict(names) for section, names in texts.items() if names}
    rest = {key: value for key, value in answers.items() if key not in {UNREADABLE, PAGES}}
    return rest | ({UNREADABLE: kept} if kept else {}) | ({PAGES: dict(pages)} if pages else {})


def _pages_of(answers: object) -> dict[str, str]:
    kept = answers.get(PAGES) if isinstance(answers, Mapping) else None
    return {str(part): str(page) for part, page in kept.items()} if isinstance(kept, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Page:
    """One display of a section in a browser, and how many times it was sent before.

    It may send again what it sent in vain, and never conflicts with itself: a request whose answer was lost may have
    been saved, and two requests may arrive in the other order.
    """

    name: str
    sent: int

    @classmethod
    def parse(cls, text: str | None) -> "Page | None":
        """Return the page of a posted field, `name.sent`; None if it is missing or malformed."""
        found = _PAGE.fullmatch(text or "")
        return cls(found[1], int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.name}.{self.sent}"


_PAGE = re.compile(r"(\w{1,16})\.(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page displayed: the digest of each part (`Section.digests`); and which page it is, if known."""

    digests: Mapping[str, str]
    page: Page | None = None

    @classmethod
    def parse(cls, posted: Mapping[str, Any]) -> "Shown | None":
        """Return what the fields `seen` and `page` say; None without the field `seen`.

        A malformed digest is left out: it matches no answer.
        """
        if "seen" not in posted:
            return None
        pairs = (piece.partition("=") for piece in posted["seen"].split())
        return cls({part: digest for part, equals, digest in pairs if equals}, Page.parse(posted.get("page")))

    def has(self, part: str, digest: str) -> bool:
        """True if the page displayed `part` with this digest; a part that it did not display counts as empty."""
        return self.digests.get(part, "") == digest


def format_seen(digests: Mapping[str, str]) -> str:
    """Return digests by part as the value of the field `seen`."""
    return " ".join(f"{part}={digest}" for part, digest in sorted(digests.items()))


@dataclass(frozen=True, slots=True)
class Merged:
    """A draft's answers once a page of one section is saved."""

    answers: dict[str, Any]
    conflicts: frozenset[str]
    """Parts that another page changed to something else since this one displayed them: the stored ones stay, and
    `answers` have what this page typed among their `CONFLICTS`."""
    seen: dict[str, str]
    """Digest, by part, that the page sends next: of the stored answer, or as before where it displays another one."""


def merge_section(
    section: Section,
    stored: object,
    answers: Mapping[str, Any],
    texts: Mapping[str, str],
    shown: Shown | None,
) -> Merged:
    """Return the `stored` answers of a draft with the `answers` and unreadable `texts` of a page of `section`.

    `shown`: a part that the page did not change stays as stored, so that two pages may change two parts. None: every
    part is replaced.
    """
    given = replace_answers(stored, answers)
    given = _with_notes(given, unreadable_texts_of(stored) | {section.key: dict(texts)}, _pages_of(given))
    before, typed = section.digests(stored), section.digests(given)
    if shown is None:
        return Merged(given, frozenset(), typed)
    kept, conflicts, last = set(), set(), _pages_of(stored)
    for part in (part for part in typed if typed[part] != before.get(part, "")):
        writer = Page.parse(last.get(part))
        if writer and shown.page and writer.name == shown.page.name:
            if shown.page.sent < writer.sent:
                kept.add(part)
        elif shown.has(part, typed[part]):
            kept.add(part)
        elif not shown.has(part, before.get(part, "")):
            conflicts.add(part)
    kept |= conflicts
    changed = {part for part in typed if typed[part] != before.get(part, "")} - kept
    pages = last | (dict.fromkeys(changed, str(shown.page)) if shown.page else {})
    seen = {part: shown.digests.get(part, "") if part in kept else digest for part, digest in typed.items()}
    merged = _with_parts_of(section, given, stored, kept)
    merged = _with_notes(merged, unreadable_texts_of(merged), pages)
    return Merged(_with_conflicts(section, merged, given, conflicts, shown.page), frozenset(conflicts), seen)


def _with_conflicts(
    section: Section, merged: dict[str, Any], given: dict[str, Any], parts: Iterable[str], page: Page | None
) -> dict[str, Any]:
    """Return the `merged` answers with what `page` has `given` for these `parts`, in conflict with what is stored.

    An earlier conflict ends where both answers are equal, or where its page agrees with what is stored.
    """
    entries, digests = _conflicts_of(merged), section.digests(merged)
    for part in digests.keys() | set(parts):
        entry = entries.get(part)
        last = Page.parse(entry["page"]) if entry else None
        is_same_page = last is not None and page is not None and last.name == page.name
        if is_same_page and last and page and page.sent < last.sent:
            continue
        if part in parts:
            typed = _with_parts_of(section, {}, given, {part})
            entries[part] = {"page": str(page or ""), "answers": typed}
        elif entry and (is_same_page or section.digests(entry["answers"]).get(part, "") == digests[part]):
            del entries[part]
    return _replace_conflicts(merged, entries)


def _replace_conflicts(answers: Mapping[str, Any], entries: Mapping[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in answers.items() if key != CONFLICTS}
    return rest | ({CONFLICTS: dict(entries)} if entries else {})


def _conflicts_of(answers: object) -> dict[str, Any]:
    kept = answers.get(CONFLICTS) if isinstance(answers, Mapping) else None
    return dict(kept) if isinstance(kept, Mapping) else {}


def _with_parts_of(
    section: Section, given: dict[str, Any], stored: object, parts: Iterable[str]
) -> dict[str, Any]:
    """Return `given` with these `parts` of `section` as they are in `stored`."""
    before, texts = clean_answers(stored), unreadable_texts_of(given)
    answers, own = dict(given), dict(texts.get(section.key, {}))
    old = section.unreadable(stored)
    for part in parts:
        key, _dot, line = part.partition(".")
        if line:
            lines = {**answers.get(GRID, {}), line: before.get(GRID, {}).get(line)}
            answers[GRID] = {number: text for number, text in lines.items() if text}
        else:
            answers[key] = before.get(key)
        own = {name: text for name, text in own.items() if section.form.part_of(name) != part}
        own |= {name: text for name, text in old.items() if section.form.part_of(name) == part}
    return _with_notes(answers, texts | {section.key: own}, {})


def merge_answers(kept: object, brought: Mapping[str, Any]) -> dict[str, Any]:
    """Return `kept`, updated with `brought`.

    A programme in `brought` without field and institution takes those of a kept programme of the same level, so that
    the candidate need not type them again.
    """
    answers = replace_answers(kept, brought)
    if STUDIES in brought:
        answers[STUDIES] = _with_kept_names(brought[STUDIES], clean_answers(kept).get(STUDIES) or ())
    return answers


def differing_keys(kept: object, brought: Mapping[str, Any]) -> list[str]:
    """Return the keys of `brought` whose answers differ from `kept`, in the order of `brought`."""
    answers = clean_answers(kept)
    return [
        key for key, value in brought.items() if _comparable(key, answers.get(key)) != _comparable(key, value)
    ]


def _comparable(key: str, value: Any) -> Any:
    """Return an answer as the rules evaluate it: programmes sorted and without names; None if empty."""
    if value in EMPTY_VALUES:
        return None
    if key == STUDIES:
        return sorted([study.get(each) or "" for each in EVALUATED_STUDY_KEYS] for study in value)
    return value


def _with_kept_names(
    brought: Iterable[Mapping[str, Any]], kept: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    left = list(kept)
    named = []
    for study in brought:
        same = [other for other in left if other.get("level") == study.get("level")]
        same.sort(key=lambda other: other.get("state") != study.get("state"))  # in the same state first
        names: dict[str, Any] = {}
        if same:
            left.remove(same[0])
            names = {key: study.get(key) or same[0].get(key) or "" for key in _NAME_KEYS}
        named.append({**study, **names})
    return named


@dataclass(frozen=True, slots=True)
class EditConflict:
    """One question that two tabs answer differently, as text; empty means no answer."""

    label: str
    saved: str
    typed: str
    is_line: bool = False
    """True if the label is a grid line, in the offer's language."""


def edit_conflicts(
    section: Section, saved: object, typed: Mapping[str, Any], parts: Iterable[str]
) -> list[EditConflict]:
    """Return the questions of these `parts` of `section` that two sets of a draft's answers answer differently."""
    (before,), (after,) = answered_sections((section,), saved), answered_sections((section,), typed)
    there, here = (
        {answer.key: answer.value for answer in side.answers} | _texts_by_key(section, answers)
        for side, answers in ((before, saved), (after, typed))
    )
    labels = {answer.key: answer.label for side in (before, after) for answer in side.answers}
    rows = [
        EditConflict(label, there.get(key, ""), here.get(key, ""), is_line(key))
        for key, label in labels.items()
        if (STUDIES if key.startswith(f"{STUDIES}.") else key) in parts
    ]
    return [row for row in rows if row.saved != row.typed]


@dataclass(frozen=True, slots=True)
class AnswerConflict:
    """Two answers to one part of a section: the saved one, and the one that a page typed meanwhile."""

    section: Section
    part: str
    rows: tuple[EditConflict, ...]
    saved: str
    """Digest of the saved answer."""
    typed: str
    """Digest of the other one."""

    @property
    def field(self) -> str:
        """Name of its field, or the start of the names of its fields, on the section's page."""
        key, _dot, line = self.part.partition(".")
        return field_name(int(line)) if line else key

    @property
    def shown(self) -> str:
        """What the page displays, as its buttons send it."""
        return f"{self.part} {self.saved}.{self.typed}"


def answer_conflicts(sections: Iterable[Section], answers: object) -> tuple[AnswerConflict, ...]:
    """Return the conflicts among a draft's `answers` to what these `sections` ask, by section."""
    entries = _conflicts_of(answers)
    return tuple(
        _answer_conflict(section, answers, part, entries[part]["answers"])
        for section in (sections if entries else ())
        for part in sorted(entries.keys() & section.form.parts())
    )


def _answer_conflict(section: Section, stored: object, part: str, typed: Mapping[str, Any]) -> AnswerConflict:
    both = _with_parts_of(section, dict(clean_answers(stored)), typed, {part})
    rows = edit_conflicts(section, stored, both, {part})
    saved, other = section.digests(stored).get(part, ""), section.digests(typed).get(part, "")
    if not rows:  # they differ by a text that no answer displays: the day of a programme, kept as typed
        before, after = (", ".join(section.unreadable(answers).values()) for answers in (stored, typed))
        rows = [EditConflict(str(section.title), before, after)]
    return AnswerConflict(section, part, tuple(rows), saved, other)


def settle_answer(section: Section, stored: object, part: str, *, keeps_typed: bool) -> dict[str, Any]:
    """Return the `stored` answers of a draft without the conflict about `part`, which has the chosen answer."""
    entries = _conflicts_of(stored)
    entry = entries.pop(part)
    answers = dict(stored) if isinstance(stored, Mapping) else {}
    if keeps_typed:
        pages = {other: page for other, page in _pages_of(stored).items() if other != part}
        answers = _with_parts_of(section, answers, entry["answers"], {part})
        answers = _with_notes(answers, unreadable_texts_of(answers), pages)
    return _replace_conflicts(answers, entries)


def _texts_by_key(section: Section, answers: object) -> dict[str, str]:
    """Return the unreadable texts in `answers` by the key of their answer; not those of a programme."""
    texts = section.unreadable(answers)
    return {
        section.form.part_of(name): text
        for name, text in texts.items()
        if section.form.part_of(name) != STUDIES
    }
