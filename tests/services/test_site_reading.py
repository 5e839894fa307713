"""GetSite and GetWebACDQueues over HTTP: every section in order, with what the site really has."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from parley.domain.passwords import Criteria
from parley.domain.site import MeetingPlace, SiteSettings, SupportQueue, TrackingCode
from parley.services.session_types import standard_types
from parley.store import Changes, sites
from parley.store.query import Insert
from parley.store.tables import queue_members
from tests.client import Answer
from tests.server import TestSite

SECTIONS = [
    *("metaData", "ucf", "clientPlatforms", "resourceRestrictions", "supportAPI", "myWebExConfig", "telephonyConfig"),
    *("commerceAndReporting", "tools", "custCommunications", "trackingCodes", "supportedServices", "securityOptions"),
    *("defaults", "scheduleMeetingOptions", "navBarTop", "navMyWebEx", "navAllServices", "passwordCriteria"),
    *("recordingPasswordCriteria", "accountPasswordCriteria", "productivityTools", "meetingPlace", "salesCenter"),
    *("connectIntegration", "video", "siteCommonOptions", "samlSSO"),
]
NEW_IN_42_2 = ["allowChangeFirstName", "allowChangeLastName", "allowChangeDisplayName", "AllowUploadPRAvatar"]
#: Order of sections whose elements a recorded answer of 2016 has; what a site does not have may be missing.
RECORDED = {
    "metaData": "isEnterprise serviceType meetingTypes siteName brandName region currency timeZoneID timeZone parterID"
    " webDomain meetingDomain telephonyDomain pageVersion clientVersion pageLanguage activateStatus webPageType"
    " iCalendar myWebExDefaultPage componentVersion accountNumLimit activeUserCount displayMeetingActualTime"
    " displayOffset supportWebEx11",
    "clientPlatforms": "msWindows macOS9 macOSX sunSolaris linux hpUnix java palm",
    "resourceRestrictions": "isLicenseManager concurrentLicense fileFolderCapacity maxConcurrentEvents"
    " archiveStorageLimit",
    "supportAPI": "autoLogin aspAndPHPAPI backwardAPI xmlAPI cAPI scorm",
    "myWebExConfig": "myContacts myProfile myMeetings trainingRecordings folders eventDocument myReport myComputer"
    " personalMeetingPage myFilesStorage myComputerNumbers enableMyWebExPro myWebExProMaxHosts restrictAccessAnyApps"
    " restrictAccessAnyAppsNum addlAccessAnyComputersLimit addlAccessAnyComputers addlStorageLimit addlStorage"
    " myContactsPro myProfilePro myMeetingsPro trainingRecordingsPro foldersPro eventDocumentPro myReportPro"
    " myComputerPro personalMeetingPagePro myFilesStoragePro myComputerNumbersPro PMRheaderBranding",
    "commerceAndReporting": "trackingCode siteAdminReport subScriptionService isECommmerce customereCommerce isLocalTax"
    " localTaxName localTaxtRate holReport",
    "tools": "businessDirectory officeCalendar meetingCalendar displayOnCallAssistLink displayProfileLink"
    " recordingAndPlayback recordingEditor publishRecordings instantMeeting emails outlookIntegration wirelessAccess"
    " allowPublicAccess ssl handsOnLab holMaxLabs holMaxComputers userLockDown meetingAssist sms encryption"
    " internalMeeting enableTP enableTPplus",
    "securityOptions": "passwordExpires passwordLifetime allMeetingsUnlisted allMeetingsPassword joinBeforeHost"
    " audioBeforeHost changePersonalURL changeUserName meetings strictUserPassword accountNotify"
    " requireLoginBeforeSiteAccess changePWDWhenAutoLogin enforceBaseline passwordChangeIntervalOpt"
    " passwordChangeInterval firstAttendeeAsPresenter isEnableUUIDLink isEnableUUIDLinkForSAC enforceRecordingPwdForMC"
    " enforceRecordingPwdForEC enforceRecordingPwdForTC enforceRecordingPwdForMisc ECMeetingsUnlisted"
    " TCMeetingsUnlisted",
    "defaults": "emailReminders entryExitTone voip teleconference joinTeleconfNotPress1 updateTSPAccount",
    "passwordCriteria": "mixedCase minLength minAlpha minNumeric minSpecial disallowWebTextSessions"
    " disallowWebTextAccounts disallowList disallowValue",
    "recordingPasswordCriteria": "mixedCase minLength minAlpha minNumeric minSpecial disallowWebTextSessions"
    " disallowList disallowValue",
    "accountPasswordCriteria": "mixedCase minLength minNumeric minAlpha minSpecial disallow3XRepeatedChar"
    " disallowWebTextAccounts disallowList disallowValue",
    "productivityTools/integrations": "outlook outlookForMac lotusNotes oneClick showSysTrayIcon office excel"
    " powerPoint word IE firefox explorerRightClick instantMessenger aolMessenger googleTalk lotusSametime skype"
    " windowsMessenger yahooMessenger ciscoIPPhone pcNow iGoogle iPhoneDusting",
    "video": "HQvideo maxBandwidth HDvideo",
    "siteCommonOptions": "SupportCustomDialRestriction SupportTelePresence SupportTelePresencePlus"
    " EnableCloudTelepresence enablePersonalMeetingRoom",
}


def get_site(site: TestSite, web_ex_id: str = "host1", **values: Any) -> Answer:
    return site.client(web_ex_id).call("site.GetSite", **values).ok()


def set_settings(site: TestSite, **values: object) -> None:
    settings = site.server.run(sites.by_id(site.server.application.engine, site.site_id))
    assert settings is not None
    site.set(settings=msgspec.structs.replace(settings.settings, **values))


def test_all_sections_come_in_the_recorded_order(shared_site: TestSite) -> None:
    answer = get_site(shared_site)
    assert answer.type_name == "ns1:getSiteResponse"
    assert answer.names() == ["siteInstance"]
    assert answer.names("siteInstance") == SECTIONS
    assert answer.text.startswith('<?xml version="1.0" encoding="ISO-8859-1"?>')
    assert "<ns1:trackingCodes/>" in answer.text
    assert "<ns1:meetingPlace/>" in answer.text


@pytest.mark.parametrize("section", RECORDED)
def test_elements_of_a_section_stand_in_the_recorded_order(shared_site: TestSite, section: str) -> None:
    order = RECORDED[section].split()
    names = list(dict.fromkeys(get_site(shared_site).names(f"siteInstance/{section}")))
    if section == "myWebExConfig":
        order += NEW_IN_42_2
    assert names == [name for name in order if name in names]
    absent = {"accountNumLimit", "activeUserCount"} if section == "metaData" else set()
    assert set(order) - set(names) == absent


def test_any_account_may_ask_and_nobody_else(site: TestSite) -> None:
    answers = {get_site(site, who).text for who in ("admin", "host1", "attendee1")}
    assert len(answers) == 1
    site.client("", password=None).call("site.GetSite").failed("030002")
    site.client("host1", "Wrong-1").call("site.GetSite").failed("030002")


def test_types_and_services_are_those_that_are_active(site: TestSite) -> None:
    answer = get_site(site)
    assert answer.all("metaData/serviceType") == [
        *("Meeting Center", "Event Center", "Training Center", "Support Center")
    ]
    assert answer.all("meetingTypes/meetingTypeID") == ["1", "3", "13", "16", "101", "102", "103", "104"]
    assert answer.all("meetingTypes/meetingTypeName")[:4] == ["FRE", "PRO", "SC3", "AUO"]
    assert (answer.value("tools/encryption"), answer.value("telephonyConfig/audioOnly")) == ("E2E", "true")

    async def only_training() -> None:
        engine = site.server.application.engine
        now = await sites.by_id(engine, site.site_id)
        assert now is not None
        types = standard_types(site.site_id)
        for each in types:
            each.active = each.service == "TrainingCenter"
        changes = Changes()
        sites.replace_types(changes, now, types)
        await engine.commit(changes)

    site.server.run(only_training())
    answer = get_site(site)
    assert answer.all("metaData/serviceType") == ["Training Center"]
    assert answer.all("meetingTypes/meetingTypeID") == ["104"]
    enabled = {name: answer.value(f"supportedServices/{name}/enabled") for name in answer.names("supportedServices")}
    assert enabled == {
        "meetingCenter": "false",
        "trainingCenter": "true",
        "supportCenter": "false",
        "eventCenter": "false",
        "salesCenter": "false",
    }
    assert (answer.value("tools/encryption"), answer.value("telephonyConfig/audioOnly")) == ("NONE", "false")
    assert answer.all("button/serviceName")[5] == "Training Center"
    assert answer.all("button/enabled") == ["false", "false", "false", "false", "true", "false"]


def test_settings_are_answered_as_set(site: TestSite) -> None:
    set_settings(
        site,
        default_time_zone_id=25,
        language="GERMAN",
        region="Germany",
        currency="Euros",
        brand_names=["Acme & Söhne", "acme-de"],
        all_meetings_unlisted=True,
        all_meetings_password=True,
        join_before_host=True,
        strict_meeting_passwords=True,
        strict_user_passwords=False,
        strict_recording_passwords=True,
        password_lifetime=90,
        password_change_interval=24,
        first_attendee_as_presenter=True,
        change_personal_url=False,
        change_user_name=True,
        email_reminders=False,
        entry_exit_tone="BEEP",
        schedule_on_behalf=False,
        meeting_password_criteria=Criteria(min_length=7, min_numeric=2, disallow_list=True, disallowed=("a<b", "x")),
        account_password_criteria=Criteria(mixed_case=True, min_length=9, disallow_repeated=True),
        recording_password_criteria=Criteria(min_special=3),
    )
    answer = get_site(site)
    assert answer.all("metaData/brandName") == ["Acme & Söhne", "acme-de"]
    assert "Acme &amp; S&#246;hne" in answer.text
    told = {
        "metaData/siteName": site.name,
        "metaData/timeZoneID": "25",
        "metaData/timeZone": "GMT+01:00, Europe (Berlin)",
        "metaData/region": "Germany",
        "metaData/currency": "Euros",
        "metaData/pageLanguage": "GERMAN",
        "securityOptions/allMeetingsUnlisted": "true",
        "securityOptions/allMeetingsPassword": "true",
        "securityOptions/joinBeforeHost": "true",
        "securityOptions/audioBeforeHost": "false",
        "securityOptions/passwordExpires": "true",
        "securityOptions/passwordLifetime": "90",
        "securityOptions/passwordChangeIntervalOpt": "true",
        "securityOptions/passwordChangeInterval": "24",
        "securityOptions/meetings/strictPasswords": "true",
        "securityOptions/strictUserPassword": "false",
        "securityOptions/enforceRecordingPwdForMC": "true",
        "securityOptions/firstAttendeeAsPresenter": "true",
        "securityOptions/changePersonalURL": "false",
        "securityOptions/changeUserName": "true",
        "defaults/emailReminders": "false",
        "defaults/entryExitTone": "BEEP",
        "scheduleMeetingOptions/scheduleOnBehalf": "false",
        "siteInstance/passwordCriteria/minLength": "7",
        "siteInstance/passwordCriteria/minNumeric": "2",
        "siteInstance/accountPasswordCriteria/minLength": "9",
        "siteInstance/accountPasswordCriteria/disallow3XRepeatedChar": "true",
        "siteInstance/recordingPasswordCriteria/minSpecial": "3",
    }
    assert {path: answer.value(path) for path in told} == told
    assert answer.all("siteInstance/passwordCriteria/disallowValue") == ["a<b", "x"]
    assert answer.all("siteInstance/accountPasswordCriteria/disallowValue") == []


def test_a_zone_that_came_late_has_its_text_too(site: TestSite) -> None:
    set_settings(site, default_time_zone_id=159)
    answer = get_site(site)
    assert answer.value("metaData/timeZone") == "GMT-07:00, Mountain (US&Canada)"


def test_tracking_codes_with_their_rules_and_lists(site: TestSite) -> None:
    codes = [
        TrackingCode(2, "Project", values=["<one>", "two"], scheduling={"MeetingCenter": "REQUIRED"}),
        TrackingCode(1, "Cost center", required=True),
        TrackingCode(10, "Payroll", host_profile="ADMIN_SET"),
    ]
    set_settings(site, tracking_codes=codes)
    answer = get_site(site)
    code = "trackingCodes/trackingCode"
    assert answer.all(f"{code}/index") == ["1", "2", "10"]
    assert answer.all(f"{code}/name") == ["Cost center", "Project", "Payroll"]
    assert answer.all(f"{code}/inputMode") == ["text", "select", "text"]
    assert answer.all(f"{code}/hostProfile") == ["REQUIRED", "OPTIONAL", "ADMIN_SET"]
    assert answer.all(f"{code}/schedulingPage/service")[:4] == [
        *("Meeting Center", "Event Center", "Training Center", "Support Center")
    ]
    scheduling = answer.all(f"{code}/schedulingPage/scheduling")
    assert [place for place, rule in enumerate(scheduling) if rule != "NOT_USED"] == [4]
    assert scheduling[4] == "REQUIRED"
    assert answer.all(f"{code}/listValue/value") == ["<one>", "two"]
    assert answer.all(f"{code}/listValue/index") == ["1", "2"]
    assert answer.value("commerceAndReporting/trackingCode") == "true"
    assert answer.names(code) == ["index", "name", "inputMode", "hostProfile", *["schedulingPage"] * 4]


def test_hosts_are_counted_where_they_are_limited(site: TestSite) -> None:
    assert get_site(site).value("metaData/activeUserCount") is None
    set_settings(site, host_limit=5)
    answer = get_site(site)
    # admin, host1 and host2 are hosts, attendee1 is none
    assert (answer.value("metaData/accountNumLimit"), answer.value("metaData/activeUserCount")) == ("5", "3")
    site.set_user("host2", status="DEACTIVATED")
    assert get_site(site).value("metaData/activeUserCount") == "2"
    site.set_user("host2", status="ACTIVATED", host=False)
    assert get_site(site).value("metaData/activeUserCount") == "2"


def test_the_room_for_recordings_is_told(site: TestSite) -> None:
    assert get_site(site).value("resourceRestrictions/archiveStorageLimit") == "0"
    set_settings(site, archive_storage_limit=5000)
    assert get_site(site).value("resourceRestrictions/archiveStorageLimit") == "5000"


def test_the_event_center_comes_when_asked_for(site: TestSite) -> None:
    assert "eventCenter" not in get_site(site, returnSettings={"eventCenter": False}).names("siteInstance")
    assert "eventCenter" not in get_site(site, returnSettings={}).names("siteInstance")
    answer = get_site(site, returnSettings={"eventCenter": True})
    expected = list(SECTIONS)
    expected.insert(expected.index("salesCenter"), "eventCenter")
    assert answer.names("siteInstance") == expected
    assert answer.names("siteInstance/eventCenter") == ["standardFields", "customFields"]
    assert answer.all("standardFields/lastName/req") == ["true"]
    # supportedServices/eventCenter is there in any case
    assert get_site(site).value("supportedServices/eventCenter/enabled") == "true"


def test_partner_id_stands_misspelt_where_there_is_one(site: TestSite) -> None:
    assert get_site(site).value("metaData/parterID") == ""
    site.set(partner_id="g0webx!")
    assert get_site(site).value("metaData/parterID") == "g0webx!"


@pytest.mark.parametrize("level", ["42.2.0", "42.3.0", "42.6.0"])
def test_profile_rights_are_told_from_level_42_2_on(site: TestSite, level: str) -> None:
    site.set(level=level)
    set_settings(site, allow_change_last_name=False, allow_upload_pr_avatar=False)
    answer = get_site(site)
    assert answer.names("siteInstance/myWebExConfig")[-4:] == NEW_IN_42_2
    told = [answer.value(f"myWebExConfig/{name}") for name in NEW_IN_42_2]
    assert told == ["true", "false", "true", "false"]


def test_profile_rights_are_unknown_at_level_42_1(site: TestSite) -> None:
    site.set(level="42.1.0")
    assert not set(NEW_IN_42_2) & set(get_site(site).names("siteInstance/myWebExConfig"))
    site.set(level="42.2.0")
    assert get_site(site).names("siteInstance/myWebExConfig")[-4:] == NEW_IN_42_2


def test_profile_rights_follow_toggle_and_management(site: TestSite) -> None:
    set_settings(site, customize_profile_fields=False)
    names = get_site(site).names("siteInstance/myWebExConfig")
    assert [name for name in names if name in NEW_IN_42_2] == ["AllowUploadPRAvatar"]
    set_settings(site, control_hub=True, customize_profile_fields=True)
    assert not set(NEW_IN_42_2) & set(get_site(site).names("siteInstance/myWebExConfig"))


def test_no_password_is_ever_answered(site: TestSite) -> None:
    set_settings(site, meeting_place=MeetingPlace(mp_profile_url="https://mp.example/profile"))
    answer = get_site(site, "admin")
    for name in ("subscribePassword", "nbrProfilePassword", "subscribeName"):
        assert name not in answer.text
    assert answer.value("meetingPlace/mpProfileURL") == "https://mp.example/profile"


def test_a_repeated_answer_comes_from_memory_until_the_site_changes(site: TestSite) -> None:
    application = site.server.application
    first = get_site(site).text
    calls = len(application.encoded._answers)
    assert get_site(site, "admin").text == first
    assert len(application.encoded._answers) == calls
    set_settings(site, region="Japan")
    assert get_site(site).value("metaData/region") == "Japan"


def test_queues_of_the_support_service(site: TestSite) -> None:
    site.client("host1").call("site.GetWebACDQueues").failed("000001")
    admin = site.client("admin")
    assert admin.call("site.GetWebACDQueues").failed("000015").reason == "Sorry, no record found"
    now = int(time.time())
    queues = [SupportQueue("first", "AGENT", now), SupportQueue("second", "MANAGER"), SupportQueue("third & last")]
    set_settings(site, support_queues=queues)
    answer = admin.call("site.GetWebACDQueues").ok()
    assert answer.type_name == "ns1:GetWebACDQueuesResponse"
    assert answer.all("queue/name") == ["first", "second", "third & last"]
    assert answer.all("queue/type") == ["AGENT", "MANAGER", "ALL"]
    assert len(answer.all("queue/modDate")) == 1
    assert answer.value("matchingRecords/total") == "3"
    assert admin.call("site.GetWebACDQueues", type="MANAGER").ok().all("queue/name") == ["second", "third & last"]
    page = admin.call("site.GetWebACDQueues", listControl={"startFrom": 2, "maximumNum": 1}).ok()
    assert page.all("queue/name") == ["second"]
    assert [page.value(f"matchingRecords/{name}") for name in ("total", "returned", "startFrom")] == ["3", "1", "2"]
    admin.call("site.GetWebACDQueues", listControl={"startFrom": 9}).failed("000015")
    assert get_site(site).value("supportCenter/webACD") == "true"


def test_defaults_of_settings_do_not_share_state() -> None:
    one, two = SiteSettings(), SiteSettings()
    one.tracking_codes.append(TrackingCode(1, "x"))
    assert two.tracking_codes == []


def test_queues_at_which_somebody_works(site: TestSite) -> None:
    async def assign() -> None:
        changes = Changes()
        members = [("host1", "first", "AGENT"), ("host1", "second", "AGENT"), ("host1", "second", "MANAGER")]
        members.append(("host2", "second", "AGENT"))
        rows = [(site.site_id, site.users[who].user_id, queue, role) for who, queue, role in members]
        changes.insert(Insert(queue_members), rows)
        await site.server.application.engine.commit(changes)

    set_settings(site, support_queues=[SupportQueue("First"), SupportQueue("Second"), SupportQueue("Third")])
    site.server.run(assign())
    admin = site.client("admin")
    answer = admin.call("site.GetWebACDQueues").ok()
    assert answer.all("queue/numUsers") == ["1", "2", "0"]
    answer = admin.call("site.GetWebACDQueues", webExId="HOST1").ok()
    assert answer.all("queue/name") == ["First", "Second"]
    assert answer.all("queue/type") == ["AGENT", "ALL"]
    assert admin.call("site.GetWebACDQueues", webExId="host1", type="MANAGER").ok().all("queue/name") == ["Second"]
    admin.call("site.GetWebACDQueues", webExId="attendee1").failed("000015")
    admin.call("site.GetWebACDQueues", webExId="nobody").failed("030001")
