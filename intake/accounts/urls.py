"""URLs of the sign-in flow."""

from django.conf import settings
from django.urls import path

from intake.accounts import views

app_name = "accounts"
urlpatterns = [
    path("connexion/", views.sign_in, name="sign_in"),
    path("connexion/code/", views.confirm, name="confirm"),
    path("connexion/code/renvoyer/", views.resend, name="resend"),
    path("connexion/courriel/<str:token>/", views.sign_in_mailed, name="sign_in_mailed"),
    path("connexion/compte-ferme/", views.closed, name="closed"),
    path("deconnexion/", views.sign_out, name="sign_out"),
]
link_patterns = [path("connexion/lien/<str:token>/", views.sign_in_by_link, name="sign_in_link")]
if settings.ONE_TIME_LINKS is True:
    urlpatterns += link_patterns
