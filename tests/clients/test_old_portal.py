"""A portal of the time of the URL API works as it did: from signing in to signing out."""

from __future__ import annotations

import pytest

from parley.domain.history import Part
from parley.services import presence
from parley.services.presence import Person, new_stay_id
from tests.clients.old_portal import Failed, OldPortal
from tests.server import PASSWORD, TestSite
from tests.web.url_api import BACK, GMT, portal_settings, root

START = (2035, 6, 4, 10, 30)


@pytest.mark.parametrize("back", [BACK, ""])
def test_a_day_with_the_portal(site: TestSite, back: str) -> None:
    portal_settings(site)
    with OldPortal(root(site), back) as portal:
        portal.log_in("host1", PASSWORD)
        key = portal.schedule("Grüße & <b>Kaffee</b>", START, TZ=GMT, PW="Secret77", AG="Bohnen")
        kept = site.client().call("meeting.GetMeeting", {"meetingKey": key}).ok()
        assert kept.value("metaData/confName") == "Grüße & <b>Kaffee</b>"
        assert kept.value("metaData/agenda") == "Bohnen"
        assert kept.value("schedule/startDate") == "06/04/2035 10:30:00"
        assert kept.value("schedule/duration") == "60"
        assert kept.value("accessControl/listToPublic") == "false"
        assert kept.value("enableOptions/attendeeList") == "false"
        if back:
            assert portal.meetings() == [key]
        else:  # a person sees a page
            page = portal.send("m", "LM").text
            assert key in page
            assert "Grüße &amp; &lt;b&gt;Kaffee&lt;/b&gt;" in page

        hosted = portal.send("m", "HM", MK=key)
        assert hosted.status_code == 200
        assert "You are a host" in hosted.text
        assert portal.in_progress() == []
        person = Person(stay_id=new_stay_id(), name="Host", part=Part.HOST, user_id=site.users["host1"].user_id)
        known = site.server.run(site.server.application.sites.by_name(site.name))
        assert known is not None
        here = site.server.run(presence.join(site.server.application, known, int(key), person))
        assert portal.in_progress() == [key]
        with pytest.raises(Failed, match="AccessDenied"):
            portal.do("m", "DM", MK=key)
        site.server.run(presence.leave(site.server.application, site.site_id, here.stay_id))
        assert portal.in_progress() == []

        with OldPortal(root(site), back) as visitor:
            joined = visitor.send("m", "JM", MK=key, AN="Ada", AE="ada@example.org", PW="Secret77")
            assert joined.status_code == 200
            assert "Kaffee" in joined.text

        portal.do("m", "EM", MK=key, MN="Tea", DU=90)
        kept = site.client().call("meeting.GetMeeting", {"meetingKey": key}).ok()
        assert kept.value("metaData/confName") == "Tea"
        assert kept.value("schedule/duration") == "90"
        assert kept.value("schedule/startDate") == "06/04/2035 10:30:00"
        assert kept.value("accessControl/meetingPassword") == "Secret77"

        portal.do("m", "DM", MK=key)
        site.client().call("meeting.GetMeeting", {"meetingKey": key}).failed("060001")
        csrf = portal.csrf
        portal.log_out()
        portal.csrf = csrf
        assert portal.refused("m", "SM", MN="Late", YE=2035, MO=6, DA=5, HO=9, MI=0) == "AccessDenied"
        portal.do("p", "LO")  # nobody is signed in any more, and that is what was wanted
