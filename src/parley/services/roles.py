"""Who may call which operation on what: one table for the whole API.

A row says for every kind of caller what comes of the call: `None`, it is carried out; a fault, it is refused with that.
An operation without a row cannot be registered. Before an operation runs, `Rights` (made from its row) refuses callers
for whom every call ends in a refusal; what depends on the target is decided in the operation, and a test calls all
operations as everybody and compares.

Sources: facts/user-site.md 2, 4, 5, 7, 8, facts/meeting-event.md 1 and 4, facts/general-session.md 1 and 2.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from parley.domain.user import Caller, User
from parley.protocol import faults
from parley.protocol.faults import Kind


class Role(StrEnum):
    """The kinds of callers, in the order of the columns."""

    NOBODY = "nobody signed in"
    ATTENDEE = "attendee-only account"
    HOST_OWN = "host, on his own"
    HOST_OTHER = "host, on another's"
    DELEGATE = "delegate of the host"
    READ_ONLY = "read-only administrator"
    ADMIN = "administrator"
    FOREIGN = "administrator of another site"


class Target(StrEnum):
    """What an operation is called on, and so what "own" means in its row."""

    NOTHING = "the site, or the caller himself"
    SESSION = "a session, or the sessions of a host"
    ACCOUNT = "an account"
    RECORD = "a list, customer account, opportunity or recording that one host keeps"


class Access(StrEnum):
    """The row in one word, for lists."""

    ANYONE = "anyone, with or without an account"
    USER = "any account of the site, attendee-only accounts too"
    HOST = "accounts that may hold meetings"
    ADMIN = "site administrators"
    LAB_ADMIN = "site administrators, and accounts with the privilege labAdmin"


Outcome = Kind | None

_SIGN_IN: Final = faults.NO_SECURITY_CONTEXT
_DENIED: Final = faults.ACCESS_DENIED
#: Accounts of another site are unknown here, whatever is asked for.
_FOREIGN: Final = faults.UNKNOWN_USER


class Row(NamedTuple):
    """One operation's row; the fields are the roles in their order.

    Attributes:
        attendee: on what is the caller's own: his account, a session to which he is invited.
        read_only, admin: as administrator, on what belongs to a host: for own sessions an administrator who is a host
            counts as one.
        proof_inside: the body may hold what proves the caller, so callers without proof reach the operation.
        renews_password: callers whose password must be changed or has expired reach the operation, which sees to it
            that they do nothing but change it.
        lab_admin: of hosts those with the privilege labAdmin may call it too; the operation looks who has it.
    """

    target: Target
    nobody: Outcome
    attendee: Outcome
    own: Outcome
    other: Outcome
    delegate: Outcome
    read_only: Outcome
    admin: Outcome
    foreign: Outcome = _FOREIGN
    proof_inside: bool = False
    renews_password: bool = False
    lab_admin: bool = False

    def outcome(self, role: Role) -> Outcome:
        """What comes of a call by this kind of caller."""
        found: Outcome = getattr(self, _FIELDS[role])
        return found

    @property
    def access(self) -> Access:
        """The row in one word."""
        if self.nobody is None:
            return Access.ANYONE
        if self.attendee is None:
            return Access.USER
        if self.lab_admin:
            return Access.LAB_ADMIN
        return Access.HOST if None in (self.own, self.other, self.delegate) else Access.ADMIN


_FIELDS: Final = dict(zip(Role, Row._fields[1:], strict=False))


class Rights:
    """What can be decided of a row before the operation runs.

    Attributes:
        nobody: callers without an account reach the operation.
        renews_password: callers whose password must be changed reach it too.
    """

    __slots__ = ("_admin", "_attendee", "_host", "_lab_admin", "_read_only", "nobody", "renews_password")

    def __init__(self, row: Row) -> None:
        # Anonymous callers of an operation that answers them with a fault of its own reach it too.
        self.nobody = row.proof_inside or row.nobody is not _SIGN_IN
        self.renews_password = row.renews_password
        self._attendee = row.attendee is None
        self._host = None in (row.own, row.other, row.delegate)
        self._read_only = row.read_only is None
        self._admin = row.admin is None
        self._lab_admin = row.lab_admin

    def admit(self, caller: Caller | User) -> bool:
        """Whether a proven caller may reach the operation."""
        if self._attendee:
            return True
        if caller.attendee_only:
            return False
        if self._lab_admin:
            return True
        return (
            (self._host and caller.host)
            or (self._admin and caller.site_admin)
            or (self._read_only and caller.ro_site_admin)
        )


def _row(
    target: Target,
    *,
    nobody: Outcome = _SIGN_IN,
    attendee: Outcome = None,
    own: Outcome = None,
    other: Outcome = None,
    delegate: Outcome = None,
    read_only: Outcome = None,
    admin: Outcome = None,
) -> Row:
    return Row(target, nobody, attendee, own, other, delegate, read_only, admin)


#: Answered to whoever asks.
_ANYONE: Final = _row(Target.NOTHING, nobody=None)
#: The same for every account of the site, or about the caller himself.
_SIGNED_IN: Final = _row(Target.NOTHING)
#: About one account: the own one, for administrators any.
_READS_ACCOUNT: Final = _row(Target.ACCOUNT, other=_DENIED, delegate=_DENIED)
_CHANGES_ACCOUNT: Final = _row(Target.ACCOUNT, other=_DENIED, delegate=_DENIED, read_only=_DENIED)
#: The administrators' own: reading for both kinds, changing for one.
_ADMINISTERS: Final = _row(
    Target.ACCOUNT, attendee=_DENIED, own=_DENIED, other=_DENIED, delegate=_DENIED, read_only=_DENIED
)
_LOOKS_OVER: Final = _ADMINISTERS._replace(read_only=None)
#: What belongs to a host's own account.
_HOSTS_ONLY: Final = _row(Target.NOTHING, attendee=_DENIED, read_only=_DENIED)
#: A session: whoever holds or scheduled it. That somebody is administrator gives no right to sessions of others.
_OWN_SESSION: Final = _row(
    Target.SESSION, attendee=_DENIED, other=_DENIED, delegate=_DENIED, read_only=_DENIED, admin=_DENIED
)
#: And whoever may schedule for the host.
_EDITS_SESSION: Final = _OWN_SESSION._replace(delegate=None)
#: Sessions of a host who is named: his own, for administrators those of all.
_LISTS_SESSIONS: Final = _row(Target.SESSION, other=_DENIED, delegate=_DENIED)
_SCHEDULES: Final = _EDITS_SESSION._replace(other=faults.NOT_A_DELEGATE, admin=faults.NOT_A_DELEGATE)
#: What belongs to one host of the sales service, and may be seen by all who use it.
_OWN_RECORD: Final = _row(Target.RECORD, attendee=_DENIED, other=_DENIED, delegate=_DENIED, read_only=_DENIED)
_SEES_LABS: Final = _row(Target.NOTHING, attendee=_DENIED)
_KEEPS_LABS: Final = _ADMINISTERS._replace(target=Target.NOTHING, lab_admin=True)
#: A recording: the own ones, for administrators all; what another host has nobody finds out.
_SEES_RECORDING: Final = _row(
    Target.RECORD, attendee=_DENIED, other=faults.NOTHING_FOUND, delegate=faults.NOTHING_FOUND
)
_KEEPS_RECORDING: Final = _SEES_RECORDING._replace(read_only=_DENIED)
#: The own trash, whoever one is.
_OWN_TRASH: Final = _KEEPS_RECORDING._replace(admin=faults.NOTHING_FOUND)
#: What happened at sessions: the own ones, for administrators those of all hosts.
_LOOKS_BACK: Final = _row(Target.NOTHING, attendee=_DENIED)
#: One-click settings: the own ones, for administrators those of any account.
_ONE_CLICK: Final = _row(Target.ACCOUNT, attendee=_DENIED, other=_DENIED, delegate=_DENIED)

TABLE: Final[dict[str, Row]] = {
    # general sessions
    "GetAPIVersion": _ANYONE,
    "LstsummarySession": _LISTS_SESSIONS._replace(nobody=faults.NOTHING_FOUND),  # since 40.2
    "GetSessionInfo": _row(Target.SESSION, nobody=None),  # how much is told depends on who asks
    "GetJoinSessionInfo": _row(Target.SESSION, nobody=None),  # by the password
    "DelSession": _EDITS_SESSION,
    "LstOpenSession": _SIGNED_IN._replace(nobody=faults.NOTHING_FOUND),
    "LstCalendarSession": _ANYONE,
    "DetectSessionByCallback": _LOOKS_OVER._replace(target=Target.NOTHING),
    # recordings
    "LstRecording": _LISTS_SESSIONS._replace(attendee=_DENIED),
    "GetRecordingInfo": _SEES_RECORDING,
    "SetRecordingInfo": _KEEPS_RECORDING,
    "DelRecording": _KEEPS_RECORDING,
    "LstRecordingInRecycleBin": _HOSTS_ONLY,
    "RecoverRecordingFromRecycleBin": _OWN_TRASH,
    "DelRecordingFromRecycleBin": _HOSTS_ONLY,
    # meetings
    "CreateMeeting": _SCHEDULES,
    "SetMeeting": _EDITS_SESSION,
    "DelMeeting": _EDITS_SESSION,
    "GetMeeting": _OWN_SESSION,
    "LstsummaryMeeting": _LISTS_SESSIONS,
    "LstMeeting": _SIGNED_IN,  # names no host: everybody gets his own list
    "GethosturlMeeting": _EDITS_SESSION,
    "GetjoinurlMeeting": _row(Target.SESSION),
    # events
    "CreateEvent": _SCHEDULES,
    "SetEvent": _EDITS_SESSION,
    "GetEvent": _OWN_SESSION,
    "DelEvent": _EDITS_SESSION,
    "LstsummaryEvent": _LISTS_SESSIONS,
    "LstrecordedEvent": _LISTS_SESSIONS,
    "LstsummaryProgram": _SIGNED_IN,
    "SendInvitationEmail": _EDITS_SESSION,
    "UploadEventImage": _EDITS_SESSION,
    # audio-only sessions
    "CreateTeleconferenceSession": _SCHEDULES,
    "SetTeleconferenceSession": _EDITS_SESSION,
    "GetTeleconferenceSession": _OWN_SESSION,
    # support sessions
    "CreateSupportSession": _HOSTS_ONLY,
    # trainings
    "CreateTrainingSession": _SCHEDULES,
    "SetTrainingSession": _EDITS_SESSION,
    "GetTrainingSession": _OWN_SESSION,
    "DelTrainingSession": _EDITS_SESSION,
    "LstsummaryTrainingSession": _LISTS_SESSIONS,
    "LstTrainingSession": _SIGNED_IN,  # names no host: everybody gets his own list
    # tests of trainings: libraries are of one host, or the site's; of others' own tests nobody finds out anything
    "LstLibTests": _HOSTS_ONLY,
    "UploadIMStest": _HOSTS_ONLY,
    "CopyLibTests": _HOSTS_ONLY,
    "SetIMStest": _OWN_RECORD,  # administrators: of the site's library
    "DelLibTests": _OWN_RECORD,
    "AddScheduledTest": _EDITS_SESSION,
    "SetScheduledTest": _EDITS_SESSION,
    "DelScheduledTest": _EDITS_SESSION,
    "LstScheduledTests": _EDITS_SESSION,
    "GetTestInformation": _EDITS_SESSION,
    "GetIMStestDetails": _EDITS_SESSION,
    "GetIMStestResult": _EDITS_SESSION,
    # labs of the site
    "GetLabInfo": _SEES_LABS,
    "CheckLabAvailability": _SEES_LABS,
    "GetLabSchedule": _SEES_LABS,
    "ReserveLab": _HOSTS_ONLY,
    "CreateLab": _KEEPS_LABS,
    "SetLab": _KEEPS_LABS,
    "DelLab": _KEEPS_LABS,
    "GetSetupComputerURL": _KEEPS_LABS,
    # sales
    "CreateSalesSession": _SCHEDULES,
    "SetSalesSession": _EDITS_SESSION,
    "GetSalesSession": _OWN_SESSION,
    "DelSalesSession": _EDITS_SESSION,
    "LstsummarySalesSession": _LISTS_SESSIONS,
    "CreateAccount": _HOSTS_ONLY,
    "SetAccount": _OWN_RECORD,
    "LstAccounts": _row(Target.NOTHING, attendee=_DENIED),
    "CreateOpportunity": _HOSTS_ONLY,
    "SetOpportunity": _OWN_RECORD,
    "LstOpportunities": _row(Target.NOTHING, attendee=_DENIED),
    "LstProducts": _row(Target.NOTHING, attendee=_DENIED),
    "AddProducts": _ADMINISTERS._replace(target=Target.NOTHING),
    "SetProducts": _ADMINISTERS._replace(target=Target.NOTHING),
    # address books: nobody finds out what another host keeps, whoever he is
    "CreateContacts": _HOSTS_ONLY,
    "LstContact": _row(
        Target.ACCOUNT, attendee=_DENIED, other=_DENIED, delegate=_DENIED, read_only=_DENIED, admin=_DENIED
    ),
    "CreateDistList": _HOSTS_ONLY,
    "SetDistList": _OWN_RECORD._replace(
        other=faults.NOTHING_FOUND, delegate=faults.NOTHING_FOUND, admin=faults.NOTHING_FOUND
    ),
    "LstDistList": _row(Target.ACCOUNT, attendee=_DENIED, read_only=_DENIED),  # lists of others by name, no people
    # one-click meetings
    "GetOneClickSettings": _ONE_CLICK,
    "SetOneClickSettings": _ONE_CLICK._replace(read_only=_DENIED),
    "SetupOneClickSettings": _HOSTS_ONLY,
    # attendees: whoever may change a session, may change its list; administrators may read it
    "CreateMeetingAttendee": _EDITS_SESSION,
    "RegisterMeetingAttendee": _EDITS_SESSION,
    "DelMeetingAttendee": _EDITS_SESSION,
    "LstMeetingAttendee": _EDITS_SESSION._replace(read_only=None, admin=None),
    "GetEnrollmentInfo": _EDITS_SESSION._replace(read_only=None, admin=None),
    "GetFeedbackInfo": _EDITS_SESSION._replace(read_only=None, admin=None),
    # what happened: a host finds the own sessions whatever host he names, administrators those of all
    "LstmeetingusageHistory": _LOOKS_BACK,
    "LstmeetingattendeeHistory": _LOOKS_BACK,
    "LsttrainingsessionHistory": _LOOKS_BACK,
    "LsttrainingattendeeHistory": _LOOKS_BACK,
    "LsteventsessionHistory": _LOOKS_BACK,
    "LsteventattendeeHistory": _LOOKS_BACK,
    "LstsupportsessionHistory": _LOOKS_BACK,
    "LstsupportattendeeHistory": _LOOKS_BACK,
    "LstsalesSessionHistory": _LOOKS_BACK,
    "LstsalesAttendeeHistory": _LOOKS_BACK,
    "LstEventSessionPreliminaryHistory": _LOOKS_BACK,
    "LstEventAttendeePreliminaryHistory": _LOOKS_BACK,
    "LstrecordaccessHistory": _LOOKS_BACK,
    "LstrecordaccessDetailHistory": _SEES_RECORDING,
    # session types
    "LstMeetingType": _SIGNED_IN,
    "GetMeetingType": _SIGNED_IN,
    # the site
    "GetSite": _SIGNED_IN,
    "SetSite": _ADMINISTERS._replace(target=Target.NOTHING),
    "LstTimeZone": _SIGNED_IN,
    "GetWebACDQueues": _LOOKS_OVER._replace(target=Target.NOTHING),
    # accounts
    "CreateUser": _ADMINISTERS._replace(target=Target.NOTHING),
    "SetUser": _CHANGES_ACCOUNT._replace(renews_password=True),
    "GetUser": _READS_ACCOUNT,
    "DelUser": _ADMINISTERS,
    "LstUser": _LOOKS_OVER._replace(target=Target.NOTHING),
    "LstsummaryUser": _LOOKS_OVER._replace(target=Target.NOTHING),
    "ActivateUser": _ADMINISTERS,
    "InactivateUser": _ADMINISTERS,
    "GetUserCard": _row(Target.ACCOUNT, nobody=None),
    "UploadPMRImage": _HOSTS_ONLY,
    "DelSessionTemplates": _HOSTS_ONLY,
    "AssignWebACDQueues": _ADMINISTERS,
    "AssignWebACDAgents": _ADMINISTERS,
    # signing in
    "AuthenticateUser": _SIGNED_IN._replace(proof_inside=True),  # by accessToken or samlResponse
    "GetLoginTicket": _SIGNED_IN,
    "GetloginurlUser": _CHANGES_ACCOUNT,
    "GetlogouturlUser": _READS_ACCOUNT,
}


class NoRow(Exception):
    """An operation is not in the table: a defect found at import."""


def row_of(operation: str) -> Row:
    """The row of an operation.

    Raises:
        NoRow: there is none.
    """
    try:
        return TABLE[operation]
    except KeyError:
        raise NoRow(f"{operation}: say in services/roles.py who may call it") from None
