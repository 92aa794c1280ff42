"""The template variable `portal`, and the SQL by which a migration makes a table append-only."""

from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from intake.web.context import portal
from intake.web.language import COOKIE
from intake.web.privileges import append_only
from intake.web.request_id import use_request_id


def test_a_template_reads_who_runs_the_portal_in_which_language_and_for_which_request(
    settings: Settings,
) -> None:
    settings.PORTAL_NAME, settings.PORTAL_CONTACT_UNIT = "Portail", "Bureau"
    settings.PORTAL_CONTACT_EMAIL, settings.PORTAL_ENVIRONMENT = "bureau@exemple.ca", "Essai"
    request = RequestFactory().get("/offres/?page=2")
    expected = {
        "name": "Portail",
        "contact_unit": "Bureau",
        "contact_email": "bureau@exemple.ca",
        "environment": "Essai",
        "language": "fr",
        "language_tag": "fr-CA",
        "english_offered": True,
        "path": "/offres/?page=2",
        "reference": "7QX4-0K2M-93TD",
    }
    with use_request_id("7QX4-0K2M-93TD"):
        assert portal(request) == {"portal": expected}
    given = HttpResponse()
    given.set_signed_cookie(COOKIE, "en", salt="intake.web.language")
    request.COOKIES[COOKIE] = given.cookies[COOKIE].value
    expected |= {"language": "en", "language_tag": "en-CA", "reference": "-"}
    assert portal(request) == {"portal": expected}
    settings.ENGLISH_OFFERED = False
    expected |= {"language": "fr", "language_tag": "fr-CA", "english_offered": False}
    assert portal(request) == {"portal": expected}
    del settings.ENGLISH_OFFERED, settings.PORTAL_ENVIRONMENT
    assert portal(request) == {"portal": expected | {"environment": "", "english_offered": True} | _ENGLISH}


_ENGLISH = {"language": "en", "language_tag": "en-CA"}


def test_what_a_migration_does_to_an_append_only_table_can_be_undone() -> None:
    operation = append_only("a_table")
    done, undone = (
        [" ".join(line.split()) for line in str(sql).split(";") if "a_table" in line]
        for sql in (operation.sql, operation.reverse_sql)
    )
    role = settings.APPLICATION_ROLE
    assert done == [
        (
            "CREATE TRIGGER a_table_is_append_only BEFORE UPDATE OR DELETE ON a_table"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        ),
        (
            "CREATE TRIGGER a_table_is_never_emptied BEFORE TRUNCATE ON a_table"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying()"
        ),
        f'REVOKE UPDATE, DELETE, TRUNCATE ON a_table FROM "{role}"',
    ]
    assert undone == [
        "DROP TRIGGER a_table_is_append_only ON a_table",
        "DROP TRIGGER a_table_is_never_emptied ON a_table",
        f'GRANT UPDATE, DELETE ON a_table TO "{role}"',
    ]
    assert str(operation.sql).index("FUNCTION refuse_change()") < str(operation.sql).index("CREATE TRIGGER")
