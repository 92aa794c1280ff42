"""The variables of the identity provider: all or none, and an encrypted issuer."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from intake.settings.services import identity_provider
from tests.settings.environment import NEEDED, run

GIVEN = {"issuer": "https://identite.exemple.ca", "client_id": "portail", "secret": "s", "factors": "mfa"}
NONE = dict.fromkeys(GIVEN, "")


def test_no_variable_means_no_provider() -> None:
    assert identity_provider(**NONE) is None


def test_a_factor_is_optional() -> None:
    found = identity_provider(**(GIVEN | {"factors": " "}))
    assert found is not None
    assert found.factors == frozenset()


@pytest.mark.parametrize(
    "given, said",
    [
        ({"issuer": ""}, "set OIDC_ISSUER too"),
        ({"client_id": " "}, "set OIDC_CLIENT_ID too"),
        ({"secret": ""}, "set OIDC_CLIENT_SECRET too"),
        (
            {"issuer": "", "client_id": "", "secret": ""},
            "set OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET too",
        ),
        ({"issuer": "http://identite.exemple.ca"}, "OIDC_ISSUER: give the issuer"),
        ({"issuer": "identite.exemple.ca"}, "OIDC_ISSUER: give the issuer"),
        ({"issuer": "https://"}, "OIDC_ISSUER: give the issuer"),
        ({"issuer": "https://identite.exemple.ca/?a=b"}, "OIDC_ISSUER: give the issuer"),
    ],
)
def test_a_provider_that_is_half_configured_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        identity_provider(**(GIVEN | given))


def test_the_refusal_is_one_line() -> None:
    answer = run("manage.py", "check", **(NEEDED | {"OIDC_CLIENT_ID": "portail"}))
    assert answer.returncode != 0
    assert "set OIDC_ISSUER, OIDC_CLIENT_SECRET too, or no variable OIDC_" in answer.stderr.splitlines()[-1]
