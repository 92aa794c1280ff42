"""Questions of a template, found in its states: all conditions true, all false, and each condition turned once."""

import re
from collections.abc import Iterator
from typing import Any

from django.template import Template

from tests.house.template_stand_ins import Answers, render

MANY = 400
"""More states than any template has: a search that does not end fails at this number."""


def states(template: Template, **given_values: Any) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each state. `given_values`: real values of the context.

    Each question of each condition gets the other answer once, in the first state in which that condition asks it.
    """
    for otherwise in (True, False):
        waiting: list[tuple[dict[str, bool], str]] = [({}, "everything" if otherwise else "nothing")]
        turned: set[tuple[str, str]] = set()
        known: set[frozenset[tuple[str, bool]]] = set()
        for given, name in waiting:
            answers = Answers(otherwise, given)
            yield name, render(template, answers, **given_values)
            for question, asker in answers.asked:
                if (question, asker) in turned or question in given:
                    continue
                turned.add((question, asker))
                another = {**given, question: not otherwise}
                if (key := frozenset(another.items())) not in known:
                    known.add(key)
                    waiting.append((another, f"{name} {'−' if otherwise else '+'} [{question}]"))
            assert len(waiting) < MANY, template.name


def questions(template: Template, **given_values: Any) -> set[str]:
    """Return every question that a template asks in any state."""
    found = states(template, **given_values)
    return {question for name, _text in found for question in re.findall(r"\[(.+?)\]", name)}
