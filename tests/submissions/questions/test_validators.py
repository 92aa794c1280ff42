"""Forms that only validate share their fields, and keep the day that they were given."""

from datetime import date

from intake.profiles.forms import IdentityForm
from intake.submissions.questions.sections import _validator

ANSWERS = {"first_name": "Noor", "last_name": "Roy", "birth_date": "2000-05-04"}
BEFORE, AFTER = date(2000, 5, 3), date(2000, 5, 5)


def test_a_form_keeps_its_day_while_another_validates_on_a_later_one() -> None:
    early = _validator(IdentityForm, BEFORE)(data=ANSWERS, on=BEFORE)
    late = _validator(IdentityForm, AFTER)(data=ANSWERS, on=AFTER)
    assert (early.is_valid(), late.is_valid()) == (False, True)


def test_forms_that_validate_leave_the_fields_of_pages_alone() -> None:
    form = _validator(IdentityForm, BEFORE)(data=ANSWERS, on=BEFORE)
    again = _validator(IdentityForm, BEFORE)(data=ANSWERS, on=BEFORE)
    assert form.fields["birth_date"] is again.fields["birth_date"]
    assert form.fields["birth_date"] is not IdentityForm.base_fields["birth_date"]
    assert IdentityForm(data=ANSWERS, on=AFTER).is_valid()
