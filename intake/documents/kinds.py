"""Default limits per kind of document, and the kind of the app's only job."""

# Defaults of the programme: an offer sets its own limits per document request.
DEFAULT_PAGES = {
    "CV": 3,
    "MOTIVATION_LETTER": 2,
    "TRANSCRIPT": 20,
    "ENROLMENT_PROOF": 10,
    "RECOMMENDATION": 3,
    "OTHER": 10,
}
DEFAULT_BYTES = 10 * 1024 * 1024

RECLAIM = "UPLOADS_RECLAIM"  # the job that deletes unused files; its key is a day
