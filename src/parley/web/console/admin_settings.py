"""The settings of a site that administrators see in the console: what each means, where GetSite tells it, its bounds.

Bounds and kinds of fields are those of `SiteSettings`; here is what its types cannot say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from parley.contract import common as com
from parley.contract.site import SiteTypeRecordingPasswordCriteria
from parley.contract.site_config import (
    AccountPasswordCriteriaType,
    CurrencyType,
    PasswordCriteriaType,
    RegionType,
    TelephonySupportType,
)
from parley.domain.site import CRITERIA_LENGTHS, GlobalNumber, SupportQueue
from parley.services.site.changing import LONGEST
from parley.services.site.criteria import told_fields
from parley.web.console.admin_fields import Invalid, Option, Rows
from parley.web.console.profile import zone_options
from parley.web.words import said

_LONGEST_NAME: Final = 128
_MOST_QUEUES: Final = 1000
_MOST_NUMBERS: Final = 500
_MOST_DAYS: Final = 10_000
_MOST_HOURS: Final = 10_000


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


class Group(NamedTuple):
    """Settings that belong together, under one heading of a page."""

    name: str
    title: str
    options: tuple[Option, ...]
    hint: str = ""

    @property
    def names(self) -> str:
        """The names of its settings, or of the group that they are in."""
        return ", ".join(dict.fromkeys(option.name.partition(".")[0] for option in self.options))

    @property
    def told(self) -> str:
        """Where GetSite tells them."""
        return ", ".join(dict.fromkeys(option.told for option in self.options if option.told))


def _values(*values: str) -> Any:
    return lambda _now: [(value, value) for value in values]


def _zones(now: int) -> Sequence[tuple[str, str]]:
    return zone_options(now)


# ---- lists of groups of values ---------------------------------------------------------------------------------------


def _write_queues(queues: list[SupportQueue]) -> str:
    return "\n".join(each.name if each.type == "ALL" else f"{each.name}; {each.type}" for each in queues)


def _read_queues(text: str, present: list[SupportQueue], now: int) -> list[SupportQueue]:
    known: dict[tuple[str, str], SupportQueue] = {(each.name, each.type): each for each in present}
    found: dict[str, SupportQueue] = {}
    for line in text.splitlines():
        name, _mark, kind = (part.strip() for part in line.partition(";"))
        kind = kind.upper() or "ALL"
        if kind not in ("AGENT", "MANAGER", "ALL"):
            raise Invalid(said(_("%(kind)s is none of AGENT, MANAGER and ALL."), kind=kind[:40]))
        if not name or len(name) > _LONGEST_NAME or name.casefold() in found:
            raise Invalid(
                said(_("Each line needs a name of its own, of at most %(most)s characters."), most=_LONGEST_NAME)
            )
        queue = SupportQueue(name, kind, now)  # type: ignore[arg-type]  # checked above
        found[name.casefold()] = known.get((name, kind), queue)
    if len(found) > _MOST_QUEUES:
        raise Invalid(said(_("At most %(most)s lines, please."), most=_MOST_QUEUES))
    return list(found.values())


def _write_numbers(numbers: list[GlobalNumber]) -> str:
    return "\n".join(f"{each.country}; {each.number}{'; toll-free' if each.toll_free else ''}" for each in numbers)


def _read_numbers(text: str, _present: list[GlobalNumber], _now: int) -> list[GlobalNumber]:
    found = []
    for line in text.splitlines():
        country, number, *rest = [*(part.strip() for part in line.split(";")), ""]
        kind = [each for each in rest if each]
        if not country or not number or kind not in ([], ["toll-free"]) or len(line) > _LONGEST_NAME:
            raise Invalid(said(_("Each line is a country and a number, with a semicolon between them.")))
        found.append(GlobalNumber(country, number, bool(kind)))
    if len(found) > _MOST_NUMBERS:
        raise Invalid(said(_("At most %(most)s lines, please."), most=_MOST_NUMBERS))
    return found


# ---- passwords -------------------------------------------------------------------------------------------------------

_CRITERIA_LABELS: Final = {
    "min_length": (_("Characters at least"), ""),
    "min_alpha": (_("Letters at least"), ""),
    "min_numeric": (_("Digits at least"), ""),
    "min_special": (_("Signs at least"), _("Neither letters nor digits, such as + or !")),
    "mixed_case": (_("Capital and small letters"), ""),
    "disallow_repeated": (_("No character three times in a row"), ""),
    "disallow_web_text_sessions": (_("Not the name of the session or the site"), ""),
    "disallow_web_text_accounts": (_("Not the name or address of the person, nor the name of the site"), ""),
    "disallow_list": (_("None of the forbidden passwords"), ""),
    "disallowed": (
        _("Forbidden passwords"),
        _("One in a line. They are forbidden in capital and small letters alike."),
    ),
}


def _criteria(name: str, contract: Any, path: str) -> tuple[Option, ...]:
    """The criteria of a set, as far as GetSite tells them."""
    fields, longest = told_fields(contract), CRITERIA_LENGTHS[name]
    found = []
    for each, (label, hint) in _CRITERIA_LABELS.items():
        if each not in fields:
            continue
        option = Option(f"{name}.{each}", label, hint, told=path)
        found.append(replace(option, least=0, most=longest, wrong=_IMPOSSIBLE) if each.startswith("min_") else option)
    return tuple(found)


_IMPOSSIBLE: Final = _("No password that is allowed can be so long or so varied.")

#: The three sets of criteria, by the names of the site's settings.
CRITERIA: Final = {
    "account_password_criteria": Group(
        "accounts",
        _("Passwords of accounts"),
        (
            Option(
                "strict_user_passwords",
                _("These criteria must be kept"),
                _("Otherwise any password will do."),
                told="securityOptions/strictUserPassword",
            ),
            *_criteria("account_password_criteria", AccountPasswordCriteriaType, "accountPasswordCriteria"),
        ),
        _("What people choose when they get an account or change their password."),
    ),
    "meeting_password_criteria": Group(
        "meetings",
        _("Passwords of meetings"),
        (
            Option(
                "strict_meeting_passwords",
                _("These criteria must be kept"),
                _("Otherwise any password will do."),
                told="securityOptions/meetings/strictPasswords",
            ),
            *_criteria("meeting_password_criteria", PasswordCriteriaType, "passwordCriteria"),
        ),
        _("For meetings, webinars, events and trainings alike."),
    ),
    "recording_password_criteria": Group(
        "recordings",
        _("Passwords of recordings"),
        (
            Option(
                "strict_recording_passwords",
                _("Recordings must have a password that keeps these criteria"),
                _("Recordings that are made get one by themselves."),
                told="securityOptions/enforceRecordingPwdForMC",
            ),
            *_criteria("recording_password_criteria", SiteTypeRecordingPasswordCriteria, "recordingPasswordCriteria"),
        ),
        _("What people need to see a recording that is passed on by link."),
    ),
}

AGE: Final = Group(
    "age",
    _("Age of passwords, and locking"),
    (
        Option(
            "password_lifetime",
            _("Days until a password has to be changed"),
            _("Empty or 0: never."),
            told="securityOptions/passwordLifetime",
            least=0,
            most=_MOST_DAYS,
        ),
        Option(
            "password_change_interval",
            _("Hours between two changes of the own password"),
            _("Empty or 0: no such rule."),
            told="securityOptions/passwordChangeInterval",
            least=0,
            most=_MOST_HOURS,
        ),
        Option(
            "password_history",
            _("A new password is none of the last"),
            _("The present one counts. 0: no such rule."),
        ),
        Option(
            "lock_after_failures",
            _("Wrong passwords in a row that lock an account"),
            _("Empty: none do."),
            most=1000,
        ),
        Option(
            "lock_minutes",
            _("Minutes until such a lock ends"),
            _("Empty: when an administrator opens it."),
            most=1_000_000,
        ),
    ),
)

#: What the page of passwords sets.
PASSWORDS: Final = (*CRITERIA.values(), AGE)

# ---- options ---------------------------------------------------------------------------------------------------------

_SESSIONS: Final = Group(
    "sessions",
    _("What a new session has"),
    (
        Option(
            "default_time_zone_id",
            _("Time zone"),
            _("Of accounts and sessions that name none."),
            told="metaData/timeZoneID",
            choices=_zones,
        ),
        Option("default_duration", _("Length in minutes")),
        Option(
            "default_open_time",
            _("Seconds before the start from which on people may enter"),
        ),
        Option(
            "attendee_list",
            _("Attendees see who else is there"),
        ),
        Option(
            "first_attendee_as_presenter",
            _("Whoever comes first presents"),
            told="securityOptions/firstAttendeeAsPresenter",
        ),
        Option(
            "join_before_host",
            _("People may come in before the host"),
            told="securityOptions/joinBeforeHost",
            idle=True,
        ),
        Option(
            "audio_before_host",
            _("People may hear each other before the host is there"),
            told="securityOptions/audioBeforeHost",
        ),
        Option(
            "entry_exit_tone",
            _("Sound when somebody comes or goes"),
            _("Of audio-only sessions and one-click meetings."),
            told="defaults/entryExitTone",
            choices=_values(*com.EntryExitToneType.values),
            names={"NOTONE": _("none"), "BEEP": _("a tone"), "ANNOUNCENAME": _("the name")},
        ),
        Option(
            "telephony_support",
            _("Telephony of one-click meetings"),
            told="defaults/teleconference/telephonySupport",
            choices=_values(*TelephonySupportType.values),
            names={
                "NONE": _("none"),
                "CALLIN": _("people call in"),
                "CALLBACK": _("people are called"),
                "OTHER": _("something else"),
            },
        ),
        Option(
            "email_reminders",
            _("Reminders are mailed where a session asks for them"),
            told="defaults/emailReminders",
        ),
        Option(
            "schedule_on_behalf",
            _("Hosts may let others schedule for them"),
            told="scheduleMeetingOptions/scheduleOnBehalf",
        ),
    ),
)

_VISIBILITY: Final = Group(
    "visibility",
    _("Who finds and enters sessions"),
    (
        Option(
            "all_meetings_unlisted",
            _("Meetings are never listed"),
            _("Whatever is asked for when one is scheduled."),
            told="securityOptions/allMeetingsUnlisted",
        ),
        Option("events_unlisted", _("Events are never listed"), told="securityOptions/ECMeetingsUnlisted"),
        Option("trainings_unlisted", _("Trainings are never listed"), told="securityOptions/TCMeetingsUnlisted"),
        Option(
            "all_meetings_password",
            _("Sessions must have a password"),
            told="securityOptions/allMeetingsPassword",
        ),
        Option(
            "generate_passwords",
            _("A missing password is made up"),
            _("Instead of refusing the session. It counts where sessions must have one."),
        ),
    ),
)

_SIZES: Final = Group(
    "sizes",
    _("How many people"),
    (
        Option(
            "max_attendees",
            _("People on the list of a session at most"),
            _("The limit of its session type holds as well."),
            most=1_000_000,
        ),
        Option(
            "max_training_invitees",
            _("People invited to a training at most"),
            most=1_000_000,
        ),
        Option(
            "max_training_registrants",
            _("People who register for a training at most"),
            _("Where a training has classes: for each of them."),
            most=1_000_000,
        ),
        Option(
            "waiting_list",
            _("Whoever registers for a full session waits for a seat"),
            _("Otherwise the registration is refused."),
        ),
    ),
)

_ACCOUNTS: Final = Group(
    "accounts",
    _("Accounts"),
    (
        Option(
            "language",
            _("Language of new accounts"),
            told="metaData/pageLanguage",
            choices=_values(*com.LanguageType.values),
        ),
        Option("locale", _("Locale of new accounts")),
        Option(
            "personal_rooms",
            _("Accounts can have a personal room"),
            told="siteCommonOptions/enablePersonalMeetingRoom",
        ),
        Option("hybrid_audio", _("Accounts can have hybrid audio")),
        Option("display_names", _("Accounts have a display name")),
        Option(
            "customize_profile_fields",
            _("The next four hold"),
            _("Programs see them from level 42.2 on. Otherwise everybody may change everything."),
        ),
        Option(
            "allow_change_first_name",
            _("People may change their first name"),
            told="myWebExConfig/allowChangeFirstName",
        ),
        Option(
            "allow_change_last_name", _("People may change their last name"), told="myWebExConfig/allowChangeLastName"
        ),
        Option(
            "allow_change_display_name",
            _("People may change their display name"),
            told="myWebExConfig/allowChangeDisplayName",
        ),
        Option(
            "allow_upload_pr_avatar",
            _("People may upload a picture for their personal room"),
            told="myWebExConfig/AllowUploadPRAvatar",
        ),
        Option(
            "change_personal_url",
            _("People may change the address of their personal room"),
            told="securityOptions/changePersonalURL",
        ),
        Option("change_user_name", _("People may change their sign-in name"), told="securityOptions/changeUserName"),
        Option("confirm_email_changes", _("Another e-mail address counts when the person has confirmed it")),
    ),
)

_SITE: Final = Group(
    "site",
    _("The site"),
    (
        Option(
            "region", _("Region"), _("Told to programs."), told="metaData/region", choices=_values(*RegionType.values)
        ),
        Option(
            "currency",
            _("Currency"),
            _("Told to programs."),
            told="metaData/currency",
            choices=_values(*CurrencyType.values),
        ),
        Option(
            "brand_names",
            _("Further names of the site"),
            _("One in a line. Told to programs; passwords may not hold them."),
            told="metaData/brandName",
        ),
        Option(
            "mail_sender",
            _("Address that mails come from"),
            _("Empty: that of the server. The mail server must let this address send."),
            wrong=_("Please give an e-mail address."),
        ),
        Option(
            "mail_sender_name",
            _("Name that mails come from"),
            _("Empty: the name of the site."),
        ),
        Option("classic_events", _("The site has events"), _("Otherwise programs that ask for events are refused.")),
        Option(
            "history_days",
            _("Days after which past sessions are forgotten"),
            _("With everything known of the people in them. Empty: never. Programs see the last 90 days in any case."),
        ),
        Option(
            "support_queues",
            _("Queues of the support service"),
            _("One in a line; after a semicolon AGENT or MANAGER, if it is not for both."),
            told="supportedServices/supportCenter/webACD",
            rows=Rows(_write_queues, _read_queues),
        ),
    ),
)

_TELEPHONY: Final = Group(
    "telephony",
    _("Numbers for calling in"),
    (
        Option("telephony.toll_number", _("Number"), told="telephonyConfig/personalTeleconf"),
        Option("telephony.toll_free_number", _("Number that costs the caller nothing")),
        Option("telephony.intl_local_number", _("Local number abroad")),
        Option(
            "telephony.global_numbers",
            _("Numbers of other countries"),
            _("One in a line: the country, a semicolon, the number; after another semicolon toll-free where it is."),
            rows=Rows(_write_numbers, _read_numbers),
        ),
    ),
    _("Of your organisation's conference bridge. They are told to people and programs; nothing here answers a call."),
)

_PORTALS: Final = Group(
    "portals",
    _("Programs and portals"),
    (
        Option(
            "strict_requests",
            _("Refuse requests with unknown elements"),
            _("Otherwise they are passed over, as programs expect."),
        ),
        Option("url_api.offered", _("Portals may use links and forms (the URL API)"), told="supportAPI/aspAndPHPAPI"),
        Option("url_api.auto_login", _("Portals may sign people up, in and out"), told="supportAPI/autoLogin"),
        Option(
            "url_api.addresses",
            _("Addresses that people may be sent back to"),
            _("One in a line, with everything below it, such as https://portal.example.org/"),
            wrong=_("Please give addresses that begin with https:// and have neither ? nor #, at most 100."),
        ),
        Option(
            "url_api.partner_account",
            _("Account whose rights the partner ID gives"),
            _("The sign-in name of an administrator. Empty: the partner ID gives none."),
        ),
        Option(
            "notices.hosts",
            _("Hosts that may be told what happens in sessions"),
            _("One in a line, in small letters, with the port where it is not the usual one. Empty: nobody is told."),
            wrong=_("Please give names of hosts in small letters, such as portal.example.org:8443, at most 100."),
        ),
        Option(
            "meeting_place.mp_profile_url",
            _("Conference server: address of profiles"),
            told="meetingPlace",
            longest=LONGEST,
        ),
        Option(
            "meeting_place.mp_logout_url",
            _("Conference server: address for signing out"),
            told="meetingPlace",
            longest=LONGEST,
        ),
        Option(
            "meeting_place.mp_internal_meeting_link", _("Conference server: address of meetings"), told="meetingPlace"
        ),
        Option(
            "meeting_place.nbr_profile_number",
            _("Conference server: number of the recording profile"),
            told="meetingPlace",
            longest=LONGEST,
        ),
    ),
)

_LABS: Final = Group(
    "labs",
    _("Labs"),
    (
        Option("labs.offered", _("Hosts can reserve computers of labs"), told="tools/handsOnLab"),
        Option("labs.computers", _("Computers of a new lab")),
        Option("labs.max_labs", _("Labs at most"), told="tools/holMaxLabs", server=True),
        Option("labs.max_computers", _("Computers of all labs at most"), told="tools/holMaxComputers", server=True),
    ),
)

_SERVER: Final = Group(
    "server",
    _("Decided by whoever runs the server"),
    (
        Option("host_limit", _("Active hosts at most"), told="metaData/accountNumLimit", server=True),
        Option(
            "archive_storage_limit",
            _("Megabytes of recordings at most"),
            told="resourceRestrictions/archiveStorageLimit",
            server=True,
        ),
        Option(
            "my_web_ex.pro_hosts",
            _("Accounts with the extended own pages at most"),
            told="myWebExConfig/myWebExProMaxHosts",
            server=True,
        ),
        Option(
            "my_web_ex.extra_storage",
            _("Additional megabytes of all accounts at most"),
            told="myWebExConfig/addlStorage",
            server=True,
        ),
        Option(
            "my_web_ex.extra_computers",
            _("Remote computers of all accounts at most"),
            told="myWebExConfig/addlAccessAnyComputers",
            server=True,
        ),
        Option(
            "rate_limits.mode",
            _("Limits of calls in a minute"),
            names={"off": _("off"), "measured": _("measured only"), "enforced": _("enforced")},
            server=True,
        ),
        Option("rate_limits.user", _("Calls about accounts in a minute"), server=True),
        Option("rate_limits.meeting_write", _("Calls that change sessions in a minute"), server=True),
        Option("rate_limits.meeting_list", _("Calls that list sessions in a minute"), server=True),
        Option("notices.private_addresses", _("Hosts in private nets may be told, too"), server=True),
        Option("control_hub", _("Control Hub manages the site"), server=True),
        Option("openid.issuer", _("OpenID Connect: the issuer of access tokens"), server=True),
        Option("saml.entity_id", _("SAML: the identity provider"), told="samlSSO/enableSSO", server=True),
        Option("saml.refuse_passwords", _("SAML: the API refuses passwords"), server=True),
    ),
    _("They bound what the site may use, or reach into the server's own net. The command line changes them."),
)

#: What the page of options shows.
OPTIONS: Final = (
    _SESSIONS,
    _VISIBILITY,
    _SIZES,
    _ACCOUNTS,
    _SITE,
    _TELEPHONY,
    _PORTALS,
    _LABS,
    _SERVER,
)
