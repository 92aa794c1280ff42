"""Controls of the queue of uploads, the storage, the virus scanner and the anonymous dossier."""

from tests.controls.control import Control

_ANONYMOUS = "tests/dossiers/test_anonymous_dossier.py"
_INSPECTING = "tests/submissions/attachments/test_inspecting.py"
_SCAN = "tests/documents/test_virus_scan.py"
_TURNS = "tests/outbox/test_turns.py"
_UPLOADS = "tests/documents/test_uploads.py"

CONTROLS = (
    Control(
        "One file of each person is inspected at a time",
        "intake/outbox/selectors.py",
        "    return len(subjects) < places and subject_id not in subjects\n",
        "    return len(subjects) < places\n",
        (f"{_TURNS}::test_no_more_run_than_there_are_places_and_one_of_each_person",),
    ),
    Control(
        "No more files are inspected than there are places",
        "intake/outbox/selectors.py",
        "    return len(subjects) < places and subject_id not in subjects\n",
        "    return subject_id not in subjects\n",
        (f"{_TURNS}::test_no_more_run_than_there_are_places_and_one_of_each_person",),
    ),
    Control(
        "Two workers do not take one place",
        "intake/outbox/leases.py",
        '        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PLACES_LOCK])\n',
        "        pass\n",
        (f"{_TURNS}::test_a_place_is_taken_under_a_lock",),
    ),
    Control(
        "One person's files delay another's by one at most",
        "intake/outbox/selectors.py",
        '        .order_by("turn", "due_at", "pk")\n',
        '        .order_by("due_at", "pk")\n',
        (f"{_TURNS}::test_one_persons_files_delay_anothers_by_one_at_most",),
    ),
    Control(
        "A person sends a limited number of files in a day",
        "intake/submissions/attachments/quotas.py",
        'if sent["files"] >= settings.UPLOADS_PER_DAY or sent["size"]',
        'if sent["size"]',
        (f"{_INSPECTING}::test_a_quota_refuses_a_file_before_any_byte_is_stored",),
    ),
    Control(
        "A person sends a limited number of bytes in a day",
        "intake/submissions/attachments/quotas.py",
        ' or sent["size"] + size > settings.UPLOAD_MIB_PER_DAY * _MIB:',
        ":",
        (f"{_INSPECTING}::test_a_quota_refuses_a_file_before_any_byte_is_stored",),
    ),
    Control(
        "The files of a person that no filing uses are limited",
        "intake/submissions/attachments/quotas.py",
        "    if _not_filed(owner) + size > settings.UPLOAD_MIB_NOT_FILED * _MIB:\n",
        "    if False:\n",
        (f"{_INSPECTING}::test_a_quota_refuses_a_file_before_any_byte_is_stored",),
    ),
    Control(
        "Files that one person sends at once are counted one after the other",
        "intake/submissions/attachments/quotas.py",
        '            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, owner.pk])\n',
        "            pass\n",
        (f"{_INSPECTING}::test_a_file_is_counted_under_a_lock_of_its_person",),
    ),
    Control(
        "A file that no inspector takes is opened without a key that signs",
        "docker-compose.yml",
        'sweep_outbox, --queues, "mail,receipts,documents,exports"]',
        "sweep_outbox]",
        (
            "tests/devtools/embedded/test_containers.py::test_received_files_are_inspected_only_by_processes_without_a_key_that_signs",
        ),
    ),
    Control(
        "An inspector has no way out",
        "docker-compose.yml",
        "  inspection: # of what opens files: neither the proxy nor the mail server\n    internal: true\n",
        "  inspection:\n    internal: false\n",
        (
            "tests/devtools/embedded/test_containers.py::test_an_inspector_reaches_what_it_needs_only_and_signs_nothing",
        ),
    ),
    Control(
        "What was received is never served",
        "intake/documents/downloads.py",
        'media_type, file = "application/pdf", upload.file\n',
        'media_type, file = "application/pdf", upload.original\n',
        (f"{_UPLOADS}::test_a_file_is_served_with_headers_that_prevent_execution",),
    ),
    Control(
        "What was received of a filed document is erased",
        "intake/documents/reclaiming.py",
        "                default_storage.delete(str(upload.original.name))\n",
        "                pass\n",
        ("tests/submissions/filing/test_changes.py::test_a_filed_document_keeps_its_cleaned_copy_alone",),
    ),
    Control(
        "The name of a file in the storage says nothing of its person",
        "intake/documents/services.py",
        "    name = upload.public_id.hex\n",
        "    name = upload.original_name\n",
        (f"{_UPLOADS}::test_files_are_named_after_the_row_and_not_after_the_person",),
    ),
    Control(
        "A stored file has no address",
        "intake/settings/services.py",
        '        "base_url": None,  # no file has a URL: views check who may read it\n',
        "",
        ("tests/settings/test_production.py::test_a_storage_is_a_folder_readable_only_by_its_user",),
    ),
    Control(
        "A file in a bucket is not written over",
        "intake/web/s3_storage.py",
        'IfNoneMatch="*",  # never over another file; ',
        "# ",
        ("tests/web/test_s3_storage.py::test_a_name_that_another_process_takes_meanwhile_is_left_to_it",),
    ),
    Control(
        "An exported file is given to the person who ordered it",
        "intake/review/exports/orders.py",
        "    if order.actor_id != actor.pk:\n        raise PermissionDenied\n    check_export(",
        "    check_export(",
        (
            "tests/review/exports/test_export_orders.py::test_the_file_of_an_order_is_given_to_its_author_alone",
        ),
    ),
    Control(
        "An exported file is given for a day",
        "intake/review/exports/orders.py",
        "    if order.state != ExportOrder.State.READY or order.expires_at <= at:\n",
        "    if order.state != ExportOrder.State.READY:\n",
        (
            "tests/review/exports/test_export_orders.py::test_after_expiry_the_file_is_deleted_and_the_history_stays",
        ),
    ),
    Control(
        "A file is scanned before it is opened",
        "intake/documents/services.py",
        "    scan_file(received)\n",
        "",
        (f"{_SCAN}::test_a_file_is_inspected_only_once_the_scanner_found_it_clean",),
    ),
    Control(
        "A scanner that does not answer accepts no file",
        "intake/documents/virus_scan.py",
        "        _breaker.trip(error)\n        raise ScannerUnavailableError from error\n",
        "        _breaker.trip(error)\n        return\n",
        (f"{_SCAN}::test_a_scanner_that_fails_or_is_slow_refuses_the_file_in_time",),
    ),
    Control(
        "A scanner that is known to be away accepts no file",
        "intake/documents/virus_scan.py",
        "    if _breaker.is_open:\n        raise ScannerUnavailableError\n",
        "    if _breaker.is_open:\n        return\n",
        (f"{_SCAN}::test_after_a_failure_files_are_refused_at_once_until_the_scanner_answers",),
    ),
    Control(
        "Only the scanner's word that a file is clean accepts it",
        "intake/documents/virus_scan.py",
        '        if not found and answer != "stream: OK":\n',
        "        if False:\n",
        (f"{_SCAN}::test_an_answer_that_is_not_clean_never_accepts_a_file",),
    ),
    Control(
        "A virus that the scanner finds refuses the file",
        "intake/documents/virus_scan.py",
        "    if found:\n",
        "    if False:\n",
        (f"{_SCAN}::test_a_virus_is_refused_and_only_its_name_is_logged",),
    ),
    Control(
        "An anonymous dossier has no section that names the candidate",
        "intake/review/access/anonymous_review.py",
        "            if section.key in _VISIBLE_SECTIONS\n",
        "",
        (f"{_ANONYMOUS}::test_no_part_of_an_anonymous_dossier_identifies_the_candidate",),
    ),
    Control(
        "An anonymous dossier says that the name is masked",
        "intake/dossiers/render.py",
        '            "person": None,\n',
        "",
        (f"{_ANONYMOUS}::test_an_anonymous_dossier_has_what_a_committee_reads",),
    ),
)
