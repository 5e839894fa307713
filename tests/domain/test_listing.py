"""Listing of sessions and who finds them."""

from __future__ import annotations

import itertools

import pytest

from parley.domain.listing import Catalogue, Listing, Relation, flags, may_find, on_calendar, resolve, resolve_named

PUBLIC, PRIVATE, UNLISTED = Listing.PUBLIC, Listing.PRIVATE, Listing.UNLISTED


@pytest.mark.parametrize(
    ("list_to_public", "is_public", "expected"),
    [
        (True, True, PUBLIC),
        (False, True, PUBLIC),
        (None, True, PUBLIC),
        (True, None, PUBLIC),
        (True, False, PRIVATE),
        (False, False, UNLISTED),
        (False, None, UNLISTED),
        (None, False, UNLISTED),
    ],
)
def test_flags_make_a_listing(list_to_public: bool | None, is_public: bool | None, expected: Listing) -> None:
    for current in Listing:
        assert resolve(list_to_public, is_public, site_unlisted=False, current=current) is expected
        assert resolve(list_to_public, is_public, site_unlisted=True, current=current) is UNLISTED


@pytest.mark.parametrize("current", list(Listing))
def test_without_flags_everything_stays(current: Listing) -> None:
    assert resolve(None, None, site_unlisted=False, current=current) is current
    assert resolve(None, None, site_unlisted=False) is PUBLIC
    assert resolve(None, None, site_unlisted=True, current=current) is UNLISTED


@pytest.mark.parametrize("listing", list(Listing))
def test_flags_of_an_answer_sent_back_change_nothing(listing: Listing) -> None:
    list_to_public, is_public = flags(listing)
    assert resolve(list_to_public, is_public, site_unlisted=False) is listing
    assert flags(UNLISTED) == (False, False)


def test_other_sessions_name_their_listing() -> None:
    assert resolve_named("PRIVATE", site_unlisted=False) is PRIVATE
    assert resolve_named("private", site_unlisted=False) is PRIVATE
    assert resolve_named("PUBLIC", site_unlisted=True) is UNLISTED
    assert resolve_named(None, site_unlisted=False, current=PRIVATE) is PRIVATE
    assert resolve_named("", site_unlisted=False) is PUBLIC
    assert resolve_named(None, site_unlisted=True, current=PRIVATE) is UNLISTED
    with pytest.raises(ValueError, match="SECRET"):
        resolve_named("SECRET", site_unlisted=True)


def test_the_calendar_shows_by_listing() -> None:
    assert on_calendar(Relation.ANONYMOUS) == {PUBLIC}
    assert on_calendar(Relation.MEMBER) == {PUBLIC, PRIVATE}
    for relation in (Relation.INVITED, Relation.HOST, Relation.ADMIN):
        assert on_calendar(relation) == set(Listing)
    for listing, relation in itertools.product(Listing, Relation):
        assert may_find(Catalogue.CALENDAR, listing, relation) == (listing in on_calendar(relation))


@pytest.mark.parametrize(
    ("catalogue", "least"),
    [
        (Catalogue.MEETINGS, Relation.INVITED),
        (Catalogue.SESSIONS, Relation.HOST),
        (Catalogue.INVITATIONS, Relation.INVITED),
    ],
)
def test_the_lists_of_the_api_show_by_part_in_the_session_whatever_its_listing(
    catalogue: Catalogue, least: Relation
) -> None:
    for listing, relation in itertools.product(Listing, Relation):
        assert may_find(catalogue, listing, relation) == (relation >= least)


def test_running_sessions_are_shown_to_users_as_on_the_calendar() -> None:
    assert not may_find(Catalogue.OPEN, PUBLIC, Relation.ANONYMOUS)
    assert may_find(Catalogue.OPEN, PRIVATE, Relation.MEMBER)
    assert not may_find(Catalogue.OPEN, UNLISTED, Relation.MEMBER)
    assert may_find(Catalogue.OPEN, UNLISTED, Relation.INVITED)
    assert may_find(Catalogue.OPEN, UNLISTED, Relation.ADMIN)


def test_whoever_may_more_finds_no_less() -> None:
    for catalogue, listing in itertools.product(Catalogue, Listing):
        found = [may_find(catalogue, listing, relation) for relation in Relation]
        assert found == sorted(found)
        assert found[-1]
