"""The declarations: whole, consistent in themselves, and in the order that real answers have."""

from __future__ import annotations

import keyword
import subprocess
import sys
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest

from parley import contract
from parley.contract import common, meeting, site, site_config, user, user_settings
from parley.protocol.declare import Element, Record, version_tuple
from parley.protocol.versions import LATEST

MODULES = contract.modules()
CLASSES: list[type[Record]] = [
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Record) and value.__module__ == module.__name__
]
ELEMENTS = [(cls, element) for cls in CLASSES for element in cls.__declaration__.own]
_PYTHON = {"boolean": bool, "string": str, "integer": int, "number": float, "binary": bytes}


def names(cls: type[Record]) -> list[str]:
    return [element.name for element in cls.__declaration__.elements]


def follows(cls: type[Record], expected: str) -> bool:
    """Whether elements stand in this order in a type, whatever stands between them."""
    places = [names(cls).index(name) for name in expected.split()]
    return places == sorted(places)


def test_all_of_the_contract_is_there() -> None:
    assert len(contract.SCHEMAS) == 17
    assert len({schema.prefix for schema in contract.SCHEMAS}) == 17
    assert len(MODULES) == 21
    assert sum(1 for schema in contract.SCHEMAS for _ in schema.records()) > 600
    assert len(ELEMENTS) > 3000


def test_fields_have_the_type_of_their_element() -> None:
    for cls in CLASSES:
        hints = get_type_hints(cls)
        for element in cls.__declaration__.elements:
            expected = element.record if element.kind == "record" else _PYTHON[element.kind]
            hint = hints[element.attribute]
            if element.is_list:
                assert (get_origin(hint), get_args(hint)) == (list, (expected,)), (cls, element)
            else:
                assert set(get_args(hint)) == {expected, NoneType}, (cls, element)


def test_names_in_a_type_are_told_apart() -> None:
    for cls in CLASSES:
        fields = [element.attribute for element in cls.__declaration__.elements]
        assert len(fields) == len(set(fields)), cls
        assert len(names(cls)) == len(set(names(cls))), cls


def test_python_names_are_snake_case() -> None:
    for _, element in ELEMENTS:
        name = element.attribute
        assert name == name.lower()
        assert "__" not in name
        assert name.isidentifier()
        assert not keyword.iskeyword(name)


def test_every_type_is_described() -> None:
    undescribed = [cls for cls in CLASSES if not cls.__doc__ or not cls.__doc__.strip().endswith(".")]
    assert undescribed == []


def test_defaults_are_values_of_their_element() -> None:
    for cls, element in ELEMENTS:
        if element.default is not None:
            assert _allows(element, element.default), (cls, element)


def _allows(element: Element, text: str) -> bool:
    if element.kind == "boolean":
        return text in ("true", "false")
    if element.kind in ("integer", "number"):
        return float(text) == float(text)
    return not element.values or text in element.values


def test_versions_are_those_a_site_can_have() -> None:
    for cls, element in ELEMENTS:
        if element.since is not None:
            assert (7, 0, 0) <= version_tuple(element.since) <= LATEST.parts, (cls, element)


def test_records_survive_json() -> None:
    request = meeting.CreateMeeting(
        meta_data=meeting.MetaDataType(conf_name="A"),
        repeat=meeting.RepeatType(day_in_week=meeting.RepeatTypeDayInWeek(day=["MONDAY"])),
    )
    encoded = msgspec.json.encode(request)
    assert encoded == b'{"metaData":{"confName":"A"},"repeat":{"dayInWeek":{"day":["MONDAY"]}}}'
    assert msgspec.json.decode(encoded, type=meeting.CreateMeeting) == request


def test_every_type_can_be_read_from_json() -> None:
    assert [cls for cls in CLASSES if msgspec.json.decode(b"{}", type=cls) != cls()] == []


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("meeting", "CreateMeeting"),
        ("meet", "createMeeting"),
        ("MEETING", "CREATEMEETING"),
    ],
)
def test_records_are_found_by_module_and_operation(module: str, name: str) -> None:
    assert contract.find_record(module, name) is meeting.CreateMeeting


def test_records_are_found_under_the_other_names_of_their_module() -> None:
    for module, name in (
        ("training", "CreateTrainingSession"),
        ("trainingsession", "uploadIMStest"),
        ("train", "LstTrainingSession"),
        ("meeting.auo", "CreateTeleconferenceSession"),
        ("site", "LstTimeZone"),
        ("ns1", "getSite"),
        ("ep", "LstRecording"),
        ("user", "AssignWebACDQueues"),
    ):
        found = contract.find_record(module, name)
        assert found is not None
        assert found.xml_name.casefold() == name.casefold()


@pytest.mark.parametrize(
    ("module", "name"),
    [("meeting", "CreateUser"), ("", ""), ("os", "system"), ("schemas", "ALL"), ("meeting", "__doc__")],
)
def test_what_is_not_there_is_not_found(module: str, name: str) -> None:
    assert contract.find_record(module, name) is None


def test_every_request_has_an_answer() -> None:
    for schema in contract.SCHEMAS:
        declared = {cls.xml_name for cls in schema.records()}
        requests = {name for name in declared if f"{name}Response" in declared}
        answers = {name.removesuffix("Response") for name in declared if name.endswith("Response")}
        assert answers == requests


def test_nothing_is_imported_before_it_is_needed() -> None:
    program = (
        "import sys, parley.contract as c; c.find_record('meeting', 'getMeeting');"
        "print('parley.contract.meeting' in sys.modules, 'parley.contract.history' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["True", "False"]


def test_files_stay_readable() -> None:
    folder = Path(contract.__file__).parent
    assert {path.name for path in folder.glob("*.py") if len(path.read_text().splitlines()) >= 900} == set()


# The orders below are those of real answers (facts/versions.md, section 3).


def test_order_of_get_meeting() -> None:
    assert names(meeting.GetMeetingResponse)[-8:] == [
        "hostKey",
        "eventID",
        "guestToken",
        "hostType",
        "sipURL",
        "isPrivateMeeting",
        "meetingUUID",
        "meetingLink",
    ]
    assert follows(
        meeting.GetMeetingResponse,
        "accessControl metaData participants enableOptions schedule telephony tracking repeat remind attendeeOptions"
        " meetingkey status hostJoined participantsJoined telePresence hostKey",
    )
    assert follows(meeting.EnableOptionsType, "chat poll attendeeList supportPKI HQvideo HDvideo viewVideoThumbs")


def test_order_of_create_meeting() -> None:
    assert names(meeting.CreateMeetingResponse) == [
        "meetingkey",
        "meetingUUID",
        "meetingPassword",
        "iCalendarURL",
        "guestToken",
    ]


def test_order_of_get_user() -> None:
    assert follows(
        user.GetUserResponse,
        "firstName lastName title categoryId description company webExId address phones email password personalUrl"
        " expirationDate commOptions meetingTypes options timeZoneID timeZone timeZoneWithDST tracking service"
        " privilege language locale schedulingPermission active defaultCallIn supportedServices myWebEx"
        " personalTeleconf videoSystems personalMeetingRoom sessionOptions supportCenter mpProfileNumber security"
        " languageID webACDPrefs registrationDate visitCount userId eventCenter passwordExpires passwordDaysLeft",
    )
    assert follows(
        user_settings.PrivilegeType,
        "umSiteAdmin host siteAdmin roSiteAdmin attendeeOnly meetingAssist allowExtAttendees HQvideo HDvideo"
        " isEnableCET isEnablePMR teleCLIAuthEnabled teleCLIPINEnabled",
    )
    assert follows(user_settings.UserPhonesType, "phone mobilePhone fax pager PIN")


def test_order_of_get_site() -> None:
    assert follows(
        site.SiteType,
        "metaData ucf clientPlatforms resourceRestrictions supportAPI myWebExConfig telephonyConfig"
        " commerceAndReporting tools custCommunications trackingCodes supportedServices securityOptions defaults"
        " scheduleMeetingOptions navBarTop navMyWebEx navAllServices passwordCriteria recordingPasswordCriteria"
        " accountPasswordCriteria productivityTools meetingPlace salesCenter connectIntegration video"
        " siteCommonOptions samlSSO",
    )
    assert names(site_config.MyWebExConfigType)[-4:] == [
        "allowChangeFirstName",
        "allowChangeLastName",
        "allowChangeDisplayName",
        "AllowUploadPRAvatar",
    ]


def test_credentials_of_every_kind_are_declared() -> None:
    assert set(names(common.SecurityType)) == {
        "webExID",
        "password",
        "siteID",
        "siteName",
        "partnerID",
        "email",
        "sessionTicket",
        "clientID",
        "clientSecret",
        "webExAccessToken",
        "accessToken",
        "returnAdditionalInfo",
    }


def test_deviations_name_what_exists_or_say_why() -> None:
    lines = (Path(contract.__file__).parent / "deviations.txt").read_text(encoding="utf-8").splitlines()
    entries: list[Any] = [line.split(maxsplit=3) for line in lines if line and not line.startswith("#")]
    assert all(len(entry) == 4 for entry in entries)
    assert len({tuple(entry[:3]) for entry in entries}) == len(entries)
