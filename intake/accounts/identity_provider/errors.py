"""Errors of a sign-in by the identity provider, which staff read."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from intake.base.portal_error import PortalError


class Reason(StrEnum):
    """What was wrong: the reason of the security event. `docs/operations/security-events.md` says what to do."""

    NO_REQUEST = "NO_REQUEST"  # this browser asked for nothing, or too long ago
    STATE = "STATE"  # it is of another request
    OTHER_ISSUER = "OTHER_ISSUER"  # another issuer answers
    NO_CODE = "NO_CODE"  # the person gave up, or the provider refused
    USED = "USED"  # it was accepted before
    CODE = "CODE"  # the provider does not know the code
    NO_STATEMENT = "NO_STATEMENT"  # no ID token
    UNKNOWN_KEY = "UNKNOWN_KEY"  # signed by a key that is not published
    NOT_VALID = "NOT_VALID"  # signature, issuer, audience or dates
    OTHER_CLIENT = "OTHER_CLIENT"  # issued for another client
    NONCE = "NONCE"  # the token is of another request
    SUBJECT = "SUBJECT"  # no name of the person, or too long
    NOT_CONFIRMED = "NOT_CONFIRMED"  # another person, or no second factor
    CONFIGURATION = "CONFIGURATION"  # the configuration of another issuer, or not encrypted
    STATUS = "STATUS"  # the provider answers with an error
    NO_ANSWER = "NO_ANSWER"  # no answer, or not JSON
    ADDRESS_NOT_VERIFIED = "ADDRESS_NOT_VERIFIED"  # no verified address
    NO_ACCOUNT = "NO_ACCOUNT"  # no account of staff has the address
    NOT_STAFF = "NOT_STAFF"  # the account lost its role
    LINKED_TO_ANOTHER = "LINKED_TO_ANOTHER"  # the account is another person's of the provider


class IdentityError(PortalError):
    """The sign-in was refused. `reason`: what was wrong, for the security event; never for the page."""

    code = "identity"

    def __init__(self, *, reason: Reason) -> None:
        super().__init__()
        self.reason = reason


class AnswerRefusedError(IdentityError):
    """The answer is not of this browser's request, or not a valid one of the configured provider."""

    code = "identity_answer_refused"
    message = _(
        "Le service d’identité n’a pas confirmé votre connexion. Réessayez, ou recevez un code par courriel."
    )


class ProviderUnavailableError(IdentityError):
    """The provider did not answer, or not in the form of the standard."""

    code = "identity_provider_unavailable"
    message = _(
        "Le service d’identité ne répond pas. Réessayez dans une minute, ou recevez un code par courriel."
    )


class NoStaffAccountError(IdentityError):
    """No account of staff is this person's: the provider opens none."""

    code = "identity_without_account"
    message = _(
        "Aucun compte du personnel ne correspond à cette identité. Écrivez à l’administration du portail."
    )
