"""URLs of the public log, under `/verifier/registre/`: sizes and ranks are decimal numbers, hashes 64 digits."""

from django.urls import path, re_path

from . import views

app_name = "transparency"
_HASH = "(?P<leaf_hash>[0-9a-f]{64})"
urlpatterns = [
    path("", views.log, name="log"),
    path("flux.atom", views.feed, name="feed"),
    path("racines.json", views.roots, name="roots"),
    path("racines/<int:rank>.json", views.root, name="root"),
    path("feuilles.json", views.leaves, name="leaves"),
    path("coherence/<int:first>/<int:second>.json", views.consistency, name="consistency"),
    re_path(rf"^preuves/{_HASH}\.json$", views.inclusion, name="inclusion"),
]
