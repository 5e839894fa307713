"""Laying records over each other, and leaving out what is empty, against the plainest way to do both."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.contract import meeting, user
from parley.contract import user_settings as use
from parley.protocol.declare import Record
from parley.services.records import merged, without_empty_texts
from tests.generators import records

TYPES: list[type[Record]] = [meeting.MeetingType, user.UserType, user.GetUserResponse, use.PrivilegeType]


def _laid_over(kept: Any, sent: Any) -> Any:
    if not isinstance(kept, Record):
        return kept if sent is None or sent == [] else sent
    if sent is None:
        return kept
    return type(kept)(**{name: _laid_over(getattr(kept, name), getattr(sent, name)) for name in kept.__struct_fields__})


def _texts(value: Any) -> list[Any]:
    if isinstance(value, Record):
        return [text for name in value.__struct_fields__ for text in _texts(getattr(value, name))]
    return [value]


@settings(deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("cls", TYPES)
def test_what_was_sent_is_laid_over_what_is_kept(cls: type[Record], data: st.DataObject) -> None:
    kept, sent = data.draw(records(cls)), data.draw(records(cls))
    before = msgspec.json.encode((kept, sent))
    assert merged(kept, sent) == _laid_over(kept, sent)
    assert msgspec.json.encode((kept, sent)) == before
    assert merged(kept, None) is kept
    assert merged(None, sent) is sent


@settings(deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("cls", TYPES)
def test_empty_texts_are_left_out_and_nothing_else(cls: type[Record], data: st.DataObject) -> None:
    record = data.draw(records(cls))
    cleaned = without_empty_texts(record)
    assert _texts(cleaned) == [None if text == "" else text for text in _texts(record)]
    assert without_empty_texts(cleaned) is cleaned


def test_a_request_is_laid_over_the_record_that_it_extends() -> None:
    kept = meeting.MeetingType(meta_data=meeting.MetaDataType(conf_name="A", agenda="a"))
    sent = meeting.SetMeeting(meeting_key=5, meta_data=meeting.MetaDataType(conf_name="B"))
    assert merged(kept, sent) == meeting.MeetingType(meta_data=meeting.MetaDataType(conf_name="B", agenda="a"))


def test_a_record_that_has_fewer_fields_changes_only_those() -> None:
    kept = meeting.CreateMeeting(validate_format=True, meta_data=meeting.MetaDataType(conf_name="A"))
    sent = meeting.MeetingType(meta_data=meeting.MetaDataType(agenda="b"))
    expected = meeting.CreateMeeting(validate_format=True, meta_data=meeting.MetaDataType(conf_name="A", agenda="b"))
    assert merged(kept, sent) == expected


def test_an_empty_text_that_was_sent_counts() -> None:
    kept = meeting.MeetingType(meta_data=meeting.MetaDataType(agenda="a"))
    sent = meeting.MeetingType(meta_data=meeting.MetaDataType(agenda=""))
    assert merged(kept, sent) == sent
    assert without_empty_texts(sent) == meeting.MeetingType(meta_data=meeting.MetaDataType())
