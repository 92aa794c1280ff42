"""Users: one row per person, identified by an email address that they verified; and the changes of their accounts."""

import datetime as dt
import unicodedata
import uuid
from typing import Any, ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.functions import TransactionNow
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import F, Q
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
    sessions_ended_at = models.DateTimeField(_("sessions fermées le"), null=True, blank=True, editable=False)
    """When all sessions of the account were ended. A sign-in code or link that was sent before is no longer valid."""

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


CHANGE_LIFETIME: Final = dt.timedelta(days=7)
"""How long an account change may wait for its approval."""
UNDO_LIFETIME: Final = dt.timedelta(days=7)
"""How long the former mailbox may undo a change of their own address."""
INVITATION_LIFETIME: Final = dt.timedelta(days=7)
"""How long an invitation may be used."""
REASON_LENGTH: Final = 300
"""Characters of the reason of a change."""
YES: Final = "YES"
NO: Final = "NO"


class AccountChange(models.Model):
    """A change of one account: asked by an administrator, applied once another one approves it.

    Closing an account protects its owner: one administrator is enough. A candidate changes their own address, once they
    proved both mailboxes. A change without `asked_by` was made by the operator, who runs commands on the server. The
    database keeps every row as it was asked and decided
    (`sql/keep_account_change.sql`), and lets the application change an account only by an applied row
    (`sql/refuse_unapproved_account.sql`, `sql/refuse_unapproved_role.sql`).
    """

    class Kind(models.TextChoices):
        ADDRESS = "ADDRESS", _("Adresse courriel")
        OWN_ADDRESS = "OWN_ADDRESS", _("Adresse courriel, par la personne")
        ROLES = "ROLES", _("Rôles")
        ADMINISTRATION = "ADMINISTRATION", _("Administration")
        CLOSING = "CLOSING", _("Fermeture du compte")
        REOPENING = "REOPENING", _("Réouverture du compte")
        SECOND_FACTOR = "SECOND_FACTOR", _("Retrait d’un appareil perdu")

    class State(models.TextChoices):
        ASKED = "ASKED", _("À approuver")
        APPLIED = "APPLIED", _("Fait")
        REFUSED = "REFUSED", _("Refusé")
        EXPIRED = "EXPIRED", _("Expiré")

    person = models.ForeignKey(User, models.PROTECT, related_name="changes", verbose_name=_("compte"))
    kind = models.CharField(_("changement"), max_length=24, choices=Kind)
    value = models.CharField(_("demandé"), max_length=254, blank=True)
    """What is asked: the address, the codes of all roles in alphabetical order, or YES or NO; else empty."""
    before = models.CharField(_("avant"), max_length=254, blank=True)
    """The same of the account when the change was asked."""
    reason = models.CharField(_("motif"), max_length=REASON_LENGTH)
    asked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("demandé par")
    )
    asked_at = models.DateTimeField(_("demandé le"), db_default=TransactionNow(), editable=False)
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("décidé par")
    )
    """Null while it is asked, once it expired, and if the operator made it."""
    decided_at = models.DateTimeField(_("décidé le"), null=True, blank=True, editable=False)
    """Start of the transaction that decided: the database writes it."""
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", editable=False
    )
    """The change of their own address that the former mailbox undid by this one: it gives the address back, or closes
    the account if another one has taken the address meanwhile."""

    class Meta:
        verbose_name = _("changement de compte")
        verbose_name_plural = _("changements de comptes")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state="ASKED"),
                name="an_account_has_one_open_change_of_each_kind",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ASKED", "APPLIED", "REFUSED", "EXPIRED"]),
                name="account_change_state_is_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="account_change_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(kind__in=["ADDRESS", "OWN_ADDRESS"], value="")
                & (~Q(kind="ADMINISTRATION") | Q(value__in=["YES", "NO"])),
                name="account_change_has_the_value_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="ASKED", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="ASKED") & Q(decided_at__isnull=False)),
                name="account_change_is_open_or_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="APPLIED")
                | Q(asked_by__isnull=True, decided_by__isnull=True)
                | Q(
                    asked_by__isnull=False, decided_by__isnull=False, decided_by=F("asked_by"), kind="CLOSING"
                )
                | Q(kind="OWN_ADDRESS")
                | (
                    Q(asked_by__isnull=False, decided_by__isnull=False)
                    & ~Q(decided_by=F("asked_by"))
                    & ~Q(decided_by=F("person"))
                ),
                name="account_change_is_applied_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(kind="OWN_ADDRESS")
                | Q(
                    state="APPLIED",
                    asked_by__isnull=False,
                    asked_by=F("person"),
                    decided_by__isnull=False,
                    decided_by=F("person"),
                ),
                name="an_own_address_is_changed_by_its_person",
            ),
            models.CheckConstraint(
                condition=Q(undoes__isnull=True) | Q(kind__in=["OWN_ADDRESS", "CLOSING"]),
                name="an_undone_address_is_given_back_or_its_account_closed",
            ),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=False) | Q(state="APPLIED"),
                name="account_change_is_asked_by_a_person_or_applied",
            ),
            models.CheckConstraint(
                condition=~Q(state="APPLIED") | Q(decided_at__lt=F("asked_at") + CHANGE_LIFETIME),
                name="account_change_is_applied_within_seven_days",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], name="account_changes_to_decide", condition=Q(state="ASKED"))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def expires_at(self) -> dt.datetime:
        """Return the instant, exclusive, until which it may be approved."""
        return self.asked_at + CHANGE_LIFETIME

    @property
    def undone_until(self) -> dt.datetime | None:
        """Return the instant, exclusive, until which the former mailbox may undo it; None for other changes."""
        is_own = self.kind == self.Kind.OWN_ADDRESS and self.undoes_id is None and self.decided_at is not None
        return self.decided_at + UNDO_LIFETIME if is_own and self.decided_at else None

    @property
    def is_withdrawn(self) -> bool:
        """True if the person who asked for the change refused it."""
        return self.state == self.State.REFUSED and self.decided_by_id == self.asked_by_id


class OpenSession(models.Model):
    """Whose a session is, and what its owner recognises it by. The database deletes the row with the session."""

    session = models.OneToOneField(Session, models.DB_CASCADE, primary_key=True, related_name="+")
    user = models.ForeignKey(User, models.DB_CASCADE, related_name="+")
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    device = models.CharField(max_length=60)
    """Browser and system, such as "Firefox, Windows"; nothing else about the device is stored."""

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.device


class Invitation(models.Model):
    """The right to add the first second factor to an account of staff, not used yet. Adding it deletes the row."""

    user = models.OneToOneField(User, models.DB_CASCADE, primary_key=True, related_name="+")
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    """Another one for each invitation: the link of an earlier one is no longer valid."""
    given_at = models.DateTimeField(editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def expires_at(self) -> dt.datetime:
        """Return the instant, exclusive, until which it may be used."""
        return self.given_at + INVITATION_LIFETIME


class ProviderIdentity(models.Model):
    """Whom the identity provider knows as the owner of an account of staff. Each change of the account ends it."""

    user = models.OneToOneField(User, models.DB_CASCADE, primary_key=True, related_name="+")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    """The provider's own name of the person, the claim `sub`: it never belongs to another person of that issuer."""
    linked_at = models.DateTimeField(editable=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="an_identity_opens_one_account"),
            models.CheckConstraint(
                condition=~Q(issuer="") & ~Q(subject=""), name="an_identity_has_an_issuer_and_a_subject"
            ),
        ]

    def __str__(self) -> str:
        return self.subject
