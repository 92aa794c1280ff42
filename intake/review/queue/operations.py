"""Save, change and delete saved views of the queue, each by its owner."""

from typing import Final

from django.db import IntegrityError, transaction

from intake.accounts.models import User
from intake.review.models import VIEWS_MAX, SavedView
from intake.review.pages.queue_navigation import canonical
from intake.web.constraints import broken_constraint

from .errors import EmptyViewError, SharingNotAllowedError, TooManyViewsError, ViewNameTakenError

SHARE: Final = "review.share_savedview"


def save_view(*, owner: User, name: str, query: str, shared: bool = False) -> SavedView:
    """Save the filter of the query string `query` under `name`. Return the view.

    :raises EmptyViewError: if `query` does not filter the queue.
    :raises SharingNotAllowedError: if `shared`, and `owner` may not share.
    :raises TooManyViewsError: if `owner` already has `VIEWS_MAX` views.
    :raises ViewNameTakenError: if another view of `owner` has this name.
    """
    kept = canonical(query)
    if not kept:
        raise EmptyViewError
    if owner.saved_views.count() >= VIEWS_MAX:
        raise TooManyViewsError
    return _save_checked(SavedView(owner=owner, name=_tidy(name), query=kept, shared=shared))


def change_view(*, view: SavedView, name: str, shared: bool) -> SavedView:
    """Rename the view, and share it or not.

    :raises SharingNotAllowedError: if `shared`, and its owner may not share.
    :raises ViewNameTakenError: if another view of its owner has this name.
    """
    view.name, view.shared = _tidy(name), shared
    return _save_checked(view)


def delete_view(*, view: SavedView) -> None:
    """Delete the view."""
    view.delete()


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _save_checked(view: SavedView) -> SavedView:
    if view.shared and not view.owner.has_perm(SHARE):
        raise SharingNotAllowedError
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as refused:
        if broken_constraint(refused) != "a_person_names_each_of_their_views_differently":
            raise
        raise ViewNameTakenError from refused
    return view
