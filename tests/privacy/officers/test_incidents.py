"""The register of incidents has what the regulation asks for, and nothing in it is changed or closed too early."""

import csv
import datetime as dt
import re
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from intake.journal.models import Entry
from intake.privacy.models import Incident, IncidentUpdate, Risk
from intake.privacy.officers.incident_forms import IncidentForm, UpdateForm
from intake.privacy.officers.incidents import (
    HEADER,
    IncidentClosedError,
    IncidentData,
    IncidentNotAssessedError,
    IncidentNotNotifiedError,
    add_update,
    incidents,
    kept_until,
    record_incident,
    register_lines,
)
from tests.factories.incidents import INCIDENT, KNOWN_ON, make_incident, make_officer, make_update
from tests.factories.people import client_of, make_staff
from tests.other_days import zone_of_another_day

pytestmark = pytest.mark.django_db

PAGE = "/admin/protection/incidents/"
Kind = IncidentUpdate.Kind
ON = dt.date(2026, 11, 29)


def posted(**more: Any) -> dict[str, Any]:
    return {name: str(value) for name, value in (INCIDENT | {"is_approximate": "on"} | more).items()}


# -- Operations -----------------------------------------------------------------------------------------------
def test_an_incident_and_its_updates_are_recorded_in_the_journal() -> None:
    officer = make_officer()
    incident = make_incident(actor=officer)
    make_update(incident, Kind.MEASURE)
    entries = Entry.objects.filter(subject_kind="privacy.incident").order_by("pk")
    assert [(entry.action, entry.subject_id, entry.detail) for entry in entries] == [
        ("INCIDENT_RECORDED", str(incident.pk), "UNKNOWN"),
        ("INCIDENT_UPDATED", str(incident.pk), "MEASURE"),
    ]
    assert entries[0].actor == officer


def test_staff_can_enter_neither_an_incident_nor_an_update() -> None:
    incident, staff = make_incident(), make_staff()
    with pytest.raises(PermissionDenied):
        record_incident(given=IncidentData(**INCIDENT), actor=staff)
    with pytest.raises(PermissionDenied):
        add_update(incident=incident, kind=Kind.MEASURE, done_on=ON, text="Fait.", actor=staff)


def test_the_last_assessment_gives_the_risk() -> None:
    incident = make_incident()
    assert incidents().get().current_risk == Risk.UNKNOWN
    make_update(incident, Kind.ASSESSED, risk=Risk.SERIOUS)
    make_update(incident, Kind.ASSESSED, risk=Risk.NOT_SERIOUS)
    assert incidents().get().current_risk == Risk.NOT_SERIOUS


def test_an_incident_is_not_closed_before_its_risk_is_assessed() -> None:
    incident = make_incident()
    with pytest.raises(IncidentNotAssessedError):
        make_update(incident, Kind.CLOSED)
    make_update(incident, Kind.ASSESSED, risk=Risk.NOT_SERIOUS)
    make_update(incident, Kind.CLOSED)
    assert incidents().get().is_closed


@pytest.mark.parametrize("told", [Kind.PERSONS_NOTIFIED, Kind.PUBLIC_NOTICE])
def test_a_serious_incident_is_not_closed_before_its_notices(
    told: str,
) -> None:
    incident = make_incident(risk=Risk.SERIOUS, assessment="Renseignements sensibles.")
    for notice in (told, Kind.COMMISSION_NOTIFIED):
        with pytest.raises(IncidentNotNotifiedError):
            make_update(incident, Kind.CLOSED)
        make_update(incident, notice)
    make_update(incident, Kind.CLOSED)
    with pytest.raises(IncidentClosedError):
        make_update(incident, Kind.CLOSED)
    assert make_update(incident, Kind.CORRECTION).pk, "the register is kept up to date"


@pytest.mark.parametrize(
    "known, until", [(KNOWN_ON, dt.date(2031, 11, 12)), (dt.date(2028, 2, 29), dt.date(2033, 3, 1))]
)
def test_an_incident_is_kept_for_five_years_after_it_is_known(known: dt.date, until: dt.date) -> None:
    assert kept_until(Incident(known_on=known)) == until


# -- Forms ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [name for name in INCIDENT if name not in {"is_approximate", "assessment"}])
def test_each_thing_that_the_regulation_asks_for_is_required(name: str) -> None:
    form = IncidentForm(posted() | {name: ""}, on=ON)
    assert list(form.errors) == [name]


def test_an_assessed_risk_needs_its_reason_and_a_day_to_come_is_refused() -> None:
    assert list(IncidentForm(posted(risk="SERIOUS"), on=ON).errors) == ["assessment"]
    assert list(IncidentForm(posted(known_on="2026-11-30"), on=ON).errors) == ["known_on"]
    assert list(IncidentForm(posted(persons=-1), on=ON).errors) == ["persons"]
    form = IncidentForm(posted(known_on=ON, persons=0), on=ON)
    assert form.is_valid()
    assert form.given() == IncidentData(**(INCIDENT | {"known_on": ON, "persons": 0}))


def test_an_assessment_needs_its_risk_and_another_update_drops_it() -> None:
    data = {"kind": "ASSESSED", "done_on": "2026-11-12", "text": "Vu.", "risk": ""}
    for risk in ("", "UNKNOWN"):
        assert list(UpdateForm(data | {"risk": risk}, on=ON).errors) == ["risk"]
    assert UpdateForm(data | {"risk": "SERIOUS"}, on=ON).is_valid()
    assert list(UpdateForm(data | {"risk": "SERIOUS", "done_on": "2026-11-30"}, on=ON).errors) == ["done_on"]
    form = UpdateForm(data | {"kind": "MEASURE", "risk": "SERIOUS"}, on=ON)
    assert form.is_valid()
    assert form.cleaned_data["risk"] == ""


# -- Pages ----------------------------------------------------------------------------------------------------
def test_an_incident_is_entered_completed_and_listed() -> None:
    client = client_of(make_officer())
    assert client.get(f"{PAGE}ajouter/").status_code == 200
    refused = client.post(f"{PAGE}ajouter/", posted(concerned=""))
    assert refused.status_code == 422
    assert "Un courriel est parti" in refused.content.decode(), "what was typed is there"
    answer = client.post(f"{PAGE}ajouter/", posted(known_on=timezone.localdate().isoformat()))
    incident = Incident.objects.get()
    assert answer.headers["Location"] == f"{PAGE}{incident.pk}/"
    update = {
        "kind": "MEASURE",
        "done_on": timezone.localdate().isoformat(),
        "text": "Accès retiré.",
        "risk": "",
    }
    assert client.post(f"{PAGE}{incident.pk}/", update).status_code == 302
    page = client.get(f"{PAGE}{incident.pk}/").content.decode()
    for shown in ("Un courriel est parti", "environ", "Accès retiré.", "Mesure prise", "À évaluer"):
        assert shown in page, shown
    assert str(incident) in client.get(PAGE).content.decode()


@pytest.mark.parametrize("days, status", [(0, 302), (1, 422)], ids=["today", "tomorrow"])
def test_the_latest_day_of_an_incident_is_today_in_the_zone_of_the_portal(days: int, status: int) -> None:
    client, incident = client_of(make_officer()), make_incident()
    with timezone.override(zone_of_another_day()):
        day = (timezone.localdate() + dt.timedelta(days=days)).isoformat()
        added = client.post(f"{PAGE}ajouter/", posted(known_on=day))
        update = {"kind": "MEASURE", "done_on": day, "text": "Accès retiré.", "risk": ""}
        updated = client.post(f"{PAGE}{incident.pk}/", update)
    assert (added.status_code, updated.status_code) == (status, status)


def test_a_refused_closing_gives_its_reason_and_keeps_the_typed_text() -> None:
    incident = make_incident()
    update = {"kind": "CLOSED", "done_on": "2026-11-12", "text": "Tout est réglé.", "risk": ""}
    answer = client_of(make_officer()).post(f"{PAGE}{incident.pk}/", update)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Évaluez d’abord le risque" in page
    assert "Tout est réglé." in page


def linked_errors(page: str) -> list[str]:
    """Return the anchors of the error summary, each of which is the id of a field."""
    summary = page.split('class="error-summary"')[1].split("</div>", maxsplit=1)[0]
    anchors = re.findall(r'href="#([^"]+)"', summary)
    assert all(f'id="{anchor}"' in page for anchor in anchors)
    return anchors


def test_the_errors_of_a_refused_form_are_listed_first_and_lead_to_their_fields() -> None:
    client, incident = client_of(make_officer()), make_incident()
    assert "error-summary" not in client.get(f"{PAGE}ajouter/").content.decode()
    refused = client.post(f"{PAGE}ajouter/", posted() | {"kind": "", "happened": "", "risk": "SERIOUS"})
    assert linked_errors(refused.content.decode()) == ["id_kind_0", "id_happened", "id_assessment"]
    refused = client.post(f"{PAGE}{incident.pk}/", {"kind": "ASSESSED", "done_on": "hier", "text": "Vu."})
    page = refused.content.decode()
    assert linked_errors(page) == ["id_risk", "id_done_on"]
    assert page.count('role="alert"') == 1, "each error would be announced twice"


def test_the_file_has_the_columns_of_the_regulation_and_no_formula() -> None:
    incident = make_incident(circumstances="=HYPERLINK(1)")
    make_update(incident, Kind.ASSESSED, risk=Risk.SERIOUS, text="Sensible.")
    for day, kind in enumerate([kind for kind in Kind if kind not in {Kind.ASSESSED, Kind.CLOSED}], start=13):
        make_update(incident, kind, text=str(kind), on=dt.date(2026, 11, day))
    make_update(incident, Kind.PERSONS_NOTIFIED, on=ON)
    make_update(incident, Kind.CLOSED, on=ON)
    answer = client_of(make_officer()).get(f"{PAGE}registre.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="registre-des-incidents.csv"'
    header, row = list(csv.reader(StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert header == [str(title) for title in HEADER]
    assert row == [
        str(incident),
        "Communication non autorisée",
        INCIDENT["information"],
        "'=HYPERLINK(1)\n2026-11-17 CORRECTION",
        INCIDENT["happened"],
        "2026-11-12",
        INCIDENT["concerned"],
        "12",
        "Oui",
        "Risque sérieux",
        "2026-11-12 Sensible.",
        "2026-11-14",
        "2026-11-15, 2026-11-29",
        "2026-11-16 PUBLIC_NOTICE",
        "2026-11-13 MEASURE",
        "2026-11-29",
    ]
    assert Entry.objects.get(action="INCIDENTS_EXPORTED").detail == "csv"


def test_incidents_are_listed_from_the_latest_known() -> None:
    first, second = make_incident(), make_incident()
    early = make_incident(known_on=dt.date(2026, 11, 11), is_approximate=False)
    assert list(incidents()) == [second, first, early]
    lines = list(register_lines())
    assert [line[0] for line in lines] == [str(second), str(first), str(early)]
    assert [str(line[8]) for line in lines] == ["Oui", "Oui", "Non"]


def test_an_unknown_format_and_an_unknown_incident_are_not_found() -> None:
    client = client_of(make_officer())
    assert client.get(f"{PAGE}registre.pdf").status_code == 404
    assert client.get(f"{PAGE}999999/").status_code == 404
