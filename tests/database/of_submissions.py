"""Attempts on submissions: what they stand on, where they stand, and whose they are."""

from .attempts import UUID, check, copy, refused, says, unique
from .of_filings import on_offer

_COPIED = "submission_says_what_its_filing_says"
_SELECTED = "submission_is_selected_on_evidence"
_UNCONFIRMED = "a_selected_file_has_every_finding_confirmed"
_FREED = "submission_leaves_the_reserve_list UPDATE"
_MOVED = "filed_submission_keeps_its_offer_and_person UPDATE"


def _moved(state: str, row: str = "amended", also: str = "") -> str:
    return f"UPDATE submissions_submission SET state = '{state}'{also} WHERE id = {{{row}}}"


def _found(outcome: str, row: str = "amended") -> str:
    """Return what writes `outcome` as the latest evidence of every finding of the submission."""
    return (
        "INSERT INTO review_evidence (filing_id, position, kind, outcome, note, author_id)"
        f" SELECT v.filing_id, unnest(v.blocking), 'AGE', '{outcome}', 'Vu.', {{staff}} FROM submissions_verdict v"
        f" JOIN submissions_submission s ON s.standing_filing_id = v.filing_id WHERE s.id = {{{row}}}"
    )


_PLACED = (_moved("PLACED", "selected"), _found("CONTRADICTED", "selected"))
_STATES = ("SELECTED", "PLACED", "COMPLETED")


ATTEMPTS = (
    *(
        refused(_MOVED, what, change, name="a_filed_submission_keeps_its_offer_and_person")
        for what, change in (
            (
                "say that a filing was for another offer",
                "UPDATE submissions_submission SET offer_id = {closed} WHERE id = {amended}",
            ),
            (
                "say that another person filed",
                "UPDATE submissions_submission SET candidate_id = {nobody} WHERE id = {amended}",
            ),
        )
    ),
    says(
        _MOVED,
        "what is filed may be written again as it is",
        "UPDATE submissions_submission SET offer_id = offer_id WHERE id = {amended}",
        answer="done",
    ),
    says(_MOVED, "what is not filed may be of another offer", on_offer("other"), answer="done"),
    says(
        f"{_COPIED} INSERT",
        "a new submission stands on nothing, whatever it says",
        "INSERT INTO submissions_submission (public_id, offer_id, candidate_id, state, version, reserve, filed_name,"
        " received_at, filed_outcome, created_at)"
        f" VALUES ({UUID}, {{other}}, {{person}}, 'DRAFT', 0, 'NONE', '', now(), 'ELIGIBLE', now())"
        " RETURNING received_at IS NULL AND filed_outcome = ''",
        answer="True",
    ),
    *(
        says(
            f"{_COPIED} UPDATE",
            what,
            f"UPDATE submissions_submission s SET {change} WHERE s.id = {{amended}}",
            "SELECT s.received_at = f.received_at AND s.filed_outcome = v.outcome FROM submissions_submission s"
            " JOIN submissions_filing f ON f.id = s.standing_filing_id JOIN submissions_verdict v"
            " ON v.filing_id = f.id WHERE s.id = {amended}",
            answer="True",
        )
        for what, change in (
            ("say that it was received earlier", "received_at = '2001-01-01'"),
            ("say another verdict", "filed_outcome = 'INELIGIBLE'"),
            ("stand on another filing", "standing_filing_id = {first_filing}"),
        )
    ),
    says(
        f"{_COPIED} UPDATE",
        "say that what was refused is eligible",
        "UPDATE submissions_submission SET filed_outcome = 'ELIGIBLE' WHERE id = {reserved} RETURNING filed_outcome",
        answer="INELIGIBLE",
    ),
    refused(
        f"{_COPIED} UPDATE",
        "stand on no filing that exists",
        "UPDATE submissions_submission SET standing_filing_id = 0 WHERE id = {amended}",
        name="submission_stands_on_a_judged_filing",
    ),
    *(
        refused(f"{_SELECTED} UPDATE", f"{state}, and confirm nothing", _moved(state), name=_UNCONFIRMED)
        for state in _STATES
    ),
    *(
        says(
            f"{_SELECTED} UPDATE",
            f"{state}, every finding confirmed",
            _found("CONFIRMED"),
            _moved(state),
            answer="done",
        )
        for state in _STATES
    ),
    says(f"{_SELECTED} UPDATE", "study a file, and confirm nothing", _moved("UNDER_REVIEW"), answer="done"),
    refused(
        f"{_SELECTED} UPDATE",
        "select what was confirmed, then contradicted",
        _found("CONFIRMED"),
        _found("CONTRADICTED"),
        _moved("SELECTED"),
        name=_UNCONFIRMED,
    ),
    says(
        f"{_SELECTED} UPDATE",
        "select what was contradicted, then confirmed",
        _found("CONTRADICTED"),
        _found("CONFIRMED"),
        _moved("SELECTED"),
        answer="done",
    ),
    refused(
        f"{_SELECTED} UPDATE",
        "select on what was confirmed of an earlier filing",
        _found("CONFIRMED").replace("s.standing_filing_id = v.filing_id", "v.filing_id = {first_filing}"),
        _moved("SELECTED"),
        name=_UNCONFIRMED,
    ),
    refused(
        f"{_SELECTED} UPDATE",
        "select, with one finding that nobody confirmed",
        "INSERT INTO review_evidence (filing_id, position, kind, outcome, note, author_id)"
        " SELECT v.filing_id, w, 'AGE', 'CONFIRMED', 'Vu.', {staff} FROM submissions_verdict v,"
        " unnest(v.blocking[2:]) w WHERE v.filing_id = {filing}",
        _moved("SELECTED"),
        name=_UNCONFIRMED,
    ),
    says(
        f"{_SELECTED} UPDATE",
        "complete a stage that took place, whatever was found since",
        *_PLACED,
        _moved("COMPLETED", "selected"),
        answer="done",
    ),
    refused(
        f"{_SELECTED} UPDATE",
        "select again one who was placed, and contradicted since",
        *_PLACED,
        _moved("SELECTED", "selected"),
        name=_UNCONFIRMED,
    ),
    refused(
        f"{_SELECTED} UPDATE",
        "let a selection stand on another filing",
        _found("CONFIRMED"),
        _moved("SELECTED"),
        "UPDATE submissions_submission SET standing_filing_id = {first_filing} WHERE id = {amended}",
        name=_UNCONFIRMED,
    ),
    refused(
        f"{_SELECTED} UPDATE",
        "complete a stage that did not take place",
        _found("CONTRADICTED", "selected"),
        _moved("COMPLETED", "selected"),
        name=_UNCONFIRMED,
    ),
    refused(
        f"{_SELECTED} UPDATE",
        "complete a stage on another filing",
        _found("CONFIRMED"),
        _moved("PLACED"),
        _moved("COMPLETED", also=", standing_filing_id = {first_filing}"),
        name=_UNCONFIRMED,
    ),
    refused(
        f"{_SELECTED} INSERT",
        "write a submission that is completed already",
        copy(
            "submissions_submission",
            "id = {amended}",
            public_id=UUID,
            offer_id="{other}",
            state="'COMPLETED'",
        ),
        name=_UNCONFIRMED,
        by="owner",
    ),
    *(
        says(
            _FREED,
            what,
            _moved(state, "listed"),
            "SELECT count(*) FROM review_reserveplace WHERE submission_id = {listed}",
            answer=places,
        )
        for what, state, places in (
            ("leave the reserve list, and the place", "DECLINED", "0"),
            ("stay on the reserve list, in the same place", "RESERVE", "1"),
        )
    ),
    says(
        _FREED,
        "one who leaves the list takes nobody else's place",
        "UPDATE submissions_submission SET state = 'RESERVE' WHERE id = {amended}",
        _moved("DECLINED"),
        "SELECT count(*) FROM review_reserveplace",
        answer="1",
    ),
    *(
        check(
            "a_reserve_is_settled_before_the_file_is_studied",
            f"{state} before it is settled",
            _moved(state, "reserved"),
        )
        for state in ("UNDER_REVIEW", "SHORTLISTED", "DECLINED", "INADMISSIBLE")
    ),
    *(
        check(
            "an_upheld_reserve_ends_the_study_of_the_file",
            f"{state} after it was upheld",
            _moved(state, "reserved", ", reserve = 'UPHELD'"),
        )
        for state in ("UNDER_REVIEW", "SHORTLISTED", "DECLINED", "SUBMITTED")
    ),
    check(
        "only_a_draft_stands_without_a_filing",
        "submitted without a filing",
        _moved("SUBMITTED", "unfiled"),
    ),
    check("only_a_draft_stands_without_a_filing", "a draft that is filed", _moved("DRAFT")),
    check(
        "submission_reserve_is_known",
        "a reserve that is none of the choices",
        _moved("SUBMITTED", also=", reserve = 'X'"),
    ),
    check("submission_state_is_known", "a state that is none of the table", _moved("X")),
    unique(
        "a_person_has_one_submission_per_offer",
        "begin twice on one offer",
        copy("submissions_submission", "id = {unfiled}", public_id=UUID),
    ),
    unique(
        "submissions_submission_public_id_key",
        "a public id twice",
        copy("submissions_submission", "id = {unfiled}", offer_id="{other}"),
    ),
    unique(
        "submissions_submission_standing_filing_id_key",
        "stand on another's filing",
        _moved("SUBMITTED", "unfiled", ", standing_filing_id = {filing}"),
    ),
    *(
        unique(
            "a_person_is_selected_once",
            f"{state} here, placed elsewhere",
            "ALTER TABLE submissions_submission DISABLE TRIGGER USER",
            _moved("PLACED", "selected"),
            "UPDATE submissions_submission SET offer_id = {other}, candidate_id = (SELECT candidate_id FROM"
            f" submissions_submission WHERE id = {{selected}}), state = '{state}' WHERE id = {{amended}}",
            by="owner",
        )
        for state in ("SELECTED", "PLACED")
    ),
)
