"""Crispy helper for forms whose page writes the form tag."""

from crispy_forms.helper import FormHelper
from django import forms


def fields_only(form: forms.Form) -> FormHelper:
    """Return the helper that renders only a form's fields: the page writes the form tag, the token and the buttons."""
    helper = FormHelper(form)
    helper.form_tag = False
    helper.disable_csrf = True
    return helper
