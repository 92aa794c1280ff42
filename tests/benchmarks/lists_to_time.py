"""Lists to time, of the administration and the portal, by their names; imported after Django is set up."""

from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from intake.accounts.models import User
from intake.submissions.models import Submission


def pages_to_time() -> dict[str, str]:
    """Return the pages to time, by name: the lists of the administration, and those of the portal."""
    staff = User.objects.filter(is_staff=True).order_by("pk")[0]
    found = {
        "desk": reverse("admin:index"),
        "offers, public": "/offres/",
        "offers, public, words": "/offres/?q=unesco",
    }
    for model, model_admin in admin.site._registry.items():
        opts = model._meta
        if staff.has_perm(f"{opts.app_label}.view_{opts.model_name}"):
            found |= _list_addresses(
                model_admin, reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"), staff
            )
    filed = Submission.objects.exclude(standing_filing=None).order_by("standing_filing__received_at", "pk")
    one = filed.select_related("standing_filing__receipt", "candidate", "offer")[
        500 if filed.count() > 600 else 5
    ]
    queue = reverse("admin:submissions_submission_changelist")
    searches = {
        "name": "Tremblay",
        "name, accents": "Nguyễn",
        "name without accents": "levesque",
        "two words": "Roy, Camille",
        "start of a name": "gag",
        "two letters": "ro",
        "nobody": "xqzw",
        "receipt number": one.standing_filing.receipt.number if one.standing_filing else "",
        "start of a number": "2027-020-0000",
        "address": one.candidate.email,
    }
    for label, words in searches.items():
        found[f"candidatures, search: {label}"] = f"{queue}?{urlencode({'q': words})}"
    found["candidatures, search: name, last page"] = _last(
        f"{queue}?{urlencode({'q': 'Tremblay'})}", "submissions.submission", staff
    )
    found["candidatures, search and state"] = f"{queue}?{urlencode({'q': 'tremblay', 'etat': 'SUBMITTED'})}"
    for label, narrowed in {
        "": {},
        ", one state": {"etat": "SUBMITTED"},
        ", a name": {"q": "tremblay"},
    }.items():
        found[f"candidatures, counted choices{label}"] = f"{queue}?{urlencode({'_facets': True, **narrowed})}"
    file = reverse("review:file", args=[one.public_id])
    found["one candidature"] = file
    found["one candidature, filtered queue"] = (
        f"{file}?{urlencode({'_changelist_filters': 'etat=SUBMITTED'})}"
    )
    found["one candidature, searched queue"] = f"{file}?{urlencode({'_changelist_filters': 'q=tremblay'})}"
    found |= _pages_of_an_offer(str(one.offer.number))
    journal, deliveries = (
        reverse("admin:journal_entry_changelist"),
        reverse("admin:outbox_delivery_changelist"),
    )
    found["journal, search: address"] = f"{journal}?{urlencode({'q': one.candidate.email})}"
    found["journal, search: object"] = f"{journal}?{urlencode({'q': str(one.public_id)})}"
    if one.standing_filing:
        found["deliveries, search: number"] = (
            f"{deliveries}?{urlencode({'q': one.standing_filing.receipt.number})}"
        )
    found["deliveries, search: start of a number"] = f"{deliveries}?{urlencode({'q': '2027-020-0000'})}"
    found["deliveries, search: address"] = f"{deliveries}?{urlencode({'q': 'personne-77@'})}"
    found["deliveries, search: nothing"] = f"{deliveries}?{urlencode({'q': 'xqzw'})}"
    accounts = reverse("admin:accounts_user_changelist")
    for label, words in {
        "address": one.candidate.email,
        "start of an address": "gagnon",
        "name shown": "synth",
        "nobody": "xqzw",
    }.items():
        found[f"accounts, search: {label}"] = f"{accounts}?{urlencode({'q': words})}"
    return found


def _pages_of_an_offer(number: str) -> dict[str, str]:
    """Return the review pages about all submissions to one offer, and the decisions."""
    whole = {
        "assignments": "assignments",
        "assignments, shared out evenly": "assign_evenly",
        "weights": "weights",
        "ranking": "ranking",
        "shortlist, before it is frozen": "freeze_shortlist",
        "reserve list": "reserve_list",
    }
    found = {f"offer, {label}": reverse(f"review:{name}", args=[number]) for label, name in whole.items()}
    return found | {"decisions": reverse("review:decisions")}


def _list_addresses(model_admin: Any, url: str, staff: Any) -> dict[str, str]:
    """Return a list's first and last page, and every choice of every filter."""
    name = str(model_admin.opts.verbose_name_plural)
    found = {f"{name}, page 1": url}
    shown = _changelist(model_admin, url, staff)
    found[f"{name}, last page"] = f"{url}?{urlencode({'p': shown.paginator.num_pages})}"
    found[f"{name}, middle page"] = f"{url}?{urlencode({'p': (shown.paginator.num_pages + 1) // 2})}"
    for spec in shown.filter_specs:
        for choice in list(spec.choices(shown))[1:]:
            label = f"{name}, {spec.title}: {choice['display']}"
            found[label] = url + choice["query_string"]
            found[f"{label}, last page"] = _last(
                url + choice["query_string"], model_admin.opts.label_lower, staff
            )
    return found


def _changelist(model_admin: Any, url: str, staff: Any) -> Any:
    request = RequestFactory().get(url)
    request.user = staff
    return model_admin.get_changelist_instance(request)


def _last(url: str, model: str, staff: Any) -> str:
    shown = _changelist(admin.site.get_model_admin(apps.get_model(model)), url, staff)
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'p': shown.paginator.num_pages})}"
