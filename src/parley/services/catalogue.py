"""All services. Importing this module enters every operation into the register."""

from parley.services import general_session, meeting, meetingtype, site, user

__all__ = ["general_session", "meeting", "meetingtype", "site", "user"]
