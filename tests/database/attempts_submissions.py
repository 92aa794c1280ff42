"""Attempts on submissions: their current filing, their state and their candidate."""

from tests.database.attempts import UUID, copy, raises_violation, returns_answer, unique

_COPIED = "submission_says_what_its_filing_says"
_SELECTED = "submission_is_selected_on_evidence"
_UNCONFIRMED = "a_selected_file_has_every_finding_confirmed"
_FREED = "submission_leaves_the_reserve_list UPDATE"
_MOVED = "filed_submission_keeps_its_offer_and_person UPDATE"


def _move_to(state: str, row: str = "amended", also: str = "") -> str:
    return f"UPDATE submissions_submission SET state = '{state}'{also} WHERE id = {{{row}}}"


def _latest_evidence(outcome: str, row: str = "amended") -> str:
    """Return the statement that writes `outcome` as the latest evidence of every finding of the submission."""
    return (
        "INSERT INTO review_evidence (filing_id, position, kind, outcome, note, author_id)"
        f" SELECT v.filing_id, unnest(v.blocking), 'AGE', '{outcome}', 'Vu.', {{staff}} FROM submissions_verdict v"
        f" JOIN submissions_submission s ON s.standing_filing_id = v.filing_id WHERE s.id = {{{row}}}"
    )


def _confirm(actor: str) -> str:
    """Return the statement by which `actor` confirms the first finding of the review."""
    return (
        "INSERT INTO submissions_ruling (filing_id, turn, position, kind, decision, reason, actor_id)"
        f" VALUES ({{filing}}, 1, 0, 'AGE', 'CONFIRMED', 'Non.', {{{actor}}})"
    )


_UPHELD = "review_is_upheld_by_a_second_person INSERT"
_UPHOLD = (
    "INSERT INTO submissions_transition (submission_id, action, from_state, to_state, actor_id, reason)"
    " VALUES ({amended}, 'FIND_INADMISSIBLE', 'SUBMITTED', 'INADMISSIBLE', {staff}, 'Non.')"
)
_PLACED = (_move_to("PLACED", "selected"), _latest_evidence("CONTRADICTED", "selected"))
_STATES = ("SELECTED", "PLACED", "COMPLETED")


ATTEMPTS = (
    # -- Files under inspection
    unique(
        "one_file_under_inspection_replaces_a_document",
        "two files in analysis for one document",
        copy("submissions_pendingupload", public_id="gen_random_uuid()"),
    ),
    *(
        raises_violation(_MOVED, what, change, name="a_filed_submission_keeps_its_offer_and_person")
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
    returns_answer(
        f"{_COPIED} INSERT",
        "a new submission stands on nothing, whatever it says",
        "INSERT INTO submissions_submission (public_id, offer_id, candidate_id, state, version, reserve, filed_name,"
        " received_at, filed_outcome, created_at)"
        f" VALUES ({UUID}, {{other}}, {{person}}, 'DRAFT', 0, 'NONE', '', now(), 'ELIGIBLE', now())"
        " RETURNING received_at IS NULL AND filed_outcome = ''",
        answer="True",
    ),
    *(
        returns_answer(
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
    returns_answer(
        f"{_COPIED} UPDATE",
        "say that what was refused is eligible",
        "UPDATE submissions_submission SET filed_outcome = 'ELIGIBLE' WHERE id = {reserved} RETURNING filed_outcome",
        answer="INELIGIBLE",
    ),
    raises_violation(
        f"{_COPIED} UPDATE",
        "stand on no filing that exists",
        "UPDATE submissions_submission SET standing_filing_id = 0 WHERE id = {amended}",
        name="submission_stands_on_a_judged_filing",
    ),
    *(
        raises_violation(
            f"{_SELECTED} UPDATE", f"{state}, and confirm nothing", _move_to(state), name=_UNCONFIRMED
        )
        for state in _STATES
    ),
    raises_violation(
        f"{_SELECTED} UPDATE",
        "select what was confirmed, then contradicted",
        _latest_evidence("CONFIRMED"),
        _latest_evidence("CONTRADICTED"),
        _move_to("SELECTED"),
        name=_UNCONFIRMED,
    ),
    returns_answer(
        f"{_SELECTED} UPDATE",
        "select what was contradicted, then confirmed",
        _latest_evidence("CONTRADICTED"),
        _latest_evidence("CONFIRMED"),
        _move_to("SELECTED"),
        answer="done",
    ),
    raises_violation(
        f"{_SELECTED} UPDATE",
        "select on what was confirmed of an earlier filing",
        _latest_evidence("CONFIRMED").replace(
            "s.standing_filing_id = v.filing_id", "v.filing_id = {first_filing}"
        ),
        _move_to("SELECTED"),
        name=_UNCONFIRMED,
    ),
    raises_violation(
        f"{_SELECTED} UPDATE",
        "select, with one finding that nobody confirmed",
        "INSERT INTO review_evidence (filing_id, position, kind, outcome, note, author_id)"
        " SELECT v.filing_id, w, 'AGE', 'CONFIRMED', 'Vu.', {staff} FROM submissions_verdict v,"
        " unnest(v.blocking[2:]) w WHERE v.filing_id = {filing}",
        _move_to("SELECTED"),
        name=_UNCONFIRMED,
    ),
    *(
        raises_violation(_UPHELD, what, *steps, _UPHOLD, name="a_second_person_upholds_a_review")
        for what, steps in (
            ("uphold a review that one confirmed oneself", (_confirm("staff"),)),
            (
                "uphold a review that one confirmed after another person",
                (_confirm("administrator"), _confirm("staff")),
            ),
        )
    ),
    returns_answer(
        _UPHELD,
        "uphold a review that another person confirmed after oneself",
        _confirm("staff"),
        _confirm("administrator"),
        _UPHOLD,
        answer="done",
    ),
    raises_violation(
        f"{_SELECTED} UPDATE",
        "select on the word of a person in conflict",
        _latest_evidence("CONFIRMED"),
        "INSERT INTO review_conflict (submission_id, reviewer_id, reason, declared_by_id, lift_reason)"
        " VALUES ({amended}, {staff}, '', {staff}, '')",
        _move_to("SELECTED"),
        name=_UNCONFIRMED,
    ),
    *(
        returns_answer(
            f"{_SELECTED} UPDATE",
            f"select while {who}",
            _latest_evidence("CONFIRMED"),
            "INSERT INTO review_conflict (submission_id, reviewer_id, reason, declared_by_id, lift_reason)"
            f" VALUES ({file}, {person}, '', {{staff}}, '')",
            _move_to("SELECTED"),
            answer="done",
        )
        for who, file, person in (
            ("who confirmed is in conflict with another file", "{reserved}", "{staff}"),
            ("another person is in conflict with the file", "{amended}", "{nobody}"),
        )
    ),
    raises_violation(
        f"{_SELECTED} UPDATE",
        "select on the word of a person who applied to the offer",
        _latest_evidence("CONFIRMED").replace("{staff}", "s.candidate_id"),
        _move_to("SELECTED"),
        name=_UNCONFIRMED,
    ),
    raises_violation(
        f"{_SELECTED} UPDATE",
        "select on what was confirmed before the register had the name",
        _latest_evidence("CONFIRMED"),
        "INSERT INTO review_registermatch (filing_id, position, entered_at)"
        " SELECT v.filing_id, v.blocking[1], now() + interval '1 second' FROM submissions_verdict v"
        " JOIN submissions_submission s ON s.standing_filing_id = v.filing_id WHERE s.id = {amended}",
        _move_to("SELECTED"),
        name=_UNCONFIRMED,
    ),
    returns_answer(
        f"{_SELECTED} UPDATE",
        "complete a stage that took place, whatever was found since",
        *_PLACED,
        _move_to("COMPLETED", "selected"),
        answer="done",
    ),
    raises_violation(
        f"{_SELECTED} UPDATE",
        "select again one who was placed, and contradicted since",
        *_PLACED,
        _move_to("SELECTED", "selected"),
        name=_UNCONFIRMED,
    ),
    raises_violation(
        f"{_SELECTED} UPDATE",
        "let a selection stand on another filing",
        _latest_evidence("CONFIRMED"),
        _move_to("SELECTED"),
        "UPDATE submissions_submission SET standing_filing_id = {first_filing} WHERE id = {amended}",
        name=_UNCONFIRMED,
    ),
    raises_violation(
        f"{_SELECTED} UPDATE",
        "complete a stage that did not take place",
        _latest_evidence("CONTRADICTED", "selected"),
        _move_to("COMPLETED", "selected"),
        name=_UNCONFIRMED,
    ),
    raises_violation(
        f"{_SELECTED} UPDATE",
        "complete a stage on another filing",
        _latest_evidence("CONFIRMED"),
        _move_to("PLACED"),
        _move_to("COMPLETED", also=", standing_filing_id = {first_filing}"),
        name=_UNCONFIRMED,
    ),
    raises_violation(
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
        returns_answer(
            _FREED,
            what,
            _move_to(state, "listed"),
            "SELECT count(*) FROM review_reserveplace WHERE submission_id = {listed}",
            answer=places,
        )
        for what, state, places in (
            ("leave the reserve list, and the place", "DECLINED", "0"),
            ("stay on the reserve list, in the same place", "RESERVE", "1"),
        )
    ),
    returns_answer(
        _FREED,
        "one who leaves the list takes nobody else's place",
        "UPDATE submissions_submission SET state = 'RESERVE' WHERE id = {amended}",
        _move_to("DECLINED"),
        "SELECT count(*) FROM review_reserveplace",
        answer="1",
    ),
    unique(
        "a_person_has_one_submission_per_offer",
        "begin twice on one offer",
        copy("submissions_submission", "id = {unfiled}", public_id=UUID),
    ),
    *(
        unique(
            "a_person_is_selected_once",
            f"{state} here, placed elsewhere",
            "ALTER TABLE submissions_submission DISABLE TRIGGER USER",
            _move_to("PLACED", "selected"),
            "UPDATE submissions_submission SET offer_id = {other}, candidate_id = (SELECT candidate_id FROM"
            f" submissions_submission WHERE id = {{selected}}), state = '{state}' WHERE id = {{amended}}",
            by="owner",
        )
        for state in ("SELECTED", "PLACED")
    ),
)
