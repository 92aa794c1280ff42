"""What a person had typed, on a page that could not take it: to be sent again, or copied."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

logger = logging.getLogger(__name__)

_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 -- the name of a field


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A posted form. `fields`: names and texts, to be sent again; empty if only the browser can, because of a file.

    `texts`: those that a person may want to read or copy. `token`: the form's own CSRF token.
    """

    fields: list[tuple[str, str]]
    texts: list[str]
    token: str


def kept_form(request: HttpRequest) -> KeptForm | None:
    """Return the posted form if the Origin proves that a page of the portal sent it, and it can be read; else None."""
    try:
        if request.method != "POST" or not _is_ours(request):
            return None
        texts = texts_of(dict(request.POST.lists()))
        return KeptForm(field_pairs(posted_fields(request)), texts, request.POST.get(_TOKEN, ""))
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError) as error:
        logger.warning("posted_form_not_kept %s", type(error).__name__)
        return None


def _is_ours(request: HttpRequest) -> bool:
    here = f"{request.scheme}://{request.get_host()}"
    return (
        request.headers.get("Origin") == here
        and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    )


def posted_fields(request: HttpRequest) -> dict[str, list[str]]:
    """Return the posted fields without the token; nothing if there are files, which only the browser can send again."""
    if request.FILES:
        return {}
    return {name: texts for name, texts in request.POST.lists() if name != _TOKEN}


def field_pairs(fields: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """Return each field's name with each of its texts, for a page that contains them to be sent again."""
    return [(name, text) for name, texts in fields.items() for text in texts]


def texts_of(fields: Mapping[str, list[str]]) -> list[str]:
    """Return the texts of several words: a code, a choice or an address means nothing without its question."""
    return [text for _name, text in field_pairs(fields) if len(text.split()) > 1]
