"""What GetSessionInfo tells: every cell of the table by example, and the rules beside it."""

from __future__ import annotations

import pytest

from parley.contract.ep import GetSessionInfoResponse
from parley.domain.visibility import TABLE, Column, Standing, is_told
from parley.protocol.declare import Record

#: The table by name of the element: the marks for MC, SaC, TC, EC and AO.
CELLS = """
status                          A  A  A  A  -
isLocked                        A  A  A  A  A
presenter                       -  -  A  -  -
panelistsInfo                   -  -  -  A  -
programName                     -  -  -  A  -
sessionkey                      A  A  A  A  A
confID                          A  A  A  A  A
verifyFlashMediaURL             PW PW -  -  -
verifyWinMediaURL               PW PW -  -  -
accessControl                   A  A  A  A  A
accessControl/sessionPassword   PW PW PW -  PW
accessControl/listStatus        A  A  A  A  A
accessControl/registration      A  -  A  A  -
accessControl/registrationURL   PW -  A  A  -
metaData                        A  A  A  A  A
metaData/confName               A  A  A  A  A
metaData/sessionType            A  A  A  A  A
metaData/serviceType            A  A  A  A  A
metaData/isRecurring            A  A  A  A  A
metaData/agenda                 PW PW PW -  -
metaData/description            -  -  A  A  -
metaData/account                -  PW -  -  -
metaData/opportunity            -  PW -  -  -
telephony                       PW PW PW -  PW
telephony/labels/participantLimitedAccessLabel - - - - PW
material                        -  -  PW A  -
material/imageURL               -  -  -  A  -
material/document               -  -  PW PW -
test                            -  -  PW -  -
"""


def paths(record: type[Record] = GetSessionInfoResponse, names: str = "", fields: str = "") -> dict[str, str]:
    """The path in fields of every element of the answer, by its path in names."""
    found = {}
    for element in record.__declaration__.elements:
        name, field = f"{names}{element.name}", f"{fields}{element.attribute}"
        found[name] = field
        if element.kind == "record":
            found |= paths(element.record, f"{name}/", f"{field}.")
    return found


PATHS = paths()
ROWS = [(line.split()[0], line.split()[1:]) for line in CELLS.strip().splitlines()]
EXAMPLES = [
    pytest.param(PATHS[name], column, mark, id=f"{name}-{column.name}")
    for name, marks in ROWS
    for column, mark in zip(Column, marks, strict=True)
]


@pytest.mark.parametrize(("path", "column", "mark"), EXAMPLES)
def test_every_cell(path: str, column: Column, mark: str) -> None:
    told = {standing: is_told(path, column, standing) for standing in Standing}
    assert told[Standing.HOST] == told[Standing.TRUSTED] == (mark != "-")
    assert told[Standing.OVERSEER] == (mark == "A")
    assert told[Standing.STRANGER] <= told[Standing.OVERSEER]


def test_the_table_has_these_cells_and_no_others() -> None:
    assert {PATHS[name] for name, _ in ROWS} == set(TABLE)


#: What is left of a meeting for somebody who is neither invited nor approved, since 40.8.0.
LEFT = [
    *("status", "sessionkey", "accessControl", "accessControl/listStatus", "accessControl/registration"),
    *("accessControl/passwordReq", "accessControl/isRegisterIDRequired", "metaData", "metaData/serviceType"),
    *("attendeeOptions", "attendeeOptions/joinRequiresAccount", "isAllowJBH", "isCETMeeting"),
    "isPersonalMeetingRoom",
]


def test_what_strangers_are_told_of_a_meeting() -> None:
    told = [name for name, path in PATHS.items() if is_told(path, Column.MC, Standing.STRANGER)]
    assert sorted(told) == sorted(LEFT)


def test_what_strangers_are_told_of_an_audio_only_session() -> None:
    told = [name for name, path in PATHS.items() if is_told(path, Column.AO, Standing.STRANGER)]
    assert sorted(told) == sorted(set(LEFT) - {"status", "accessControl/registration"})


HIDDEN = ["metaData/confName", "schedule", "meetingLink", "sipURL", "displayMeetingUrl", "host", "hostKey"]


@pytest.mark.parametrize("column", [Column.SAC, Column.TC, Column.EC])
def test_what_is_hidden_of_other_sessions(column: Column) -> None:
    for name, path in PATHS.items():
        shown = is_told(path, column, Standing.STRANGER)
        if name in HIDDEN:
            assert not shown
        elif path not in TABLE:
            assert shown
        else:
            assert shown == (TABLE[path][column] == "A")


@pytest.mark.parametrize("column", Column)
def test_the_host_key_is_for_hosts(column: Column) -> None:
    assert [is_told("host_key", column, standing) for standing in Standing] == [False, False, False, True]


@pytest.mark.parametrize("column", Column)
def test_whoever_is_more_is_told_no_less(column: Column) -> None:
    for path in PATHS.values():
        told = [is_told(path, column, standing) for standing in Standing]
        assert told == sorted(told)
