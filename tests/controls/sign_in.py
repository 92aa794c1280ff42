"""Controls of sign-in, sessions and production's settings."""

from tests.controls.control import Control

_SIGN_IN, _LIMITS = "tests/accounts/test_sign_in.py", "tests/accounts/test_limits.py"
_CODES, _LINKS = "tests/accounts/test_codes.py", "tests/accounts/test_links.py"
_MAILED = "tests/accounts/test_sign_in_limits.py"
_STRENGTH = "tests/settings/test_strength.py"
_PRODUCTION = (
    "tests/settings/test_production_values.py::test_each_setting_of_the_portal_has_its_expected_value"
)
_COOKIES = (
    "tests/settings/test_cookies.py::test_each_cookie_is_secure_httponly_and_samesite_and_there_is_no_other"
)

CONTROLS = (
    Control(
        "A code expires",
        "intake/accounts/codes.py",
        "return at >= self.sent_at + code_lifetime()",
        "return False",
        (f"{_SIGN_IN}::test_a_code_expires", f"{_CODES}::test_a_code_lasts_ten_minutes"),
    ),
    Control(
        "A code and its link serve once",
        "intake/accounts/codes.py",
        "    if not cache.add(_used_key(pending.reference), 1, timeout=code_lifetime().total_seconds()):\n"
        "        raise ProofRefused\n",
        "    cache.add(_used_key(pending.reference), 1, timeout=code_lifetime().total_seconds())\n",
        (f"{_CODES}::test_the_code_and_the_link_of_one_mail_serve_once",),
    ),
    Control(
        "A code is bound to its address and to the browser that asked for it",
        "intake/accounts/codes.py",
        'f"{reference}:{email}:{code}"',
        "code",
        (f"{_CODES}::test_a_code_has_six_digits_and_is_valid_only_for_its_address",),
    ),
    Control(
        "Guesses at a code are counted, and five make it void",
        "intake/accounts/limits.py",
        '    if not ratelimit.consume(request, action="sign_in_guess", key=reference):\n'
        '        _reached(request, "GUESSES_OF_CODE", email)\n    elif',
        "    if",
        (
            f"{_SIGN_IN}::test_after_five_wrong_codes_the_right_one_is_refused",
            f"{_LIMITS}::test_five_guesses_are_allowed_in_total_across_processes",
        ),
    ),
    Control(
        "Guesses at all codes of an address are counted together",
        "intake/accounts/limits.py",
        '    elif not all(ratelimit.consume(request, action="sign_in_guess_address", key=key) for key in keys):\n'
        '        _reached(request, "GUESSES_OF_ADDRESS", email)\n',
        "",
        (f"{_LIMITS}::test_guesses_are_counted_by_code_then_by_address",),
    ),
    Control(
        "An address gets a limited number of codes",
        "intake/accounts/limits.py",
        '        or ratelimit.consume(request, action="sign_in_code_spaced", key=spaced)\n',
        "        or True\n",
        (f"{_LIMITS}::test_an_address_gets_several_codes_then_one_at_a_time_from_all_networks",),
    ),
    Control(
        "A busy network makes its visitors wait",
        "intake/accounts/limits.py",
        "        _check_waited(email, ticket, at)\n",
        "        return\n",
        (f"{_LIMITS}::test_a_busy_network_makes_each_visitor_wait_and_stops_none",),
    ),
    Control(
        "A stranger does not use up the codes of a known device",
        "intake/accounts/limits.py",
        "    if device.knows(email):\n        own =",
        "    if False:\n        own =",
        (f"{_LIMITS}::test_a_known_device_is_not_stopped_by_what_others_ask",),
    ),
    Control(
        "Guesses at receipts are counted by network",
        "intake/accounts/limits.py",
        'return bool(consume(request, app="allauth.account", action=action, limit_get=True))',
        "return True",
        (
            f"{_LIMITS}::test_receipt_checks_by_file_and_by_code_have_separate_limits_by_network",
            "tests/dossiers/test_verifying.py::test_many_guesses_from_one_network_are_stopped",
        ),
    ),
    Control(
        "A forged forwarding header does not change the counted network",
        "intake/settings/production.py",
        'ALLAUTH_TRUSTED_PROXY_COUNT = services.number("TRUSTED_PROXY_COUNT", default=0, least=0)',
        "ALLAUTH_TRUSTED_PROXY_COUNT = 9",
        ("tests/settings/test_production_values.py::test_each_setting_of_allauth_has_its_expected_value",),
    ),
    Control(
        "Known and unknown addresses get the same answers",
        "intake/accounts/views.py",
        "    pending, code = issue_code(email=email, at=now, next_path=next_path)\n",
        "    from intake.accounts.models import User\n\n"
        "    if not User.objects.filter(email=email).exists():\n"
        '        raise CodeNotSent("?", HTTPStatus.NOT_FOUND)\n'
        "    pending, code = issue_code(email=email, at=now, next_path=next_path)\n",
        (f"{_SIGN_IN}::test_known_unknown_and_closed_addresses_get_identical_responses",),
    ),
    Control(
        "An account is not signed in by a password",
        "intake/settings/base.py",
        '"intake.accounts.backends.NoPasswordBackend"',
        '"django.contrib.auth.backends.ModelBackend"',
        (_PRODUCTION, "tests/accounts/test_models.py::test_a_password_signs_in_no_user"),
    ),
    Control(
        "A link of a demonstration is refused in production",
        "intake/accounts/services.py",
        "    if settings.ONE_TIME_LINKS is not True:\n        raise OneTimeLinksOff\n",
        "    return\n",
        (f"{_LINKS}::test_sign_in_links_are_not_found_when_disabled",),
    ),
    Control(
        "An altered mailed link is refused",
        "intake/accounts/codes.py",
        "reference, email, sent = signing.Signer(salt=_LINK_SALT).unsign_object(token)",
        "reference, email, sent = signing.JSONSerializer().loads("
        'signing.b64_decode(token.partition(":")[0].encode()))',
        (f"{_MAILED}::test_a_mailed_link_that_is_altered_is_refused",),
    ),
    Control(
        "A session ends some time after its last request",
        "intake/web/sessions.py",
        "return not is_idle and now",
        "return now",
        ("tests/web/test_sessions.py::test_a_session_ends_two_hours_after_its_last_request",),
    ),
    Control(
        "A session in use ends some time after its sign-in",
        "intake/web/sessions.py",
        " and now - data[OPENED] < settings.SESSION_COOKIE_AGE",
        "",
        ("tests/web/test_sessions.py::test_a_session_in_use_ends_eight_hours_after_its_sign_in",),
    ),
    Control(
        "A visitor leaves nothing in the session store",
        "intake/accounts/login_required.py",
        '            if request.method != "POST":\n                return response\n',
        '            request.session["seen"] = True\n'
        '            if request.method != "POST":\n                return response\n',
        ("tests/accounts/test_visitors.py::test_a_visitor_opens_no_session",),
    ),
    Control(
        "A kept form is shown to its owner alone",
        "intake/accounts/login_required.py",
        "        return None  # another user's form, on a shared computer\n",
        "        pass\n",
        (
            "tests/accounts/test_login_required.py::test_a_kept_form_is_restored_once_at_its_address_to_its_owner",
        ),
    ),
    Control(
        "Cookies travel by HTTPS alone",
        "intake/settings/production.py",
        "SESSION_COOKIE_SECURE = True\n",
        "",
        (_PRODUCTION,),
    ),
    Control(
        "Scripts do not read the cookie of the session",
        "intake/settings/base.py",
        "SESSION_COOKIE_HTTPONLY = True",
        "SESSION_COOKIE_HTTPONLY = False",
        (_PRODUCTION,),
    ),
    Control(
        "Scripts do not read the cookie of the token",
        "intake/settings/base.py",
        "CSRF_COOKIE_HTTPONLY = True",
        "CSRF_COOKIE_HTTPONLY = False",
        (_PRODUCTION,),
    ),
    Control(
        "Scripts do not read a private cookie",
        "intake/web/private_cookie.py",
        "        httponly=True,\n",
        "",
        (_COOKIES,),
    ),
    Control(
        "Browsers use HTTPS alone, for a year",
        "intake/settings/production.py",
        "SECURE_HSTS_SECONDS = 365 * 24 * 3600\n",
        "",
        ("tests/settings/test_production.py::test_three_variables_suffice_for_a_check_without_warnings",),
    ),
    Control(
        "A request by HTTP is redirected",
        "intake/settings/production.py",
        "SECURE_SSL_REDIRECT = True\n",
        "",
        ("tests/settings/test_production.py::test_three_variables_suffice_for_a_check_without_warnings",),
    ),
    Control(
        "A short secret key does not serve",
        "intake/settings/strength.py",
        'if len(secret) < SHORTEST and name.startswith("SECRET_KEY"):',
        "if False:",
        (f"{_STRENGTH}::test_a_short_secret_key_is_refused_by_its_length",),
    ),
    Control(
        "A secret that repeats itself does not serve",
        "intake/settings/strength.py",
        "return len(set(secret)) < fewest or secret in (secret + secret)[1:-1]",
        "return False",
        (f"{_STRENGTH}::test_a_secret_that_repeats_itself_is_weak",),
    ),
    Control(
        "A host that allows any name does not serve",
        "intake/settings/strength.py",
        'if any(not host.strip(".*") for host in hosts):',
        "if False:",
        (f"{_STRENGTH}::test_a_host_that_allows_any_name_is_refused",),
    ),
    Control(
        "An unset number of proxies does not serve",
        "intake/settings/production.py",
        '"TRUSTED_PROXY_COUNT",  # a wrong default',
        "# a wrong default",
        ("tests/settings/test_production.py::test_serving_is_refused_without_each_variable_by_its_name",),
    ),
    Control(
        "The owner of the tables does not serve",
        "intake/startup_checks.py",
        "    if _connects_as_owner():\n",
        "    if False:\n",
        ("tests/settings/test_processes.py::test_a_process_with_a_missing_setting_or_too_much_power_ends",),
    ),
    Control(
        "The roles have the permissions of the table and no other",
        "intake/accounts/roles.py",
        '        "review.verify_finding",\n    }\n)\n',
        '        "review.verify_finding",\n        "submissions.decide_submission",\n    }\n)\n',
        ("tests/accounts/test_roles.py::test_each_permission_belongs_to_the_roles_of_the_table",),
    ),
    Control(
        "What signs in changes after a proof of the mailbox",
        "intake/accounts/second_factor/views.py",
        "        if not is_mailbox_proved(request):\n",
        "        if False:\n",
        (
            "tests/accounts/test_ways_between_factors.py::test_an_old_session_adds_no_way_in_before_a_proof_of_the_mailbox",
        ),
    ),
    Control(
        "An address changes after a proof of the present mailbox",
        "intake/accounts/address_pages.py",
        "    if not user.is_staff and not is_mailbox_proved(request, after_sign_in=True):\n",
        "    if False:\n",
        (
            "tests/accounts/test_ways_between_factors.py::test_an_address_changes_after_a_proof_of_the_present_mailbox_alone",
        ),
    ),
    Control(
        "The database applies no change of an account without two administrators",
        "intake/accounts/sql/refuse_undecided_change.sql",
        "ELSE administrators = 2 AND NEW.decided_by_id <> NEW.person_id",
        "ELSE true",
        (
            "tests/accounts/test_changes_by_the_application.py::test_the_application_cannot_give_itself_the_administration",
        ),
    ),
)
