"""All that a session can be told beyond name and time: which element of the contract, and what the form says of it.

One table for all kinds of sessions. A row is on the form of every kind whose contract has its element, so that what
two kinds share is said once; what a form composes of several elements (time, repetition, people) has no row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from parley.contract.event import EventType
from parley.domain.registration import ALWAYS_ASKED
from parley.protocol.declare import Element, Record
from parley.web.console.fields import Kind
from parley.web.registration import LABELS

#: What a field of several lines can hold: as much as the longest texts that operations take.
LONGEST_TEXT: Final = 10_000
#: What is taken of a value of these forms, so that what is too long is seen to be.
LONGEST_VALUE: Final = LONGEST_TEXT + 1


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


@dataclass(frozen=True, slots=True)
class Row:
    """One field and the element that it is about.

    Attributes:
        path: fields of the contract's records, from the request on.
        name: of the form's field; without one it is made of the path.
        kind: of the form's field; without one it follows from the element. `asked` is a field of a registration form,
            whose element says whether it is shown and whether it has to be filled in.
        words: for each value of an element that has a list of them.
        longest: characters, where that is less than what the contract allows.
        fallback: what is sent for an emptied field; None: nothing, so that what was there stays.
        required: it cannot be empty.
    """

    path: str
    label: str
    name: str = ""
    kind: Kind | Literal["asked"] | None = None
    hint: str = ""
    words: tuple[tuple[str, str], ...] = ()
    longest: int = 0
    least: str = "0"
    most: str = ""
    fallback: str | None = ""
    required: bool = False

    @property
    def field(self) -> str:
        """The name of its field."""
        return self.name or self.path.replace(".", "_").upper()


def element_at(cls: type[Record], path: str) -> Element | None:
    """The element that a path leads to; None where the contract does not have it."""
    first, _dot, rest = path.partition(".")
    found = next((each for each in cls.__declaration__.elements if each.attribute == first), None)
    if found is None or not rest:
        return found
    return element_at(found.record, rest) if found.kind == "record" and not found.is_list else None


def xml_path(cls: type[Record], path: str) -> str:
    """A path as faults name it."""
    first, _dot, rest = path.partition(".")
    found = next(each for each in cls.__declaration__.elements if each.attribute == first)
    return f"{found.name}/{xml_path(found.record, rest)}" if rest else found.name


# ---- words for values --------------------------------------------------------------------------------------------

_TONES: Final = (("NOTONE", _("Nothing")), ("BEEP", _("A tone")), ("ANNOUNCENAME", _("The name is spoken")))
_TELEPHONY: Final = (
    ("NONE", _("No telephone")),
    ("CALLIN", _("People call in")),
    ("CALLBACK", _("People are called back")),
    ("OTHER", _("Another service")),
)
_CODE_ORDERS: Final = (("SUBSCRIBER_1ST", _("The host's first")), ("PARTICIPANT_1ST", _("The participants' first")))
_ASSISTANCE: Final = (
    ("None", _("None")),
    ("Dry Run", _("A rehearsal")),
    ("Consult", _("Advice")),
    ("Live Event Support", _("Somebody at hand during it")),
    ("Audio Streaming", _("Sending the sound")),
    ("Video", _("Video")),
)
_CONFIRMED: Final = (("Pending", _("Not answered")), ("Confirmed", _("Confirmed")), ("Cancelled", _("Cancelled")))
_VIEWERS: Final = (("ALL", _("Everybody")), ("HOST,PRESENTER,PANELISTS", _("Host, presenters and panelists")))
_SURVEYS: Final = (
    ("NO_DISPLAY", _("No survey")),
    ("POPUP_WINDOW", _("In a window of its own")),
    ("MAIN_WINDOW", _("In the window of the event")),
)
_FORMATS: Final = (("TEXT", _("Plain text")), ("HTML", _("HTML")))
_ASSIGNED: Final = (("AUTO", _("By the server")), ("MANUAL", _("By the host")))
#: When people are reminded (sess:reminderDatetimeType).
REMINDED: Final = (
    ("15MIN", _("15 minutes before")),
    ("30MIN", _("30 minutes before")),
    ("1HR", _("An hour before")),
    ("2HR", _("2 hours before")),
    ("24HR", _("A day before")),
    ("2DAY", _("2 days before")),
    ("7DAY", _("A week before")),
    ("14DAY", _("Two weeks before")),
)
#: Whether a registration form has a field.
ASKED: Final = (("", _("Not asked")), ("ASK", _("Asked")), ("MUST", _("Has to be filled in")))
_SECONDS: Final = (
    ("0", _("When the host starts it")),
    ("300", _("5 minutes before")),
    ("900", _("15 minutes before")),
    ("1800", _("30 minutes before")),
    ("3600", _("An hour before")),
)

# ---- the rows ----------------------------------------------------------------------------------------------------

#: What stands first on every form; composed fields come between them.
FIRST: Final = (
    Row("meta_data.conf_name", _("Name"), "NAME", required=True, longest=512, fallback=None),
    Row("meta_data.session_name", _("Name"), "NAME", required=True, longest=512, fallback=None),
    Row(
        "schedule.duration", _("Length in minutes"), "DURATION", required=True, least="1", most="999999", fallback=None
    ),
    Row("access_control.meeting_password", _("Password"), "PASSWORD", longest=16, fallback=None),
    Row("access_control.session_password", _("Password"), "PASSWORD", longest=16, fallback=None),
)

#: What is folded away, but not far.
MORE: Final = (
    Row("meta_data.agenda", _("Agenda"), "AGENDA", "lines", longest=2500),
    Row("meta_data.description", _("Description"), "DESCRIPTION", "lines"),
    Row("schedule.open_time", _("People may come in"), "OPEN", "list", words=_SECONDS),
    Row("schedule.open_time_enabled", _("People may come in before the host"), "OPEN_EARLY"),
    Row(
        "attendee_options.participant_limit",
        _("Seats for people who register"),
        "SEATS",
        hint=_("Empty or 0: no limit"),
    ),
    Row("attendee_options.join_requires_account", _("Only people with an account may join"), "ACCOUNT"),
    Row("attendee_options.require_account", _("Only people with an account may join"), "ACCOUNT"),
    Row("attendee_options.exclude_password", _("Leave the password out of invitations"), "KEEP"),
    Row("meta_data.account", _("Customer"), "CUSTOMER", longest=128),
    Row("meta_data.opportunity", _("Opportunity"), "OPPORTUNITY", longest=128),
)

_MAIL_HINT: Final = _("Empty: the usual text")
#: The mails of an event, each with its heading, and what can be said of a mail.
_MAILS: Final = (
    ("invitation_msgs.participants_email", _("Mail: invitation of attendees")),
    ("invitation_msgs.panelists_email", _("Mail: invitation of panelists")),
    ("enrollment_msgs.pending_email", _("Mail: a registration waits")),
    ("enrollment_msgs.accepted_email", _("Mail: a registration is approved")),
    ("enrollment_msgs.rejected_email", _("Mail: a registration is rejected")),
    ("enrollment_msgs.event_updated_email", _("Mail: the event changed")),
    ("reminder_msgs.first_reminder", _("Mail: first reminder")),
    ("reminder_msgs.second_reminder", _("Mail: second reminder")),
    ("follow_up_msgs.thanks_for_attending", _("Mail: thanks for coming")),
    ("follow_up_msgs.absentee_follow_up", _("Mail: to those who did not come")),
)


def _mail_rows(mail: str) -> tuple[Row, ...]:
    """What the contract can say of a mail: of some not whether, of others not when it is sent."""
    start, short = f"email_templates.{mail}.", mail.partition(".")[2].upper()
    rows = (
        Row(f"{start}send", _("Send this mail"), f"{short}_SEND"),
        Row(f"{start}send_date_time", _("When"), f"{short}_TIME", kind="datetime-local"),
        Row(f"{start}subject", _("Subject"), f"{short}_SUBJECT"),
        Row(f"{start}from_", _("Sender"), f"{short}_FROM"),
        Row(f"{start}reply_to", _("Answers go to"), f"{short}_REPLY"),
        Row(f"{start}content", _("Text"), f"{short}_TEXT", kind="lines", hint=_MAIL_HINT),
    )
    return tuple(each for each in rows if element_at(EventType, each.path) is not None)


#: The standard fields of a registration form as its host reads of them, by their names in the rules of registration.
#: No form of an event asks for a fax number.
STANDARD_LABELS: Final = {
    **{name: label for name, label in LABELS.items() if name != "fax"},
    "future_info": _("May we write to you later?"),
}


def _asked_rows() -> tuple[Row, ...]:
    """The standard fields that a form may ask for or not."""
    path = "enrollment_form.standard_fields"
    return tuple(
        Row(f"{path}.{name}", label, f"ASK_{name}".upper(), "asked")
        for name, label in STANDARD_LABELS.items()
        if name not in ALWAYS_ASKED
    )


#: The heading of what a registration form asks for; the host's own questions come after it.
FORM_HEADING: Final = _("What the registration form asks")
#: All the rest, under headings. What can be done in a session has a table of its own (`session_options`).
GROUPS: Final[dict[str, tuple[Row, ...]]] = {
    _("Registration"): (
        Row("enrollment.password_req", _("Registering needs a password")),
        Row("enrollment.password", _("Password for registering"), longest=16),
        Row("enrollment.id_req", _("People join with their registration number")),
        Row("ext_options.enrollment_number", _("Registrations expected"), hint=_("No more than these are taken")),
        Row("ext_options.participant_limit", _("Seats"), hint=_("Empty or 0: no limit")),
        Row("enrollment.end_url_after_enroll", _("Address that people see after they registered"), longest=128),
        Row("ext_options.allow_invite_friend", _("People may invite others")),
        Row("attendee_options.registration_pwd", _("Password for registering"), longest=64),
        Row("attendee_options.max_registrations", _("Most registrations"), hint=_("Others go on the waiting list")),
        Row("attendee_options.registration_close_date", _("Registration ends"), kind="datetime-local"),
    ),
    FORM_HEADING: _asked_rows(),
    _("Panelists"): (
        Row("panelists.panelist_password", _("Password of the panelists"), longest=64),
        Row("panelists.panelists_info", _("What is told of the panelists"), kind="lines"),
    ),
    _("Laboratory"): (
        Row("hands_on_lab.reserve_hol", _("Reserve computers of a laboratory")),
        Row("hands_on_lab.lab_name", _("Laboratory"), "LAB", longest=256),
        Row("hands_on_lab.num_computers", _("Computers")),
    ),
    _("Groups"): (
        Row("pre_assign_breakout.enable", _("Groups are set up beforehand")),
        Row("pre_assign_breakout.attendee_assign", _("Who puts people into groups"), words=_ASSIGNED),
        Row("pre_assign_breakout.num_sessions", _("Number of groups")),
        Row("pre_assign_breakout.attendees_per_sess", _("People in each group")),
    ),
    _("Texts"): (
        Row("meta_data.greeting", _("Greeting"), kind="lines"),
        Row("meta_data.enable_greeting", _("Show the greeting")),
        Row("meta_data.location", _("Place"), longest=256),
        Row("meta_data.invitation", _("Text of the invitation"), kind="lines"),
    ),
    _("Joining"): (
        Row("access_control.enforce_password", _("The password has to meet the site's rules")),
        Row("meta_data.is_internal", _("For people of the site only")),
        Row("participants.max_user_number", _("People expected")),
        Row("attendees.max_user_number", _("Attendees expected")),
        Row("presenters.max_user_number", _("Presenters expected")),
        Row("attendee_options.request", _("People may ask for an invitation")),
        Row("schedule.join_teleconf_before_host", _("Sound before the host comes")),
        Row("schedule.first_attendee_as_presenter", _("Whoever comes first presents")),
        Row("ext_options.view_attendee_list", _("Who sees the list of attendees"), words=_VIEWERS),
        Row("ext_options.voip", _("Sound over the internet")),
        Row("ext_options.display_quick_start_host", _("Quick start for the host")),
        Row("attendee_options.require_ucf_diagnosis", _("Check the players of films before joining")),
        Row("attendee_options.auto_lock", _("Lock by itself")),
        Row("attendee_options.auto_lock_wait_time", _("Lock after so many minutes")),
        Row("attendee_options.external_attendee_security", _("People from elsewhere when it is locked")),
    ),
    _("Afterwards and elsewhere"): (
        Row("meta_data.post_event_survey.display", _("Survey after the event"), words=_SURVEYS),
        Row("ext_options.destination_url", _("Address that people see after the end")),
        Row("schedule.destination_url", _("Address that people see after the end"), longest=128),
        Row("schedule.join_notify_url", _("Address that is told of everybody who joins"), longest=512),
        Row("schedule.ext_url", _("Address that is told before the start"), longest=512),
        Row("schedule.ext_notify_time", _("So many minutes before the start")),
        Row("schedule.send_schedule_email", _("Mail me when it is scheduled")),
        Row("meta_data.ext_system_id", _("Number of the outside system")),
        Row("meta_data.int_account_id", _("Number of the customer")),
        Row("meta_data.int_oppty_id", _("Number of the opportunity")),
        Row("schedule.template_file_path", _("File of the template")),
        Row("schedule.show_file_path", _("File that is shown")),
        Row("schedule.show_file_start_mode", _("Show the file from the start")),
        Row("schedule.show_file_cont_play_flag", _("Show the file again and again")),
        Row("schedule.show_file_interval", _("Seconds for each page of the file")),
    ),
    _("Telephone"): (
        Row("telephony.telephony_support", _("By telephone"), words=_TELEPHONY),
        Row("telephony.num_phone_lines", _("Telephone lines")),
        Row("telephony.intl_local_call_in", _("Numbers of other countries")),
        Row("telephony.toll_free", _("Toll-free numbers")),
        Row("telephony.is_mp_audio", _("One number for all of the site")),
        Row("telephony.mute_upon_entry", _("People come in muted")),
        Row("telephony.broadcast_audio_stream", _("Sound as a broadcast")),
        Row("telephony.ext_telephony_url", _("Address of the other service")),
        Row("telephony.ext_telephony_description", _("How people call in"), kind="lines"),
        Row("telephony.teleconf_location", _("Where the conference is held"), longest=256),
        Row("telephony.personal_account_index", _("Which of my conference numbers")),
        Row("telephony.enable_tsp", _("My account with a telephone company")),
        Row("telephony.tsp_account_index", _("Which of those accounts")),
        Row("telephony.tsp_access_code_order", _("Order of the access codes"), words=_CODE_ORDERS),
        Row("telephony.tsp_conference.toll_call_in_number", _("Company's number")),
        Row("telephony.tsp_conference.toll_free_call_in_number", _("Company's toll-free number")),
        Row("telephony.tsp_conference.subscriber_access_code", _("Host's access code")),
        Row("telephony.tsp_conference.participant_access_code", _("Participants' access code")),
        Row("telephony.call_in_num.toll_num", _("Call-in number")),
        Row("telephony.call_in_num.toll_free_num", _("Toll-free call-in number")),
        Row("telephony.call_in_num.intl_local_num", _("Call-in numbers of other countries")),
        Row("teleconference.request_conference_number", _("New access codes")),
        Row("teleconference.account_index", _("Which of my conference numbers")),
        Row("teleconference.ext_telephony_description", _("How people call in"), kind="lines"),
        Row("teleconference.intl_local_call_in", _("Numbers of other countries")),
        Row("teleconference.teleconf_location", _("Where the conference is held"), longest=256),
        Row("schedule.entry_exit_tone", _("When somebody comes or goes"), words=_TONES),
    ),
    _("Reminders"): (
        Row("remind.emails.email", _("Remind these addresses"), kind="lines", hint=_("One on each line")),
        Row("remind.send_email", _("Remind by mail")),
        Row("remind.mobile", _("Mobile telephone")),
        Row("remind.send_mobile", _("Remind by text message")),
    ),
    _("Reminders of attendees"): (Row("remind.attendees.reminder_datetime", _("Attendees"), words=REMINDED),),
    _("Reminders of presenters"): (Row("remind.presenters.reminder_datetime", _("Presenters"), words=REMINDED),),
    _("Mails"): (
        Row("email_templates.format", _("Mails are written as"), words=_FORMATS),
        Row("email_templates.i_calendar", _("With a calendar file")),
    ),
    **{heading: _mail_rows(mail) for mail, heading in _MAILS},
    _("Assistance"): (
        Row("assist_service.assist_request", _("Ask for assistance"), words=_ASSISTANCE),
        Row("assist_service.assist_confirm", _("Answer"), words=_CONFIRMED),
        Row("pso_fields.pso_field1", _("For those who assist"), longest=128),
    ),
}

#: Elements that no form speaks of, and why. Whatever of them a session has stays as it is.
APART: Final = {
    "validate_format": "a form is checked anyway",
    "meta_data.session_template": "sessions are not made of templates",
    "meta_data.set_non_mt_options": "it tells the request how to read itself",
    "meta_data.default_highest_mt": "the form offers the session types by name",
    "telephony.call_in_num.global_num": "numbers of countries are the site's",
    "schedule.time_zone": "an older way to say the zone",
    "repeat.has_exception": "answers say it",
    "repeat.is_exception": "the page of an occurrence says it",
    "repeat.series_meeting_key": "the page of an occurrence says it",
}
