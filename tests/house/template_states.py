"""States of a template: all conditions true, all false, and each condition turned once."""

from collections.abc import Iterator
from typing import Any

from django.template import Template

from tests.house.template_stand_ins import Answers, render

MANY = 400
"""More states than any template has: a search that does not end fails at this number."""


def states(template: Template, **given_values: Any) -> Iterator[str]:
    """Yield the text of each state. `given_values`: real values of the context.

    Each question of each condition gets the other answer once, in the first state in which that condition asks it.
    """
    for otherwise in (True, False):
        waiting: list[dict[str, bool]] = [{}]
        turned: set[tuple[str, str]] = set()
        known: set[frozenset[tuple[str, bool]]] = set()
        for given in waiting:
            answers = Answers(otherwise, given)
            yield render(template, answers, **given_values)
            for question, asker in answers.asked:
                if (question, asker) in turned or question in given:
                    continue
                turned.add((question, asker))
                another = {**given, question: not otherwise}
                if (key := frozenset(another.items())) not in known:
                    known.add(key)
                    waiting.append(another)
            assert len(waiting) < MANY, template.name
