"""Whether what somebody sends of a draft is, word for word, what the draft says already."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseModelFormSet, ModelForm
from django.forms.formsets import DELETION_FIELD_NAME

from offers.models import Offer

from .forms import CHANGED_MEANWHILE

type _Rows = list[tuple[tuple[str, Any], ...]]


def is_repeated_save(form: ModelForm[Offer], formsets: Iterable[BaseModelFormSet[Any, Any]]) -> bool:
    """Say whether the page of a draft would write nothing, though another draft was read: it was written meanwhile.

    A button pressed twice is one save: so is the same text from two people. `form` and `formsets` are bound to what was
    sent, on a draft read under its lock.
    """
    if [error.code for error in _errors(form)] != [CHANGED_MEANWHILE]:
        return False
    stored = Offer.objects.get(pk=form.instance.pk)
    header = all(
        getattr(form.instance, field.attname) == getattr(stored, field.attname)
        for field in Offer._meta.concrete_fields
        if field.name in form.fields
    )
    return header and all(_posted_rows(formset) == _stored_rows(formset) for formset in formsets)


def _errors(form: ModelForm[Offer]) -> Iterator[ValidationError]:
    """Yield what refuses the header; an error of one field stands for any other."""
    found = form.errors.as_data()
    for name, errors in found.items():
        yield from errors if name == NON_FIELD_ERRORS else [ValidationError("", code=name)]


def _editable_fields(formset: BaseModelFormSet[Any, Any]) -> list[str]:
    """Return the fields that are written of a part: not its number, nor its offer's, nor the box that deletes it."""
    written = {field.name for field in formset.get_queryset().model._meta.concrete_fields if field.editable}
    return sorted(name for name in formset.empty_form.fields if name in written - {"id", "offer"})


def _posted_rows(formset: BaseModelFormSet[Any, Any]) -> _Rows | None:
    """Return the parts as they were sent, whatever rows they came from; None if one cannot be read."""
    names, rows = _editable_fields(formset), []
    for form in formset.forms:
        if form.empty_permitted and not form.has_changed():
            continue
        try:
            if not (formset.can_delete and _cleaned_value(form, DELETION_FIELD_NAME)):
                rows.append({name: _cleaned_value(form, name) for name in names})
        except ValidationError:
            return None
    return _in_order(rows)


def _cleaned_value(form: ModelForm[Any], name: str) -> Any:
    """Return what was sent for one field, whatever becomes of the others: its row may be gone by now."""
    return form.fields[name].clean(form[name].data)


def _stored_rows(formset: BaseModelFormSet[Any, Any]) -> _Rows:
    return _in_order(formset.get_queryset().values(*_editable_fields(formset)))


def _in_order(rows: Iterable[Mapping[str, Any]]) -> _Rows:
    return sorted((tuple(sorted(row.items())) for row in rows), key=repr)
