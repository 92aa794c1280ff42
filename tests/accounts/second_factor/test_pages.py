"""Pages of the second factor: staff enter the administration only after a check in the session."""

import time
from typing import Any
from urllib.parse import quote

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.accounts.second_factor.recovery_codes import unseen
from intake.journal.models import Entry
from intake.privacy.officers import urls as officers
from tests.accounts.sign_in_steps import CONFIRM, ask, last_code
from tests.factories.factors import STEP, code_at, invite, make_application, make_open_session
from tests.factories.people import client_of, make_administrator, make_staff, make_user, prove_mailbox

pytestmark = pytest.mark.django_db
CHECK, SETUP = "/connexion/deux-etapes/", "/connexion/deux-etapes/choisir/"
APPLICATION, CODES = "/connexion/deux-etapes/application/", "/connexion/deux-etapes/codes/"
QUEUE = "/admin/submissions/submission/"


@pytest.fixture(autouse=True)
def no_rate_counted() -> None:
    cache.clear()


@pytest.fixture
def owner() -> User:
    user = make_staff()
    make_application(user)
    return user


@pytest.fixture
def unchecked(owner: User) -> Client:
    return client_of(owner, second_factor=False)


def set_check_age(client: Client, seconds: float) -> None:
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time() - seconds}]
    session.save()


def text_of(response: Any) -> str:
    return str(response.content.decode())


def secret_on(page: str) -> str:
    return page.split('class="typed-key">')[1].split("<", maxsplit=1)[0].replace(" ", "")


def test_staff_confirm_with_their_factor_and_return(unchecked: Client) -> None:
    answer = unchecked.get(f"{QUEUE}?q=roy")
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{CHECK}?next=%2Fadmin%2Fsubmissions%2Fsubmission%2F%3Fq%3Droy",
    )
    assert "Ouvrez votre application" in text_of(unchecked.get(answer["Location"]))
    done = unchecked.post(CHECK, {"code": code_at(timezone.now()), "next": f"{QUEUE}?q=roy"})
    assert (done.status_code, done["Location"]) == (302, f"{QUEUE}?q=roy")
    assert unchecked.get(QUEUE).status_code == 200


def test_staff_learn_that_they_are_signed_in_once_their_factor_is_checked(
    owner: User, client: Client
) -> None:
    ask(client, owner.email)
    page = text_of(client.post(CONFIRM, {"code": last_code()}, follow=True))
    assert f"L’adresse {owner.email} est confirmée. L’administration demande une deuxième étape." in page
    assert "La connexion est faite" not in page
    done = text_of(client.post(CHECK, {"code": code_at(timezone.now())}, follow=True))
    assert f"La connexion est faite\u00a0: vous utilisez l’adresse {owner.email}." in done
    set_check_age(client, 3600)
    again = client.post(CHECK, {"code": code_at(timezone.now() + STEP)}, follow=True)
    assert "La connexion est faite" not in text_of(again), "a later check is no sign-in"


def test_a_check_gives_the_session_a_new_key(unchecked: Client) -> None:
    before = unchecked.session.session_key
    unchecked.post(CHECK, {"code": code_at(timezone.now())})
    assert unchecked.session.session_key != before
    stolen = Client()
    stolen.cookies["sessionid"] = str(before)
    assert stolen.get(QUEUE)["Location"].startswith("/admin/login/")


def test_a_check_of_another_user_does_not_count(owner: User, unchecked: Client) -> None:
    session = unchecked.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time()}]
    session["account_authentication_methods_user"] = str(make_staff().pk)
    session.save()
    assert unchecked.get(QUEUE)["Location"].startswith(CHECK)


@pytest.mark.parametrize("method", ["code", "mailed link", "link"])
def test_a_sign_in_by_mail_or_link_is_no_second_factor(unchecked: Client, method: str) -> None:
    session = unchecked.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": time.time()}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    assert unchecked.get(QUEUE)["Location"].startswith(CHECK)


def test_a_one_time_link_counts_where_such_links_are_allowed(unchecked: Client, settings: Settings) -> None:
    settings.ONE_TIME_LINKS = True
    session = unchecked.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "link", "at": time.time() - 3600}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    assert unchecked.get(QUEUE).status_code == 200


def test_the_first_day_of_a_staff_member() -> None:
    user = make_staff()
    client = client_of(user, second_factor=False)
    prove_mailbox(client, user)
    invite(user, client)
    asked = client.get(QUEUE, follow=True)
    assert asked.redirect_chain[-1][0].startswith(SETUP)
    for way in (APPLICATION, reverse("accounts:add_passkey")):
        assert f'"{way}?next={quote(QUEUE, safe="")}"' in asked.content.decode()
    secret = secret_on(text_of(client.get(f"{APPLICATION}?next={QUEUE}")))
    added = client.post(APPLICATION, {"code": code_at(timezone.now(), secret), "next": QUEUE})
    assert added["Location"].startswith(CODES)
    page = text_of(client.get(added["Location"]))
    codes = [code.replace("\u00a0", "") for code in page.split("<code>")[1:]]
    assert len(codes) == 10
    file = client.get("/connexion/deux-etapes/codes/fichier/")
    assert file["Content-Disposition"] == 'attachment; filename="codes-de-secours.txt"'
    assert codes[0][:12] in text_of(file).replace("\u00a0", "")
    replaced = client.post(CODES, {"next": QUEUE})
    assert replaced["Location"] == added["Location"]
    assert codes[0][:12] not in text_of(client.get(CODES)).replace("\u00a0", "")
    kept = client.post(CODES, {"kept": "1", "next": QUEUE})
    assert kept["Location"] == QUEUE
    assert "<code>" not in text_of(client.get(CODES))
    assert client.get("/connexion/deux-etapes/codes/fichier/").status_code == 302
    assert client.get(QUEUE).status_code == 200


def test_the_secret_of_an_application_stays_until_it_is_added() -> None:
    user = make_staff()
    client = client_of(user, second_factor=False)
    prove_mailbox(client, user)
    invite(user, client)
    secret = secret_on(text_of(client.get(APPLICATION)))
    refused = client.post(APPLICATION, {"code": "000000"})
    assert refused.status_code == 422
    assert secret_on(text_of(refused)) == secret
    assert secret not in str(dict(client.session.items()))


@pytest.mark.parametrize(
    "path",
    [SETUP, APPLICATION, CODES, "/connexion/deux-etapes/cle/", "/connexion/deux-etapes/codes/fichier/"],
)
def test_staff_with_a_factor_cannot_add_another_before_its_check(unchecked: Client, path: str) -> None:
    for answer in (unchecked.get(path), unchecked.post(path, {"code": "123456"})):
        assert answer["Location"].startswith(f"{CHECK}?next=")
    assert Authenticator.objects.exclude(type="recovery_codes").count() == 1


def test_a_factor_is_not_removed_before_its_check(unchecked: Client, owner: User) -> None:
    path = f"/connexion/deux-etapes/{Authenticator.objects.get(user=owner, type='totp').pk}/retirer/"
    assert unchecked.post(path)["Location"].startswith(CHECK)
    assert Authenticator.objects.filter(user=owner, type="totp").exists()
    set_check_age(unchecked, 0)
    session = unchecked.session
    session["account_authentication_methods_user"] = str(owner.pk)
    session.save()
    prove_mailbox(unchecked, owner)
    assert "C’est votre seul moyen" in text_of(unchecked.get(path))
    assert unchecked.post(path)["Location"] == "/securite/"
    assert not Authenticator.objects.filter(user=owner).exists()


@pytest.mark.parametrize("change", ["removed", "added"])
def test_a_changed_factor_leads_to_the_other_sessions_which_may_be_ended(owner: User, change: str) -> None:
    client = client_of(owner)
    for _each in range(2):
        make_open_session(owner)
    factor = Authenticator.objects.get(user=owner, type="totp")
    if change == "removed":
        answer = client.post(f"/connexion/deux-etapes/{factor.pk}/retirer/")
    else:
        client.post(CODES, {"kept": "1"})
        factor.delete()
        invite(owner, client)
        secret = secret_on(text_of(client.get(APPLICATION)))
        answer = client.post(APPLICATION, {"code": code_at(timezone.now(), secret)})
    assert answer["Location"] == "/securite/"
    assert 'action="/securite/autres-sessions/"' in text_of(client.get(answer["Location"]))


def wrong_codes(client: Client, number: int) -> int:
    """Try wrong codes; return how many of them were compared."""
    answers = [text_of(client.post(CHECK, {"code": "000000"})) for _try in range(number)]
    return sum("Ce n’est pas le bon code" in answer for answer in answers)


def test_wrong_codes_of_one_session_leave_the_right_one_in_another(owner: User, unchecked: Client) -> None:
    assert wrong_codes(unchecked, 6) == 5
    right = code_at(timezone.now())
    assert "Trop d’essais" in text_of(unchecked.post(CHECK, {"code": right}))
    assert client_of(owner, second_factor=False).post(CHECK, {"code": right}).status_code == 302


def test_many_sessions_try_no_more_codes_than_one_day_allows(owner: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"second_factor_account": "12/d/key"}
    own = client_of(owner, second_factor=False)
    at = timezone.now() - STEP
    assert own.post(CHECK, {"code": code_at(at)}).status_code == 302  # the owner’s device, another day
    tried = [wrong_codes(client_of(owner, second_factor=False), 6) for _session in range(4)]
    assert tried == [5, 5, 1, 0]
    right = code_at(at + STEP)
    assert "Trop d’essais" in text_of(client_of(owner, second_factor=False).post(CHECK, {"code": right}))
    back = client_of(owner, second_factor=False)
    back.cookies["device"] = own.cookies["device"].value
    assert back.post(CHECK, {"code": right}).status_code == 302, (
        "the thief refused the owner on their own device"
    )


def test_a_device_is_the_owner_s_after_a_check_only(owner: User, client: Client, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"second_factor_account": "3/d/key"}
    assert wrong_codes(client_of(owner, second_factor=False), 5) == 3
    ask(client, owner.email)
    client.post(CONFIRM, {"code": last_code()})  # a sign-in by mail remembers the device, not a check
    assert wrong_codes(client, 5) == 0


def test_wrong_codes_of_another_account_are_not_counted(owner: User, unchecked: Client) -> None:
    wrong_codes(unchecked, 6)
    right = code_at(timezone.now())
    other = make_staff()
    make_application(other)
    assert client_of(other, second_factor=False).post(CHECK, {"code": right}).status_code == 302


def test_right_codes_do_not_fill_the_limit(owner: User) -> None:
    client = client_of(owner, second_factor=False)
    for step in range(7):
        with pytest.MonkeyPatch.context() as patch:
            at = timezone.now() + step * 4 * STEP
            patch.setattr("intake.accounts.second_factor.views.timezone.now", lambda at=at: at)
            assert client.post(CHECK, {"code": code_at(at)}).status_code == 302


def test_the_page_does_not_lead_to_another_site(unchecked: Client) -> None:
    done = unchecked.post(CHECK, {"code": code_at(timezone.now()), "next": "https://exemple.invalid/"})
    assert done["Location"] == reverse("admin:index")


def test_a_form_posted_before_the_check_is_sent_after_it(unchecked: Client) -> None:
    path = reverse("operations:preferences")
    asked = unchecked.post(path, {"motif": "Un motif écrit longuement"})
    assert asked["Location"] == f"{CHECK}?next=%2Fadmin%2Fpreferences%2F"
    shown = text_of(unchecked.post(CHECK, {"code": code_at(timezone.now()), "next": path}))
    assert "Votre identité est confirmée" in shown
    assert f'action="{path}"' in shown
    assert '<input type="hidden" name="motif" value="Un motif écrit longuement">' in shown


def test_a_form_with_a_file_is_reported_as_lost(unchecked: Client) -> None:
    sent = {"motif": "x", "file": SimpleUploadedFile("a.pdf", b"x")}
    asked = unchecked.post(reverse("operations:preferences"), sent)
    assert "kept_form" not in unchecked.session
    assert "remplissez-le de nouveau" in text_of(unchecked.get(asked.headers["Location"]))


def test_a_form_without_its_token_is_not_kept(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = client_of(owner, second_factor=False).cookies
    assert client.post(reverse("operations:preferences"), {"motif": "x"}).status_code == 403
    assert "kept_form" not in client.session


SENSITIVE = ["admin:accounts_user_add", "admin:accounts_user_change"]


@pytest.mark.parametrize("name", SENSITIVE)
def test_a_change_of_an_account_asks_again_after_fifteen_minutes(name: str) -> None:
    administrator = make_administrator()
    path = reverse(name, args=[make_user().pk] if name.endswith("change") else [])
    client = client_of(administrator)
    set_check_age(client, 15 * 60 - 30)
    assert client.get(path).status_code == 200
    set_check_age(client, 15 * 60 + 1)
    assert client.get(path)["Location"].startswith(CHECK)
    assert client.post(path, {"email": "x@exemple.invalid"})["Location"].startswith(CHECK)
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("method", ["code", "mailed link", "mailbox"])
def test_a_proof_of_the_mailbox_is_no_recent_check(method: str) -> None:
    client = client_of(make_administrator())
    set_check_age(client, 15 * 60 + 1)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] += [{"method": method, "at": time.time()}]
    session.save()
    assert client.get(reverse(SENSITIVE[0]))["Location"].startswith(CHECK)


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("review:export_shortlist", ["2027-001", "csv"]),
        ("review:export_file", ["00000000-0000-4000-8000-000000000000"]),
        ("review:freeze_shortlist", ["2027-001"]),
        ("review:shortlist", ["2027-001", 1]),
        ("review:release_decisions", [1]),
    ],
)
def test_an_export_and_a_release_ask_again_after_fifteen_minutes(name: str, arguments: list[Any]) -> None:
    client = client_of(make_staff())
    path = reverse(name, args=arguments)
    set_check_age(client, 15 * 60 + 1)
    answer = client.post(path, {"reason": "Envoi"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(CHECK)
    set_check_age(client, 15 * 60 - 30)
    assert client.post(path, {"reason": "Envoi"}).status_code in {404, 405}


REGISTERS: dict[str, list[Any]] = {
    "access": [],
    "verify": [],
    "export_access": ["csv"],
    "consents": [],
    "export_consents": ["csv"],
    "incidents": [],
    "incident_add": [],
    "incident": [1],
    "export_incidents": ["csv"],
}
WITHOUT_PEOPLE = {"home", "processing"}


def test_a_register_that_names_people_asks_again_after_fifteen_minutes() -> None:
    assert {pattern.name for pattern in officers.urlpatterns} == REGISTERS.keys() | WITHOUT_PEOPLE
    client = client_of(make_staff(Role.PRIVACY))
    paths = [reverse(f"officers:{name}", args=arguments) for name, arguments in REGISTERS.items()]
    for age, asks in ((15 * 60 - 30, False), (15 * 60 + 1, True)):
        set_check_age(client, age)
        for path in paths:
            for answer in (client.get(path), client.post(path, {"reference": "x"})):
                b"".join(answer)  # a file that is exported is closed at its end
                assert answer.get("Location", "").startswith(CHECK) is asks, path
    assert client.get(reverse("officers:home")).status_code == 200


def test_a_candidate_needs_no_check() -> None:
    user = make_user()
    make_application(user)
    client = client_of(user, second_factor=False)
    assert client.get(reverse("submissions:mine")).status_code == 200
    prove_mailbox(client, user)
    assert client.get(SETUP)["Location"] == "/connexion/deux-etapes/cle/"


def test_a_recovery_code_opens_the_administration_and_is_counted(unchecked: Client, owner: User) -> None:
    code = unseen(Authenticator.objects.get(user=owner, type="recovery_codes"))[0]
    spaced = f"{code[:4]} {code[4:8]} {code[8:]}"
    assert unchecked.post(CHECK, {"code": spaced, "next": QUEUE})["Location"] == QUEUE
    assert Entry.objects.filter(action="RECOVERY_CODE_USED", subject_id=str(owner.public_id)).exists()
    assert "Il en reste 9" in text_of(unchecked.get("/securite/"))


def test_a_wrong_code_names_the_application_only_to_its_owner(
    unchecked: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webauthn, "get_credentials", lambda _user: [])
    assert "celui que l’application affiche" in text_of(unchecked.post(CHECK, {"code": "000000"}))
    Authenticator.objects.filter(user=owner, type="totp").update(type="webauthn", data={"name": "Clé"})
    answer = text_of(unchecked.post(CHECK, {"code": "000000"}))
    assert "un de vos codes de secours" in answer
    assert "l’application affiche" not in answer


def test_an_account_without_a_factor_learns_what_recovery_codes_need() -> None:
    staff = make_staff()
    client = client_of(staff)
    invite(staff, client)
    page = text_of(client.get(CODES))
    assert "ajoutez-en un d’abord" in page
    assert SETUP in page
    client.post(CODES)
    assert not Authenticator.objects.exists(), "codes alone would be a factor"


def test_passkeys_are_allowed_on_the_pages_that_use_them_only(unchecked: Client) -> None:
    allowed = "publickey-credentials-get=(self)"
    assert allowed in unchecked.get(CHECK)["Permissions-Policy"]
    assert allowed not in unchecked.get("/securite/")["Permissions-Policy"]
    assert "publickey-credentials-create=()" in unchecked.get("/offres/")["Permissions-Policy"]


@pytest.mark.parametrize(
    "credential",
    [
        *("", "{", "[]", "{}", '{"id": 3}', '{"id": "x", "response": {}}', '"' + "a" * 30_000 + '"'),
        *("[" * 100_000, '{"id": ' + "9" * 5_000 + "}"),
    ],
)
def test_an_answer_that_is_no_passkey_is_refused(credential: str) -> None:
    user = make_user()
    client = client_of(user)
    client.get("/connexion/deux-etapes/cle/")
    answer = client.post("/connexion/deux-etapes/cle/", {"name": "Clé", "credential": credential})
    assert answer.status_code == 422
    assert "#id_credential" not in text_of(answer)  # a hidden field takes no focus
    assert not Authenticator.objects.filter(user=user).exists()
    make_application(user)
    assert client.post(CHECK, {"credential": credential}).status_code == 422


def test_a_check_counts_in_its_own_session_only(owner: User, unchecked: Client) -> None:
    unchecked.post(CHECK, {"code": code_at(timezone.now())})
    assert unchecked.get(QUEUE).status_code == 200
    assert client_of(owner, second_factor=False).get(QUEUE)["Location"].startswith(CHECK)


def test_a_form_waits_for_its_own_address_alone(unchecked: Client) -> None:
    unchecked.post(reverse("operations:preferences"), {"motif": "x"})
    home = reverse("admin:index")
    assert unchecked.post(CHECK, {"code": code_at(timezone.now()), "next": home}).headers["Location"] == home
