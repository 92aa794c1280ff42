"""Controls of every page: policy of its content, token of its forms, text of strangers, caches, addresses."""

from tests.controls.control import Control

_HEADERS = "tests/house/test_security_headers.py"
_EVERY_ANSWER = f"{_HEADERS}::test_every_response_refuses_unused_features_and_other_sites"

CONTROLS = (
    Control(
        "A posted form needs its token",
        "intake/settings/base.py",
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
        ("tests/house/test_access_matrix.py::test_no_post_is_accepted_without_its_token",),
    ),
    Control(
        "Each form of a template has its token",
        "templates/components/confirm.html",
        "  {% csrf_token %}\n",
        "",
        ("tests/house/test_source.py::test_every_form_of_a_template_that_is_posted_has_its_token",),
    ),
    Control(
        "Every page has the strict content security policy",
        "intake/settings/base.py",
        '    "django.middleware.csp.ContentSecurityPolicyMiddleware",\n',
        "",
        (f"{_HEADERS}::test_every_error_page_has_the_headers_too",),
    ),
    Control(
        "A page runs only the portal's own scripts and those with its nonce",
        "intake/settings/base.py",
        '"script-src": [CSP.SELF, CSP.NONCE]',
        '"script-src": [CSP.SELF, CSP.UNSAFE_INLINE]',
        (f"{_HEADERS}::test_every_error_page_has_the_headers_too",),
    ),
    Control(
        "A form is sent to the portal alone",
        "intake/settings/base.py",
        '    "form-action": [CSP.SELF],\n',
        "",
        (f"{_HEADERS}::test_every_error_page_has_the_headers_too",),
    ),
    Control(
        "No other site shows a page in a frame",
        "intake/settings/base.py",
        '    "frame-ancestors": [CSP.SELF],\n',
        "",
        (f"{_HEADERS}::test_every_error_page_has_the_headers_too",),
    ),
    Control(
        "A browser does not guess the type of an answer",
        "intake/settings/base.py",
        '    "django.middleware.security.SecurityMiddleware",\n',
        "",
        (_EVERY_ANSWER,),
    ),
    Control(
        "Answers are closed to other sites, and cameras to pages",
        "intake/settings/base.py",
        '    "intake.web.middleware.BrowserFeaturesMiddleware",\n',
        "",
        (_EVERY_ANSWER,),
    ),
    Control(
        "No other site reads the portal's static files",
        "intake/settings/base.py",
        "WHITENOISE_ALLOW_ALL_ORIGINS = False",
        "WHITENOISE_ALLOW_ALL_ORIGINS = True",
        (f"{_HEADERS}::test_static_files_of_production_are_for_the_portal_s_own_pages",),
    ),
    Control(
        "A client does not move the site to another path",
        "intake/settings/base.py",
        'FORCE_SCRIPT_NAME = ""',
        "FORCE_SCRIPT_NAME = None",
        (f"{_HEADERS}::test_a_client_cannot_move_the_site_to_another_path",),
    ),
    Control(
        "A foreign host is refused without a traceback in the log",
        "intake/settings/base.py",
        '"django.security": {"handlers": ["none"], "propagate": False},',
        "",
        (f"{_HEADERS}::test_a_request_to_another_host_is_refused_in_one_line_of_the_log",),
    ),
    Control(
        "A response to a signed-in user stays in no cache",
        "intake/web/middleware.py",
        "            add_never_cache_headers(response)\n",
        "            pass\n",
        ("tests/web/test_requests.py::test_a_response_to_a_signed_in_user_is_not_cached",),
    ),
    Control(
        "A reference of the client does not enter the log",
        "intake/web/middleware.py",
        "reference = new_request_id()",
        "reference = request.headers.get(HEADER) or new_request_id()",
        ("tests/web/test_requests.py::test_a_reference_sent_by_the_client_is_ignored",),
    ),
    Control(
        "A page with a secret is not compressed",
        "intake/web/compression.py",
        '        and "no-transform" not in response.get("Cache-Control", "")\n',
        "",
        ("tests/web/test_compression.py::test_a_file_a_stream_or_a_secret_is_sent_as_it_is",),
    ),
    Control(
        "A redirect to the page that was wanted stays on the site",
        "intake/web/language.py",
        'return url if is_local else ""',
        "return url",
        (
            "tests/web/test_language.py::test_the_language_form_redirects_back_only_on_this_site",
            "tests/accounts/test_sign_in.py::test_sign_in_redirects_to_the_next_path_only_on_this_site",
        ),
    ),
    Control(
        "A posted form is shown again only if a page of the portal sent it",
        "intake/web/kept_form.py",
        '        if request.method != "POST" or not _is_ours(request):\n',
        '        if request.method != "POST":\n',
        ("tests/web/test_error_pages.py::test_a_refused_form_is_offered_again_only_from_our_own_page",),
    ),
    Control(
        "Text of a person is escaped on a page",
        "templates/offers/_card.html",
        '<p class="offer-domain" lang="fr-CA">{{ offer.domain }}</p>',
        '<p class="offer-domain" lang="fr-CA">{{ offer.domain|safe }}</p>',
        ("tests/house/test_crawl.py::test_a_hostile_text_is_only_text_on_every_page",),
    ),
    Control(
        "A row that the database quotes is not logged",
        "intake/web/apps.py",
        "        install_log_redaction()\n",
        "",
        ("tests/web/test_log_redaction.py::test_a_refused_row_is_absent_from_the_log_of_a_request",),
    ),
    Control(
        "The administration is for staff alone",
        "intake/web/site.py",
        "return bool(user.is_active and user.is_staff)",
        "return bool(user.is_active)",
        (
            "tests/review/access/test_visibility.py::test_anonymous_visitors_and_candidates_are_sent_to_sign_in",
        ),
    ),
    Control(
        "Code and templates mark no text as HTML",
        "intake/submissions/drafts/views/start.py",
        "    return format_html(\n",
        "    return mark_safe(  # noqa: S308 -- the control is removed\n",
        ("tests/house/test_source.py::test_no_code_marks_text_as_html_except_the_argued_places",),
    ),
    Control(
        "A line break in a name does not add a line to a calendar",
        "offers/calendars.py",
        "summary = _one_line(deadline.summary)",
        "summary = deadline.summary",
        ("tests/offers/test_feeds.py::test_a_line_break_in_a_name_adds_no_line_to_the_calendar",),
    ),
    Control(
        "A line break in a name does not add a header to a mail",
        "intake/web/mails.py",
        'return re.sub(r"[ \\t\\r\\n]+", " ", unescape(title)).strip()',
        "return unescape(title)",
        ("tests/web/test_mails.py::test_text_is_not_escaped_and_html_is",),
    ),
    Control(
        "One person is sent a few files at once",
        "intake/web/downloads.py",
        "        if _sending[person] >= AT_ONCE:\n",
        "        if False:\n",
        (
            "tests/faults/test_slow_clients.py::test_a_person_who_downloads_too_many_files_at_once_has_to_wait",
        ),
    ),
    Control(
        "A client that stops in the middle is left",
        "intake/web_worker.py",
        "if conn.sock.deadline < now]",
        "if False]",
        (
            "tests/web/test_slow_clients.py::test_the_server_ends_the_connections_of_each_kind_of_slow_clients",
        ),
    ),
    Control(
        "A page whose statement takes too long is given up",
        "intake/web/statement_limit.py",
        "                if began < before:\n",
        "                if False:\n",
        ("tests/web/test_statement_limit.py::test_a_page_that_takes_too_long_is_given_up_with_a_reference",),
    ),
    Control(
        "A person saves a limited number of times",
        "intake/submissions/drafts/views/save_limits.py",
        "    if may_save(request):\n",
        "    if True:\n",
        (
            "tests/submissions/drafts/test_autosave.py::test_typing_in_two_pages_is_saved_and_a_script_without_end_is_not",
        ),
    ),
    Control(
        "An earlier press counts for the same form alone",
        "intake/submissions/filing/held_press.py",
        " if digest == _digest(posted) else None",
        "",
        (
            "tests/submissions/filing/test_held_press.py::test_an_earlier_press_counts_for_the_same_form_alone_and_for_a_minute",
        ),
    ),
)
