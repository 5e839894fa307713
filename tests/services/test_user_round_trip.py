"""What CreateUser and SetUser take and GetUser answers comes back as it was sent, for every element of the contract."""

from __future__ import annotations

import itertools
from typing import Any, TypeVar

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.contract.common import LanguageType
from parley.contract.user import (
    CreateUser,
    GetUserResponse,
    SetUser,
    UserType,
    UserTypeMeetingTypes,
    UserTypePersonalTeleconf,
    UserTypeTspAccount,
)
from parley.contract.user_settings import (
    PersonalAccountType,
    PersonalMeetingRoomType,
    PrivilegeType,
    SecurityType,
    TspAccountType,
    UserPhonesType,
)
from parley.protocol.declare import Record
from tests.client import Client
from tests.generators import records, texts
from tests.server import Server, TestSite
from tests.services.round_trips import BOUNDED, cleared, leaves, read_answer, send_record

R = TypeVar("R", bound=Record)
U = TypeVar("U", CreateUser, SetUser)

#: What GetUser never answers, or works out by itself, by path of fields.
NEVER_ANSWERED = (
    *("password", "password_hint_answer", "sync_web_office", "send_welcome", "is_html_email"),
    *("validate_format", "new_web_ex_id", "time_zone", "time_zone_with_dst", "security.reset_password"),
    *("registration_date", "visit_count", "user_id"),
    *("personal_meeting_room.access_code", "personal_meeting_room.personal_meeting_room_url"),
    *("personal_meeting_room.sip_url", "personal_meeting_room.photo_url", "personal_meeting_room.header_image_url"),
)
#: Drawn by rules of their own.
_RULED = {
    *("first_name", "last_name", "web_ex_id", "email", "password", "personal_url", "expiration_date", "meeting_types"),
    *("time_zone_id", "time_zone", "time_zone_with_dst", "privilege", "language", "language_id", "active", "security"),
    *(
        "mp_profile_number",
        "scheduling_permission",
        "tsp_account",
        "personal_teleconf",
        "personal_meeting_room",
        "phones",
    ),
    *("new_web_ex_id", "validate_format"),
}
_BOUNDED = settings(BOUNDED, max_examples=40)
_PINS = st.sampled_from(["8642", "25807", "13579246", "0700"])
_GOOD = "Good-Secret-7"
_numbers = itertools.count()


def _without(record: R, **values: Any) -> R:
    return msgspec.structs.replace(record, **values)


def _names() -> st.SearchStrategy[str]:
    return texts(smallest=1).map(lambda text: "".join(text.split())).filter(lambda text: text and text.isprintable())


def _some(cls: type[R]) -> st.SearchStrategy[R]:
    return records(cls, complete=True)


@st.composite
def _privileges(draw: st.DrawFn) -> PrivilegeType:
    drawn = draw(_some(PrivilegeType))
    video = draw(st.sampled_from([(False, False), (True, False), (True, True), (None, None)]))
    # A room is only answered to those who may have one; attendee-only accounts have a test of their own.
    room = None if drawn.is_enable_pmr is None else True
    # isEnableCET is for those who may use the telephone.
    audio = True if drawn.is_enable_cet else drawn.other_telephony
    return _without(
        drawn,
        hq_video=video[0],
        hd_video=video[1],
        is_enable_pmr=room,
        attendee_only=None,
        other_telephony=audio,
    )


@st.composite
def _telephones(draw: st.DrawFn) -> dict[str, Any]:
    indexes = st.sets(st.integers(1, 3), min_size=1)
    provider = [
        _without(draw(_some(TspAccountType)), account_index=index, default_flag=place == 0, delete=None)
        for place, index in enumerate(sorted(draw(indexes)))
    ]
    own = [
        _without(draw(_some(PersonalAccountType)), account_index=index, auto_generate=False, delete=None)
        for index in sorted(draw(indexes))
    ]
    return {
        "tsp_account": draw(st.none() | st.just(UserTypeTspAccount(tsp_account=provider))),
        "personal_teleconf": draw(st.none() | st.just(UserTypePersonalTeleconf(account=own, join_before_host=True))),
    }


@st.composite
def accounts(draw: st.DrawFn, cls: type[U]) -> U:
    """Requests that the rules allow; apart from these rules every element is drawn freely."""
    number = next(_numbers)
    free = draw(records(cls, only={e.attribute for e in cls.__declaration__.elements} - _RULED, complete=True))
    language = draw(st.none() | st.integers(1, len(LanguageType.values)))
    phones = draw(_some(UserPhonesType))
    room = draw(st.none() | _some(PersonalMeetingRoomType))
    types = draw(st.lists(st.sampled_from([1, 3, 13, 16, 101, 102, 103, 104]), unique=True, max_size=8))
    telephones = draw(_telephones())
    if types and 3 not in types and telephones["personal_teleconf"] is not None:
        types.append(3)  # personal conference numbers are for those who hold a type PRO
    delegates = draw(st.sets(st.sampled_from(["admin", "host1", "host2"])))
    return _without(
        free,
        first_name=draw(_names()),
        last_name=draw(_names()),
        web_ex_id=f"U-{number}",
        email=f"User{number}@X.example",
        password=_GOOD,
        personal_url=draw(st.none() | st.just(f"Room.{number}_x-{'y' * draw(st.integers(0, 20))}")),
        expiration_date=draw(st.sampled_from(["none", "12/31/2049 23:59:59", "01/15/2040 12:00:00"])),
        meeting_types=UserTypeMeetingTypes(meeting_type=types) if types else None,
        time_zone_id=draw(st.none() | st.integers(0, 61)),
        mp_profile_number=draw(st.none() | st.just(f"P-{number}")),
        privilege=draw(st.none() | _privileges()),
        language=None if language is None else LanguageType.values[language - 1],
        language_id=language,
        scheduling_permission=";".join(sorted(delegates)) or None,
        phones=_without(phones, pin=draw(_PINS)),
        personal_meeting_room=room
        and _without(
            room,
            host_pin=draw(st.none() | st.sampled_from(["2580", "9071"])),
            pmr_auto_lock_wait_time=draw(st.none() | st.integers(0, 60)),
        ),
        security=draw(
            st.none()
            | st.builds(SecurityType, force_change_password=st.just(True), lock_account=st.none() | st.booleans())
        ),
        **telephones,
    )


def _read(client: Client, web_ex_id: str | None) -> GetUserResponse:
    answer = client.call("user.GetUser", webExId=web_ex_id)
    assert _GOOD not in answer.text
    found = read_answer(answer, GetUserResponse)
    assert found.password == "******"
    assert found.password_hint_answer is None
    return found


def _leaves(record: Record) -> dict[str, Any]:
    """The values of a record; of products the numbers alone, answers have their names too."""
    found = leaves(record, NEVER_ANSWERED)
    for path in [path for path in found if path.endswith(".products.product")]:
        products = found.pop(path)
        assert [each.name for each in products] == [str(each.prod_id) for each in products]
        found[path.removesuffix("product") + "prod_id"] = [each.prod_id for each in products]
    return found


def _new_site(server: Server) -> TestSite:
    return server.new_site(display_names=True, hybrid_audio=True)


@_BOUNDED
@given(data=st.data())
def test_what_create_user_takes_get_user_gives_back(server: Server, data: st.DataObject) -> None:
    client = _shared(server).client("admin")
    sent = data.draw(accounts(CreateUser))
    send_record(client, sent).ok()
    expected, present = _leaves(sent), _leaves(_read(client, sent.web_ex_id))
    assert {name: present.get(name) for name in expected} == expected


@_BOUNDED
@given(data=st.data())
def test_what_set_user_takes_get_user_gives_back(server: Server, data: st.DataObject) -> None:
    client = _shared(server).client("admin")
    first, second = data.draw(accounts(CreateUser)), data.draw(accounts(SetUser))
    second = _without(
        second,
        web_ex_id=first.web_ex_id,
        new_web_ex_id=data.draw(st.none() | st.just(second.web_ex_id)),
        active=data.draw(st.sampled_from([None, "ACTIVATED", "DEACTIVATED", "REQUEST_TO_ACTIVATE"])),
        # Accounts of telephones are changed one by one, which has tests of its own.
        tsp_account=None,
        personal_teleconf=None,
        password=data.draw(st.sampled_from([None, "******", "Better-Secret-8"])),
    )
    if first.security is not None and second.password is not None:
        second.password = None
    send_record(client, first).ok()
    send_record(client, second).ok()
    present = _leaves(_read(client, second.new_web_ex_id or first.web_ex_id))
    kept, changed = _leaves(first), _leaves(second)
    if second.new_web_ex_id is not None:
        changed["web_ex_id"] = second.new_web_ex_id
    if second.meeting_types is not None:
        kept = {name: value for name, value in kept.items() if not name.startswith("supported_services.")}
    if second.password == "Better-Secret-8":
        kept.pop("security.force_change_password", None)
    kept = {name: value for name, value in kept.items() if name not in cleared(second)}
    expected = kept | changed
    assert {name: present.get(name) for name in expected} == expected


_SITES: dict[int, TestSite] = {}


def _shared(server: Server) -> TestSite:
    """One site for all examples on a server; every example has accounts of its own."""
    found = _SITES.get(id(server))
    if found is None:
        found = _SITES[id(server)] = _new_site(server)
    return found


def test_nothing_of_the_contract_is_left_out() -> None:
    """Elements that no rule names are drawn freely, so a new element is tested without a word here."""
    assert {*UserType.__struct_fields__} - _RULED >= {"title", "company", "address", "comm_options", "remote_access"}
    assert {*UserType.__struct_fields__} >= _RULED - {"new_web_ex_id", "validate_format"}
