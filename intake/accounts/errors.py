"""Errors of changes of accounts, which administrators read; of their own address, candidates too."""

from django.utils.translation import gettext_lazy as _

from intake.base.portal_error import PortalError


class AccountChangeError(PortalError):
    """A change of an account was refused."""

    code = "account_change"


class NotAdministratorError(AccountChangeError):
    """The user who asks or decides is not an administrator with an open account."""

    code = "not_an_administrator"
    message = _("Seule une personne à l’administration peut demander ou approuver ce changement.")


class SecondPersonError(AccountChangeError):
    """The user asked for the change, or it is of their own account: another administrator approves it."""

    code = "second_person"
    message = _(
        "Une autre personne doit approuver ce changement : ni celle qui l’a demandé, ni celle dont le compte change."
    )


class AskerLeftError(AccountChangeError):
    """The user who asked for the change is no longer an administrator."""

    code = "asker_left"
    message = _("La personne qui a demandé ce changement n’est plus à l’administration. Refusez-le.")


class ChangeDecidedError(AccountChangeError):
    """The change was applied, refused or has expired."""

    code = "change_decided"
    message = _("Ce changement n’attend plus de décision. Rechargez la page pour voir où il en est.")


class StaleChangeError(AccountChangeError):
    """The account changed since the change was asked."""

    code = "change_stale"
    message = _(
        "Le compte a changé depuis cette demande. Refusez-la, puis demandez le changement de nouveau."
    )


class NothingToChangeError(AccountChangeError):
    """The account is already as asked."""

    code = "nothing_to_change"
    message = _("Le compte est déjà ainsi : il n’y a rien à changer.")


class OpenChangeError(AccountChangeError):
    """Another change of the same kind waits for its approval."""

    code = "change_open"
    message = _("Un changement de ce genre attend déjà une décision pour ce compte.")


class NameNeededError(AccountChangeError):
    """An account that has a displayed name keeps one."""

    code = "name_needed"
    message = _("Inscrivez le nom affiché : les collègues de la personne le voient.")


class StaffAddressError(AccountChangeError):
    """The account has access to the administration, or is closed: its owner does not change its address."""

    code = "staff_address"
    message = _("L’adresse de ce compte change à la demande d’une personne à l’administration.")


class AddressTakenError(AccountChangeError):
    """Another account has the address."""

    code = "address_taken"
    message = _("Une autre personne utilise déjà cette adresse.")


class LastAdministratorError(AccountChangeError):
    """No administrator would be left."""

    code = "last_administrator"
    message = _("C’est la dernière personne à l’administration : il en faut au moins une.")
