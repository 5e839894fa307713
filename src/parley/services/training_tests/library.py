"""Libraries of tests: each host has one of his own (PRIVATE), and the site has one (SHARE).

Source: facts/training-history.md 1.7.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from parley.contract.qtiasi import QuestestinteropType
from parley.contract.training_tests import (
    CopyLibTests,
    CopyLibTestsResponse,
    DelLibTests,
    DelLibTestsResponse,
    LibTestInstanceType,
    LstLibTests,
    LstLibTestsResponse,
    SetIMStest,
    SetIMStestDisplay,
    SetIMStestResponse,
    UploadIMStest,
    UploadIMStestDisplay,
    UploadIMStestResponse,
)
from parley.domain.identifiers import new_record_id
from parley.protocol import faults
from parley.services.context import Context
from parley.services.registry import operation
from parley.services.training_tests.access import library_test, own_library_test
from parley.services.training_tests.checking import check_test
from parley.services.training_tests.questions import Definition, read_definition, write_definition
from parley.store import Changes, training_tests
from parley.store.training_tests import StoredTest

_PRIVATE: Final = "PRIVATE"
_SHARE: Final = "SHARE"
#: Tests in a library.
MOST_TESTS: Final = 1000
#: Tests that one request names.
MOST_AT_ONCE: Final = 100


@operation("training", request=LstLibTests, answer=LstLibTestsResponse)
async def lst_lib_tests(context: Context, request: LstLibTests) -> LstLibTestsResponse:
    """List the tests of the caller's own library and of the site's."""
    found = await training_tests.library(context.engine, context.site.site.site_id, context.caller.user_id)
    if not found:
        raise faults.NOTHING_FOUND()
    return LstLibTestsResponse(lib_test=[_listed(test) for test in found])


def _listed(test: StoredTest) -> LibTestInstanceType:
    return LibTestInstanceType(
        test_id=test.test_id,
        type=_SHARE if test.shared else _PRIVATE,
        title=test.title,
        description=test.description,
        author=test.author,
    )


@operation("training", request=UploadIMStest, answer=UploadIMStestResponse)
async def upload_ims_test(context: Context, request: UploadIMStest) -> UploadIMStestResponse:
    """Put a test in the interchange format into the caller's own library."""
    definition = Definition(
        one_per_page=_one_per_page(request.display),
        assign_grades=bool(request.assign_grades),
        document=checked_document(request.questestinterop),
    )
    caller = context.caller
    test = StoredTest(
        site_id=context.site.site.site_id,
        test_id=new_record_id(),
        owner_id=caller.user_id,
        session_key=None,
        shared=False,
        title=definition.title,
        description=definition.description,
        author=f"{caller.first_name} {caller.last_name}".strip() or caller.web_ex_id,
        created_at=context.now,
        document=write_definition(definition),
    )
    await _add(context, [test], shared=False)
    return UploadIMStestResponse(test_id=test.test_id)


def checked_document(document: QuestestinteropType | None) -> QuestestinteropType:
    """A test in the interchange format that can be taken and scored.

    Raises:
        Fault: 999999 with the place where it is wrong.
    """
    check_test(document)
    assert document is not None  # noqa: S101 - the check refuses a request without one
    return document


def _one_per_page(display: UploadIMStestDisplay | SetIMStestDisplay | None) -> bool:
    """Whether a page shows one question; the request says exactly one of the two.

    Raises:
        Fault: 999999.
    """
    if display is None or (display.all_one_page is None and display.one_per_page is None):
        raise faults.MISSING_ELEMENT(path="display/allOnePage")
    if display.all_one_page is not None and display.one_per_page is not None:
        raise faults.INVALID_VALUE(path="display", problem="allOnePage or onePerPage is allowed, not both")
    return display.one_per_page is not None


@operation("training", request=SetIMStest, answer=SetIMStestResponse)
async def set_ims_test(context: Context, request: SetIMStest) -> SetIMStestResponse:
    """Change a test of a library; tests of sessions that were copied from it stay as they are."""
    before = await own_library_test(context, request.test_id)
    kept = read_definition(before.document)
    definition = Definition(
        one_per_page=kept.one_per_page if request.display is None else _one_per_page(request.display),
        assign_grades=kept.assign_grades if request.assign_grades is None else request.assign_grades,
        document=kept.document if request.questestinterop is None else checked_document(request.questestinterop),
    )
    after = replace(
        before, title=definition.title, description=definition.description, document=write_definition(definition)
    )
    changes = Changes()
    training_tests.update(changes, before, after)
    await context.engine.commit(changes)
    return SetIMStestResponse()


@operation("training", request=CopyLibTests, answer=CopyLibTestsResponse)
async def copy_lib_tests(context: Context, request: CopyLibTests) -> CopyLibTestsResponse:
    """Copy tests into the caller's own library or the site's; the answer has the numbers of the copies."""
    if request.copy_to_type is None:
        raise faults.MISSING_ELEMENT(path="copyToType")
    shared = request.copy_to_type == _SHARE
    named = named_tests(request.test_id)
    copies = [
        replace(
            await library_test(context, test_id),
            test_id=number,
            owner_id=context.caller.user_id,
            shared=shared,
            version=1,
            created_at=context.now,
        )
        for test_id, number in zip(named, new_numbers(len(named)), strict=True)
    ]
    await _add(context, copies, shared=shared)
    return CopyLibTestsResponse(test_id=[copy.test_id for copy in copies])


@operation("training", request=DelLibTests, answer=DelLibTestsResponse)
async def del_lib_tests(context: Context, request: DelLibTests) -> DelLibTestsResponse:
    """Delete tests of libraries: all that are named, or none when one of them cannot be deleted."""
    changes = Changes()
    for test_id in dict.fromkeys(named_tests(request.test_id)):
        training_tests.remove(changes, await own_library_test(context, test_id))
    await context.engine.commit(changes)
    return DelLibTestsResponse()


def new_numbers(count: int) -> list[int]:
    """Numbers for new tests, so that those of one request are listed in its order."""
    numbers: set[int] = set()
    while len(numbers) < count:
        numbers.add(new_record_id())
    return sorted(numbers)


def named_tests(numbers: Sequence[int]) -> Sequence[int]:
    """The tests that a request names.

    Raises:
        Fault: 999999 for none, or more than one request may name.
    """
    if not numbers:
        raise faults.MISSING_ELEMENT(path="testID")
    if len(numbers) > MOST_AT_ONCE:
        raise faults.TEST_LIMIT(limit=MOST_AT_ONCE)
    return numbers


async def _add(context: Context, tests: Sequence[StoredTest], *, shared: bool) -> None:
    held = await training_tests.library(context.engine, context.site.site.site_id, context.caller.user_id)
    if sum(each.shared == shared for each in held) + len(tests) > MOST_TESTS:
        raise faults.TEST_LIMIT(limit=MOST_TESTS)
    changes = Changes()
    training_tests.add(changes, tests)
    await context.engine.commit(changes)
