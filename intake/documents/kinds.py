"""How long each kind of document may be when no offer says otherwise, and the one job of this room."""

# Decision of the programme's defaults: an offer sets its own limits, document by document.
DEFAULT_PAGES = {
    "CV": 3,
    "MOTIVATION_LETTER": 2,
    "TRANSCRIPT": 20,
    "ENROLMENT_PROOF": 10,
    "RECOMMENDATION": 3,
    "OTHER": 10,
}
DEFAULT_BYTES = 10 * 1024 * 1024

RECLAIM = "UPLOADS_RECLAIM"
"""The job that takes back files nobody uses; its key is a day."""
