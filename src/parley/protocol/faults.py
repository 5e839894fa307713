"""The one catalogue of faults: code, reason, and when each is answered.

Every text that a client reads as the reason of a FAILURE stands here and nowhere else. Codes and reasons marked
`SEEN` were read in answers or documentation of the real service; `TEXT_CHOSEN` means that the code is known and its
wording is ours; `CHOSEN` means that the facts know no code for the case, so code and wording are ours
(docs/fidelity.md lists these).
Source: facts/exceptions.json, facts/protocol.md "Answer" and "Faults of the document", facts/holes.md (1).
"""

from __future__ import annotations

from enum import Enum
from typing import Final


class Mark(Enum):
    """How well a fault of the catalogue is known."""

    SEEN = "seen"
    TEXT_CHOSEN = "code known, wording chosen"
    CHOSEN = "code and wording chosen"


class SubError:
    """One of several faults reported together (`validateFormat`): code, reason and the value it concerns."""

    __slots__ = ("code", "reason", "value")

    def __init__(self, code: str, reason: str, value: str | None = None) -> None:
        self.code = code
        self.reason = reason
        self.value = value


class Fault(Exception):
    """A FAILURE answer: six-digit code, English reason, an optional value and further faults found with it."""

    def __init__(
        self,
        code: str,
        reason: str,
        value: str | None = None,
        sub_errors: tuple[SubError, ...] = (),
        *,
        module: bool = True,
    ) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason
        self.value = value
        self.sub_errors = sub_errors
        #: False for faults found before a service was reached: their answer declares serv and com only.
        self.module = module


class Kind:
    """A row of the catalogue. Calling it makes the fault; the named parameters fill the reason's placeholders."""

    __slots__ = ("code", "mark", "reaches_service", "reason", "when")

    def __init__(self, code: str, reason: str, when: str, mark: Mark, reaches_service: bool) -> None:
        self.code = code
        self.reason = reason
        self.when = when
        self.mark = mark
        self.reaches_service = reaches_service

    def __call__(self, *, value: str | None = None, **parameters: object) -> Fault:
        """Make the fault.

        Args:
            value: content of the answer's `value` element, if the fault has one.
            parameters: what the placeholders of the reason stand for.
        """
        reason = self.reason.format(**parameters) if parameters else self.reason
        return Fault(self.code, reason, value, module=self.reaches_service)

    def __repr__(self) -> str:
        return f"<{self.code} {self.reason}>"


CATALOGUE: Final[list[Kind]] = []


def _kind(code: str, reason: str, when: str, mark: Mark, *, reaches_service: bool = True) -> Kind:
    kind = Kind(code, reason, when, mark, reaches_service)
    CATALOGUE.append(kind)
    return kind


def _seen(code: str, reason: str, when: str) -> Kind:
    return _kind(code, reason, when, Mark.SEEN)


def _worded(code: str, reason: str, when: str) -> Kind:
    return _kind(code, reason, when, Mark.TEXT_CHOSEN)


def _chosen(code: str, reason: str, when: str, *, reaches_service: bool = True) -> Kind:
    return _kind(code, reason, when, Mark.CHOSEN, reaches_service=reaches_service)


# --- Chosen: the document itself ---------------------------------------------------------------------------------
# The facts know one fault for a document that reaches no service: 000000 "Fail to forward request:null". Documents
# that cannot be read, or that name nothing we serve, get that code with what is wrong in place of "null"; values of a
# readable document that do not fit get 999999, which the real service uses with free text (malformed dates).

MALFORMED_DOCUMENT = _chosen(
    "000000",
    "Fail to forward request: the document is not well-formed XML (line {line}, column {column}: {problem})",
    "the body is no well-formed XML document (an undeclared prefix is let pass)",
    reaches_service=False,
)
EMPTY_DOCUMENT = _chosen(
    "000000",
    "Fail to forward request: the request holds no XML document",
    "the body, or the form field XML, is empty",
    reaches_service=False,
)
FORBIDDEN_DOCTYPE = _chosen(
    "000000",
    "Fail to forward request: a document type declaration (DOCTYPE) is not allowed",
    "the document has a DTD, so it could define entities",
    reaches_service=False,
)
TOO_DEEP = _chosen(
    "000000",
    "Fail to forward request: elements are nested more than {limit} deep",
    "nesting beyond the limit",
    reaches_service=False,
)
TOO_LARGE = _chosen(
    "000000",
    "Fail to forward request: the document is larger than {limit} bytes",
    "the body is over the size limit (setting max_request_bytes)",
    reaches_service=False,
)
TOO_MANY_ELEMENTS = _chosen(
    "000000",
    "Fail to forward request: the document has more than {limit} elements",
    "more elements than any request of the API needs",
    reaches_service=False,
)
TOO_SLOW = _chosen(
    "000000",
    "Fail to forward request: the document did not arrive within {seconds:g} seconds",
    "the body takes longer than the limit (setting max_body_seconds)",
    reaches_service=False,
)
NOT_A_MESSAGE = _chosen(
    "000000",
    "Fail to forward request: the root element must be message, with body and bodyContent inside, but is {name}",
    "well-formed XML that is no message of the API",
    reaches_service=False,
)
NO_CONTENT = _chosen(
    "000000",
    "Fail to forward request: the message has no body/bodyContent element",
    "message without bodyContent",
    reaches_service=False,
)
TOO_MANY_CONTENTS = _chosen(
    "000000",
    "Fail to forward request: at most {limit} bodyContent elements are allowed in one message",
    "more requests in one message than the limit",
    reaches_service=False,
)
NO_OPERATION_NAMED = _chosen(
    "000000",
    "Fail to forward request: bodyContent must name its operation in the attribute xsi:type",
    "bodyContent without xsi:type",
    reaches_service=False,
)
UNKNOWN_OPERATION = _chosen(
    "000000",
    "Fail to forward request: the operation {name} is not known",
    "xsi:type names no operation that is served",
    reaches_service=False,
)
NO_SECURITY_CONTEXT = _chosen(
    "030002",
    "Incorrect user or password",
    "an operation that needs a user came without securityContext, without a user, or without password and ticket; "
    "answered like a wrong password, since clients know how to treat that",
)
INVALID_VALUE = _chosen(
    "999999",
    "{path}: {problem}",
    "a value has the wrong type, is out of range, too long, not among the allowed ones, or occurs too often",
)
UNKNOWN_ELEMENT = _chosen(
    "999999",
    "{path}: the element is not known here",
    "an element that the type does not have, on a site set to strict requests",
)
MISSING_ELEMENT = _chosen("999999", "{path}: a value is required", "an element without which the operation cannot work")
FORMAT_PROBLEMS = _chosen(
    "999999", "{count} problems were found, see subErrors", "several problems, reported together for validateFormat"
)
START_IN_PAST = _chosen(
    "009007",
    "schedule/startDate: this time has passed",
    "a new start lies in the past (009007 to 009009 are known for refused dates, which is which is not)",
)
START_TOO_LATE = _seen(
    "999999", "Date should not be later than 12/31/2050", "a start after the last day that is served"
)
INVALID_REPEAT = _chosen("999999", "repeat/{element}: {problem}", "a recurrence rule that cannot be followed")
WRONG_SESSION_PASSWORD = _chosen(
    "060026", "The meeting password is not correct", "GetjoinurlMeeting with a meetingPW that is not the meeting's"
)
WEAK_PASSWORD = _worded("019011", "{path}: {problems}", "a meeting password that does not meet the site's criteria")
SHORT_ACCOUNT_PASSWORD = _worded("030003", "{path}: {problems}", "an account password that is too short")
UNFIT_ACCOUNT_PASSWORD = _worded("030058", "{path}: {problems}", "an account password with characters that cannot be")
UNKNOWN_MEETING_TYPE = _chosen(
    "030025",
    "metaData/meetingType: the user may not hold meetings of type {meeting_type}",
    "a session type that the site or the host does not have (the nearest known code)",
)
PAGE_OUT_OF_RANGE = _chosen("999999", "listControl/startFrom: a whole number from 1 on is needed", "a negative start")
ATTENDEE_LIMIT = _chosen(
    "999999", "participants/attendees: at most {limit} attendees are allowed", "more invitees than the site allows"
)
EVENT_OVER = _chosen("999999", "The event is over", "SendInvitationEmail for an event that has ended")
UNKNOWN_PROGRAM = _chosen(
    "999999", "metaData/programID: there is no program {program_id}", "an event of a program that the caller cannot see"
)
UNKNOWN_TEST = _chosen(
    "999999",
    "testID: there is no test {test_id}",
    "a number that no test of the libraries, or of the session, has",
)
TEST_LIMIT = _chosen(
    "999999", "testID: at most {limit} tests are allowed", "more tests than a library, a session or a request may have"
)
UNKNOWN_LAB = _chosen("999999", "{path}: there is no lab {lab}", "a name or number that no lab of the site has")
LAB_FULL = _chosen(
    "999999",
    "numComputers: the lab {lab} has {free} free computers at this time",
    "more computers are wanted for a time than a lab has free",
)
LAB_IN_USE = _chosen("999999", "labID: computers of the lab are in use", "deleting a lab while somebody works in it")
LABS_OFF = _chosen("999999", "The site does not offer hands-on labs", "operations on labs on a site without them")
BUSY = _chosen("000035", "The service is busy, try again", "the store cannot take the request now (clients try again)")
INTERNAL = _worded("000029", "Internal error, reference {reference}", "a defect of ours; the log has the reference")

# --- Common ------------------------------------------------------------------------------------------------------

ACCESS_DENIED = _seen(
    "000001",
    "Access denied, additional privileges are required",
    "the caller lacks the right for the operation or for its target",
)
NOTHING_FOUND = _seen("000015", "Sorry, no record found", "a list matches nothing; a recording that is not there")
RATE_LIMIT = _seen("000045", "API Rate Limit Reach", "too many calls of one caller within a minute")
RANGE_OVER_TWO_WEEKS = _seen(
    "000018", "Date range cannot be over 14 days", "a preliminary history of more than the last 14 days"
)
RECORDINGS_RANGE = _chosen(
    "000018", "Date range cannot be over 28 days", "a list of recordings whose createTimeScope is wider than 28 days"
)
FILTER_NEEDED = _seen(
    "000047",
    "At least one filter by confID, confName, sessionKey, and startTimeScope must be provided",
    "a preliminary history of everything",
)
INVALID_DATE = _seen("999999", "Date format should be MM/dd/yyyy HH:mm:ss", "a date that cannot be read")

# --- Site --------------------------------------------------------------------------------------------------------
# Both texts are compared in full by a client; their codes are not known, 01xxxx is the group of the site.

UNKNOWN_SITE = _chosen("010001", "Failed to get SiteUrl from server", "siteName and siteID name no site")
INACTIVE_SITE = _chosen("010002", "The site is not active", "the site is switched off")
CLASSIC_EVENTS_OFF = _seen(
    "010106", "The classic Event has been disabled.", "operations on events on a site without the event service"
)
SITE_SUSPENDED = _seen("010107", "The site is suspended", "what a suspended site does not allow (42.5, 42.6)")

# --- Users and sign-in -------------------------------------------------------------------------------------------

UNKNOWN_USER = _seen("030001", "Corresponding User not found", "webExID or e-mail is not on the site")
WRONG_PASSWORD = _seen("030002", "Incorrect user or password", "the password is wrong")
ACCOUNT_EXPIRED = _worded("030007", "The account has expired", "sign-in after the account's expiration date")
ACCOUNT_NOT_ACTIVE = _worded("030008", "The account is not active", "sign-in to a deactivated or unconfirmed account")
ACCOUNT_VALUE_MISSING = _worded("030009", "{path}: a value is required", "a new account lacks a name, ID or address")
WEB_EX_ID_TAKEN = _worded(
    "030004", "The WebExID is already in use by this site", "a new or changed webExId that another account has"
)
EMAIL_TAKEN = _worded(
    "030005", "The email is already in use by this site", "a new or changed e-mail address that another account has"
)
INVALID_EMAIL = _worded("030062", "{path}: this is no e-mail address", "the e-mail address of an account is none")
HOST_LIMIT = _worded("030010", "The site has all the {limit} host accounts it may have", "one more host than allowed")
CALL_IN_NOT_ALLOWED = _worded(
    "030011", "The host may not use call-in teleconferencing", "telephonySupport CALLIN without the privilege"
)
PASSWORD_MUST_CHANGE = _worded(
    "030029", "The password must be changed before the account can be used", "sign-in with a forced change pending"
)
ACCOUNT_LOCKED = _worded("030030", "The account is locked", "sign-in to a locked account")
INVALID_TICKET = _seen("030047", "Not a valid session ticket", "a session ticket that is wrong, foreign or expired")
PASSWORD_EXPIRED = _worded(
    "030031", "The password has expired and must be changed", "sign-in with a password older than the site allows"
)
PASSWORD_REUSED = _worded(
    "030032",
    "The password must not be one of the last {count}",
    "a new password that the account had before, or a change that is due to the same one",
)
SCHEDULING_PERMISSION_UNKNOWN = _worded(
    "030019", "schedulingPermission: there is no user {person}", "schedulingPermission names somebody unknown"
)
UNKNOWN_MANAGER = _worded("030021", "There is no manager {manager}", "a manager of support agents who is unknown")
UNKNOWN_SESSION_TYPE = _worded(
    "030025",
    "meetingTypes/meetingType: the site has no session type {type_id}",
    "an account is to hold a session type that the site does not offer",
)
SESSION_TYPE_LIMIT = _worded(
    "110055",
    "meetingTypes/meetingType: no more users may hold the session type {name}",
    "one more account with a session type than the site allows",
)
MY_WEB_EX_PRO_LIMIT = _worded(
    "030015", "myWebEx/isMyWebExPro: the site allows {limit} such accounts", "one more account with it than allowed"
)
STORAGE_LIMIT = _worded(
    "030016",
    "myWebEx/additionalRecordingStorage: the site allows {limit} for all accounts together",
    "more additional storage than the site has",
)
COMPUTER_LIMIT = _worded(
    "030017",
    "myWebEx/myComputer: the site allows {limit} for all accounts together",
    "more computers than the site allows",
)
NOT_OFFERED = _worded(
    "010086", "privilege/{element}: the site does not offer this", "a personal room or hybrid audio on a site without"
)
PASSWORD_MISSING = _worded(
    "030055",
    "password: a new account needs a password",
    "a new account without password on a site that is strict about account passwords",
)
CONFERENCE_NUMBER_NEEDS_PRO = _worded(
    "030077",
    "personalTeleconf/account: only users with a session type PRO may have a personal conference number",
    "a personal conference number for an account without a session type PRO",
)
CET_NEEDS_AUDIO = _worded(
    "060048",
    "privilege/isEnableCET: the user needs the privilege for call-in, callback or other teleconferencing",
    "isEnableCET for an account without any privilege for teleconferences",
)
PROFILE_NUMBER_TAKEN = _worded(
    "030051", "mpProfileNumber: {number} is already in use by this site", "the profile number of another account"
)
TSP_DEFAULTS = _worded(
    "030014", "tspAccount: only one account can be the default", "more than one defaultFlag among tspAccount"
)
TSP_INDEX = _worded("030018", "tspAccount: accountIndex must be 1, 2 or 3", "a tspAccount with another accountIndex")
SERVICE_DESK_OF_ATTENDEE = _worded(
    "030045",
    "An attendee-only account cannot use supportCenter/serviceDesk",
    "attendeeOnly together with supportCenter/serviceDesk",
)
NO_ONE_CLICK = _worded(
    "030037",
    "The user {user} may not hold one-click meetings",
    "one-click settings of an account that holds no sessions",
)
RESET_AND_PASSWORD = _worded(
    "030053", "security/resetPassword: a password cannot be set and reset at once", "password beside resetPassword"
)
FORCED_CHANGE_PENDING = _worded(
    "030057",
    "security/forceChangePassword: the password has to be changed first",
    "forceChangePassword false, without another password, while a change is pending",
)
UNKNOWN_LANGUAGE = _worded("030060", "{path}: this language is not known", "a languageID or language that is none")
INVALID_PIN = _chosen(
    "999999",
    "{path}: a valid PIN is required: {digits} digits, neither one repeated nor a simple sequence",
    "a PIN that can be guessed, or a personal conference number without one",
)
ROLE_NOT_ASSIGNABLE = _seen(
    "030103",
    "Assignment of this role is not supported",
    "an administrator's role is given or taken on a site that Control Hub manages",
)
PROFILE_REFUSED = _seen(
    "030105",
    "Error setting up or modifying user profile",
    "SetUser switches on an account, on a site that Control Hub manages, whose owner never signed in",
)
ROOM_TAKEN = _chosen(
    "999999", "personalUrl: this address is already in use by this site", "the address of another personal room"
)
PASSWORD_TOO_SOON = _chosen(
    "999999",
    "password: a password can be changed once in {hours} hours",
    "a user changes the own password again before the site's interval is over",
)
MODIFIED_RANGE = _seen(
    "999999", "Maximum date range is 90 days for modified date query", "a wider range of modified dates"
)
INVALID_ACCESS_TOKEN = _chosen(
    "030047", "WebEx access token is invalid", "an access token that no configured issuer vouches for"
)
INVALID_SAML_RESPONSE = _chosen(
    "030047",
    "SAML response is invalid",
    "a samlResponse that no configured identity provider vouches for, or that was used before",
)
PROOF_OF_SOMEBODY_ELSE = _chosen(
    "030047",
    "The access token or SAML response belongs to another user",
    "securityContext names another user than an access token or SAML response does",
)
NO_ACCOUNT_OF_PROOF = _worded(
    "030048",
    "The user of the access token or SAML response has no account on this site",
    "AuthenticateUser with a good access token or SAML response of somebody who is unknown here",
)
PASSWORDS_REFUSED = _chosen(
    "030070",
    "This site uses single sign-on: a password cannot be used",
    "a password in securityContext on a site that takes none (setting saml.refuse_passwords)",
)
IDENTITY_PROVIDER_DOWN = _worded(
    "030071",
    "The identity provider does not answer, try again",
    "an access token whose issuer's keys are not known and cannot be fetched",
)

# --- Sessions ----------------------------------------------------------------------------------------------------

INVALID_ALTERNATE_HOST = _worded(
    "040007",
    "The alternate host {person} has no host account on this site",
    "an attendee with role HOST who is no host of the site",
)
TOO_MANY_REGISTRATIONS = _seen(
    "040015", "Register attendee number over limit in one API call: 50", "over 50 registrations in one call (42.1)"
)
SESSION_FULL = _chosen(
    "999999",
    "The session is full: it takes {limit} people",
    "one more person than a session takes, by its seats for people who register or by the length of its list",
)
REGISTRATION_CLOSED = _chosen(
    "999999",
    "Registration for this session is closed",
    "somebody is put on the list of a session that is over, or asks to register after the closing time",
)
INVALID_REGISTER_ID = _chosen(
    "999999",
    "RegID: this is no registration ID of somebody who was accepted for this session",
    "GetjoinurlMeeting with a registerID that opens nothing",
)
NO_SUCH_OCCURRENCE = _chosen(
    "999999",
    "sessionNum: the session has no occurrence {number}",
    "sessionNum beyond the occurrences of a series, or that of one which was cancelled",
)
MEETING_NOT_FOUND = _seen("060001", "Corresponding Meeting not found", "an unknown session key")
MEETING_IN_PROGRESS = _worded("060002", "The meeting is in progress", "deleting a meeting that is being held")
DURATION_TOO_LONG = _worded(
    "060017", "schedule/duration: at most {limit} minutes are allowed", "a duration above the session type's maximum"
)
STARTED_TRAINING = _seen(
    "060042",
    "On WebEx11 site, a started session cannot be deleted or changed recurrence type",
    "deleting a training that is in progress, or changing how it recurs",
)
UNKNOWN_HOST = _seen("060019", "The host WebExID does not exist", "schedule/hostWebExID names no user of the site")
NOT_A_DELEGATE = _worded(
    "060021",
    "You are not allowed to schedule meetings for {host}",
    "schedule/hostWebExID of a user who did not give the caller scheduling permission",
)
PASSWORD_REQUIRED = _seen(
    "060026", "Meeting password must not be null", "a meeting without password where the site demands one"
)


# --- Wording of what the rules of domain/ find ---------------------------------------------------------------------

_RULE_TEXTS: Final = {
    "range": "a number from {low} to {high} is allowed",
    "missing": "a value is required",
    "never": "no year has such a day",
    "early": "this is before the first meeting of the series",
    "past": "this time has passed",
    "limit": "at most {high} is allowed",
    "unknown": "this value does not exist",
    "twice": "two sessions on one day are not allowed",
}
_PASSWORD_TEXTS: Final = {
    "too_short": "at least {limit} characters are needed",
    "too_long": "at most {limit} characters are allowed",
    "character": "blanks and control characters are not allowed",
    "mixed_case": "capital and small letters are needed",
    "alpha": "letters are needed, at least {limit}",
    "numeric": "digits are needed, at least {limit}",
    "special": "characters that are neither letter nor digit are needed, at least {limit}",
    "repeated": "no character may stand {limit} times in a row",
    "listed": "this password is on the site's list of forbidden ones",
    "web_text": "names of the site, the account or the session may not be used",
}
#: All texts that stand for {problem} and {problems} in a reason.
PROBLEM_TEXTS: Final = (*_RULE_TEXTS.values(), *_PASSWORD_TEXTS.values())


def rule_problem(path: str, code: str, low: int | None, high: int | None) -> Fault:
    """The fault for a value that a rule refuses.

    Args:
        path: the element, such as `schedule/duration`.
        code: value of domain.problems.Code.
        low, high: bounds that hold, where there are some.
    """
    return INVALID_VALUE(path=path, problem=_RULE_TEXTS[code].format(low=low, high=high))


def weak_password(path: str, broken: list[tuple[str, int | None]]) -> Fault:
    """The fault for a password that breaks rules; each is a value of domain.passwords.Fault and its number."""
    return _weak(WEAK_PASSWORD, path, broken)


def _weak(kind: Kind, path: str, broken: list[tuple[str, int | None]]) -> Fault:
    texts = [_PASSWORD_TEXTS[name].format(limit=limit) for name, limit in broken]
    return kind(path=path, problems="; ".join(texts))


#: Faults of an account password by the first rule it breaks; for the other rules no code of accounts is known.
_ACCOUNT_PASSWORDS: Final = {"too_short": SHORT_ACCOUNT_PASSWORD, "character": UNFIT_ACCOUNT_PASSWORD}


def weak_account_password(broken: list[tuple[str, int | None]]) -> Fault:
    """As `weak_password`, for the password of an account (facts/holes.md 1: 030003 too short, 030058 characters)."""
    return _weak(_ACCOUNT_PASSWORDS.get(broken[0][0], WEAK_PASSWORD), "password", broken)
