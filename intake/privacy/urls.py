"""Addresses of `privacy`."""

from django.contrib import admin
from django.urls import path

from intake.privacy.retention import deletion_views
from intake.privacy.retention import views as retention

app_name = "privacy"
urlpatterns = [
    path("confidentialite/conservation/", retention.public_schedule, name="schedule"),
    path("profil/supprimer/", deletion_views.delete_account, name="delete_account"),
    path("admin/conservation/", admin.site.admin_view(retention.retention), name="retention"),
]
