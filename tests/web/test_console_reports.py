"""What administrators see of a site as a whole: usage, storage and the audit log."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from parley.domain.recording import State
from parley.domain.site import Site, TrackingCode
from parley.domain.timezones import to_local
from parley.services.site_changes import Author, Difference, change_site
from parley.store import Changes, recordings
from parley.web.console.admin_audit import change_of
from parley.web.console.admin_usage import periods
from parley.web.recordings.pages import readable
from tests.server import TestSite
from tests.services.stages import DAY, Guest, Stage, host
from tests.web.console import Person
from tests.web.recordings import CONTENT, recorded
from tests.web.test_console_history import bring, table
from tests.web.test_pages import NASTY

PAGES = ("admin/usage", "admin/storage", "admin/audit")


@pytest.fixture
def stage(site: TestSite) -> Stage:
    return Stage(site)


def figures(page: str) -> dict[str, str]:
    """The large numbers of a page by their names."""
    return dict(re.findall(r'<li><span class="quiet">([^<]+)</span> <strong>([^<]*)</strong>', page))


def day_of(site: TestSite, instant: int, name: str = "admin") -> date:
    return to_local(instant, site.users[name].time_zone_id or 20).date()


# ---- who sees them ---------------------------------------------------------------------------------------------------


def test_administrators_see_them_and_no_one_else(site: TestSite) -> None:
    site.set_user("host2", ro_site_admin=True)
    for name, status in (("admin", 200), ("host2", 200), ("host1", 403), ("attendee1", 403)):
        person = Person(site, name)
        for path in (*PAGES, "admin/usage/table.csv"):
            assert person.http.get(person.address(path)).status_code == status, (name, path)
        person.close()
    nobody = Person(site)
    for path in PAGES:
        nobody.open(path)
        assert nobody.where == "sign-in"
    nobody.close()


def test_administrators_of_another_site_see_nothing(site: TestSite) -> None:
    elsewhere = site.server.new_site()
    person = Person(elsewhere, "admin")
    for path in PAGES:
        answer = person.http.get(f"{site.server.url}/{site.name}/console/{path}")
        assert answer.url.path.endswith("/console/sign-in"), path
    person.close()


def test_they_stand_in_the_navigation(admin: Person) -> None:
    page = admin.open("admin/usage")
    assert admin.heading == "Usage"
    for path in PAGES:
        assert f'/console/{path}"' in page


# ---- usage -----------------------------------------------------------------------------------------------------------


def test_weeks_and_months_of_a_span() -> None:
    first, last = date(2026, 1, 28), date(2026, 3, 3)
    assert len(periods(first, last, "day", 0)) == (last - first).days + 1
    weeks = periods(first, last, "week", 0)
    assert [each.first for each in weeks[1:]] == [date(2026, 2, 2) + timedelta(days=7 * each) for each in range(5)]
    assert periods(first, last, "week", 6)[1].first == date(2026, 2, 1)
    months = periods(first, last, "month", 0)
    assert [(each.first, each.after) for each in months] == [
        (date(2026, 1, 28), date(2026, 2, 1)),
        (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 3, 4)),
    ]
    for step in ("day", "week", "month"):
        found = periods(first, last, step, 0)
        assert found[0].first == first
        assert found[-1].after == last + timedelta(days=1)
        assert all(one.after == two.first for one, two in pairwise(found))


def test_nothing_was_used(admin: Person) -> None:
    page = admin.open("admin/usage")
    assert "No session took place in this time." in page
    assert figures(page)["Sessions"] == "0"
    assert "<svg" not in page


def test_usage_is_summed_up(stage: Stage, admin: Person) -> None:
    stage.hold(stage.meeting("Review"), host(0, 600), Guest("Ann", 60, 61, email="ann@guests.example"))
    stage.hold(stage.meeting("Other", host="host2"), Guest("Host2", 0, 120, host().part), start=stage.start - 5 * DAY)
    stage.hold(stage.event("Launch"), host(0, 60), start=stage.start - 5 * DAY)
    bring(stage, "Long ago", stage.start - 200 * DAY, "A", "B")
    recorded(stage.site, "Film", created_at=stage.start)
    page = admin.open("admin/usage")
    assert figures(page) == {
        "Sessions": "3",
        "People": "4",
        "Minutes of all people together": "15",
        "Hosts who held sessions": "2",
        "Most people at once in a session": "2",
        "Recordings": "1",
    }
    assert page.count('role="img"') == 5
    assert "style=" not in admin.page
    assert re.search(r'Meetings</th><td class="number">2</td><td class="number">3</td><td class="number">14<', page)
    assert re.search(r'Events</th><td class="number">1</td><td class="number">1</td><td class="number">1<', page)
    rows = table(admin, "admin/usage/table.csv")
    sums = [row for row in rows if row["Kind"] == "All kinds"]
    assert len(sums) == 30
    assert sum(int(row["Sessions"]) for row in sums) == 3
    assert sum(int(row["Bytes of recordings"]) for row in sums) == len(CONTENT)
    day = day_of(stage.site, stage.start - 5 * DAY).isoformat()
    of_day = [(row["Kind"], row["Sessions"]) for row in rows if row["From"] == day]
    assert of_day == [("All kinds", "2"), ("Events", "1"), ("Meetings", "1")]


def test_a_session_that_goes_on_does_not_count_yet(stage: Stage, admin: Person) -> None:
    stage.run(stage.joined(stage.meeting("Now"), host(), stage.application.clock.now() - 60))
    assert figures(admin.open("admin/usage"))["Sessions"] == "0"


def test_spans_are_bounded(stage: Stage, admin: Person) -> None:
    bring(stage, "Long ago", stage.start - 300 * DAY, "A", "B")
    last = day_of(stage.site, stage.start)
    page = admin.open(f"admin/usage?from=1990-01-01&until={last}&step=day")
    assert "At most 400 days are summed up at once." in page
    assert "More than 100 days are shown by weeks." in page
    assert figures(page)["Sessions"] == "1"
    assert 57 <= len(table(admin, f"admin/usage/table.csv?from=1990-01-01&until={last}&step=day")) <= 60
    page = admin.open(f"admin/usage?from={last}&until={last - timedelta(days=99)}&step=day")
    assert "At most" not in page
    assert figures(page)["Sessions"] == "0"
    assert len(table(admin, f"admin/usage/table.csv?from={last}&until={last - timedelta(days=99)}&step=day")) == 100
    page = admin.open(f"admin/usage?from={last - timedelta(days=399)}&until={last}&step=month")
    assert figures(page)["Sessions"] == "1"
    for odd in (
        f"from={NASTY}&until={NASTY}&step={NASTY}",
        "until=1971-01-01&step=week",
        "until=2198-12-31",
        "from=9999-12-31",
        "until=0001-01-01",
        f"step={'x' * 9999}",
    ):
        admin.open(f"admin/usage?{odd}")
        assert admin.status == 200, odd


def test_a_page_of_a_hundred_full_days_is_small(stage: Stage, admin: Person) -> None:
    for number in range(100):
        bring(stage, "Talk", stage.start - number * DAY, "A", people_minutes=1_000_000_000, peak=12_345)
    last = day_of(stage.site, stage.start)
    page = admin.open(f"admin/usage?from={last - timedelta(days=99)}&until={last}&step=day")
    assert page.count('class="bar"') == 400


# ---- storage ---------------------------------------------------------------------------------------------------------


def test_nothing_is_stored(admin: Person) -> None:
    page = admin.open("admin/storage")
    assert admin.heading == "Storage"
    assert figures(page) == {
        "Used": "0 KB",
        "Limit of the site": "none",
        "Recordings": "0",
        "In the trash": "0 · 0 KB",
    }
    assert "There are no recordings." in page


def test_what_recordings_take_up(stage: Stage, admin: Person) -> None:
    site = stage.site
    film = recorded(site, NASTY, created_at=stage.start)
    recorded(site, "Old", created_at=stage.start - 500 * DAY)
    recorded(site, "Of host2", host="host2", created_at=stage.start)
    thrown = recorded(site, "Thrown away", host="host2", created_at=stage.start)

    async def throw() -> None:
        changes = Changes()
        recordings.update(changes, thrown, msgspec.structs.replace(thrown, state=State.TRASHED, trashed_at=stage.start))
        await stage.application.engine.commit(changes)

    stage.run(throw())
    page = admin.open("admin/storage")
    told = figures(page)
    assert told["Recordings"] == "3"
    assert told["In the trash"].startswith("1 · ")
    assert "Recordings by the month they were made" in page
    hosts = re.findall(r'<span class="quiet">(host\d)</span>', page)
    assert sorted(hosts) == ["host1", "host2"]
    link = re.search(r'console/(admin/users/\d+)">', page)
    assert link is not None
    assert admin.open(link[1])
    assert admin.status == 200
    admin.open("admin/storage")
    assert page.count('<ul class="shares">') == 1
    assert "<script>alert" not in admin.page
    assert f"ldr.php?RCID={film.stream_rcid}" in page
    assert "Thrown away" not in page
    assert 'class="meter"' not in page


def test_the_limit_of_a_site(site: TestSite, tmp_path: Path) -> None:
    small = site.server.new_site(archive_storage_limit=1)
    recorded(small, "Film")
    person = Person(small, "admin")
    page = person.open("admin/storage")
    assert figures(page)["Limit of the site"] == readable(1024 * 1024)
    assert f" of {readable(1024 * 1024)} are used." in page
    assert "There is no room" not in page
    # A megabyte has 1,048,576 bytes on all pages, as where the limit is kept.
    wide = tmp_path / "wide.mp4"
    wide.write_bytes(
        CONTENT + (920_000 - 2 * len(CONTENT)).to_bytes(4) + b"free" + bytes(920_000 - 2 * len(CONTENT) - 8)
    )
    recorded(small, "Wide", file=wide)
    assert "megabytes that they may" not in person.open("admin")
    recorded(small, "Another")
    assert re.search(r"<strong>0\.9</strong> <span>megabytes of recordings</span>", person.page)
    person.close()


# ---- audit log -------------------------------------------------------------------------------------------------------


def change(site: TestSite, who: str = "root", at: int | None = None, **settings: object) -> None:
    """Change settings of a site as the command line does."""
    application = site.server.application

    def changed(before: Site) -> Site:
        return msgspec.structs.replace(before, settings=msgspec.structs.replace(before.settings, **settings))

    now = application.clock.now() if at is None else at
    site.server.run(change_site(application.engine, site.site_id, changed, Author(who, "CLI"), now))


def test_who_changed_what(site: TestSite, admin: Person) -> None:
    change(site, NASTY, history_days=365)
    change(site, "root", tracking_codes=[TrackingCode(1, "Cost centre <b>")])
    page = admin.open("admin/audit")
    assert admin.heading == "Audit log"
    assert NASTY in page
    assert "<script>alert" not in admin.page
    assert "<b>" not in admin.page
    assert "was 90, now 365" in page
    assert "added: " in page
    assert "on the server's command line" in page
    assert page.index("Cost centre") < page.index("was 90, now 365")


def test_finding_by_person_and_day(site: TestSite, admin: Person) -> None:
    now = site.server.application.clock.now()
    change(site, "Anna", history_days=100)
    change(site, "bert", now + 10 * DAY, history_days=200)
    page = admin.open("admin/audit?who=ANNA")
    assert "now 100" in page
    assert "now 200" not in page
    assert "Nobody changed anything then." in admin.open("admin/audit?who=ann")
    after = (datetime.fromtimestamp(now, UTC).date() + timedelta(days=5)).isoformat()
    page = admin.open(f"admin/audit?from={after}")
    assert "now 200" in page
    assert "now 100" not in page
    page = admin.open(f"admin/audit?until={after}&who=Anna")
    assert "now 100" in page
    for odd in (f"who={'x' * 10_000}&from=x&until=y", "before=x&after=y", f"before={'9' * 20}", "who=%00", "after=²"):
        admin.open(f"admin/audit?{odd}")
        assert admin.status == 200, odd


def test_pages_of_the_log(site: TestSite, admin: Person) -> None:
    for number in range(60):
        change(site, history_days=91 + number)
    pattern = r"now (\d+)</span>"
    page = admin.open("admin/audit?who=root")
    seen = re.findall(pattern, page)
    assert seen[0] == "150"
    assert len(seen) == 25
    while link := re.search(r'console/(admin/audit\?[^"]+)">Older', page):
        page = admin.open(link[1])
        seen += re.findall(pattern, page)
    assert seen == [str(91 + number) for number in reversed(range(60))]
    newer = re.search(r'console/(admin/audit\?[^"]+)">Newer', page)
    assert newer is not None
    page = admin.open(newer[1])
    assert re.findall(pattern, page) == seen[25:50]
    newer = re.search(r'console/(admin/audit\?[^"]+)">Newer', page)
    assert newer is not None
    assert re.findall(pattern, admin.open(newer[1])) == seen[:25]
    assert "Newer" not in admin.page


def test_changes_of_another_site_are_not_there(site: TestSite, admin: Person) -> None:
    change(site.server.new_site(), "stranger", history_days=100)
    assert "stranger" not in admin.open("admin/audit")


def test_what_a_program_changed_is_there(site: TestSite, admin: Person) -> None:
    site.client("admin").call("site.SetSite", meetingPlace={"mpProfileURL": "https://place.example/"}).ok()
    page = admin.open("admin/audit")
    assert re.search(r"<strong>admin</strong> <span[^>]*>by a program<", page)
    assert "now https://place.example/" in page


@pytest.mark.parametrize(
    ("difference", "label", "text"),
    [
        (Difference("created", None, "alpha"), "The site was made.", ""),
        (Difference("suspended", False, True), "Site suspended", "was off, now on"),
        (Difference("partner_id", "s3cret", "other"), "Partner number", "changed"),
        (Difference("openid.client_secret", "sealed.one", "sealed.two"), "openid.client_secret", "changed"),
        (Difference("no.such.setting", None, 5), "no.such.setting", "now 5"),
        (Difference("no.such.setting", 5, None), "no.such.setting", "was 5, now empty"),
        (Difference("x", ["a", "b"], ["b", "c"]), "x", "added: c; taken away: a"),
        (Difference("x", ["a", "b"], ["b", "a"]), "x", "in another order"),
        (Difference("x", ["a"], []), "x", "taken away: a"),
        (Difference("x", [], [{"a": 1, "b": None}]), "x", "added: a 1"),
        (Difference("session_types.3.max_holders", 1, 2), "Session type 3, max holders", "was 1, now 2"),
        (Difference("programs.12.name", "A", "B"), "Program 12, name", "was A, now B"),
        (Difference("x", "a" * 300, "b"), "x", f"was {'a' * 199}…, now b"),
    ],
)
def test_differences_in_words(difference: Difference, label: str, text: str) -> None:
    found = change_of(difference)
    assert (found.label, found.text) == (label, text)


def test_settings_are_named_as_on_their_pages() -> None:
    found = change_of(Difference("strict_user_passwords", True, False))
    assert found.label == "Passwords of accounts: These criteria must be kept"
    assert found.text == "was on, now off"
