"""Version of the draft that a filing page displayed, and what changed since.

The form posts the draft's key and version, which are compared under the lock: a draft that was saved since is not
filed. A digest of each part serves to list the changed parts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from intake.submissions.drafts.queries import DraftDetails
from intake.submissions.models import ComplementRequest, Draft

VERSION_FIELD, DIGESTS_FIELD, COMPLEMENT_FIELD = "seen", "parts", "asked"
"""Names of the form's hidden fields."""
_VERSION_PATTERN: Final = re.compile(r"([0-9]{1,18})-([0-9]{1,9})")
_COMPLEMENT_PATTERN: Final = re.compile(r"[0-9]{1,18}")
_DOCUMENTS: Final = "documents"
"""Anchor of the documents on the page: the part of the address after `#partie-`."""


@dataclass(frozen=True, slots=True)
class FormVersion:
    """Primary key and version of the draft that a page displayed."""

    draft: int
    version: int

    def __str__(self) -> str:
        return f"{self.draft}-{self.version}"


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """A section or document that changed since the page was displayed. `anchor` is its place on the page."""

    anchor: str
    title: str
    is_document: bool


@dataclass(frozen=True, slots=True)
class FormChanges:
    """Changes since the page was displayed. `parts` is empty if the form posted no digests."""

    parts: tuple[ChangedPart, ...]
    is_known: bool
    """True if the page displayed this draft; False if it displayed another draft or its form version is missing."""


def form_version_of(draft: Draft) -> FormVersion:
    """Return the form version of a page that displays `draft`."""
    return FormVersion(draft.pk, draft.version)


def parse_form_version(posted: Mapping[str, str]) -> FormVersion | None:
    """Return the form version in `posted`. None if missing or malformed."""
    found = _VERSION_PATTERN.fullmatch(posted.get(VERSION_FIELD, ""))
    return FormVersion(int(found[1]), int(found[2])) if found else None


def complement_value(complement: ComplementRequest | None) -> int:
    """Return the value of the form's complement field: the request's primary key, or 0 if there is none."""
    return complement.pk if complement is not None else 0


def parse_complement_value(posted: Mapping[str, str]) -> int | None:
    """Return the `complement_value` in `posted`. None if missing or malformed."""
    text = posted.get(COMPLEMENT_FIELD, "")
    return int(text) if _COMPLEMENT_PATTERN.fullmatch(text) else None


def part_digests(application: DraftDetails) -> str:
    """Return a digest of each part of the draft as `key:digest`, separated by spaces, for the form."""
    return " ".join(f"{key}:{digest}" for key, (digest, _part) in _parts(application).items())


def changed_since(posted: Mapping[str, str], application: DraftDetails) -> FormChanges | None:
    """Return what changed in the draft since the page of the `posted` form was displayed. None if nothing did."""
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
