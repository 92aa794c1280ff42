"""Errors of exports."""

from django.utils.translation import gettext_lazy as _

from intake.review.access.errors import ReviewError


class UnknownLanguageError(ReviewError):
    """The language is not one of `LANGUAGES`."""

    code = "UNKNOWN_LANGUAGE"

    def __init__(self, *, language: str) -> None:
        self.language = language


class UnknownFormatError(ReviewError):
    """The format is not one of `FORMATS`."""

    code = "UNKNOWN_FORMAT"

    def __init__(self, *, file_format: str) -> None:
        self.file_format = file_format


class ExportNotReadyError(ReviewError):
    """The order has no file yet, or no longer."""

    code = "EXPORT_NOT_READY"
    message = _("Ce fichier n’est pas disponible : voici son état.")


class ExportNotAllowedError(ReviewError):
    """The user lost the right to export before the file was written. Its code is stored in the order."""

    code = "NOT_ALLOWED"
    message = _("Vous ne pouvez plus exporter de liste : demandez-le à une autre personne.")


class PdfNotMadeError(ReviewError):
    """The PDF exceeds the limits of its process. Its code is stored in the order."""

    code = "NOT_MADE"
    message = _("Le PDF n’est pas prêt. Réessayez, ou téléchargez le classeur, qui a toutes les lignes.")


class ExportTooLateError(ReviewError):
    """No worker wrote the file before the order expired. Its code is stored in the order."""

    code = "TOO_LATE"
    message = _("La préparation du fichier a pris trop de temps : demandez-le de nouveau.")
