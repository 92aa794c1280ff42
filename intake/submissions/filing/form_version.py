"""What a page showed of a draft: its button files that, and nothing that was put there since.

The form carries the draft and the save that the page was drawn from, and a digest of each of its parts: the first is
what decides, under the lock; the second serves to say what changed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from intake.submissions.drafts.queries import DraftDetails
from intake.submissions.models import ComplementRequest, Draft

VERSION_FIELD, DIGESTS_FIELD, COMPLEMENT_FIELD = "seen", "parts", "asked"
"""The names of the form's hidden fields."""
_VERSION_PATTERN: Final = re.compile(r"([0-9]{1,18})-([0-9]{1,9})")
_COMPLEMENT_PATTERN: Final = re.compile(r"[0-9]{1,18}")
_DOCUMENTS: Final = "documents"
"""Where a page shows the files: the part of an address after `#partie-`."""


@dataclass(frozen=True, slots=True)
class FormVersion:
    """Which draft a page showed, as which of its saves left it."""

    draft: int
    version: int

    def __str__(self) -> str:
        return f"{self.draft}-{self.version}"


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """A section, or a document, that is no longer what the page showed; `anchor` is where the page has it."""

    anchor: str
    title: str
    is_document: bool


@dataclass(frozen=True, slots=True)
class FormChanges:
    """What is not as the page showed it; no part where that cannot be told."""

    parts: tuple[ChangedPart, ...]
    is_known: bool
    """The page showed this very draft, which was saved since; else another one, or nobody knows what."""


def form_version_of(draft: Draft) -> FormVersion:
    """Return what a page that is drawn from `draft` shows."""
    return FormVersion(draft.pk, draft.version)


def parse_form_version(posted: Mapping[str, str]) -> FormVersion | None:
    """Return what the page of a form that was `posted` showed, or None: it does not say, or in words of nobody's."""
    found = _VERSION_PATTERN.fullmatch(posted.get(VERSION_FIELD, ""))
    return FormVersion(int(found[1]), int(found[2])) if found else None


def complement_value(complement: ComplementRequest | None) -> int:
    """Return what the form says is asked for: a complement request, by its primary key, or 0 for none."""
    return complement.pk if complement is not None else 0


def parse_complement_value(posted: Mapping[str, str]) -> int | None:
    """Return what the page of a form that was `posted` said is asked for (`asked_by`), or None: it does not say."""
    said = posted.get(COMPLEMENT_FIELD, "")
    return int(said) if _COMPLEMENT_PATTERN.fullmatch(said) else None


def part_digests(application: DraftDetails) -> str:
    """Return a digest of each part of the draft, in one short text for the form."""
    return " ".join(f"{key}:{digest}" for key, (digest, _part) in _parts(application).items())


def changed_since(posted: Mapping[str, str], application: DraftDetails) -> FormChanges | None:
    """Return what changed in the draft since the page of a form that was `posted`; None if it is what was shown."""
    seen, now = parse_form_version(posted), form_version_of(application.draft)
    if seen == now:
        return None
    if seen is None or seen.draft != now.draft:
        return FormChanges((), is_known=False)
    shown = dict(part.split(":", 1) for part in posted.get(DIGESTS_FIELD, "").split(" ") if ":" in part)
    return FormChanges(
        tuple(
            part for key, (digest, part) in _parts(application).items() if shown and shown.get(key) != digest
        ),
        is_known=True,
    )


def _parts(application: DraftDetails) -> dict[str, tuple[str, ChangedPart]]:
    sections = {
        section.key: (
            section.fingerprint(application.draft.answers),
            ChangedPart(section.key, str(section.title), is_document=False),
        )
        for section in application.readiness.asked
    }
    documents = {
        f"{_DOCUMENTS}-{row.request.pk}": (
            row.document.upload.public_id.hex if row.document else "",
            ChangedPart(_DOCUMENTS, row.request.label, is_document=True),
        )
        for row in application.documents
    }
    return sections | documents
