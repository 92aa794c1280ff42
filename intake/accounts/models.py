"""Users: one row per person, identified by an email address that they verified."""

import unicodedata
import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def fold_email(address: str) -> str:
    """Return `address` in its stored form: trimmed, NFC, lower case."""
    return unicodedata.normalize("NFC", address.strip()).lower()


class UserManager(BaseUserManager["User"]):
    """Create users, without passwords."""

    def create_user(self, email: str, **fields: Any) -> "User":
        """Create the user with address `email`, folded, and an unusable password.

        :raises ValueError: if `email` is empty.
        """
        if not email.strip():
            msg = "a person is known by an e-mail address"
            raise ValueError(msg)
        user = self.model(email=fold_email(email), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, **fields: Any) -> "User":
        """Create an administrator, who signs in by a code like all users."""
        fields.pop("password", None)  # `createsuperuser` may ask for one; the portal never reads it
        return self.create_user(email, **(fields | {"is_staff": True, "is_superuser": True}))

    def get_by_natural_key(self, email: str | None) -> "User":
        """Return the user with address `email`, in any case."""
        return self.get(email=fold_email(email or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who may sign in. A candidate's name is in their profile; staff have a display name."""

    public_id = models.UUIDField(_("identifiant public"), default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(
        _("adresse courriel"),
        max_length=254,
        unique=True,
        error_messages={"unique": _("Une autre personne utilise déjà cette adresse.")},
    )
    display_name = models.CharField(
        _("nom affiché"),
        max_length=200,
        blank=True,
        help_text=_("Pour le personnel : le nom que ses collègues voient."),
    )
    is_staff = models.BooleanField(
        _("a accès à l’administration"),
        default=False,
        help_text=_("Oui pour les membres des comités et le personnel."),
    )
    is_active = models.BooleanField(
        _("compte ouvert"),
        default=True,
        help_text=_("Décocher ferme le compte sans rien effacer."),
    )
    date_joined = models.DateTimeField(_("compte créé le"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("compte")
        verbose_name_plural = _("comptes")
        constraints = [
            models.CheckConstraint(
                # With the unique column, this makes addresses unique regardless of case.
                condition=models.Q(email=Lower("email")),
                name="accounts_user_email_is_lower_case",
                violation_error_message=_("L’adresse doit être écrite en minuscules."),
            ),
            models.CheckConstraint(
                condition=~models.Q(email=""),
                name="accounts_user_has_an_email",
            ),
        ]
        indexes = [
            # Small subsets of the accounts, in the order of their list.
            models.Index(fields=["email"], name="accounts_with_a_name", condition=~models.Q(display_name="")),
            models.Index(fields=["email"], name="accounts_of_staff", condition=models.Q(is_staff=True)),
            models.Index(
                fields=["email"], name="accounts_of_administration", condition=models.Q(is_superuser=True)
            ),
            models.Index(fields=["email"], name="accounts_closed", condition=models.Q(is_active=False)),
            # All accounts: an index-only scan finds the page that starts at row 5,000.
            models.Index(fields=["email"], include=["id", "is_active"], name="accounts_in_order"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.email

    def clean(self) -> None:
        """Fold the address before the constraints check it."""
        super().clean()
        self.email = fold_email(self.email)

    def get_full_name(self) -> str:
        """Return the display name, or the address."""
        return str(self)

    get_short_name = get_full_name
