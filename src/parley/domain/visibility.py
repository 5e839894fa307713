"""What GetSessionInfo tells of a session, by the kind of session and by who asks.

Fields are named by their path in the answer's record (`access_control.session_password`); what a group holds is told
only where the group itself is. Source: facts/general-session.md, section 4. What it leaves open, as chosen here:

* the session's password opens all that it opens for people on the list, also what 40.8.0 hides from others;
* support sessions have the column of sales sessions;
* an administrator of the site is told what 40.8.0 hides, which lists show him anyway, but nothing that a password
  opens;
* audio-only sessions tell strangers as little as meetings; of the other kinds strangers are not told the host;
* the host key is for hosts only.
"""

from __future__ import annotations

import enum
from typing import Final


class Column(enum.IntEnum):
    """Kinds of sessions, in the order of the table's columns."""

    MC = 0
    """Meetings and webinars."""
    SAC = 1
    """Sales and support sessions."""
    TC = 2
    """Trainings."""
    EC = 3
    """Events."""
    AO = 4
    """Audio-only sessions."""


class Standing(enum.IntEnum):
    """What somebody who asks is to the session; a later one is told all that an earlier one is."""

    STRANGER = 0
    """Neither invited nor approved, signed in or not."""
    OVERSEER = 1
    """Administrator of the site without part in the session."""
    TRUSTED = 2
    """Attendee, panelist or presenter, or whoever knows the password."""
    HOST = 3
    """Host, alternate host, or the one who scheduled it."""


#: A: always, PW: to those who are trusted, -: never; for MC, SaC, TC, EC and AO. What is not named is always told.
TABLE: Final[dict[str, tuple[str, str, str, str, str]]] = {
    "status": ("A", "A", "A", "A", "-"),
    "is_locked": ("A", "A", "A", "A", "A"),
    "presenter": ("-", "-", "A", "-", "-"),
    "panelists_info": ("-", "-", "-", "A", "-"),
    "program_name": ("-", "-", "-", "A", "-"),
    "session_key": ("A", "A", "A", "A", "A"),
    "conf_id": ("A", "A", "A", "A", "A"),
    "verify_flash_media_url": ("PW", "PW", "-", "-", "-"),
    "verify_win_media_url": ("PW", "PW", "-", "-", "-"),
    "access_control": ("A", "A", "A", "A", "A"),
    "access_control.session_password": ("PW", "PW", "PW", "-", "PW"),
    "access_control.list_status": ("A", "A", "A", "A", "A"),
    "access_control.registration": ("A", "-", "A", "A", "-"),
    "access_control.registration_url": ("PW", "-", "A", "A", "-"),
    "meta_data": ("A", "A", "A", "A", "A"),
    "meta_data.conf_name": ("A", "A", "A", "A", "A"),
    "meta_data.session_type": ("A", "A", "A", "A", "A"),
    "meta_data.service_type": ("A", "A", "A", "A", "A"),
    "meta_data.is_recurring": ("A", "A", "A", "A", "A"),
    "meta_data.agenda": ("PW", "PW", "PW", "-", "-"),
    "meta_data.description": ("-", "-", "A", "A", "-"),
    "meta_data.account": ("-", "PW", "-", "-", "-"),
    "meta_data.opportunity": ("-", "PW", "-", "-", "-"),
    "telephony": ("PW", "PW", "PW", "-", "PW"),
    "telephony.labels.participant_limited_access_label": ("-", "-", "-", "-", "PW"),
    "material": ("-", "-", "PW", "A", "-"),
    "material.image_url": ("-", "-", "-", "A", "-"),
    "material.document": ("-", "-", "PW", "PW", "-"),
    "test": ("-", "-", "PW", "-", "-"),
}

#: Since 40.8.0 not for strangers, whatever the table says; the host is chosen.
_HIDDEN: Final = frozenset(
    {"meta_data.conf_name", "schedule", "meeting_link", "sip_url", "display_meeting_url", "host"},
)
#: What is left of a meeting for strangers.
_LEFT: Final = frozenset(
    {
        "status",
        "session_key",
        "access_control",
        "access_control.list_status",
        "access_control.registration",
        "access_control.password_req",
        "access_control.is_register_id_required",
        "meta_data",
        "meta_data.service_type",
        "attendee_options",
        "attendee_options.join_requires_account",
        "is_allow_jbh",
        "is_cet_meeting",
        "is_personal_meeting_room",
    }
)
_LEFT_ONLY: Final = (Column.MC, Column.AO)
_FOR_HOSTS: Final = frozenset({"host_key"})
_NEEDED: Final = {"A": Standing.STRANGER, "PW": Standing.TRUSTED}


def is_told(path: str, column: Column, standing: Standing) -> bool:
    """Whether somebody is told a field (given by its path) of a session of a kind."""
    marks = TABLE.get(path)
    if marks is not None:
        needed = _NEEDED.get(marks[column])
        if needed is None or standing < needed:
            return False
    if standing is Standing.STRANGER:
        if column in _LEFT_ONLY:
            return path in _LEFT
        if path in _HIDDEN:
            return False
    return path not in _FOR_HOSTS or standing is Standing.HOST
