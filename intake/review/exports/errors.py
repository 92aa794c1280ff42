"""Why a shortlist is not exported."""

from intake.review.access.errors import ReviewError


class UnknownLanguageError(ReviewError):
    """The shortlist is not written in this language."""

    code = "UNKNOWN_LANGUAGE"

    def __init__(self, *, language: str) -> None:
        super().__init__(f"no shortlist is written in {language!r}")
        self.language = language


class UnknownFormatError(ReviewError):
    """The shortlist is not written in this format."""

    code = "UNKNOWN_FORMAT"

    def __init__(self, *, file_format: str) -> None:
        super().__init__(f"no shortlist is written as {file_format!r}")
        self.file_format = file_format
