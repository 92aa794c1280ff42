"""Controls of uploads, dossiers, receipts and exports."""

from tests.controls.control import Control

_CHILD, _CLEANING = "tests/documents/test_child.py", "tests/documents/test_cleaning.py"
_EXPORTS, _TABLES = "tests/review/exports/test_exports.py", "tests/review/exports/test_export_tables.py"
_RENDER = "tests/dossiers/test_render.py"
_VERIFYING = "tests/dossiers/test_verifying.py"

CONTROLS = (
    Control(
        "The type of an upload is read in its bytes",
        "intake/documents/child/inspect.py",
        "    media_type = sniff(head)\n",
        "    media_type = PDF\n",
        (f"{_CHILD}::test_a_hostile_file_is_refused_with_its_code_and_leaves_no_thumbnail",),
    ),
    Control(
        "Active content is removed from an upload",
        "intake/documents/child/pdf.py",
        "        active.remove(cleaned)\n",
        "",
        (
            f"{_CLEANING}::test_an_action_inside_a_kept_part_is_reported_and_emptied",
            f"{_CLEANING}::test_an_accepted_hostile_file_has_no_active_part_left",
        ),
    ),
    Control(
        "A cleaned page keeps only the keys that draw it",
        "intake/documents/child/pdf.py",
        "            for key in set(page.obj.keys()) - _PAGE_KEYS_KEPT:\n                del page.obj[key]\n",
        "",
        (f"{_CHILD}::test_a_cleaned_page_keeps_only_the_keys_that_draw_it",),
    ),
    Control(
        "A stream that unpacks to too much is refused",
        "intake/documents/child/pdf.py",
        "    refuse_bombs(received)\n",
        "",
        (f"{_CHILD}::test_a_hostile_file_is_refused_with_its_code_and_leaves_no_thumbnail",),
    ),
    Control(
        "What a library unpacks as it opens a PDF is measured first",
        "intake/documents/child/structure.py",
        "    left = MAX_STRUCTURE_BYTES\n",
        "    left = 1 << 60\n",
        ("tests/documents/test_structure.py::test_a_structure_that_unpacks_to_too_much_is_refused_unopened",),
    ),
    Control(
        "A file that is also of another format is refused",
        "intake/documents/child/pdf.py",
        "    refuse_polyglot_pdf(raw)\n",
        "",
        ("tests/documents/test_corpus.py::test_one_file_of_each_family_has_its_expected_result",),
    ),
    Control(
        "A drawing that draws itself is refused",
        "intake/documents/child/pdf.py",
        "    refuse_drawing_loops(received)\n",
        "",
        (
            "tests/documents/test_structure.py::test_a_list_of_pages_or_a_drawing_that_leads_back_to_itself_is_refused",
        ),
    ),
    Control(
        "A picture has a maximum of pixels",
        "intake/documents/child/image.py",
        "            if opened.width * opened.height > MAX_PIXELS[str(opened.format)]:\n",
        "            if False:\n",
        ("tests/documents/test_pictures.py::test_a_picture_may_have_the_maximum_of_pixels_and_not_one_more",),
    ),
    Control(
        "A picture loses its metadata",
        "intake/documents/child/image.py",
        "    picture.info.clear()  # else the new JPEG would keep the comment of the original\n",
        "",
        (
            "tests/documents/test_pictures.py::test_metadata_and_extra_frames_of_a_picture_are_reported_and_removed",
        ),
    ),
    Control(
        "The kernel refuses other files to a document process",
        "intake/documents/child/confinement.py",
        "    _close_files(libc, readable, room)\n",
        "",
        (
            "tests/documents/test_confinement.py::test_the_kernel_refuses_what_a_document_process_does_not_need",
        ),
    ),
    Control(
        "The kernel refuses sockets, programs and signals to a document process",
        "intake/documents/child/confinement.py",
        "    _close_calls(libc)\n",
        "",
        (
            "tests/documents/test_confinement.py::test_the_kernel_refuses_what_a_document_process_does_not_need",
        ),
    ),
    Control(
        "An inspection gives up other files and system calls before it reads the upload",
        "intake/documents/child/__main__.py",
        "    confine((path,), into)\n",
        "",
        ("tests/documents/test_child.py::test_an_inspection_confines_itself_then_writes_its_result",),
    ),
    Control(
        "A file is inspected within limits of time and memory",
        "intake/documents/child/limits.py",
        "            with contextlib.suppress(ValueError, OSError):\n"
        "                resource.setrlimit(what, (soft, hard))\n",
        "            pass\n",
        (
            f"{_CHILD}::test_only_the_limit_of_cpu_time_is_soft",
            "tests/documents/test_isolated_process.py::test_it_applies_its_limits_to_itself",
        ),
    ),
    Control(
        "A process that reads a file inherits no secret",
        "intake/documents/isolated_process.py",
        '        "env": {**_environment(room), **given},\n',
        '        "env": {**os.environ, **_environment(room), **given},\n',
        (
            "tests/documents/test_isolated_process.py::test_an_isolated_process_gets_no_secret_and_no_open_file",
        ),
    ),
    Control(
        "A link that a document process makes is not followed",
        "intake/documents/isolated_process.py",
        "    _remove_special_files(room)\n    if ended != 0:\n",
        "    if ended != 0:\n",
        (
            "tests/documents/test_isolated_process.py::test_links_and_pipes_of_an_isolated_process_are_removed",
        ),
    ),
    Control(
        "A request writes a bounded number of bytes",
        "intake/documents/receiving.py",
        "chunk = raw_data[: MAX_REQUEST_FILE_BYTES - self.kept]",
        "chunk = raw_data",
        (
            "tests/documents/test_receiving.py::test_all_files_of_a_request_share_one_limit_and_keep_their_real_size",
        ),
    ),
    Control(
        "The name of a stored file has no path",
        "intake/documents/names.py",
        '    last = re.split(r"[/\\\\]", unicodedata.normalize("NFC", name))[-1]\n    stem = folded(last)\n',
        '    stem = unicodedata.normalize("NFC", name)\n',
        (
            "tests/documents/test_names.py::test_a_name_becomes_safe",
            "tests/documents/test_names.py::test_every_name_is_short_plain_and_without_a_path",
        ),
    ),
    Control(
        "A served file runs nothing",
        "intake/documents/downloads.py",
        '    response["Content-Security-Policy"] = _PDF_VIEWER if media_type == "application/pdf" else _NOTHING_RUNS\n',
        "",
        (
            "tests/documents/test_uploads.py::test_a_file_is_served_with_headers_that_prevent_execution",
            "tests/documents/test_inspection_results.py::test_a_served_file_may_be_displayed_and_run_no_script",
        ),
    ),
    Control(
        "A served file stays in no cache",
        "intake/documents/downloads.py",
        '    response["Cache-Control"] = "private, no-store"\n',
        "",
        ("tests/documents/test_uploads.py::test_a_file_is_served_with_headers_that_prevent_execution",),
    ),
    Control(
        "Temporary files are readable by this user only",
        "intake/documents/temp_dirs.py",
        "            base.chmod(mode)\n",
        "            pass\n",
        ("tests/documents/test_temp_dirs.py::test_the_temporary_directory_belongs_to_this_user_only",),
    ),
    Control(
        "Stored files are readable by this user only",
        "intake/settings/services.py",
        '"file_permissions_mode": 0o600',
        '"file_permissions_mode": 0o644',
        ("tests/settings/test_production.py::test_a_storage_is_a_folder_readable_only_by_its_user",),
    ),
    Control(
        "The page of a dossier reads only its listed files",
        "intake/dossiers/child/pages.py",
        "        if not url.startswith(_SCHEME) or name not in self._assets:\n"
        "            raise UnknownAssetError(url)\n"
        "        path = Path(self._assets[name])\n",
        "        path = Path(self._assets.get(name, name))\n",
        (
            "tests/dossiers/test_child.py::test_an_unlisted_asset_is_refused_by_the_fetcher_and_by_the_library",
        ),
    ),
    Control(
        "The process that draws opens no socket and no other file",
        "intake/dossiers/child/sandbox.py",
        "    sys.addaudithook(hook)\n",
        "    del hook\n",
        (f"{_RENDER}::test_the_sandbox_refuses_without_any_list",),
    ),
    Control(
        "Markup in an answer is text in a dossier",
        "templates/pdf/_proof.html",
        "{{ person.full_name }}",
        "{{ person.full_name|safe }}",
        (f"{_RENDER}::test_markup_in_any_field_is_text",),
    ),
    Control(
        "A seal is compared with its content before it is used",
        "intake/dossiers/services.py",
        "    if digest_of(canonical_text=seal.canonical, salt=seal.salt) != seal.digest:\n"
        "        raise AlteredError(seal.digest)\n",
        "",
        (
            "tests/dossiers/test_seals.py::test_one_changed_byte_of_a_seal_is_detected",
            f"{_VERIFYING}::test_an_altered_seal_yields_no_receipt",
        ),
    ),
    Control(
        "The digest of a seal is salted",
        "intake/dossiers/sealed_payload.py",
        "hashlib.sha256(bytes.fromhex(salt) + canonical_text.encode())",
        "hashlib.sha256(canonical_text.encode())",
        ("tests/dossiers/test_seals.py", "tests/dossiers/test_payload.py"),
    ),
    Control(
        "A signed receipt that was never issued is not authentic",
        "intake/dossiers/receipts/verifying.py",
        "    if reading.signature and _is_recorded(reading.facts, reading.signature):\n",
        "    if reading.signature:\n",
        (f"{_VERIFYING}::test_a_signed_receipt_that_was_never_issued_is_unknown",),
    ),
    Control(
        "A signature verifies with its message alone",
        "intake/signing/keys.py",
        "        except InvalidSignature:\n            return False\n",
        "        except InvalidSignature:\n            return True\n",
        ("tests/signing/test_signing.py::test_a_signature_verifies_only_with_its_message_and_key",),
    ),
    Control(
        "A signature has one form",
        "intake/signing/keys.py",
        "        if not is_low_s(value):\n            return False\n",
        "",
        ("tests/signing/test_signing.py::test_signatures_have_a_low_s_and_a_high_s_is_refused",),
    ),
    Control(
        "A text of a CSV never starts a formula",
        "intake/review/exports/csv_file.py",
        "            return neutralise(str(value))\n",
        "            return str(value)\n",
        (
            f"{_EXPORTS}::test_csv_never_starts_a_cell_with_a_formula",
            f"{_TABLES}::test_a_value_is_written_in_iso_form_and_formulas_are_escaped",
        ),
    ),
    Control(
        "A text of a workbook is never a formula or a link",
        "intake/review/exports/xlsx_file.py",
        "            sheet.write_string(line, place, text, styles.of_text(text))\n",
        "            sheet.strings_to_formulas = sheet.strings_to_urls = True\n"
        "            sheet.write(line, place, text, styles.of_text(text))\n",
        (f"{_EXPORTS}::test_xlsx_writes_hostile_text_as_text",),
    ),
    Control(
        "A name in an archive is safe on every system",
        "intake/review/exports/archive.py",
        'r"[^A-Za-z0-9]+", "-"',
        'r"[\\s]+", "-"',
        (f"{_EXPORTS}::test_file_names_in_the_archive_are_safe",),
    ),
    Control(
        "A dossier with another digest is not put in an archive",
        "intake/review/exports/archive.py",
        "            _add(archive, name, aside, expected=line.dossier_sha256)\n",
        "            _add(archive, name, aside)\n",
        (
            "tests/review/exports/test_export_archive.py::test_a_damaged_file_is_not_archived",
            f"{_EXPORTS}::test_zip_contains_each_dossier_its_digest_and_the_missing_list",
        ),
    ),
    Control(
        "The kernel refuses changes of mode to a document process",
        "intake/documents/child/confinement.py",
        "            *(90, 91, 268, 92, 93, 94, 260),  # chmod, fchmod, fchmodat, chown, fchown, lchown, fchownat\n",
        "",
        (
            "tests/documents/test_confinement.py::test_the_kernel_refuses_what_a_document_process_does_not_need",
        ),
    ),
)
