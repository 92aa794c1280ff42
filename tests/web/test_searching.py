"""The search of a short list in the administration, and a state shown in its cells."""

import pytest
from django.contrib import admin
from django.test import RequestFactory

from intake.accounts.models import User
from intake.web.admin_lists import FoldedSearch, badge
from tests.factories.people import make_user


class PeopleSearch(FoldedSearch, admin.ModelAdmin[User]):
    """A list of users."""

    search_fields = ("email", "display_name")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed, found",
    [
        ("", "abc"),
        ("zoe", "ab"),
        ("ZOÉ", "ab"),
        ("roy", "bc"),
        ("zoé roy", "b"),
        ("roy zoé", "b"),
        ("a@exemple zoé", "a"),
        ("dominique zoé", ""),
        ("xqzw", ""),
    ],
)
def test_a_search_finds_every_term_in_any_field_and_spelling(typed: str, found: str) -> None:
    for name, shown in (("a", "Zoé Côté"), ("b", "ZOE ROY"), ("c", "Dominique Roy")):
        make_user(f"{name}@exemple.ca", display_name=shown)
    people, has_duplicates = PeopleSearch(User, admin.site).get_search_results(
        RequestFactory().get("/"), User.objects.all(), typed
    )
    assert "".join(sorted(person.email[0] for person in people)) == found
    assert has_duplicates is False


def test_a_state_is_written_as_text_in_its_colour() -> None:
    assert badge("Ouvert <1>", "success") == '<span class="state state-success">Ouvert &lt;1&gt;</span>'
