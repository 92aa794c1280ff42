"""Saved views of the queue: form, errors, and operations of their owner."""

from typing import Any, Final

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.base.database_errors import broken_constraint
from intake.profiles.fields import TidyTextField
from intake.review.access.errors import ReviewError
from intake.review.models import VIEW_NAME_MAX, VIEWS_MAX, SavedView
from intake.review.pages.queue_navigation import canonical

SHARE: Final = "review.share_savedview"


class EmptyViewError(ReviewError):
    """The query filters nothing: the view would be the queue itself."""

    code = "EMPTY_VIEW"
    message = _("Aucun filtre ni recherche à enregistrer. Filtrez d’abord la file, puis enregistrez.")


class SharingNotAllowedError(ReviewError):
    """The user may not share views."""

    code = "NOT_YOURS_TO_SHARE"
    message = _("Vous ne pouvez pas partager de vue avec les autres.")


class TooManyViewsError(ReviewError):
    """The user already has `VIEWS_MAX` views."""

    code = "TOO_MANY_VIEWS"
    message = _("Vous avez déjà %(most)s vues : supprimez une vue pour en ajouter une autre.")

    def values(self) -> dict[str, Any]:
        """Return the limit."""
        return {"most": VIEWS_MAX}


class ViewNameTakenError(ReviewError):
    """Another view of the same user has this name, without regard to case."""

    code = "VIEW_NAME_TAKEN"
    message = _("Une de vos vues porte déjà ce nom : choisissez-en un autre.")


class SavedViewForm(forms.Form):
    """Name of a saved view and, for users who may share it, whether it is shared."""

    name = TidyTextField(
        label=_("Nom de la vue"),
        help_text=_("Par exemple : « À examiner, UNESCO »."),
        max_length=VIEW_NAME_MAX,
        error_messages={
            "required": _("Inscrivez un nom pour la vue."),
            "max_length": _("Le nom dépasse 60 caractères."),
        },
    )
    shared = forms.BooleanField(
        label=_("Partager avec toutes les personnes qui ont accès à la file"), required=False
    )

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["shared"]


def save_view(*, owner: User, name: str, query: str, shared: bool = False) -> SavedView:
    """Save the filter of the query string `query` under `name`. Return the view.

    :raises SharingNotAllowedError: if `shared`, and `owner` may not share.
    :raises EmptyViewError, TooManyViewsError, ViewNameTakenError: see each class.
    """
    query = canonical(query)
    if not query:
        raise EmptyViewError
    if owner.saved_views.count() >= VIEWS_MAX:
        raise TooManyViewsError
    return _save_checked(SavedView(owner=owner, name=name, query=query, shared=shared))


def change_view(*, view: SavedView, name: str, shared: bool) -> SavedView:
    """Rename the view, and share it or not.

    :raises SharingNotAllowedError: if `shared`, and its owner may not share.
    :raises ViewNameTakenError: if another view of its owner has this name.
    """
    view.name, view.shared = name, shared
    return _save_checked(view)


def _save_checked(view: SavedView) -> SavedView:
    view.name = " ".join(view.name.split())
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


def delete_view(*, view: SavedView) -> None:
    """Delete the view."""
    view.delete()
