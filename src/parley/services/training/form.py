"""The registration form of a training, which programs cannot say: a command reads it from a file.

The file holds one element registrationForm as the contract describes it (train:registrationFormType), with as many own
fields of each sort as are wanted. Source: facts/training-history.md 1.13.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from parley.contract import event
from parley.contract.training import StandardFieldsType
from parley.domain.registration import StandardField
from parley.domain.site import Site
from parley.protocol import faults
from parley.protocol.codec import Problems, decoder
from parley.protocol.envelope import local_name, read_element
from parley.protocol.versions import Level
from parley.services.event.form import form_after
from parley.services.sessions.stored import write_document
from parley.services.training.document import SERVICE, StoredTraining, read_document
from parley.store import Changes, Engine, sessions

_ROOT: Final = "registrationForm"


async def set_form(engine: Engine, site: Site, session_key: int, document: bytes | None, now: int) -> StoredTraining:
    """Give a training the form that a document describes; None: only names and address are asked for.

    Own fields that were there under the same label keep their numbers, so that answers stay with their questions.

    Raises:
        Fault: 060001 when there is no such training, or what is wrong with the document.
        Conflict: somebody else changed the training at this moment.
    """
    session = await sessions.by_key(engine, site.site_id, session_key)
    if session is None or session.service != SERVICE:
        raise faults.MEETING_NOT_FOUND()
    stored = read_document(session.document)
    standard, own = None, event.CustomFieldsType()
    if document is not None:
        standard, own = _read(document, Level.parse(site.level))
    # Lists that are not sent stay; here the form takes the place of the former one as a whole.
    kept = msgspec.structs.replace(stored.form, custom=_only_those_of(stored.form.custom, own))
    form = form_after(event.EnrollmentFormCreateType(custom_fields=own), kept)
    stored = msgspec.structs.replace(stored, standard_fields=standard, form=form)
    changes = Changes()
    after = msgspec.structs.replace(session.plain(), document=write_document(stored), modified_at=now)
    sessions.update_session(changes, session.plain(), after)
    await engine.commit(changes)
    return stored


def _only_those_of(
    kept: event.CustomFieldsInstanceType, sent: event.CustomFieldsType
) -> event.CustomFieldsInstanceType:
    """The kept lists of fields, of which those that are not sent are empty."""
    return event.CustomFieldsInstanceType(
        **{name: getattr(kept, name) if getattr(sent, name) else [] for name in kept.__struct_fields__}
    )


def _read(document: bytes, level: Level) -> tuple[StandardFieldsType | None, event.CustomFieldsType]:
    root = read_element(document)
    if local_name(root.tag).casefold() != _ROOT.casefold():
        raise faults.INVALID_VALUE(path=_ROOT, problem="the document must hold this element")
    standard, own = None, event.CustomFieldsType()
    for name, element in _children(root):
        problems = Problems()
        if name == "standardfields":
            standard = decoder(StandardFieldsType, level)(element, problems)
        elif name == "customfields":
            own = decoder(event.CustomFieldsType, level)(element, problems)
        else:
            raise faults.UNKNOWN_ELEMENT(path=f"{_ROOT}/{local_name(element.tag)}")
        if problems.items:
            first = problems.items[0]
            raise faults.INVALID_VALUE(path=f"{_ROOT}/{first.path}", problem=first.message)
        if problems.unknown:
            raise faults.UNKNOWN_ELEMENT(path=f"{_ROOT}/{problems.unknown[0]}")
    return standard, own


def _children(root: Any) -> Iterator[tuple[str, Any]]:
    for element in root:
        if isinstance(element.tag, str):
            yield local_name(element.tag).casefold(), element


def standard_fields(asked: StandardFieldsType | None) -> tuple[StandardField, ...]:
    """The standard fields that a form speaks of, for the rules of registration."""
    named = ((name, getattr(asked, name)) for name in StandardFieldsType.__struct_fields__) if asked else ()
    return tuple(
        StandardField(name, field.incl is not False, field.incl is not False and bool(field.req))
        for name, field in named
        if field is not None
    )
