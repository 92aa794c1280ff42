"""The two forms of sign-in: accepted input, and messages for the rest."""

import pytest
from django.test import Client
from django.views.debug import ExceptionReporter

from intake.accounts.forms import CodeForm, EmailForm
from intake.accounts.second_factor.forms import FactorCodeForm, PasskeyAnswerForm
from tests.factories.people import client_of, make_user


@pytest.mark.parametrize(
    "typed, kept, said",
    [
        ("123456", "123456", []),
        ("\u0661\u0662\u0663 \uff14\uff15\uff16", "123456", []),
        ("Code : 123-456." + " " * 184 + "x", "123456", []),
        ("12345", None, ["Le code compte six chiffres. Vérifiez que vous les avez tous inscrits."]),
        ("1234567", None, ["Le code compte six chiffres. Vérifiez que vous les avez tous inscrits."]),
        ("", None, ["Inscrivez le code reçu par courriel."]),
    ],
)
def test_a_code_is_reduced_to_its_six_digits(typed: str, kept: str | None, said: list[str]) -> None:
    form = CodeForm({"code": typed})
    assert form.is_valid() is (kept is not None)
    assert form.cleaned_data.get("code") == kept
    assert form.errors.get("code", []) == said


def test_input_over_the_maximum_length_is_refused() -> None:
    longest = "a@" + ".".join(["b" * 60] * 4) + ".ca"
    assert [EmailForm({"email": each + longest}).is_valid() for each in ("a" * 6, "a" * 7)] == [True, False]
    codes = ["123456" + "-" * length for length in (194, 195)]
    assert [CodeForm({"code": code}).is_valid() for code in codes] == [True, False]
    assert CodeForm({"code": "1"}).errors.as_data()["code"][0].code == "length"
    typed = [{"code": "1" * length} for length in (100, 101)]
    assert [FactorCodeForm(each, label="", help_text="").is_valid() for each in typed] == [True, False]
    answers = ['{"a": "' + "b" * length + '"}' for length in (19_991, 19_992)]
    assert [PasskeyAnswerForm({"credential": each}).is_valid() for each in answers] == [True, False]


def test_a_field_helps_keyboards_and_password_managers() -> None:
    email, code = EmailForm().fields["email"].widget.attrs, CodeForm().fields["code"].widget.attrs
    assert (email["autocomplete"], email["spellcheck"]) == ("email", "false")
    assert (code["autocomplete"], code["inputmode"]) == ("one-time-code", "numeric")


@pytest.mark.django_db
def test_addresses_and_codes_are_left_out_of_error_reports(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise RuntimeError

    kept = [client.post(page).wsgi_request.sensitive_post_parameters for page in ("/connexion/",)]  # type: ignore[attr-defined]  # -- Django adds it at run time
    client.post("/connexion/", {"email": "alex@exemple.ca"})
    kept.append(client.post("/connexion/code/").wsgi_request.sensitive_post_parameters)  # type: ignore[attr-defined]  # -- Django adds it at run time
    own = client_of(make_user())
    another = {"email": "autre@exemple.ca"}
    kept.append(own.post("/securite/adresse/", another).wsgi_request.sensitive_post_parameters)  # type: ignore[attr-defined]  # -- Django adds it at run time
    kept.append(own.post("/securite/adresse/code/").wsgi_request.sensitive_post_parameters)  # type: ignore[attr-defined]  # -- Django adds it at run time
    assert kept == [("email",), ("code",)] * 2
    for signing_in, failing, page, sent, functions in (
        (client, "limits.may_guess_code", "/connexion/code/", {"code": "123456"}, {"_code_refusal"}),
        (client, "views.send_code", "/connexion/", {"email": "sam@exemple.ca"}, {"_send"}),
        (
            own,
            "limits.may_guess_address_code",
            "/securite/adresse/code/",
            {"code": "123456"},
            {"_take_code", "take_own_code"},
        ),
        (own, "own_codes.send_address_code", "/securite/adresse/", another, {"send_own_code"}),
    ):
        monkeypatch.setattr(f"intake.accounts.{failing}", fail)
        with pytest.raises(RuntimeError) as raised:
            signing_in.post(page, sent)
        reporter = ExceptionReporter(None, raised.type, raised.value, raised.tb)
        frames = [(frame["function"], dict(frame["vars"])) for frame in reporter.get_traceback_frames()]
        # The test's own function, and its double that fails, are not of the portal.
        codes = {name: shown["code"] for name, shown in frames if "code" in shown}
        assert codes == dict.fromkeys(functions, reporter.filter.cleansed_substitute)
