"""Scope of a complement request: the sections and documents that its candidate may change. The rest stays as filed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from intake.submissions.lifecycle.errors import SubmissionError
from intake.submissions.models import ComplementRequest
from intake.submissions.questions.answers import clean_answers
from intake.submissions.questions.sections import SECTIONS, Section


class OutOfScopeChangeError(SubmissionError):
    """Only a complement may still be filed, and something outside its scope was changed.

    `sections`: keys of draft sections. `documents`: primary keys of document requests.
    """

    code = "NOT_ASKED"
    message = _("Seuls les éléments du complément demandé peuvent encore changer. Rien n’a changé.")

    def __init__(self, *, sections: tuple[str, ...] = (), documents: tuple[int, ...] = ()) -> None:
        self.sections = sections
        self.documents = documents


@dataclass(frozen=True, slots=True)
class Scope:
    """What may change: keys of draft sections, and primary keys of document requests."""

    sections: frozenset[str]
    documents: frozenset[int]

    def has_section(self, key: str) -> bool:
        """True if the section `key` may change."""
        return key in self.sections

    def has_document(self, request_id: int) -> bool:
        """True if the document may be replaced."""
        return request_id in self.documents

    def of(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the entries of a draft's `answers` that may change."""
        sound = clean_answers(answers)
        named = (section for section in SECTIONS if section.key in self.sections)
        keys = frozenset[str]().union(*(section.form.comparable_answers(sound) for section in named))
        return {key: value for key, value in answers.items() if key in keys}

    def over(self, filed: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the `filed` answers, with the entries in scope replaced by those of `answers`."""
        changing = self.of(filed)
        return {key: value for key, value in filed.items() if key not in changing} | self.of(answers)

    def out_of_scope_sections(
        self, sections: Iterable[Section], filed: Mapping[str, Any], answers: Mapping[str, Any]
    ) -> tuple[str, ...]:
        """Return the keys of the `sections` out of scope whose answers differ."""
        return tuple(
            section.key
            for section in sections
            if not self.has_section(section.key)
            and section.fingerprint(filed) != section.fingerprint(answers)
        )

    def out_of_scope_documents(self, filed: Mapping[int, str], current: Mapping[int, str]) -> tuple[int, ...]:
        """Return the documents out of scope whose files differ. Arguments: digests by document request."""
        return tuple(
            sorted(
                request_id
                for request_id in filed.keys() | current.keys()
                if not self.has_document(request_id) and filed.get(request_id) != current.get(request_id)
            )
        )


def scope_of(complement: ComplementRequest) -> Scope:
    """Return the scope of `complement`. One query unless its documents are prefetched."""
    return Scope(
        sections=frozenset(complement.sections),
        documents=frozenset(document.pk for document in complement.documents.all()),
    )
