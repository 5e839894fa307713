"""The meeting attendee service, for sessions of every kind. The rules are in `sessions.registering`.

* `coming`: CreateMeetingAttendee and RegisterMeetingAttendee.
* `leaving`: DelMeetingAttendee.
* `listing`: LstMeetingAttendee.
* `forms`: GetEnrollmentInfo and GetFeedbackInfo, what people filled in before and after a session.
* `own`: people register and give feedback themselves, on pages.
* `targets`: which sessions a request names.
"""

import parley.services.attendee.coming
import parley.services.attendee.forms
import parley.services.attendee.leaving
import parley.services.attendee.listing  # noqa: F401 - importing them enters their operations
