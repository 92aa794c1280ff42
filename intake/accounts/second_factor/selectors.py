"""Queries of second factors, as their owner reads them."""

import datetime as dt
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from intake.accounts.models import User
from intake.accounts.second_factor.recovery_codes import UNSEEN, hashes_of, unseen

Kind = Authenticator.Type


@dataclass(frozen=True, slots=True)
class FactorDisplay:
    """One factor, as a page shows it."""

    pk: int
    name: str
    added_at: dt.datetime
    last_used_at: dt.datetime | None
    are_codes: bool = False


@dataclass(frozen=True, slots=True)
class FactorsDisplay:
    """All factors of one account. `codes_left`: unused recovery codes; None if there are none to use."""

    application: FactorDisplay | None
    passkeys: list[FactorDisplay]
    codes_left: int | None
    codes_seen: bool

    @property
    def any(self) -> bool:
        """Return whether the account has a second factor."""
        return bool(self.application or self.passkeys)


def factors_of(user: User) -> FactorsDisplay:
    """Return the factors of `user`, passkeys in the order in which they were added."""
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    application = next((row for row in rows if row.type == Kind.TOTP), None)
    codes = next((row for row in rows if row.type == Kind.RECOVERY_CODES), None)
    return FactorsDisplay(
        application=_display(application, _("Application d’authentification")) if application else None,
        passkeys=[_display(row, row.data["name"]) for row in rows if row.type == Kind.WEBAUTHN],
        codes_left=len(hashes_of(codes)) if codes else None,
        codes_seen=bool(codes and UNSEEN not in codes.data),
    )


def factors_among(user: User, keys: list[int]) -> list[FactorDisplay]:
    """Return the factors of `user` with these keys, recovery codes too."""
    names = {Kind.TOTP: _("Application d’authentification"), Kind.RECOVERY_CODES: _("Codes de secours")}
    rows = Authenticator.objects.filter(user=user, pk__in=keys).order_by("created_at", "pk")
    return [_display(row, names.get(row.type) or row.data["name"]) for row in rows]


def has_factor(user: User) -> bool:
    """Return whether `user` has a second factor; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=user).exclude(type=Kind.RECOVERY_CODES).exists())


def factor_keys(user: User) -> str:
    """Return the keys of the second factors of `user`, which another set does not have."""
    rows = Authenticator.objects.filter(user=user).exclude(type=Kind.RECOVERY_CODES)
    return " ".join(str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True))


def unseen_codes(user: User) -> list[str]:
    """Return the recovery codes of `user` until they say that they kept them; then nothing."""
    codes = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    return [f"{code[:4]}\u00a0{code[4:8]}\u00a0{code[8:]}" for code in unseen(codes)] if codes else []


def _display(row: Authenticator, name: str) -> FactorDisplay:
    return FactorDisplay(
        pk=row.pk,
        name=name,
        added_at=row.created_at,
        last_used_at=row.last_used_at,
        are_codes=row.type == Kind.RECOVERY_CODES,
    )
