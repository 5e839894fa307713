"""What the console says of mails: their kinds and when they are sent, what mail servers answer, what templates lack."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from parley.mail.composing import TEMPLATES_OF_KINDS
from parley.mail.overrides import Problem
from parley.web.words import said


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


class Words(NamedTuple):
    """How a mail is called, and when it is sent."""

    name: str
    sent: str


#: The mails by their templates, in groups.
GROUPS: Final[tuple[tuple[str, dict[str, Words]], ...]] = (
    (
        _("Sessions"),
        {
            "session_scheduled": Words(_("Session scheduled"), _("To the host who has scheduled a session.")),
            "session_invitation": Words(_("Invitation"), _("To everybody who is invited to a session by mail.")),
            "session_alternate": Words(
                _("Invitation of an alternate host"), _("To those who may start a session in place of its host.")
            ),
            "session_panelist": Words(
                _("Invitation of a panelist"), _("To panelists of events and presenters of trainings.")
            ),
            "session_rescheduled": Words(
                _("Session rescheduled"), _("To host and invited people when a session takes place at another time.")
            ),
            "session_handed_over": Words(
                _("Session handed over"), _("To the host before, when somebody else holds the session from now on.")
            ),
            "session_cancelled": Words(
                _("Session cancelled"), _("To host and invited people when a session was deleted.")
            ),
            "occurrence_cancelled": Words(
                _("One date cancelled"), _("To host and invited people when one date of a series was cancelled.")
            ),
            "session_reminder": Words(_("Reminder"), _("Before a session, to those whom its reminders are for.")),
        },
    ),
    (
        _("Registrations"),
        {
            "registration_received": Words(
                _("New registration"), _("To the host, when somebody registered for a session.")
            ),
            "registration_pending": Words(
                _("Registration received"), _("To somebody who registered and about whom the host decides.")
            ),
            "registration_waiting": Words(
                _("On the waiting list"), _("To somebody who registered when all seats were taken.")
            ),
            "registration_accepted": Words(_("Registration accepted"), _("To somebody who has a seat.")),
            "registration_rejected": Words(_("Registration rejected"), _("To somebody whom the host did not accept.")),
            "registration_removed": Words(
                _("Taken off the list"), _("To somebody who was taken off the list of a session.")
            ),
        },
    ),
    (
        _("Events"),
        {
            "event_own": Words(
                _("In the host's own words"), _("In place of another mail, when the host of an event wrote its text.")
            ),
            "event_thanks": Words(_("Thank you for coming"), _("After an event, to those who were there.")),
            "event_absentee": Words(
                _("Sorry we missed you"), _("After an event, to those who registered and did not come.")
            ),
        },
    ),
    (
        _("Accounts"),
        {
            "user_welcome": Words(_("Welcome"), _("To the owner of a new account.")),
            "user_activation": Words(
                _("Activation"), _("To the owner of a new account without a password, where Control Hub manages it.")
            ),
            "user_password_reset": Words(
                _("New password"), _("To somebody whose password was replaced by one that was made up.")
            ),
            "user_password_change": Words(
                _("Password to be changed"), _("To somebody who has to choose another password at the next sign-in.")
            ),
            "user_password_link": Words(_("Password forgotten"), _("To somebody who asked for a link to choose one.")),
            "user_email_change": Words(
                _("Confirm an address"), _("To a new address of an account, which counts once it is confirmed.")
            ),
        },
    ),
    (
        _("Recordings"),
        {
            "recording_trashed": Words(
                _("Recording in the trash"), _("To its owner, when somebody else moved a recording to the trash.")
            ),
            "recording_deleted": Words(
                _("Recording deleted"), _("To its owner, when somebody else deleted a recording for good.")
            ),
            "recording_reassigned": Words(
                _("Recording given away"), _("To its owner before, when a recording got another one.")
            ),
        },
    ),
    (
        _("Trainings"),
        {
            "lab_reserved": Words(_("Lab reserved"), _("To whoever reserved computers of a lab.")),
            "lab_ending": Words(_("Lab time ends"), _("To whoever reserved a lab, before the time ends.")),
            "lab_cancelled": Words(
                _("Lab reservation cancelled"), _("To whoever reserved a lab that does not exist any more.")
            ),
            "test_invitation": Words(_("Test announced"), _("To those who are to take a test of a training.")),
            "test_started": Words(_("Test has started"), _("To those who can take a test from now on.")),
            "test_reminder": Words(_("Test closes soon"), _("To those who have not handed in a test yet.")),
            "test_submitted": Words(_("Test handed in"), _("To the host, when somebody handed in a test.")),
            "test_report": Words(_("Result of a test"), _("To somebody whose test was scored.")),
        },
    ),
)
_MAILS: Final = {template: words for _group, mails in GROUPS for template, words in mails.items()}
#: What the files are that several mails share.
SHARED: Final = {
    "layout.html": _("The frame of all mails as HTML: page, colours, heading, footer."),
    "layout.txt": _("The frame of all mails as plain text."),
    "layout.subject": _("The frame of all subjects."),
    "parts.html": _("How paragraphs, facts, buttons and boxes look as HTML."),
    "parts.txt": _("How paragraphs, facts, buttons and boxes look as plain text."),
    "_account.mail": _("What all mails about accounts have in common."),
    "_entry.mail": _("What all mails with which their readers come in have in common."),
    "_lab.mail": _("What all mails about labs have in common."),
    "_recording.mail": _("What all mails about recordings have in common."),
    "_session.mail": _("What all mails about sessions have in common."),
    "_test.mail": _("What all mails about tests have in common."),
}
#: The states of a mail.
STATES: Final = {
    "waiting": _("Waiting"),
    "sending": _("Being sent"),
    "sent": _("Sent"),
    "failed": _("Given up"),
}


def words_of(template: str) -> Words:
    """How a mail is called, and when it is sent.

    Args:
        template: the name of its template, without the ending.
    """
    return _MAILS[template]


def name_of_kind(kind: str) -> str | None:
    """How mails of a kind of messages are called; None: there is no such kind."""
    template = TEMPLATES_OF_KINDS.get(kind)
    return None if template is None else _MAILS[template].name


def kinds() -> list[tuple[str, str]]:
    """All kinds of messages that mails are made of, and how they are called."""
    return [(kind, _MAILS[template].name) for kind, template in TEMPLATES_OF_KINDS.items()]


# ---- what mail servers answer --------------------------------------------------------------------------------

_CODE: Final = re.compile(r"([45]\d\d)\b")
_CODES: Final = {
    421: _("The mail server is not available at the moment."),
    **dict.fromkeys(
        (530, 534, 535, 538), _("The mail server refuses the name and the password that Parley signs in with.")
    ),
    **dict.fromkeys((550, 551, 553), _("The mail server does not take mails for this address, or from this sender.")),
    552: _("The mail is too large, or the mailbox is full."),
}
_LATER: Final = _("The mail server could not take the mail just now. Later it may.")
_NEVER: Final = _("The mail server refused the mail for good.")
_PHRASES: Final = (
    (r"takes too long|timed? ?out|timeout", _("The mail server did not answer in time.")),
    (r"refused|connect call failed|errno 111|unreachable", _("Nothing answers at the address of the mail server.")),
    (r"name or service|getaddrinfo|name resolution|nodename", _("The name of the mail server is not known.")),
    (r"certificate|ssl|tls", _("The connection to the mail server cannot be encrypted as it should be.")),
    (r"connection lost|disconnect|unexpected eof|reset", _("The mail server broke off the connection.")),
    (r"^no e-mail address", _("That is no address to which a mail can go.")),
    (r"^called off", _("An administrator called it off.")),
    (r"^cannot be made", _("The mail cannot be made of what is known. The log of the server says more.")),
    (r"^no mail is known", _("This version of Parley does not know such mails.")),
    (r"^cannot write", _("The data folder of the server cannot be written to.")),
)


def error_words(note: str | None) -> str | None:
    """What a note of a mail that was not taken means; None: it says nothing that is known."""
    if not note:
        return None
    code = _CODE.match(note)
    if code is not None:
        number = int(code[1])
        return _CODES.get(number) or (_LATER if number < 500 else _NEVER)
    return next((words for phrase, words in _PHRASES if re.search(phrase, note.casefold())), None)


# ---- what is wrong with a template ---------------------------------------------------------------------------

_PROBLEMS: Final = {
    "long": _("The text is too long: %(what)s characters are taken."),
    "empty": _("There is no text. To have the built-in one again, use the button for that."),
    "letters": _("There are characters in it that cannot be stored."),
    "syntax": _("This is no Jinja: %(what)s"),
    "undefined": _("A value is missing: %(what)s"),
    "unknown_name": _("There is no value %(what)s in this mail."),
    "tag": _("{%% %(what)s %%} is not taken here."),
    "expression": _("Calculations, indexes and the like are not taken here."),
    "filter": _("The filter %(what)s is not taken here."),
    "call": _("%(what)s cannot be called here: only macros, blocks and _() with a text of its own can."),
    "loop": _("A loop can go through phones only, and not within another loop; nothing else may be called so."),
    "extends": _("A mail has to begin with {%% extends … %%}; else it has no frame."),
    "raw": _("What people wrote would get into HTML as it is, and could become tags of its own."),
    "bare": _("A value in a tag has to stand in quotes; else what people wrote could become attributes."),
    "secret": _("A password, or a link that is good for one person, would get into the address of something else."),
    "subject": _("The mail has no subject."),
    "work": _("The template does too much, or calls itself."),
    "parent": _("There is no file %(what)s to build on."),
    "secure": _("That is not open to templates: %(what)s"),
    "failed": _("It cannot be filled: %(what)s"),
}


def problem_words(problem: Problem) -> str:
    """What is wrong with a template, in the language of the page."""
    return said(_PROBLEMS[problem.kind], what=problem.what)
