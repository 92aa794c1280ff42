"""Accounts, with an index for each list of the administration."""

import uuid

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))


class Migration(migrations.Migration):
    initial = True
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ID,
                ("password", models.CharField("password", max_length=128)),
                ("last_login", models.DateTimeField("last login", null=True, blank=True)),
                (
                    "is_superuser",
                    models.BooleanField(
                        "superuser status",
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField("identifiant public", unique=True, default=uuid.uuid4, editable=False),
                ),
                (
                    "email",
                    models.EmailField(
                        "adresse courriel",
                        max_length=254,
                        unique=True,
                        error_messages={"unique": "Une autre personne utilise déjà cette adresse."},
                    ),
                ),
                (
                    "display_name",
                    models.CharField(
                        "nom affiché",
                        max_length=200,
                        blank=True,
                        help_text="Pour le personnel : le nom que ses collègues voient.",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        "a accès à l’administration",
                        default=False,
                        help_text="Oui pour les membres des comités et le personnel.",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        "compte ouvert", default=True, help_text="Décocher ferme le compte sans rien effacer."
                    ),
                ),
                ("date_joined", models.DateTimeField("compte créé le", default=timezone.now, editable=False)),
                (
                    "sessions_ended_at",
                    models.DateTimeField("sessions fermées le", null=True, blank=True, editable=False),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        "auth.group",
                        blank=True,
                        related_name="user_set",
                        related_query_name="user",
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        "auth.permission",
                        blank=True,
                        related_name="user_set",
                        related_query_name="user",
                        help_text="Specific permissions for this user.",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "compte",
                "verbose_name_plural": "comptes",
                "indexes": [
                    models.Index(
                        fields=["email"], condition=~Q(display_name=""), name="accounts_with_a_name"
                    ),
                    models.Index(fields=["email"], condition=Q(is_staff=True), name="accounts_of_staff"),
                    models.Index(
                        fields=["email"], condition=Q(is_superuser=True), name="accounts_of_administration"
                    ),
                    models.Index(fields=["email"], condition=Q(is_active=False), name="accounts_closed"),
                    models.Index(fields=["email"], include=("id", "is_active"), name="accounts_in_order"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(email=Lower("email")),
                        name="accounts_user_email_is_lower_case",
                        violation_error_message="L’adresse doit être écrite en minuscules.",
                    ),
                    models.CheckConstraint(condition=~Q(email=""), name="accounts_user_has_an_email"),
                ],
            },
        ),
    ]
