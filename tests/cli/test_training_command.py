"""`parley training form`: what a training asks of those who register, beside a running server."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.cli.test_commands import parley
from tests.cli.test_site_commands import where_of
from tests.server import TestSite
from tests.services.meetings import create
from tests.services.trainings import create_training, get_training

FORM = """<?xml version="1.0"?>
<train:registrationForm xmlns:train="http://www.webex.com/schemas/2002/06/service/trainingsession">
  <train:standardFields>
    <train:company><train:incl>true</train:incl><train:req>true</train:req></train:company>
    <train:fax/>
    <train:city><train:incl>false</train:incl></train:city>
  </train:standardFields>
  <train:customFields>
    <train:textBox><train:label>Why?</train:label><train:type>MULTI_LINE</train:type></train:textBox>
    <train:checkBoxGroup>
      <train:label>Topics</train:label>
      <train:checkbox><train:label>Safety</train:label><train:state>SELECTED</train:state></train:checkbox>
      <train:checkbox><train:label>Fire</train:label></train:checkbox>
    </train:checkBoxGroup>
    <train:optionButtonGroup><train:req>true</train:req><train:label>Level</train:label>
      <train:choice><train:label>One</train:label></train:choice>
      <train:choice><train:label>Two</train:label></train:choice>
    </train:optionButtonGroup>
    <train:dropDownGroup><train:label>Lunch</train:label>
      <train:choice><train:label>Soup</train:label></train:choice>
      <train:choice><train:label>Salad</train:label></train:choice>
    </train:dropDownGroup>
  </train:customFields>
</train:registrationForm>
"""
PERSON = {"FIRST_NAME": "Ann", "LAST_NAME": "Pupil", "EMAIL": "ann@people.example"}


def given(folder: Path, text: str) -> str:
    file = folder / "form.xml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_form_is_asked_and_its_answers_come_out(site: TestSite, tmp_path: Path) -> None:
    client, where = site.client(), where_of(site.server)
    key = create_training(client, attendeeOptions={"registration": True, "auto": True})
    told = parley("training", "form", site.name, key, given(tmp_path, FORM), *where)
    assert told.strip() == f"training {key}: 2 standard fields, 4 own fields"
    client.call("training.SetTrainingSession", sessionKey=key, metaData={"agenda": "New"}).ok()
    link = client.call("meeting.GetjoinurlMeeting", sessionKey=key).ok().value("registerMeetingURL") or ""
    page = httpx.get(link).text
    assert [label in page for label in ("Company", "Fax", "City", "Why?", "Topics", "Level", "Lunch")] == [
        *(True, True, False),
        *[True] * 4,
    ]
    answers = {"COMPANY": "Acme", "FAX": "12", "CITY": "Rome", "Q1": "To learn", "Q2-1": "1", "Q2-2": "1", "Q3": "2"}
    assert httpx.post(link, data={**PERSON, **answers, "Q3": ""}).status_code == 422
    assert httpx.post(link, data={**PERSON, **answers}).status_code == 200
    found = client.call("attendee.GetEnrollmentInfo", sessionKey=key).ok()
    assert found.value("defaultFields/company") == "Acme"
    assert "Rome" not in found.text
    labels, values = found.all("customFields/field/label"), found.all("customFields/field/value")
    assert dict(zip(labels, values, strict=True)) == {"Why?": "To learn", "Topics": "Safety, Fire", "Level": "Two"}
    assert (
        parley("training", "form", site.name, key, "--clear", *where)
        .strip()
        .endswith("0 standard fields, 0 own fields")
    )
    assert "Company" not in httpx.get(link).text
    # A form that comes back keeps no question of the former one; numbers are not given out twice.
    again = FORM.replace("Why?", "What for?")
    parley("training", "form", site.name, key, given(tmp_path, again), *where)
    page = httpx.get(link).text
    assert 'name="Q1"' not in page
    assert "What for?" in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<registrationForm>", "form"),
        ("", "holds no XML document"),
        ("<form/>", "registrationForm: the document must hold this element"),
        ("<registrationForm><fields/></registrationForm>", "fields"),
        ("<registrationForm><standardFields><shoes/></standardFields></registrationForm>", "shoes"),
        (
            "<registrationForm><standardFields><phone><req>maybe</req></phone></standardFields></registrationForm>",
            "registrationForm/",
        ),
        ("<registrationForm><customFields><textBox/></customFields></registrationForm>", "label"),
        (
            "<registrationForm><customFields><dropDownGroup><label>x</label><choice><label>y</label></choice>"
            "</dropDownGroup></customFields></registrationForm>",
            "choice",
        ),
        ('<!DOCTYPE a [<!ENTITY b "c">]><registrationForm>&b;</registrationForm>', "DOCTYPE"),
    ],
)
def test_documents_that_describe_no_form(site: TestSite, tmp_path: Path, text: str, words: str) -> None:
    client, where = site.client(), where_of(site.server)
    key = create_training(client)
    before = get_training(client, key).text
    told = parley("training", "form", site.name, key, given(tmp_path, text), *where, code=2)
    assert words.casefold() in told.casefold()
    assert "Traceback" not in told
    assert get_training(client, key).text == before


def test_what_is_no_training_has_no_form(site: TestSite, tmp_path: Path) -> None:
    where = where_of(site.server)
    meeting = create(site.client())
    for key in ("77", meeting):
        told = parley("training", "form", site.name, key, given(tmp_path, FORM), *where, code=2)
        assert "Corresponding Meeting not found" in told
    assert "name a file" in parley("training", "form", site.name, meeting, *where, code=2)
    both = parley("training", "form", site.name, meeting, given(tmp_path, FORM), "--clear", *where, code=2)
    assert "name a file" in both
    missing = parley("training", "form", site.name, meeting, str(tmp_path / "none.xml"), *where, code=2)
    assert "No such file" in missing
