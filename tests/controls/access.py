"""Controls of access: own files, committees, impartiality, anonymous review, two people, roles."""

from tests.controls.control import Control

_ACCESS = "tests/review/access"
_MATRIX = "tests/house/test_access_matrix.py"
_KIND = f"{_MATRIX}::test_each_kind_of_user_gets_the_declared_outcome"
_WHO = "tests/review/test_who_may_do_it.py::test_an_operation_is_permitted_only_to_the_users_of_the_table"
_EVENTS = "tests/submissions/timeline/test_timeline.py"
_MEMBERS = "tests/review/committees"
_SENDING = "tests/review/decisions/test_sending.py"
_RUSH, _RUSH_TESTS = "intake/submissions/filing/rush.py", "tests/submissions/filing/test_rush.py"

CONTROLS = (
    Control(
        "A candidate reaches their own submissions alone",
        "intake/submissions/access/queries.py",
        "WHERE s.public_id = %s AND s.candidate_id = %s",
        "WHERE s.public_id = %s AND %s::bigint IS NOT NULL",
        ("tests/submissions/drafts/test_pages.py::test_the_submission_of_another_user_is_not_found", _KIND),
    ),
    Control(
        "A candidate lists their own submissions alone",
        "intake/submissions/access/queries.py",
        "_dated(with_window(Submission.objects.filter(candidate=user)))",
        "_dated(with_window(Submission.objects.all()))",
        (f"{_EVENTS}::test_the_submissions_of_a_user_are_listed_newest_first",),
    ),
    Control(
        "A draft holds its own candidate's files",
        "intake/submissions/attachments/operations.py",
        "if request.offer_id != submission.offer_id or owners != {submission.candidate_id}:",
        "if request.offer_id != submission.offer_id:",
        ("tests/submissions/filing/test_filing.py::test_a_file_of_another_user_is_not_attached",),
    ),
    Control(
        "A member of a committee reads the files of its offer alone",
        "intake/review/access/visibility.py",
        'return filed.filter(offer__in=memberships_of(user).values("offer"))',
        "return filed",
        (
            f"{_ACCESS}/test_visibility.py::test_a_reviewer_reads_only_filed_submissions_of_their_committees",
            f"{_ACCESS}/test_visibility.py::test_a_search_finds_no_submission_of_another_committee",
        ),
    ),
    Control(
        "Staff read no draft",
        "intake/review/access/visibility.py",
        "filed = Submission.objects.filter(~Q(state=State.DRAFT), ~Q(Exact(excluded, 1)))",
        "filed = Submission.objects.filter(~Q(Exact(excluded, 1)))",
        (
            f"{_ACCESS}/test_visibility.py::test_staff_and_administrators_read_every_filed_submission_and_no_draft",
        ),
    ),
    Control(
        "Staff who applied, or have a conflict, do not read the files",
        "intake/review/access/visibility.py",
        "filed = Submission.objects.filter(~Q(state=State.DRAFT), ~Q(Exact(excluded, 1)))",
        "filed = Submission.objects.filter(~Q(state=State.DRAFT))",
        (
            f"{_ACCESS}/test_visibility.py::test_a_user_who_applied_reads_no_submission_of_the_offer_as_staff",
            f"{_ACCESS}/test_impartial.py::test_a_staff_member_who_applied_reads_no_file_of_the_offer",
        ),
    ),
    Control(
        "Who applied to an offer is not impartial about it",
        "intake/review/access/impartiality.py",
        "return offers.exclude(pk__in=bound).exclude(pk__in=offers_applied_to(user))",
        "return offers.exclude(pk__in=bound)",
        (
            f"{_MEMBERS}/test_committees_at_work.py::test_a_user_who_is_not_impartial_may_not_decide_on_the_offer",
            f"{_ACCESS}/test_impartial.py::test_a_user_in_conflict_chooses_no_candidate",
        ),
    ),
    Control(
        "Who has a conflict of interest is not impartial about the offer",
        "intake/review/access/impartiality.py",
        "return offers.exclude(pk__in=bound).exclude(pk__in=offers_applied_to(user))",
        "return offers.exclude(pk__in=offers_applied_to(user))",
        (
            f"{_MEMBERS}/test_committees_at_work.py::test_a_user_who_is_not_impartial_may_not_decide_on_the_offer",
            f"{_ACCESS}/test_impartial.py::test_a_user_in_conflict_chooses_no_candidate",
        ),
    ),
    Control(
        "A move that chooses requires impartiality",
        "intake/review/moves/operations.py",
        "    if move.chooses:\n        check_impartial(actor=actor, offer=submission.offer)\n",
        "",
        (f"{_ACCESS}/test_impartial.py::test_a_user_in_conflict_chooses_no_candidate",),
    ),
    Control(
        "The dry run of many moves says for which the user is not impartial",
        "intake/review/bulk/dry_run.py",
        "offers = impartial_offers(Offer.objects.filter(pk__in={row.offer_id for row in rows}), actor)",
        "offers = Offer.objects.filter(pk__in={row.offer_id for row in rows})",
        (f"{_ACCESS}/test_impartial.py::test_a_dry_run_predicts_the_refusal_of_a_user_in_conflict",),
    ),
    Control(
        "An export requires impartiality",
        "intake/review/exports/operations.py",
        "    check_impartial(actor=actor, offer=file.offer)\n",
        "",
        (f"{_MEMBERS}/test_conflicts.py::test_only_an_impartial_user_exports_the_shortlist",),
    ),
    Control(
        "An export requires its permission",
        "intake/review/exports/operations.py",
        '    if actor is not None and not actor.has_perm("submissions.export_shortlist"):\n'
        "        raise PermissionDenied\n",
        "",
        (_WHO,),
    ),
    Control(
        "A change of weights requires its permission",
        "intake/review/marks/operations.py",
        '    if not actor.has_perm("review.change_lineweight"):\n        raise PermissionDenied\n',
        "",
        (_WHO,),
    ),
    Control(
        "The division of files requires its permission",
        "intake/review/assignment/operations.py",
        '    if not actor.has_perm("review.assign_submission"):\n        raise PermissionDenied\n',
        "",
        (_WHO,),
    ),
    Control(
        "A page of the review requires its permission",
        "intake/review/pages/shortcuts.py",
        "    if permission and not user.has_perm(permission):\n        raise PermissionDenied\n",
        "",
        ("tests/review/test_page_permissions.py::test_a_page_is_refused_without_its_permission",),
    ),
    Control(
        "A file that may not be read is answered like a missing one",
        "intake/review/pages/shortcuts.py",
        "with_name_visibility(visible_submissions(user), user).select_related(",
        "with_name_visibility(Submission.objects.all(), user).select_related(",
        (
            f"{_ACCESS}/test_visibility.py::test_a_submission_of_another_committee_is_answered_like_a_missing_one",
            f"{_MEMBERS}/test_conflicts.py::test_a_file_in_conflict_is_not_found_for_that_user",
        ),
    ),
    Control(
        "Decisions are released by a second person",
        "intake/review/decisions/operations.py",
        "    if current.prepared_by_id == actor.pk:\n        raise SecondPersonError\n",
        "",
        ("tests/review/decisions/test_batches.py::test_a_second_person_releases_the_version_that_they_read",),
    ),
    Control(
        "A changed letter needs a new approval",
        "intake/review/decisions/approval.py",
        "    if any(differs_from_approved(item) for item in items):\n        raise LettersChangedError\n",
        "",
        ("tests/review/decisions/test_approved_letters.py::test_a_changed_letter_needs_a_new_approval",),
    ),
    Control(
        "The preparer of decisions is impartial",
        "intake/review/decisions/approval.py",
        "    check_preparer(batch)\n",
        "",
        (
            f"{_SENDING}::test_a_batch_whose_preparer_is_in_conflict_cannot_be_approved",
            f"{_SENDING}::test_an_invalid_approval_returns_the_batch_unsent",
        ),
    ),
    Control(
        "A member reads others' marks after their own",
        "intake/review/marks/queries.py",
        "        return Submission.objects.filter(marked_by(user), pk=submission.pk).exists()\n",
        "        return True\n",
        (
            "tests/review/marks/test_scoring.py::test_assessments_of_others_are_hidden_until_the_own_is_submitted",
            f"{_MEMBERS}/test_committees_at_work.py::test_each_user_reads_the_marks_of_the_table",
        ),
    ),
    Control(
        "A member who applied has no seat on the committee",
        "intake/review/access/committee_membership.py",
        "return CommitteeMember.objects.filter(reviewer=user.pk).exclude(offer__in=offers_applied_to(user))",
        "return CommitteeMember.objects.filter(reviewer=user.pk)",
        (
            f"{_MEMBERS}/test_committee_membership.py::test_a_draft_of_a_member_voids_membership_and_marks",
            f"{_MEMBERS}/test_committees_at_work.py::test_a_membership_is_valid_until_its_member_leaves_or_applies",
        ),
    ),
    Control(
        "An anonymous review opens no dossier that names the candidate",
        "intake/review/application_page/downloads.py",
        "    if is_name_hidden(submission):\n        return _anonymous_dossier(request, submission)\n",
        "",
        (f"{_MEMBERS}/test_anonymous_review.py::test_an_anonymous_review_opens_a_dossier_without_the_name",),
    ),
    Control(
        "An anonymous review masks the name in texts",
        "intake/review/access/anonymous_review.py",
        "_MASK if names(match[0]) else match[0]",
        "match[0]",
        (f"{_MEMBERS}/test_anonymous_review.py::test_own_name_and_contact_details_in_a_text_are_masked",),
    ),
    Control(
        "A count of the journal does not reveal a hidden file",
        "intake/review/audit/journal_visibility.py",
        "    return _count_entries(user) | _rank_entries(user)",
        "    return _rank_entries(user)",
        (
            "tests/review/audit/test_journal_visibility.py::test_the_journal_hides_sizes_that_may_count_a_hidden_file",
        ),
    ),
    Control(
        "An account is closed, never deleted",
        "intake/accounts/admin.py",
        "    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:\n"
        "        return False\n",
        "    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:\n"
        "        return True\n",
        ("tests/accounts/test_admin.py::test_an_account_is_never_deleted",),
    ),
    Control(
        "Each opening of a file enters the journal",
        "intake/review/application_page/views.py",
        '            record(actor=acting_user(request), action="SUBMISSION_OPENED", subject=submission)\n',
        "            pass\n",
        (
            "tests/review/application_page/test_file_page.py",
            "tests/review/test_page_permissions.py::test_a_head_request_enters_no_opening_in_the_journal",
        ),
    ),
    Control(
        "In a rush too, a candidate files and reads their own application alone",
        _RUSH,
        "return found if is_signed_in_as(request, user) else None",
        "return found",
        (
            f"{_RUSH_TESTS}::test_another_persons_draft_does_not_arrive_and_its_page_does_not_exist",
            f"{_RUSH_TESTS}::test_a_session_that_ended_files_and_shows_nothing",
        ),
    ),
    Control(
        "In a rush too, another site files nothing",
        _RUSH,
        "if seen is None or not is_plain or not _passes_csrf(request):",
        "if seen is None or not is_plain:",
        (f"{_RUSH_TESTS}::test_a_form_from_elsewhere_is_refused_once",),
    ),
    Control(
        "In a rush too, what a person typed is escaped",
        _RUSH,
        "page.replace(_MARKS[name], conditional_escape(part))",
        "page.replace(_MARKS[name], str(part))",
        (f"{_RUSH_TESTS}::test_texts_of_the_offer_and_the_address_are_escaped",),
    ),
    Control(
        "A list of the administration takes no lookup that it does not declare",
        "intake/base/change_lists.py",
        "        if left:\n            raise DisallowedModelAdminLookup\n",
        "",
        ("tests/house/test_admin_lists.py::test_a_list_refuses_every_lookup_that_it_does_not_declare",),
    ),
    Control(
        "The database refuses a review upheld by who confirmed",
        "intake/submissions/sql/refuse_upholding_alone.sql",
        "latest.decision = 'CONFIRMED' AND latest.actor_id = NEW.actor_id",
        "false",
        (
            "tests/submissions/rulings/test_rulings.py::test_the_database_refuses_a_review_upheld_by_who_confirmed",
        ),
    ),
    Control(
        "The database counts no evidence of a person in conflict",
        "intake/review/sql/refuse_unconfirmed_selection.sql",
        "WHERE c.submission_id = NEW.id AND c.reviewer_id = latest.author_id AND c.lifted_at IS NULL",
        "WHERE false",
        (
            "tests/review/evidence/test_evidence_of_a_party.py::test_the_database_refuses_a_selection_on_evidence_of_a_party",
        ),
    ),
)
