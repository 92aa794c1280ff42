"""For each CHECK with a name of ours: candidate rows, and those among them that it accepts."""

from tests.database.condition_tables_of_people import OF_ACCOUNTS, OF_INCIDENTS, OF_PRIVACY
from tests.database.conditions import (
    AT,
    HEXADECIMAL,
    LATER,
    Table,
    accept_and_refuse,
    after,
    all_or_none,
    at_least,
    between,
    choices,
    not_empty,
    one_of_codes,
    sha256,
    together,
)

_OFFER_STATUSES = choices("offers.Offer", "status")
_CHANGES = choices("offers.OfferChange", "kind")
_FELT = {"CORRECTED", "RULES_CHANGED", "EXTENDED", "CANCELLED"}
_DELIVERIES = choices("outbox.Delivery", "state")
_PROVINCES = choices("profiles.Profile", "province")
_BULK = choices("review.BulkItem", "state")
_BATCHES = choices("review.DecisionBatch", "state")
_DECISIONS = choices("review.DecisionItem", "state")
_ORDERS = choices("review.ExportOrder", "state")
_ENDINGS = choices("submissions.ComplementRequest", "ending")
_RESERVES = choices("submissions.Submission", "reserve")
_STATES = choices("submissions.Submission", "state")
_FORMATS, _LANGUAGES = ("csv", "xlsx", "pdf", "zip"), ("fr", "en")
_TEXTS, _PERSON, _INSTANT = ("", "x"), (None, 1), (None, AT)
_SEALED = f"2031.{'a' * 22}.{'b' * 64}"
_CONTACTS = (("", ""), ("x", ""), ("", "x"), ("x", "x"))
_SCORES = (None, -0.01, 0, 5, 5.01)

_OF_OFFERS: dict[str, Table] = {
    "document_has_a_label": not_empty("label"),
    "document_kind_is_known": one_of_codes("kind", choices("offers.DocumentRequest", "kind")),
    "document_limits_leave_room_for_one_page": together([(1, 1)], max_bytes=[0, 1], max_pages=[0, 1]),
    "grid_line_requirement_is_known": one_of_codes("requirement", choices("offers.GridLine", "requirement")),
    "grid_line_says_something": not_empty("text"),
    "offer_allowance_goes_from_least_to_most": together(
        [(None, None), (0, 0), (0, 1500), (1500, 1500)],
        allowance_min=[None, -0.01, 0, 1500, 1500.01],
        allowance_max=[None, -0.01, 0, 1500],
    ),
    "offer_closes_after_it_opens": after("opens_at", "closes_at"),
    "offer_currency_is_a_three_letter_code": accept_and_refuse(
        "currency", accepted=["CAD", "XYZ"], refused=["", "CA", "CADD", "cad", "C4D"]
    ),
    "offer_ends_after_it_starts": together(
        [("2027-09-01", "2027-09-02")],
        starts_on=["2027-09-01", "2027-09-02"],
        ends_on=["2027-09-01", "2027-09-02"],
    ),
    "offer_names_its_organisation": not_empty("organisation"),
    "offer_number_fits_an_address": accept_and_refuse(
        "number",
        accepted=[None, "2027", "2027-020", "a-B-3"],
        refused=["", "-a", "a-", "a--b", "a/b", "a b", "é"],
    ),
    "offer_status_is_known": one_of_codes("status", _OFFER_STATUSES),
    "offer_time_zone_is_an_area_and_a_city": accept_and_refuse(
        "time_zone",
        accepted=["UTC", "America/Toronto", "America/Argentina/Buenos_Aires", "Etc/GMT+5"],
        refused=["", "EST", "America/", "/Toronto", "America/Toronto ", "America//Toronto"],
    ),
    "published_offer_has_number_contact_and_instant": together(
        [
            *((number, None, "DRAFT", *contact) for number in (None, "1") for contact in _CONTACTS),
            *(
                ("1", AT, status, *contact)
                for status in ("PUBLISHED", "CANCELLED")
                for contact in _CONTACTS[1:]
            ),
        ],
        number=[None, "1"],
        published_at=_INSTANT,
        status=_OFFER_STATUSES,
        contact_email=_TEXTS,
        contact_phone=_TEXTS,
    ),
    "offer_change_kind_is_known": one_of_codes("kind", _CHANGES),
    "offer_change_that_candidates_feel_says_why": together(
        [(kind, reason) for kind in _CHANGES for reason in _TEXTS if reason or kind not in _FELT],
        kind=_CHANGES,
        reason=_TEXTS,
    ),
    "extension_closes_only_later": after("closed_at_before", "closes_at"),
    "extension_says_why": not_empty("reason"),
    "offer_point_code_is_a_code": accept_and_refuse(
        "code", accepted=["A", "A_1"], refused=["", "a", "1A", "_A", "A-B"]
    ),
    "settled_offer_point_says_who_when_and_how": all_or_none(
        resolution=_TEXTS, resolved_at=_INSTANT, resolved_by_id=_PERSON
    ),
    "programme_code_is_a_code": accept_and_refuse(
        "code", accepted=["A", "1", "STAGES-OIG", "A-1-B"], refused=["", "a", "-A", "A-", "A--B", "A_B"]
    ),
    "programme_has_a_name": not_empty("name"),
    "programme_says_all_its_words": together(
        [("STAGES-OIG", *[""] * 5), ("STAGES-OIG", *["x"] * 5), ("OTHER", *["x"] * 5)],
        code=["STAGES-OIG", "OTHER"],
        dates_label=_TEXTS,
        allowance_label=_TEXTS,
        at_start=_TEXTS,
        lead=_TEXTS,
        next_steps=_TEXTS,
    ),
    "later_rulebook_says_why_it_replaces": together(
        [(1, ""), (1, "x"), (2, "x")], number=[1, 2], reason=_TEXTS
    ),
    "published_rulebook_is_dated_and_digested": together(
        [(None, "", None, None), ("2027-09-01", "sha256:0", AT, "2027-01-01")],
        closes_on=[None, "2027-09-01"],
        digest=["", "sha256:0", "0"],
        published_at=_INSTANT,
        starts_on=[None, "2027-01-01"],
    ),
    "rulebook_numbers_start_at_one": at_least("number", 1),
    "synonym_group_has_two_to_twenty_terms": accept_and_refuse(
        "terms",
        accepted=[["a", "b"], [f"t{rank}" for rank in range(20)]],
        refused=[[], ["a"], [f"t{rank}" for rank in range(21)]],
    ),
    "section_kind_is_known": one_of_codes("kind", choices("offers.Section", "kind")),
    "section_says_something": together([("", "x"), ("x", ""), ("x", "x")], title=_TEXTS, text=_TEXTS),
}
_OF_PEOPLE: dict[str, Table] = {
    "accounts_user_email_is_lower_case": accept_and_refuse(
        "email", accepted=["a@exemple.ca", "é@exemple.ca"], refused=["A@exemple.ca", "a@Exemple.ca"]
    ),
    "accounts_user_has_an_email": not_empty("email"),
    "journal_entry_action_is_a_code": accept_and_refuse(
        "action", accepted=["A", "SIGNED_IN", "A1"], refused=["", "a", "1A", "_A", "A B", "A-B"]
    ),
    "journal_entry_is_sealed": accept_and_refuse(
        "seal",
        accepted=[_SEALED, f"{'k' * 20}{_SEALED[4:]}"],
        refused=["", f"{'k' * 21}{_SEALED[4:]}", _SEALED[:-1], _SEALED.upper(), f"{_SEALED}0", _SEALED[4:]],
    ),
    "journal_entry_subject_is_whole_or_absent": all_or_none(subject_kind=_TEXTS, subject_id=_TEXTS),
    "the_portal_has_one_set_of_preferences": accept_and_refuse("id", accepted=[1], refused=[0, 2]),
    "profiles_profile_birth_date_is_plausible": accept_and_refuse(
        "birth_date", accepted=[None, "1900-01-01", "2005-06-07"], refused=["1899-12-31"]
    ),
    "profiles_profile_domicile_province_is_known": one_of_codes("domicile_province", ["", *_PROVINCES]),
    "profiles_profile_legal_status_is_known": one_of_codes(
        "legal_status", ["", *choices("profiles.Profile", "legal_status")]
    ),
    "profiles_profile_phone_is_international": accept_and_refuse(
        "phone",
        accepted=["", "+1234", "+123456789012345", "+14185550142;ext=1", "+14185550142;ext=12345678"],
        refused=[
            *("+123", "+1234567890123456", "+0234", "4185550142", "+1 418 555-0142"),
            *("+14185550142;ext=", "+14185550142;ext=123456789", "+14185550142 poste 12"),
        ],
    ),
    "profiles_profile_postal_code_is_canadian_in_canada": together(
        [
            (code, province)
            for code in ("", "G1A 0A2", "75001", "g1a 0a2", "G1A0A2")
            for province in ("", *_PROVINCES)
            if code in {"", "G1A 0A2"} or province in {"", "OUTSIDE"}
        ],
        postal_code=["", "G1A 0A2", "75001", "g1a 0a2", "G1A0A2"],
        province=["", *_PROVINCES],
    ),
    "profiles_profile_province_is_known": one_of_codes("province", ["", *_PROVINCES]),
    "profiles_profile_resides_after_being_born": together(
        [
            (None, None),
            (None, "2000-01-01"),
            ("1999-12-31", None),
            ("2000-01-01", None),
            ("2000-01-01", "2000-01-01"),
        ],
        quebec_resident_since=[None, "1999-12-31", "2000-01-01"],
        birth_date=[None, "2000-01-01"],
    ),
    "participation_holds_digests_alone": together(
        [(HEXADECIMAL, shorter) for shorter in ([], [HEXADECIMAL], [HEXADECIMAL] * 2)],
        whole=[HEXADECIMAL, "", "Tremblay"],
        shorter=[[], [HEXADECIMAL], [HEXADECIMAL] * 2, ["Tremblay"], [HEXADECIMAL, "Tremblay"]],
    ),
    "participation_names_its_key": accept_and_refuse(
        "key_name", accepted=["2029", "A-b_3"], refused=["", "a b", "é"]
    ),
    "participation_source_is_known": one_of_codes("source", choices("register.Participation", "source")),
    "participation_year_is_a_year": between("year", 1960, 2100),
    "removal_holds_a_digest_alone": sha256("whole", "", ""),
    "removal_says_why": not_empty("reason"),
}
_OF_FILES: dict[str, Table] = {
    "upload_digests_are_sha256": together(
        [(HEXADECIMAL, HEXADECIMAL)],
        clean_sha256=[HEXADECIMAL, HEXADECIMAL[:-1], ""],
        sha256=[HEXADECIMAL, HEXADECIMAL.upper(), ""],
    ),
    "upload_has_at_least_one_page": at_least("pages", 1),
    "upload_is_not_empty": at_least("size", 1),
    "upload_is_pdf_or_picture": one_of_codes(
        "media_type", ["application/pdf", "image/jpeg", "image/png", "image/heic"]
    ),
    "an_arrival_waits_until_it_is_settled": together(
        [(None, "WAITING"), (AT, "FILED"), (AT, "REFUSED")],
        settled_at=[None, AT],
        state=["WAITING", "FILED", "REFUSED"],
    ),
    "an_arrival_is_refused_for_a_reason": together(
        [("", "WAITING"), ("", "FILED"), ("INCOMPLETE", "REFUSED")],
        reason=["", "INCOMPLETE"],
        state=["WAITING", "FILED", "REFUSED"],
    ),
    "pending_upload_digest_is_sha256": sha256("sha256"),
    "pending_upload_has_its_bytes_until_it_is_settled": together(
        [("documents/pending/x", None, "RECEIVED"), ("", AT, "ADDED")],
        file=["", "documents/pending/x"],
        settled_at=[None, AT],
        state=["RECEIVED", "ADDED"],
    ),
    "pending_upload_is_refused_for_a_reason": together(
        [("", "ADDED"), ("DAMAGED", "REFUSED")], reason_code=["", "DAMAGED"], state=["ADDED", "REFUSED"]
    ),
    "pending_upload_is_not_empty": at_least("size", 1),
    "pending_upload_state_is_known": one_of_codes("state", choices("submissions.PendingUpload", "state")),
    "dossier_digest_is_sha256": sha256("sha256"),
    "dossier_has_at_least_one_page": at_least("pages", 1),
    "lost_dossier_digest_is_sha256": sha256("sha256"),
    "remade_receipt_digest_is_sha256": sha256("sha256"),
    "seal_digest_is_sha256": sha256("digest", "sha256:"),
    "seal_keeps_content_and_salt_together": together(
        [(None, None), ("{}", HEXADECIMAL)],
        canonical=[None, "{}"],
        salt=[None, HEXADECIMAL, HEXADECIMAL[:-1], HEXADECIMAL.upper(), ""],
    ),
    "receipt_code_is_three_groups_of_four": accept_and_refuse(
        "code",
        accepted=["0000-0000-0000", "9ABC-DEFG-HJKM", "NPQR-STVW-XYZ1"],
        refused=[
            "",
            "0000-0000",
            "0000-0000-0000-0000",
            "00000000000",
            *(f"0000-0000-000{letter}" for letter in "ILOUa"),
        ],
    ),
    "signed_receipt_digest_is_sha256": sha256("sha256"),
    "delivery_attempts_are_counted": at_least("attempts", 0),
    "delivery_done_has_its_instant": together(
        [(state, AT if state == "DONE" else None) for state in _DELIVERIES],
        state=_DELIVERIES,
        done_at=_INSTANT,
    ),
    "delivery_is_leased_until_an_instant": together(
        [
            *((state, None, None) for state in _DELIVERIES if state != "LEASED"),
            ("LEASED", AT, "0" * 32),
        ],
        state=_DELIVERIES,
        leased_until=_INSTANT,
        lease_token=[None, "0" * 32],
    ),
    "delivery_state_is_known": one_of_codes("state", _DELIVERIES),
    "outage_is_seen_after_its_start_and_before_its_end": together(
        [
            *((AT, seen, None) for seen in (AT, LATER)),
            *((AT, seen, LATER) for seen in (AT, LATER)),
            (AT, AT, AT),
            *((LATER, LATER, ended) for ended in (None, LATER)),
        ],
        started_at=[AT, LATER],
        seen_at=[AT, LATER],
        ended_at=[None, AT, LATER],
    ),
    "outage_server_is_known": one_of_codes("server", choices("outbox.Outage", "server")),
    "message_arrived_or_came_back": together(
        [(None, None), (AT, None), (None, AT)], arrived_at=_INSTANT, returned_at=_INSTANT
    ),
    "message_is_sent_or_let_go": together(
        [(None, None), (AT, None), (None, AT)], sent_at=_INSTANT, let_go_at=_INSTANT
    ),
    "log_node_is_a_sha256": accept_and_refuse(
        "hash",
        accepted=["\\x" + HEXADECIMAL],
        refused=["\\x", "\\x" + HEXADECIMAL[2:], "\\x00" + HEXADECIMAL],
    ),
    "log_root_is_a_sha256": sha256("hash"),
    "log_root_names_its_key": not_empty("key_id"),
}
_OF_REVIEW: dict[str, Table] = {
    "a_mark_is_from_zero_to_five": between("mark", 0, 5, None),
    "a_submitted_assessment_alone_has_a_score": together(
        [(None, None, None), *((first, score, AT) for first in (0, 5) for score in (0, 5))],
        first_score=_SCORES,
        score=_SCORES,
        submitted_at=_INSTANT,
    ),
    "an_assessment_counts_its_saves": at_least("version", 1),
    "assignment_way_is_known": one_of_codes("way", choices("review.Assignment", "way")),
    "a_blind_reading_that_ended_says_who_ended_it": all_or_none(ended_at=_INSTANT, ended_by_id=_PERSON),
    "a_bulk_item_ends_once": together(
        [(state, None if state == "OPEN" else AT) for state in _BULK], state=_BULK, done_at=_INSTANT
    ),
    "a_refused_item_says_why": together(
        [(state, "x" if state == "REFUSED" else "") for state in _BULK], state=_BULK, refusal=_TEXTS
    ),
    "a_run_holds_no_more_than_can_be_read": between("position", 1, 500),
    "bulk_item_found_state_is_known": one_of_codes("found", ["", *_STATES]),
    "bulk_item_state_is_known": one_of_codes("state", _BULK),
    "a_claim_lasts": after("claimed_at", "expires_at"),
    "a_lifted_conflict_says_who_when_and_why": all_or_none(
        lift_reason=_TEXTS, lifted_at=_INSTANT, lifted_by_id=_PERSON
    ),
    "nobody_lifts_their_own_conflict": together(
        [(None, 1), (2, 1)], lifted_by_id=[None, 1, 2], reviewer_id=[1]
    ),
    "a_decision_batch_ends_once": together(
        [(state, AT if state in {"SENT", "REVOKED"} else None) for state in _BATCHES],
        state=_BATCHES,
        ended_at=_INSTANT,
    ),
    "a_release_says_who_when_and_for_when": all_or_none(
        release_at=_INSTANT, released_at=_INSTANT, released_by_id=_PERSON
    ),
    "a_returned_batch_is_approved_anew": together(
        [*((None, state) for state in _BATCHES), (AT, "PREPARED"), (AT, "REVOKED")],
        returned_at=_INSTANT,
        state=_BATCHES,
    ),
    "a_returned_batch_says_since_when": together(
        [("", None), ("", AT), ("x", AT)], returned_for=_TEXTS, returned_at=_INSTANT
    ),
    "a_revoked_batch_says_by_whom": together(
        [(state, 1 if state == "REVOKED" else None) for state in _BATCHES],
        state=_BATCHES,
        revoked_by_id=_PERSON,
    ),
    "a_second_person_releases_decisions": together(
        [(None, 1), (2, 1)], released_by_id=[None, 1, 2], prepared_by_id=[1]
    ),
    "decision_batch_state_is_known": one_of_codes("state", _BATCHES),
    "decisions_leave_once_released": together(
        [("PREPARED", None), ("RELEASED", 1), ("SENT", 1), ("REVOKED", None), ("REVOKED", 1)],
        state=_BATCHES,
        released_by_id=_PERSON,
    ),
    "a_decision_ends_once": together(
        [(state, None if state == "OPEN" else AT) for state in _DECISIONS],
        state=_DECISIONS,
        done_at=_INSTANT,
    ),
    "a_refused_decision_says_why": together(
        [(state, "x" if state == "REFUSED" else "") for state in _DECISIONS],
        state=_DECISIONS,
        refusal=_TEXTS,
    ),
    "an_open_decision_says_what_it_is_about": together(
        [(state, version) for state in _DECISIONS for version in (None, 1) if version or state != "OPEN"],
        state=_DECISIONS,
        version=[None, 1],
    ),
    "decision_item_state_is_known": one_of_codes("state", _DECISIONS),
    "evidence_names_a_page_or_says_what_it_rests_on": together(
        [(None, None, "x"), (1, 1, ""), (1, 1, "x")],
        document_id=_PERSON,
        page=[None, 0, 1],
        note=_TEXTS,
    ),
    "evidence_outcome_is_known": one_of_codes("outcome", choices("review.Evidence", "outcome")),
    "a_file_is_kept_while_it_is_ready": together(
        [(state, "x" if state == "READY" else "") for state in _ORDERS], state=_ORDERS, file_name=_TEXTS
    ),
    "a_file_that_was_ready_is_in_the_ledger": together(
        [(state, 1 if state in {"READY", "EXPIRED"} else None) for state in _ORDERS],
        state=_ORDERS,
        export_id=_PERSON,
    ),
    "a_refused_export_says_why": together(
        [(state, "x" if state == "REFUSED" else "") for state in _ORDERS], state=_ORDERS, refusal=_TEXTS
    ),
    "an_export_counts_no_further_than_its_list": together([(0, 1), (1, 1)], done=[0, 1, 2], total=[1]),
    "an_export_order_ends_once": together(
        [(state, None if state == "OPEN" else AT) for state in _ORDERS], state=_ORDERS, ended_at=_INSTANT
    ),
    "export_order_state_is_known": one_of_codes("state", _ORDERS),
    "ordered_format_is_known": one_of_codes("file_format", _FORMATS),
    "ordered_language_is_known": one_of_codes("language", _LANGUAGES),
    "a_line_mark_is_from_zero_to_five": between("mark", 0, 5, None),
    "a_weight_is_from_zero_to_ten": between("weight", 0, 10),
    "a_meeting_note_says_something": not_empty("text"),
    "reserve_places_start_at_one": at_least("place", 1),
    "a_file_is_put_aside_for_a_reason": together(
        [("", None), ("x", AT)], aside_reason=_TEXTS, aside_at=_INSTANT
    ),
    "a_saved_view_has_a_name": not_empty("name"),
    "a_saved_view_narrows_the_queue": not_empty("query"),
    "a_frozen_shortlist_has_a_row": at_least("rows_count", 1),
    "a_frozen_shortlist_says_why": not_empty("reason"),
    "shortlist_digest_is_sha256": sha256("digest", "sha256:"),
    "shortlist_numbers_start_at_one": at_least("number", 1),
    "export_digest_is_sha256": sha256("sha256"),
    "export_format_is_known": one_of_codes("file_format", _FORMATS),
    "export_language_is_known": one_of_codes("language", _LANGUAGES),
    "shortlist_ranks_start_at_one": at_least("rank", 1),
}
_OF_SUBMISSIONS: dict[str, Table] = {
    "a_file_is_turned_by_quarters": accept_and_refuse(
        "turned", accepted=[0, 90, 180, 270], refused=[45, 89, 360]
    ),
    "a_document_to_join_has_a_revision": together(
        [("CURRENT", None), *((state, "0" * 32) for state in choices("submissions.DraftDocument", "joined"))],
        joined=[*choices("submissions.DraftDocument", "joined"), "OTHER"],
        revision=[None, "0" * 32],
    ),
    "the_first_file_of_a_document_is_number_1": at_least("position", 1),
    "a_complement_request_leaves_time": after("asked_at", "due_at"),
    "a_complement_request_says_what_is_missing": not_empty("words"),
    "a_complement_request_that_ended_says_how": together(
        [
            ("", None, None),
            *((ending, AT, 1 if ending == "ANSWERED" else None) for ending in _ENDINGS),
        ],
        ending=["", *_ENDINGS, "X"],
        ended_at=_INSTANT,
        answered_by_id=_PERSON,
    ),
    "a_filing_never_replaces_itself": together([(None, 1), (2, 1)], replaces_id=[None, 1, 2], id=[1]),
    "a_later_filing_names_the_one_it_replaces": together(
        [(None, 1), (7, 2), (7, 3)], replaces_id=[None, 7], sequence=[0, 1, 2, 3]
    ),
    "a_personal_extension_closes_later_than_before": after("closed_at_before", "closes_at"),
    "a_personal_extension_says_why": not_empty("reason"),
    "nobody_extends_their_own_deadline": together([(2, 1)], author_id=[1, 2], candidate_id=[1]),
    "review_request_says_something": not_empty("message"),
    "reviews_are_counted_from_one": at_least("turn", 1),
    "ruling_decision_is_known": one_of_codes("decision", choices("submissions.Ruling", "decision")),
    "ruling_says_why": not_empty("reason"),
    "a_reserve_is_settled_before_the_file_is_studied": together(
        [
            (reserve, state)
            for reserve in _RESERVES
            for state in _STATES
            if reserve != "PENDING" or state in {"SUBMITTED", "COMPLEMENT_REQUESTED", "WITHDRAWN"}
        ],
        reserve=_RESERVES,
        state=_STATES,
    ),
    "an_upheld_reserve_ends_the_study_of_the_file": together(
        [
            (reserve, state)
            for reserve in _RESERVES
            for state in _STATES
            if reserve != "UPHELD" or state in {"INADMISSIBLE", "WITHDRAWN"}
        ],
        reserve=_RESERVES,
        state=_STATES,
    ),
    "only_a_draft_stands_without_a_filing": together(
        [(state, None if state == "DRAFT" else 1) for state in _STATES],
        state=_STATES,
        standing_filing_id=_PERSON,
    ),
    "submission_reserve_is_known": one_of_codes("reserve", _RESERVES),
    "submission_state_is_known": one_of_codes("state", _STATES),
    "a_refused_verdict_is_filed_under_reserve_alone": together(
        [("ELIGIBLE", False), ("NEEDS_REVIEW", False), ("INELIGIBLE", True)],
        outcome=["ELIGIBLE", "NEEDS_REVIEW", "INELIGIBLE", "X"],
        under_reserve=[False, True],
    ),
}
TABLES = (
    OF_ACCOUNTS
    | OF_PRIVACY
    | _OF_OFFERS
    | _OF_PEOPLE
    | _OF_FILES
    | OF_INCIDENTS
    | _OF_REVIEW
    | _OF_SUBMISSIONS
)
