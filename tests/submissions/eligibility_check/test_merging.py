"""Answers of the check are merged with those of a draft."""

from intake.submissions.drafts.answer_merge import differing_keys, merge_answers

MASTER = {"level": "MASTER", "state": "IN_PROGRESS", "completed_on": None, "expected_on": "2028-04-30"}
NAMED = MASTER | {"field_of_study": "Droit", "institution": "Laval"}
UNNAMED = MASTER | {"field_of_study": "", "institution": ""}


def test_programmes_in_another_order_or_without_a_name_are_equal() -> None:
    doctorate = NAMED | {"level": "DOCTORATE", "expected_on": None}
    assert differing_keys({"studies": [NAMED, doctorate]}, {"studies": [doctorate, UNNAMED]}) == []
    assert differing_keys({"studies": [NAMED]}, {"studies": [UNNAMED | {"expected_on": "2029-04-30"}]}) == [
        "studies"
    ]
    assert differing_keys({"bar_school": None}, {"bar_school": False}) == ["bar_school"]


def test_a_programme_keeps_its_name_until_another_is_typed() -> None:
    taken = merge_answers({"studies": [NAMED], "city": "Québec"}, {"studies": [UNNAMED, UNNAMED]})
    assert taken["studies"] == [NAMED, UNNAMED]
    assert taken["city"] == "Québec"
    renamed = NAMED | {"institution": "McGill"}
    assert merge_answers({"studies": [NAMED]}, {"studies": [renamed]})["studies"] == [renamed]


# -- On the offer's page ---------------------------------------------------------------------------------------
