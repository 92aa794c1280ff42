"""Detection of a repeated save: the posted content of a draft is equal to the stored content."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseModelFormSet, ModelForm
from django.forms.formsets import DELETION_FIELD_NAME

from offers.models import Offer

from .forms import CHANGED_MEANWHILE

type _Rows = list[tuple[tuple[str, Any], ...]]


def is_repeated_save(form: ModelForm[Offer], formsets: Iterable[BaseModelFormSet[Any, Any]]) -> bool:
    """True if the only error is that the draft changed after it was read, and the stored draft has the posted content.

    A double click is one save, and so is the same text from two users. `form` and `formsets` are bound to the POST, on
    a draft that is read under its lock.
    """
    if [error.code for error in _errors(form)] != [CHANGED_MEANWHILE]:
        return False
    stored = Offer.objects.get(pk=form.instance.pk)
    header = all(
        getattr(form.instance, field.attname) == getattr(stored, field.attname)
        for field in Offer._meta.concrete_fields
        if field.name in form.fields
    )
    return header and all(
        _posted_rows(formset) == _in_order(formset.get_queryset().values(*_editable_fields(formset)))
        for formset in formsets
    )


def _errors(form: ModelForm[Offer]) -> Iterator[ValidationError]:
    """Yield the errors of the header; an error of a field has the field's name as its code."""
    found = form.errors.as_data()
    for name, errors in found.items():
        yield from errors if name == NON_FIELD_ERRORS else [ValidationError("", code=name)]


def _editable_fields(formset: BaseModelFormSet[Any, Any]) -> list[str]:
    """Return the editable fields of a part, without its id, its offer and the deletion checkbox."""
    written = {field.name for field in formset.get_queryset().model._meta.concrete_fields if field.editable}
    return sorted(name for name in formset.empty_form.fields if name in written - {"id", "offer"})


def _posted_rows(formset: BaseModelFormSet[Any, Any]) -> _Rows | None:
    """Return the parts as posted, without their row ids; None if one is invalid."""
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
    """Clean one field without the rest of its form: the row of the form may be deleted."""
    return form.fields[name].clean(form[name].data)


def _in_order(rows: Iterable[Mapping[str, Any]]) -> _Rows:
    return sorted((tuple(sorted(row.items())) for row in rows), key=repr)
