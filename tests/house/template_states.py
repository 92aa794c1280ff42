"""States of a template: all conditions true, all false, and each condition turned once."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from django.template import Template

from tests.house.template_stand_ins import Answers, render

MANY = 400
"""More states than any template has: a search that does not end fails at this number."""


def states(template: Template, **given_values: Any) -> Iterator[tuple[str, str | None, list[str]]]:
    """Yield each state: its name, the name of the state it was derived from, and its lines.

    `given_values`: real values of the context.

    Each question of each condition gets the other answer once, in the first state in which that condition asks it.
    """
    for otherwise in (True, False):
        start = "everything" if otherwise else "nothing"
        waiting: list[tuple[dict[str, bool], str, str | None]] = [({}, start, None)]
        turned: set[tuple[str, str]] = set()
        known: set[frozenset[tuple[str, bool]]] = set()
        for given, name, before in waiting:
            answers = Answers(otherwise, given)
            yield name, before, lines_of(render(template, answers, **given_values))
            for question, asker in answers.asked:
                if (question, asker) in turned or question in given:
                    continue
                turned.add((question, asker))
                another = {**given, question: not otherwise}
                if (key := frozenset(another.items())) not in known:
                    known.add(key)
                    sign = "−" if otherwise else "+"
                    waiting.append((another, f"{name} {sign} [{question}]", name))
            assert len(waiting) < MANY, template.name


def questions(template: Template, **given_values: Any) -> set[str]:
    """Return every question that a template asks in any state."""
    found = states(template, **given_values)
    return {question for name, _before, _lines in found for question in re.findall(r"\[(.+?)\]", name)}


def lines_of(text: str) -> list[str]:
    """Return one line for each tag with the text after it; a text keeps its own lines."""
    text = re.sub(r"[^\S\n]+", " ", text)
    return [line for part in re.sub(r"\s*(<(?=[a-z]))", r"\n\1", text).splitlines() if (line := part.strip())]


def states_text(template: Template) -> str:
    """Return all states as text: two in full, each other one as its difference from the state it was derived from."""
    known: dict[str, list[str]] = {}
    out: list[str] = []
    for name, before, lines in states(template):
        known[name] = lines
        if before is None:
            out += [f"=== {name}", *lines]
        elif lines != known[before]:
            out += [f"=== {name}", *_difference(known[before], lines)]
    return "\n".join(out) + "\n"


def _difference(old: list[str], new: list[str]) -> Iterator[str]:
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (f"- {line}" for line in old[first:last])
            yield from (f"+ {line}" for line in new[start:end])
