"""Crispy forms without a form tag of their own."""

from crispy_forms.helper import FormHelper
from django import forms


def fields_only(form: forms.Form) -> FormHelper:
    """Return the helper that renders a form's fields alone: the page writes the form's own tag, token and buttons."""
    helper = FormHelper(form)
    helper.form_tag = False
    helper.disable_csrf = True
    return helper
