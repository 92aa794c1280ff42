"""URLs of the sign-in flow."""

from django.conf import settings
from django.urls import path

from intake.accounts import address_pages, mailbox_pages, passkey_pages, security_pages, views
from intake.accounts.identity_provider import views as identity_provider
from intake.accounts.second_factor import invitation_pages
from intake.accounts.second_factor import views as second_factor

app_name = "accounts"
urlpatterns = [
    path("connexion/", views.sign_in, name="sign_in"),
    path("connexion/code/", views.confirm, name="confirm"),
    path("connexion/code/renvoyer/", views.resend, name="resend"),
    path("connexion/courriel/<str:token>/", views.sign_in_mailed, name="sign_in_mailed"),
    path("connexion/cle/", passkey_pages.sign_in_by_passkey, name="sign_in_by_passkey"),
    path("connexion/cle/demande/", passkey_pages.passkey_options, name="passkey_options"),
    path("connexion/fournisseur/", identity_provider.go_to_provider, name="provider_sign_in"),
    path("connexion/fournisseur/retour/", identity_provider.answer, name="provider_answer"),
    path("connexion/compte-ferme/", views.closed, name="closed"),
    path("deconnexion/", views.sign_out, name="sign_out"),
    path("connexion/deux-etapes/", second_factor.second_factor, name="second_factor"),
    path("connexion/invitation/<str:token>/", invitation_pages.invitation, name="invitation"),
    path("connexion/deux-etapes/choisir/", second_factor.setup, name="factor_setup"),
    path("connexion/deux-etapes/application/", second_factor.add_application, name="add_application"),
    path("connexion/deux-etapes/cle/", second_factor.add_passkey, name="add_passkey"),
    path("connexion/deux-etapes/codes/", second_factor.recovery_codes, name="recovery_codes"),
    path(
        "connexion/deux-etapes/codes/fichier/", second_factor.recovery_codes_file, name="recovery_codes_file"
    ),
    path("connexion/deux-etapes/<int:factor_id>/retirer/", second_factor.remove_factor, name="remove_factor"),
    path("securite/", security_pages.security, name="security"),
    path("securite/confirmer/", mailbox_pages.prove_mailbox, name="prove_mailbox"),
    path("securite/adresse/", address_pages.change_address, name="change_address"),
    path("securite/adresse/code/", address_pages.confirm_address, name="confirm_address"),
    path("securite/adresse/reprendre/<str:token>/", address_pages.undo_address, name="undo_address"),
    path("securite/session/<uuid:session_id>/", security_pages.end_one_session, name="end_session"),
    path("securite/autres-sessions/", security_pages.end_others, name="end_other_sessions"),
]
link_patterns = [path("connexion/lien/<str:token>/", views.sign_in_by_link, name="sign_in_link")]
if settings.ONE_TIME_LINKS is True:
    urlpatterns += link_patterns
