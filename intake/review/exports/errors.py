"""Errors of exports."""

from intake.review.access.errors import ReviewError


class UnknownLanguageError(ReviewError):
    """The language is not one of `LANGUAGES`."""

    code = "UNKNOWN_LANGUAGE"

    def __init__(self, *, language: str) -> None:
        super().__init__(f"no shortlist is written in {language!r}")
        self.language = language


class UnknownFormatError(ReviewError):
    """The format is not one of `FORMATS`."""

    code = "UNKNOWN_FORMAT"

    def __init__(self, *, file_format: str) -> None:
        super().__init__(f"no shortlist is written as {file_format!r}")
        self.file_format = file_format
