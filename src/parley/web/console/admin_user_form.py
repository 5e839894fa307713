"""The form for an account: its fields, what they say of an account that is there, and the request they make.

Of a change only what was changed is sent, since SetUser leaves alone what nobody says.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple

from parley.contract.common import AddressType, TrackingType
from parley.contract.user import CreateUser, GetUserResponse, SetUser, UserTypeMeetingTypes
from parley.contract.user_settings import PrivilegeType, SecurityType, SupportedServicesType, UserPhonesType
from parley.domain import timezones
from parley.domain.dates import DateError, format_date, parse_date
from parley.domain.site import Site
from parley.protocol.faults import Fault
from parley.services.accounts import granted_types
from parley.services.known_sites import KnownSite
from parley.web.console.admin_fields import mark
from parley.web.console.fields import Field, place_of, problem_text
from parley.web.console.profile import language_options, zone_options
from parley.web.words import said


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


_NAME: Final = 64
_ADDRESS: Final = 128
#: A longer description, which a program gave, would be cut on its way back.
_LONGEST_TEXT: Final = 3_900
#: A number that is not known is answered as its country code and commas (facts/user-site.md 4).
_NO_NUMBER: Final = re.compile(r"[0-9]*,{6}")
_NEVER: Final = "none"
#: Years in which an account may end.
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


class Role(NamedTuple):
    """What an account may be: the words for it, and its privileges; None: the field for hosts decides."""

    label: str
    host: bool | None
    site_admin: bool
    ro_site_admin: bool
    attendee_only: bool


_ROLES: Final = {
    "HOST": Role(_("Host"), True, False, False, False),
    "ATTENDEE": Role(_("Attendee only"), None, False, False, True),
    "ADMIN": Role(_("Administrator"), None, True, False, False),
    "READER": Role(_("Read-only administrator"), None, False, True, False),
    "NOTHING": Role(_("None of these"), False, False, False, False),
}
#: Headings, and under each the fields of `PrivilegeType` with their words; roles have a field of their own.
PRIVILEGES: Final[dict[str, dict[str, str]]] = {
    _("Meetings"): {
        "is_enable_pmr": _("Personal room"),
        "allow_ext_attendees": _("People from outside may be invited"),
        "recording_editor": _("Recording editor"),
        "meeting_assist": _("Help with meetings"),
        "lab_admin": _("Administers labs"),
        "um_site_admin": _("Administers users only"),
    },
    _("Sound and pictures"): {
        "voice_over_ip": _("Sound over the internet"),
        "hq_video": _("High-quality video"),
        "hd_video": _("HD video"),
        "cmr_hybrid_voip": _("Hybrid audio"),
    },
    _("Telephone"): {
        "tele_conf_call_in": _("Calls to the meeting"),
        "tele_conf_toll_free_call_in": _("Toll-free calls to the meeting"),
        "tele_conf_call_in_international": _("International calls to the meeting"),
        "tele_conf_call_out": _("The meeting calls people"),
        "tele_conf_call_out_international": _("The meeting calls people abroad"),
        "other_telephony": _("Telephony of another provider"),
        "is_enable_cet": _("Telephones in video meetings"),
        "tele_cli_auth_enabled": _("Known by the telephone number"),
        "tele_cli_pin_enabled": _("Known by the telephone number and a PIN"),
    },
}
_SERVICES: Final = {
    "meeting_center": _("Meetings"),
    "event_center": _("Events"),
    "training_center": _("Trainings"),
    "support_center": _("Support"),
    "sales_center": _("Sales"),
}
_PHONES: Final = {"phone": "PHONE", "mobile_phone": "MOBILE", "fax": "FAX", "pager": "PAGER"}
_PLACE: Final = {
    "address1": "ADDRESS1",
    "address2": "ADDRESS2",
    "city": "CITY",
    "state": "STATE",
    "zip_code": "ZIP",
    "country": "COUNTRY",
}
#: Texts of the account by the fields of the contract.
_TEXTS: Final = {
    "first_name": "FIRST",
    "last_name": "LAST",
    "email": "EMAIL",
    "display_name": "DISPLAY",
    "title": "TITLE",
    "company": "COMPANY",
    "description": "DESCRIPTION",
    "email2": "EMAIL2",
    "office_url": "HOME",
    "personal_url": "ROOM",
}


def _places() -> dict[str, str]:
    """Where faults belong: fields by the beginnings of paths, longer ones first."""
    codes = {f"tracking/trackingCode{number}": f"CODE{number}" for number in range(10, 0, -1)}
    names = {each.attribute: each.name for each in PrivilegeType.__declaration__.elements}
    privileges = {f"privilege/{names[name]}": _privilege(name) for group in PRIVILEGES.values() for name in group}
    longer = dict(sorted(privileges.items(), key=lambda each: -len(each[0])))
    return {
        **codes,
        **longer,
        "firstName": "FIRST",
        "lastName": "LAST",
        "email2": "EMAIL2",
        "email": "EMAIL",
        "webExId": "WEBEXID",
        "newWebExId": "WEBEXID",
        "password": "PASSWORD",
        "timeZoneID": "ZONE",
        "language": "LANGUAGE",
        "displayName": "DISPLAY",
        "title": "TITLE",
        "company": "COMPANY",
        "description": "DESCRIPTION",
        "officeurl": "HOME",
        "personalUrl": "ROOM",
        "expirationDate": "EXPIRES",
        "schedulingPermission": "DELEGATES",
        "phones/phone": "PHONE",
        "phones/mobilePhone": "MOBILE",
        "phones/fax": "FAX",
        "phones/pager": "PAGER",
        "address/address1": "ADDRESS1",
        "address/address2": "ADDRESS2",
        "address/city": "CITY",
        "address/state": "STATE",
        "address/zipCode": "ZIP",
        "address/country": "COUNTRY",
    }


_CODES: Final = {
    "030004": "WEBEXID",
    "030005": "EMAIL",
    "030003": "PASSWORD",
    "030058": "PASSWORD",
    "019011": "PASSWORD",
    "030032": "PASSWORD",
    "030055": "PASSWORD",
    "030010": "ROLE",
    "030103": "ROLE",
    "060048": "P_IS_ENABLE_CET",
}


def _privilege(name: str) -> str:
    return f"P_{name}".upper()


class UserForm:
    """The fields of the form; `first` is what the page shows at once, `parts` what it folds away, by heading.

    Args:
        types: session types of the site, their names by number.
        new: the account is not there yet.
        own: it is the visitor's own, whose role and state only others may change.
        passwords: the site keeps the passwords.
    """

    def __init__(
        self, known: KnownSite, types: Mapping[int, str], now: int, *, new: bool, own: bool, passwords: bool
    ) -> None:
        self.site: Site = known.site
        self.new, self.own = new, own
        self.managed = known.settings.control_hub
        self._known, self._types = known, types
        self.first = self._first_fields(passwords=passwords)
        self.types = [Field(f"T{number}", "tick", name) for number, name in types.items()]
        self.services = [Field(f"S_{name}".upper(), "tick", label) for name, label in _SERVICES.items()]
        self.privileges = {
            heading: [Field(_privilege(name), "tick", label) for name, label in group.items()]
            for heading, group in PRIVILEGES.items()
        }
        self.codes = self._code_fields()
        self.person = self._person_fields(now)
        self.contact = _contact_fields()
        grouped = [each for group in self.privileges.values() for each in group]
        every = [*self.first, *self.types, *self.services, *grouped, *self.codes, *self.person, *self.contact]
        self.fields = {each.name: each for each in every}
        self.wrong = ""
        self.marks: dict[str, str] = {}
        self._held: list[int] = []

    # ---- fields ------------------------------------------------------------------------------------------------

    def _first_fields(self, *, passwords: bool) -> list[Field]:
        fields = [
            Field("FIRST", "text", _("First name"), required=True, longest=_NAME),
            Field("LAST", "text", _("Last name"), required=True, longest=_NAME),
            Field("EMAIL", "email", _("E-mail"), required=True, longest=256),
        ]
        if not self.managed:
            hint = _("Without blanks; empty: the e-mail address.") if self.new else ""
            fields.append(Field("WEBEXID", "text", _("Sign-in name"), hint=hint, required=not self.new, longest=_NAME))
        if not self.own:
            roles = [(name, role.label) for name, role in _ROLES.items() if name != "NOTHING"]
            fields.append(Field("ROLE", "list", _("Role"), options=roles, translated=True))
            fields.append(Field("HOLDS", "tick", _("Holds sessions too (for administrators)")))
        if passwords and not self.own:
            fields += self._password_fields()
        if self.new and not self.managed:
            fields.append(Field("WELCOME", "tick", _("Send a welcome mail")))
        return fields

    def _password_fields(self) -> list[Field]:
        if self.new:
            hint = _("Empty: one is made up and mailed to them, to be changed at the first sign-in.")
        else:
            hint = _("An empty field leaves the password as it is.")
        password = Field("PASSWORD", "password", _("Password"), hint=hint, longest=60, autocomplete="new-password")
        return [password, Field("RENEW", "tick", _("They choose another password when they sign in next"))]

    def _person_fields(self, now: int) -> list[Field]:
        fields = [
            Field("ZONE", "list", _("Time zone"), options=zone_options(now)),
            Field("LANGUAGE", "list", _("Language")),
        ]
        if self.site.settings.display_names:
            hint = _("What others see in meetings; empty: first and last name.")
            fields.append(Field("DISPLAY", "text", _("Display name"), hint=hint, longest=_ADDRESS))
        hint = _("The last part of the address of the personal room.")
        fields.append(Field("ROOM", "text", _("Personal room"), hint=hint, longest=_NAME))
        if not self.own:
            hint = _("The last day of the account; empty: it does not end.")
            fields.append(Field("EXPIRES", "date", _("Ends"), hint=hint))
        hint = _("Sign-in names or e-mail addresses, one on each line.")
        fields.append(Field("DELEGATES", "lines", _("May schedule for them"), hint=hint, longest=_LONGEST_TEXT))
        return fields

    def _code_fields(self) -> list[Field]:
        fields = []
        for code in self.site.settings.tracking_codes:
            if code.profile_rule == "NOT_USED":
                continue
            field = Field(f"CODE{code.index}", "text", code.name, longest=_ADDRESS)
            field.required = code.profile_rule == "REQUIRED"
            if code.profile_rule == "ADMIN_SET":
                field.hint = _("Only administrators set this.")
            if code.values:
                field.kind, field.options = "list", [("", "–"), *((each, each) for each in code.values)]
            fields.append(field)
        return fields

    # ---- what it says ------------------------------------------------------------------------------------------

    def values(self) -> dict[str, str]:
        """The present values by name."""
        return {name: each.value for name, each in self.fields.items()}

    def _lay(self, **values: str) -> None:
        for name, value in values.items():
            if name in self.fields:
                self._choose(self.fields[name], value)

    def _choose(self, field: Field, value: str) -> None:
        """Set a field; whatever the value is, a list offers it, and a text that a form would cut is left out."""
        if len(value) + value.count("\n") > _LONGEST_TEXT:
            self._leave_out(field.name)
            return
        field.value, field.longest = value, max(field.longest, len(value))
        if field.kind == "list" and value not in [each for each, _name in field.options]:
            field.options = [*field.options, (value, value)]

    def _leave_out(self, *names: str) -> None:
        self.fields = {name: each for name, each in self.fields.items() if name not in names}
        for fields in (self.first, self.codes, self.person, self.contact):
            fields[:] = [each for each in fields if each.name not in names]

    def begin(self) -> None:
        """Fill the form for a new account, with what an account gets when nobody says anything else."""
        settings = self.site.settings
        self._lay(
            ROLE="HOST",
            HOLDS="1",
            WELCOME="1",
            RENEW="1",
            ZONE=str(settings.default_time_zone_id),
        )
        self._lay_language(settings.language)
        self._held = granted_types(self.site, self._known.types)
        self._lay(**{f"T{number}": "1" for number in self._held})

    def _lay_language(self, language: str) -> None:
        self.fields["LANGUAGE"].options = language_options(language)
        self._lay(LANGUAGE=language)

    def show(self, known: GetUserResponse) -> None:
        """Fill the form with an account as GetUser answers it."""
        self._lay(**{field: _one_line(getattr(known, name) or "") for name, field in _TEXTS.items()})
        self._lay(DESCRIPTION="".join(c for c in known.description or "" if c.isprintable() or c == "\n").strip())
        self._lay(WEBEXID=known.web_ex_id or "")
        self._lay_role(known.privilege or PrivilegeType())
        self._lay(ZONE=str(timezones.known_zone_id(known.time_zone_id or 0) or self.site.settings.default_time_zone_id))
        self._lay_language(known.language or self.site.settings.language)
        self._lay(EXPIRES=_day(known.expiration_date or ""))
        self._lay(DELEGATES="\n".join((known.scheduling_permission or "").split(";")))
        self._held = list(known.meeting_types.meeting_type) if known.meeting_types is not None else []
        self._lay(**{f"T{number}": "1" for number in self._held})
        self._lay_ticks(known.supported_services or SupportedServicesType(), "S_", _SERVICES)
        for group in PRIVILEGES.values():
            self._lay_ticks(known.privilege or PrivilegeType(), "P_", group)
        tracking = known.tracking or TrackingType()
        self._lay(**{f"CODE{n}": _one_line(getattr(tracking, f"tracking_code_{n}") or "") for n in range(1, 11)})
        for field in self.codes:  # accounts from before the definition can be changed without it, as by the API
            field.required = field.required and bool(field.value)
        phones, address = known.phones or UserPhonesType(), known.address or AddressType()
        self._lay(**{field: _number(getattr(phones, name) or "") for name, field in _PHONES.items()})
        self._lay(**{field: _one_line(getattr(address, name) or "") for name, field in _PLACE.items()})
        if self.value("COUNTRY").isdecimal():  # what is answered where none is known: a dialling code
            self._lay(COUNTRY="")
        if self.managed:
            self._leave_out("FIRST", "LAST", *_PHONES.values())
        self.marks = {name: mark(value) for name, value in self.values().items()}

    def _lay_ticks(self, record: Any, prefix: str, names: Collection[str]) -> None:
        self._lay(**{f"{prefix}{name}".upper(): "1" if getattr(record, name) else "" for name in names})

    def _lay_role(self, privilege: PrivilegeType) -> None:
        if privilege.attendee_only:
            name = "ATTENDEE"
        elif privilege.site_admin:
            name = "ADMIN"
        elif privilege.ro_site_admin:
            name = "READER"
        else:
            name = "HOST" if privilege.host else "NOTHING"
        role = self.fields.get("ROLE")
        if role is None:
            return
        if name == "NOTHING":
            role.options = [*role.options, (name, _ROLES[name].label)]
        self._lay(ROLE=name, HOLDS="1" if privilege.host else "")

    # ---- what was sent -----------------------------------------------------------------------------------------

    def read(self, sent: Mapping[str, str], was: Mapping[str, str]) -> None:
        """Take over what a person sent, and look whether it can be a request.

        What the person did not touch stays as it is by now; what the person changed and somebody else changed too is
        told beside the field.

        Args:
            sent: values by name; what is missing is empty.
            was: the `marks` of the values with which the form was made.
        """
        for name, field in self.fields.items():
            value, present = _sent(field, sent.get(name, "")), field.value
            before, now = was.get(name), self.marks.get(name)
            if before is not None and mark(value) == before:
                value = present
            field.value, field.error = value, self._problem(field, value)
            if before is not None and before != now and value != present and not field.error:
                shown = self._shown(field, present)
                text = _("Somebody else changed this meanwhile: %(value)s. Save again to have yours instead.")
                field.error = said(text, value=shown)

    def _shown(self, field: Field, value: str) -> str:
        """A value for people."""
        if field.kind == "tick":
            return said(_("on") if value else _("off"))
        name = dict(field.options).get(value, value) if field.kind == "list" else value
        return (said(name) if field.translated else name)[:_ADDRESS] or said(_("none"))

    def _problem(self, field: Field, value: str) -> str:
        if field.kind == "tick":
            return ""
        if len(value) > field.longest:
            return said(_("At most %(most)s characters, please."), most=field.longest)
        if field.required and not value:
            return _("Please fill this in.")
        if field.kind == "list" and value not in [each for each, _name in field.options]:
            return _("Please choose one.")
        if field.kind == "date" and value and _iso(value) is None:
            return _("Please enter a date.")
        return ""

    @property
    def faulty(self) -> bool:
        """Whether something is wrong with it."""
        return bool(self.wrong) or any(each.error for each in self.fields.values())

    def blame(self, fault: Fault) -> None:
        """Say what an operation found wrong, beside the field that it is about."""
        place = place_of(fault, _FAULTS, _CODES)
        if place in self.fields:
            self.fields[place].error = problem_text(fault)
        else:
            self.wrong = problem_text(fault)

    def is_open(self, fields: Collection[Field]) -> bool:
        """Whether something is wrong, or still missing, among fields that the page folds away."""
        return any(each.error or (each.required and not each.value) for each in fields)

    def value(self, name: str) -> str:
        """The value of a field; empty when the form does not have it."""
        field = self.fields.get(name)
        return field.value if field is not None else ""

    # ---- requests ----------------------------------------------------------------------------------------------

    def creation(self, shown: Mapping[str, str]) -> CreateUser:
        """The request that makes the account; of a form without errors.

        Args:
            shown: the values with which the empty form began.
        """
        request = CreateUser(web_ex_id=self.value("WEBEXID") or self.value("EMAIL"))
        self._fill(request, {name for name, value in self.values().items() if value != shown.get(name, "")} | _ALWAYS)
        request.active = "ACTIVATED"
        if "PASSWORD" in self.fields and not self.value("PASSWORD"):
            request.security = SecurityType(reset_password=True)
        elif self.value("RENEW"):
            request.security = SecurityType(force_change_password=True)
        if self.value("WELCOME"):
            request.send_welcome = request.is_html_email = True
        return request

    def change(self, web_ex_id: str, shown: Mapping[str, str]) -> SetUser | None:
        """The request that changes the account, None when nothing is different; of a form without errors.

        Args:
            web_ex_id: of the account as it is.
            shown: the values that the account has.
        """
        changed = {name for name, value in self.values().items() if value != shown.get(name, "")}
        if not self.value("PASSWORD"):
            changed -= {"RENEW"}
        if not changed:
            return None
        request = SetUser(web_ex_id=web_ex_id)
        self._fill(request, changed)
        if "WEBEXID" in changed:
            request.new_web_ex_id = self.value("WEBEXID")
        if "RENEW" in changed:
            request.security = SecurityType(force_change_password=True)
        return request

    def _fill(self, request: CreateUser | SetUser, changed: Collection[str]) -> None:
        for name, field in _TEXTS.items():
            if field in changed and field in self.fields:
                setattr(request, name, self.value(field))
        if "ZONE" in changed:
            request.time_zone_id = int(self.value("ZONE"))
        if "LANGUAGE" in changed:
            request.language = self.value("LANGUAGE")
        if self.value("PASSWORD"):
            request.password = self.value("PASSWORD")
        if "EXPIRES" in changed:
            day = _iso(self.value("EXPIRES"))
            request.expiration_date = _NEVER if day is None else format_date(datetime.combine(day, time(23, 59, 59)))
        if "DELEGATES" in changed:
            names = [name for each in self.value("DELEGATES").splitlines() for name in each.split(";")]
            request.scheduling_permission = ";".join(text for name in names if (text := name.strip()))
        request.privilege = self._privileges(changed)
        request.meeting_types = self._meeting_types(changed)
        services = {name: f"S_{name}".upper() for name in _SERVICES}
        request.supported_services = self._part(SupportedServicesType, services, changed, ticks=True)
        request.phones = self._part(UserPhonesType, _PHONES, changed)
        request.address = self._part(AddressType, _PLACE, changed)
        codes = {f"tracking_code_{number}": f"CODE{number}" for number in range(1, 11)}
        request.tracking = self._part(TrackingType, codes, changed)

    def _part(self, cls: type[Any], names: Mapping[str, str], changed: Collection[str], *, ticks: bool = False) -> Any:
        """A group of a request with those of its fields that changed; None when none did."""
        values = {name: self.value(field) for name, field in names.items() if field in changed and field in self.fields}
        if not values:
            return None
        return cls(**{name: bool(value) if ticks else value for name, value in values.items()})

    def _privileges(self, changed: Collection[str]) -> PrivilegeType | None:
        names = {name: _privilege(name) for group in PRIVILEGES.values() for name in group}
        privilege: PrivilegeType | None = self._part(PrivilegeType, names, changed, ticks=True)
        if "ROLE" not in self.fields or not {"ROLE", "HOLDS"} & set(changed):
            return privilege
        role = _ROLES[self.value("ROLE")]
        if "ROLE" not in changed and role.host is not None:
            return privilege  # the tick is for administrators
        privilege = privilege or PrivilegeType()
        privilege.attendee_only = role.attendee_only
        if not role.attendee_only:
            privilege.site_admin, privilege.ro_site_admin = role.site_admin, role.ro_site_admin
            privilege.host = bool(self.value("HOLDS")) if role.host is None else role.host
        return privilege

    def _meeting_types(self, changed: Collection[str]) -> UserTypeMeetingTypes | None:
        if not any(f"T{number}" in changed for number in self._types):
            return None
        ticked = [number for number in self._types if self.value(f"T{number}")]
        kept = [number for number in self._held if number in ticked]
        return UserTypeMeetingTypes(meeting_type=[*kept, *(each for each in ticked if each not in kept)])


#: What a new account is always told.
_ALWAYS: Final = frozenset({"FIRST", "LAST", "EMAIL", "ROLE"})
_FAULTS: Final = _places()


def _contact_fields() -> list[Field]:
    return [
        Field("TITLE", "text", _("Title"), longest=_ADDRESS),
        Field("COMPANY", "text", _("Company"), longest=_ADDRESS),
        Field("PHONE", "text", _("Telephone"), longest=_NAME),
        Field("MOBILE", "text", _("Mobile phone"), longest=_NAME),
        Field("FAX", "text", _("Fax"), longest=_NAME),
        Field("PAGER", "text", _("Pager"), longest=_NAME),
        Field("EMAIL2", "text", _("Second e-mail address"), longest=256),
        Field("HOME", "text", _("Web page"), longest=256),
        Field("ADDRESS1", "text", _("Address"), longest=_ADDRESS),
        Field("ADDRESS2", "text", _("Address, second line"), longest=_ADDRESS),
        Field("ZIP", "text", _("Postal code"), longest=_ADDRESS),
        Field("CITY", "text", _("City"), longest=_ADDRESS),
        Field("STATE", "text", _("State or region"), longest=_ADDRESS),
        Field("COUNTRY", "text", _("Country"), longest=_NAME),
        Field("DESCRIPTION", "lines", _("Description"), longest=_LONGEST_TEXT),
    ]


# ---- values ------------------------------------------------------------------------------------------------------


def _sent(field: Field, text: str) -> str:
    """What was sent as the value of a field."""
    if field.kind == "tick":
        return "1" if text.strip() else ""
    if field.kind == "lines":
        return text.replace("\r", "").strip()
    return text if field.kind == "password" else _one_line(text)


def _one_line(text: str) -> str:
    """A text as it comes back from a field of one line when nobody touches it."""
    return " ".join("".join(c for c in text if c.isprintable()).split())


def _number(text: str) -> str:
    return "" if _NO_NUMBER.fullmatch(text) else _one_line(text)


def _iso(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def _day(text: str) -> str:
    """The day of one of the API's dates, empty for none."""
    try:
        return parse_date(text).date().isoformat()
    except DateError:
        return ""
