"""Why files are not assigned."""

from collections.abc import Mapping

from intake.review.access.errors import ReviewError


class AssignmentNotAllowedError(ReviewError):
    """Files cannot be given to the members named: nothing is written. `refused` says why, pair by pair."""

    code = "CANNOT_READ"

    def __init__(self, *, refused: Mapping[tuple[int, int], str]) -> None:
        super().__init__(f"{len(refused)} files cannot be read by those they would be given to")
        self.refused = refused


class StaleDivisionError(ReviewError):
    """Files, members or conflicts changed since the page that showed the division: another one would be made."""

    code = "STALE_DIVISION"
