"""The words for what can be done in a session (enableOptions of each kind), in the groups of the form."""

from __future__ import annotations

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


#: Headings, and under each the fields of the contracts' enableOptions with their words. Every field has one place; the
#: form of a kind shows those that its contract has.
OPTIONS: Final[dict[str, dict[str, str]]] = {
    _("Talking and writing"): {
        "chat": _("Chat"),
        "chat_host": _("Chat with the host"),
        "chat_presenter": _("Chat with the presenter"),
        "chat_all_attendees": _("Chat with everybody"),
        "allow_contact_private": _("Private chat between people"),
        "support_q_and_a": _("Questions and answers"),
        "poll": _("Polls"),
        "notes": _("Notes"),
        "single_note": _("One person takes the notes"),
        "closed_captions": _("Captions"),
        "support_feedback": _("Raised hands and feedback"),
        "send_feedback": _("Ask for feedback afterwards"),
        "attendee_list": _("List of participants for everybody"),
    },
    _("Sound and pictures"): {
        "audio_video": _("Sound and video"),
        "voip": _("Sound over the internet"),
        "mute_on_entry": _("People come in muted"),
        "attendee_send_video": _("Pictures of attendees"),
        "multi_video": _("Pictures of several people"),
        "hq_video": _("High-quality video"),
        "hd_video": _("HD video"),
        "view_video_thumbs": _("Small pictures of everybody"),
        "support_e2e": _("End-to-end encryption"),
        "support_pki": _("Encryption with certificates"),
    },
    _("Sharing"): {
        "presentation": _("Presentations"),
        "file_share": _("Documents"),
        "application_share": _("Single windows"),
        "desktop_share": _("Whole screens"),
        "web_tour": _("Web pages"),
        "annotation": _("Annotations"),
        "pointer": _("Pointer"),
        "support_share_web_content": _("Web content"),
        "support_ucf_web_pages": _("Web pages in presentations"),
        "support_ucf_rich_media": _("Films and sound in presentations"),
        "view_any_doc": _("Attendees open any document"),
        "view_any_page": _("Attendees turn to any page"),
        "switch_page": _("Presenter turns pages for all"),
        "full_screen": _("Full screen"),
        "thumbnail": _("Small previews"),
        "zoom": _("Zoom"),
        "copy_page": _("Copy pages"),
        "import_document": _("Import documents"),
        "save_document": _("Save documents"),
        "print_document": _("Print documents"),
    },
    _("Recording"): {
        "meeting_record": _("The host may record"),
        "attendee_record_meeting": _("Attendees may record"),
        "auto_record": _("Record from the start"),
        "training_session_record": _("The host may record"),
        "attendee_record_training_session": _("Attendees may record"),
        "network_based_record": _("Record on the server"),
    },
    _("Remote control"): {
        "rc_app_share": _("Control of shared windows"),
        "rc_desktop_share": _("Control of shared screens"),
        "rc_web_tour": _("Control of web pages"),
        "support_remote_computer": _("Remote computers"),
    },
    _("Other"): {
        "enable_reg": _("Registration"),
        "support_breakout_sessions": _("Breakout sessions"),
        "presenter_breakout_session": _("Presenters make breakout sessions"),
        "attendee_breakout_session": _("Attendees make breakout sessions"),
        "very_large_sess": _("Very many people"),
        "support_panelists": _("Panelists"),
        "auto_delete_after_meeting_end": _("Delete the meeting when it has ended"),
        "display_quick_start_host": _("Quick start for the host"),
        "display_quick_start_attendees": _("Quick start for attendees"),
        "fax_into_meeting": _("Fax into the meeting"),
        "fax_into_training_session": _("Fax into the training"),
        "send_email_by_client": _("Invitations from the own mail program"),
        "native_client": _("Installed program"),
        "java_client": _("Java program"),
    },
}
