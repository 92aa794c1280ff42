"""Errors of assigning files."""

from collections.abc import Mapping

from intake.review.access.errors import ReviewError


class AssignmentNotAllowedError(ReviewError):
    """At least one file cannot be assigned to its member. Nothing is written. `refused` has the reason per pair."""

    code = "CANNOT_READ"

    def __init__(self, *, refused: Mapping[tuple[int, int], str]) -> None:
        super().__init__(f"{len(refused)} files cannot be read by those they would be given to")
        self.refused = refused


class StaleDivisionError(ReviewError):
    """Files, members or conflicts changed after the page was displayed: the displayed division is out of date."""

    code = "STALE_DIVISION"
