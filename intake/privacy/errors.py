"""Base class of the refusals of `privacy`."""

from intake.base.portal_error import PortalError


class PrivacyError(PortalError):
    """An operation on a rule, a hold or an account was refused. Never raised itself."""

    code = "REFUSED"
