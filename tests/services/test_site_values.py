"""Other values for a site by their names, as the command line and the console set them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.domain.passwords import LONGEST_FORBIDDEN, MOST_FORBIDDEN
from parley.domain.site import Site, SupportQueue, TrackingCode
from parley.services.new_site import SiteError, new_site
from parley.services.site_changes import differences, plain
from parley.services.site_values import with_texts, with_values


def site() -> Site:
    return new_site("acme", 700_123, 0)


def changed(before: Site, after: Site) -> dict[str, object]:
    return {each.name: each.after for each in differences(before, after)}


def test_texts_that_are_json_are_read_as_such() -> None:
    wanted = {
        "level": "42.2",
        "partner_id": "4711",
        "suspended": "true",
        "default_duration": "45",
        "rate_limits.mode": "enforced",
        "brand_names": '["Acme", "ACME Europe"]',
        "history_days": "null",
        "mail_sender_name": "Acme meetings",
    }
    assert changed(site(), with_texts(site(), wanted)) == {
        "level": "42.2.0",
        "partner_id": "4711",
        "suspended": True,
        "default_duration": 45,
        "rate_limits.mode": "enforced",
        "brand_names": ["Acme", "ACME Europe"],
        "history_days": None,
        "mail_sender_name": "Acme meetings",
    }


def test_values_are_taken_as_they_are() -> None:
    codes = [TrackingCode(1, "Cost center", values=["4711"])]
    wanted = {"tracking_codes": codes, "support_queues": [SupportQueue("Printers", "AGENT", 5)], "locale": "true"}
    after = with_values(site(), wanted)
    assert after.settings.tracking_codes == codes
    assert after.settings.support_queues[0].modified_at == 5
    assert after.settings.locale == "true"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("no_such_thing", "1", "a site has no setting 'no_such_thing'"),
        ("labs", "{}", "a site has no setting 'labs'"),
        ("labs.level", "1", "a site has no setting 'labs.level'"),
        ("default_duration.x", "1", "a site has no setting"),
        ("name.x", "1", "a site has no setting"),
        ("level", "42.9.0", "there is no level 42.9.0"),
        ("level", "newest", "'newest' is no version"),
        ("default_duration", "0", "a value does not fit"),
        ("default_time_zone_id", "9999", "there is no time zone 9999"),
        ("meeting_password_criteria.min_length", "17", "no password of at most 16 characters can be so"),
        ("account_password_criteria.disallowed", f'["{"x" * (LONGEST_FORBIDDEN + 1)}"]', "can be forbidden"),
        ("meeting_password_criteria.disallowed", str(list(range(MOST_FORBIDDEN + 1))).replace(" ", ""), "does not fit"),
    ],
)
def test_what_cannot_be(name: str, text: str, problem: str) -> None:
    with pytest.raises(SiteError, match=re.escape(problem)):
        with_texts(site(), {name: text})


@given(st.dictionaries(st.text(max_size=30) | st.just("labs.offered"), st.text(max_size=30), max_size=4))
def test_whatever_is_sent_is_taken_or_refused(wanted: dict[str, str]) -> None:
    try:
        after = with_texts(site(), wanted)
    except SiteError:
        return
    assert plain(with_texts(after, {})) == plain(after)
