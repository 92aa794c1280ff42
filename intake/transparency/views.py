"""Views of the public log, for people and programs. Nothing here is personal or needs an account.

Proofs are identified by hashes or sizes, and never change once they exist.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from intake.web import formats
from intake.web.paging import BoundedPaginator

from . import selectors
from .checking import SCHEMA
from .documents import consistency_document, public_inclusion_document, root_document
from .models import Root

ROOTS_SHOWN: Final = 48  # roots, about two days; consecutive equal ones are one row
ROOTS_SENT: Final = 500
LEAVES_SENT: Final = 1_000
FEED_ENTRIES: Final = 50  # about two days of hourly roots
_A_MINUTE: Final = 60  # seconds
_A_DAY: Final = 24 * 3600  # seconds
type _View = Callable[..., HttpResponse]
_TREE: Final = "RFC 9162, section 2.1; SHA-256"


def _published(max_age: int) -> Callable[[_View], _View]:
    """Decorate a GET view that everyone may keep for `max_age` seconds, and ask again whether it changed."""
    keep = cache_control(public=True, max_age=max_age)
    return lambda view: require_safe(conditional_page(keep(view)))


class RootFeed(Feed[Root, str]):
    """Atom feed of the latest roots (RFC 4287): subscribers keep copies that the portal cannot change."""

    feed_type = Atom1Feed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:  # noqa: ARG002 -- Django's signature
        """Return the absolute URL of the log."""
        return request.build_absolute_uri(reverse("transparency:log"))

    def title(self) -> str:
        """Return the title: the log and the portal."""
        return f"{_('Registre public des accusés de réception')} — {settings.PORTAL_NAME}"

    def link(self) -> str:
        """Return the URL of the log's page."""
        return reverse("transparency:log")

    def feed_guid(self, home: str) -> str:
        """Return an identifier derived from the log's URL."""
        return uuid.uuid5(uuid.NAMESPACE_URL, home).urn

    def author_name(self) -> str:
        """Return the unit that publishes the log."""
        return str(settings.PORTAL_CONTACT_UNIT)

    def items(self, home: str) -> list[tuple[Root, str]]:
        """Return the roots, each with its identifier."""
        return [
            (root, uuid.uuid5(uuid.NAMESPACE_URL, f"{home}#{root.rank} {root.hash}").urn)
            for root in selectors.roots_latest_first()[:FEED_ENTRIES]
        ]

    def item_guid(self, item: Any) -> str:
        """Return an identifier of rank and hash: a second hash of the same rank is another entry."""
        return str(item[1])

    def item_link(self, item: Any) -> str:
        """Return the URL of the root."""
        return reverse("transparency:root", args=[item[0].rank])

    def item_title(self, item: Any) -> str:
        """Return the root's rank and number of receipts."""
        root: Root = item[0]
        return _("Empreinte publiée %(rank)s, de %(size)s accusés de réception") % {
            "rank": formats.number(root.rank),
            "size": formats.number(root.size),
        }

    def item_description(self, item: Any) -> str:
        """Return the hash, the key and the signature, as HTML."""
        context = {"root": item[0], "signature": root_document(item[0])["signature"]}
        return render_to_string("transparency/feed_entry.html", context)

    def item_pubdate(self, item: Any) -> datetime:
        """Return the instant of publication."""
        published_at: datetime = item[0].published_at
        return published_at

    item_updateddate = item_pubdate


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """GET: the published roots, latest first, and how to verify them."""
    page = BoundedPaginator(selectors.roots_latest_first(), ROOTS_SHOWN).get_page(request.GET.get("page"))
    context = {"latest": selectors.latest_root(), "page": page, "runs": selectors.runs(page)}
    return render(request, "transparency/log.html", context)


@_published(_A_MINUTE)
def feed(request: HttpRequest) -> HttpResponse:
    """GET: the Atom feed of roots, latest first."""
    return RootFeed()(request)


@_published(_A_MINUTE)
def roots(request: HttpRequest) -> JsonResponse:
    """GET: the roots, latest first, at most `ROOTS_SENT`; `?avant=RANK` selects earlier ones, `next` links to them."""
    found = selectors.roots_latest_first()
    if before := request.GET.get("avant"):
        found = found.filter(rank__lt=_number(before))
    sent = list(found[: ROOTS_SENT + 1])
    more, sent = len(sent) > ROOTS_SENT, sent[:ROOTS_SENT]
    following = f"{reverse('transparency:roots')}?avant={sent[-1].rank}" if more else None
    return _json(
        {
            "schema": SCHEMA,
            "tree": _TREE,
            "keys": request.build_absolute_uri(reverse("signing:keys")),
            "roots": [root_document(root) for root in sent],
            "next": request.build_absolute_uri(following) if following else None,
        }
    )


@_published(_A_DAY)
def root(_request: HttpRequest, rank: int) -> JsonResponse:
    """GET: one root."""
    return _json(root_document(get_object_or_404(Root, rank=_bounded(rank))))


@_published(_A_MINUTE)
def leaves(request: HttpRequest) -> JsonResponse:
    """GET: the hashes of the leaves under the latest root, from `?depuis=POSITION`, at most `LEAVES_SENT`.

    Only hashes: they suffice to compute every root, and the holder of a receipt can compute its leaf.
    """
    latest = selectors.latest_root()
    size = latest.size if latest is not None else 0
    start = min(_number(request.GET.get("depuis") or "0"), size)
    end = min(start + LEAVES_SENT, size)
    following = f"{reverse('transparency:leaves')}?depuis={end}" if end < size else None
    return _json(
        {
            "schema": SCHEMA,
            "size": size,
            "start": start,
            "hashes": [hashed.hex() for hashed in selectors.leaf_hashes(start=start, end=end)],
            "next": request.build_absolute_uri(following) if following else None,
        }
    )


@_published(_A_DAY)
def consistency(_request: HttpRequest, first: int, second: int) -> JsonResponse:
    """GET: the proof that the published tree of `first` leaves is a prefix of that of `second`."""
    one, other = selectors.root_of_size(_bounded(first)), selectors.root_of_size(_bounded(second))
    if one is None or other is None or one.size > other.size:
        raise Http404(_("Aucune empreinte publiée ne compte ce nombre d’accusés de réception."))
    return _json(consistency_document(one, other))


@_published(_A_DAY)
def inclusion(_request: HttpRequest, leaf_hash: str) -> JsonResponse:
    """GET: the proof that the leaf with that hash is in the log; the holder of a receipt can compute the hash.

    The hashes are public, so the response omits the leaf, from which the receipt's verification code is derived.
    """
    leaf = selectors.leaf_by_hash(bytes.fromhex(leaf_hash))
    since = selectors.first_root_over(leaf.position) if leaf is not None else None
    if leaf is None or since is None:
        raise Http404(_("Aucune empreinte publiée ne couvre encore cet accusé de réception."))
    return _json(public_inclusion_document(leaf, since))


def _json(document: dict[str, Any]) -> JsonResponse:
    return JsonResponse(document, json_dumps_params={"indent": 2, "ensure_ascii": False})


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Http404
    return _bounded(int(text[:20]))


def _bounded(number: int) -> int:
    # No row has a key that does not fit in a PostgreSQL bigint.
    if number >= 2**63:
        raise Http404
    return number
