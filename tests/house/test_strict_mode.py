"""Each check of `tests/strict_mode.py` fails the code it targets, and only that code."""

import socket
import warnings
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Count, Exists, OuterRef
from django.template import Context, Engine, Origin
from django.template.base import Template as BaseTemplate

from tests import strict_mode
from tests.database_roles import as_owner
from tests.strict_mode import NetworkUsed, UndefinedVariable

OURS = Path(settings.TEMPLATES[0]["DIRS"][0]) / "essai.html"


def _show(source: str, name: Path = OURS, **given: object) -> str:
    engine = Engine.get_default()
    template = BaseTemplate(source, origin=Origin(str(name)), engine=engine)
    return str(template.render(Context(given)))


# -- Rows ----------------------------------------------------------------------------------------------------
@pytest.fixture
def groups(db: None) -> list[str]:
    """Twelve rows: the probability that an unordered list of them is in the expected order is negligible."""
    del db
    names = [f"groupe {letter}" for letter in "abcdefghijkl"]
    with as_owner():
        Group.objects.all().delete()
        Group.objects.bulk_create(Group(name=name) for name in names)
    return names


def test_rows_without_an_order_are_shuffled(groups: list[str]) -> None:
    assert Group._meta.ordering == []
    seen = {tuple(Group.objects.values_list("name", flat=True)) for _round in range(3)}
    assert len(seen) == 3
    assert {frozenset(order) for order in seen} == {frozenset(groups)}
    assert (
        len({tuple(Group.objects.order_by().values_list("name", flat=True)[:6]) for _round in range(3)}) == 3
    )


def test_rows_with_an_order_keep_their_order(groups: list[str]) -> None:
    assert list(Group.objects.order_by("name").values_list("name", flat=True)) == groups
    assert Group.objects.earliest("name").name == groups[0]


def test_queries_without_row_order_are_unchanged(groups: list[str]) -> None:
    everyone = Group.objects.all()
    assert everyone.count() == len(groups)
    assert everyone.aggregate(number=Count("pk")) == {"number": len(groups)}
    assert set(everyone.values_list("name").annotate(number=Count("pk"))) == {(name, 1) for name in groups}
    assert len(everyone.values("name").distinct()) == len(groups)
    assert len(everyone.filter(name="groupe a").union(everyone.filter(name="groupe b"))) == 2
    assert everyone.filter(pk__in=everyone.filter(name="groupe a").values("pk")).get().name == "groupe a"
    assert everyone.filter(Exists(everyone.filter(pk=OuterRef("pk"), name="groupe c"))).count() == 1
    with as_owner():
        assert everyone.select_for_update().filter(name="groupe d").get().name == "groupe d"


# -- Variables -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "source",
    [
        "{{ given.absent }}",
        "{{ absent|upper }}",
        "{% with other=absent %}{% endwith %}",
        '{% include "components/state_badge.html" with label=absent only %}',
    ],
)
def test_an_undefined_variable_of_our_templates_fails(source: str) -> None:
    with pytest.raises(UndefinedVariable, match=r"essai\.html: nobody gave \{\{ (given\.)?absent \}\}"):
        _show(source, given={"present": 1})


def test_an_optional_variable_and_a_template_of_a_library_may_be_undefined() -> None:
    optional = "{% if absent %}x{% endif %}{% for each in absent %}x{% endfor %}{% firstof absent %}"
    assert _show(optional + '{{ absent|default:"" }}{{ nothing }}', nothing="") == ""
    assert _show("{{ absent }}{{ absent|lower }}", Path("/nowhere/django/contrib/admin/x.html")) == ""


# -- Network -------------------------------------------------------------------------------------------------
def test_a_connection_to_another_machine_is_refused() -> None:
    with pytest.raises(NetworkUsed), socket.socket() as outgoing:
        outgoing.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkUsed), socket.socket(type=socket.SOCK_DGRAM) as outgoing:
        outgoing.sendto(b"?", ("192.0.2.1", 53))
    with pytest.raises(NetworkUsed):
        socket.create_connection(("exemple.invalid", 80))
    # Each attempt would fail this test even if the code had caught the exception.
    assert len(strict_mode.network_attempts) == 3
    strict_mode.network_attempts.clear()


def test_a_connection_to_this_machine_is_permitted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()[:2]).close()
    first, second = socket.socketpair(socket.AF_UNIX)
    first.close()
    second.close()
    assert strict_mode.network_attempts == []


# -- Warnings ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("category", [DeprecationWarning, RuntimeWarning, UserWarning, ResourceWarning])
def test_a_warning_is_an_error(category: type[Warning]) -> None:
    with pytest.raises(category):
        warnings.warn("vieux", category, stacklevel=1)
