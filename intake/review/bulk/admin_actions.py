"""Actions of the queue on many submissions. Each shows a dry run first."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from intake.review.decisions.views.choose import choose_decision
from intake.submissions.models import Submission
from intake.submissions.states import TABLE

from .dry_run import BULK_ACTIONS
from .views import dry_run

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

type Act = Callable[[Any, HttpRequest, QuerySet[Submission]], HttpResponseBase]


def _action(name: str, label: Promise, permission: str, show: Callable[..., HttpResponseBase]) -> Act:
    """Return the action of the queue that answers with `show`, for users with `has_PERMISSION_permission` there."""

    def act(_queue: Any, request: HttpRequest, chosen: QuerySet[Submission]) -> HttpResponseBase:
        return show(request, chosen)

    act.__name__ = name
    return admin.action(act, description=cast("StrOrPromise", label), permissions=[permission])


PREPARE = _action("prepare_decisions", gettext_lazy("Préparer des décisions…"), "prepare", choose_decision)
BULK = tuple(
    _action(
        action.value.lower(),
        TABLE[action].label,
        (TABLE[action].permission or "").removesuffix("_submission"),
        partial(dry_run, action=action),
    )
    for action in BULK_ACTIONS
)
