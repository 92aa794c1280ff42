"""Errors of second factors, which their owner reads."""

from django.utils.translation import gettext_lazy as _

from intake.base.portal_error import PortalError


class SecondFactorError(PortalError):
    """A factor was refused."""

    code = "second_factor"


class WrongCodeError(SecondFactorError):
    """It is neither the current code of the application nor a recovery code that was not used yet."""

    code = "second_factor_code_wrong"
    message = _("Ce n’est pas le bon code. Recopiez celui que l’application affiche maintenant.")


class CodeAlreadyUsedError(SecondFactorError):
    """The application's code was accepted before; the next one is due within 30 seconds."""

    code = "second_factor_code_used"
    message = _("Ce code a déjà servi. Attendez le suivant, au plus 30 secondes.")


class TooManyTriesError(SecondFactorError):
    """The account tried too many codes."""

    code = "second_factor_tries"
    message = _("Trop d’essais. Attendez dix minutes, puis recommencez.")


class PasskeyRefusedError(SecondFactorError):
    """The browser's answer is not of a passkey of this account, or not about this request."""

    code = "passkey_refused"
    message = _("La clé d’accès n’est pas reconnue. Réessayez, ou choisissez un autre moyen.")


class PasskeyCopiedError(PasskeyRefusedError):
    """The passkey's counter of signatures did not grow: two devices may hold its key (WebAuthn, 6.1.1)."""

    code = "passkey_copied"
    message = _(
        "Deux appareils semblent avoir cette clé d’accès : nous ne l’acceptons pas. Choisissez un autre moyen, puis "
        "écrivez-nous."
    )


class NotInvitedError(SecondFactorError):
    """The account has no second factor, and this session no valid invitation to add one."""

    code = "not_invited"
    message = _("Votre invitation n’est plus valide. Demandez-en une autre à l’administration du portail.")


class InvitationNotNeededError(SecondFactorError):
    """The account is closed, is not of staff, or has a second factor."""

    code = "invitation_not_needed"
    message = _("Ce compte n’a pas besoin d’invitation. Rechargez la page pour voir où il en est.")


class ApplicationKnownError(SecondFactorError):
    """The account has an authenticator application already."""

    code = "application_known"
    message = _("Votre compte a déjà une application. Retirez-la avant d’en ajouter une autre.")
