"""AssignWebACDQueues, AssignWebACDAgents and DelSessionTemplates over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from parley.domain.site import SupportQueue
from parley.store import Changes, session_templates, support_queues, support_staff
from parley.store.session_templates import SITE_OWNER, SessionTemplate
from tests.client import Answer, Client
from tests.server import Server, TestSite
from tests.services.test_user_provisioning import get

QUEUES = [SupportQueue("Printers"), SupportQueue("Phones", type="AGENT")]


@pytest.fixture
def desk(server: Server) -> TestSite:
    """A site with two queues."""
    return server.new_site(support_queues=QUEUES)


def queues(client: Client, web_ex_id: str | None, *given: dict[str, Any]) -> Answer:
    return client.call("user.AssignWebACDQueues", {"webExId": web_ex_id, "queue": list(given)})


def agents(client: Client, manager: str | None, **given: str) -> Answer:
    people = [{"webExId": name, "action": action} for name, action in given.items()]
    return client.call("user.AssignWebACDAgents", {"manager": manager, "webACDUser": people})


def places(site: TestSite, web_ex_id: str) -> dict[str, set[str]]:
    user = site.users[web_ex_id]
    return site.server.run(support_queues.of_user(site.server.application.engine, site.site_id, user.user_id))


def test_queues_are_assigned_and_taken_away(desk: TestSite) -> None:
    admin = desk.client("admin")
    printers, phones = {"name": "printers", "action": "ASSIGN"}, {"name": "Phones", "action": "ASSIGN"}
    answer = queues(admin, "HOST1", printers, {**phones, "type": "ALL"}).ok()
    assert (answer.type_name, answer.names()) == ("use:AssignWebACDQueuesResponse", [])
    assert places(desk, "host1") == {"printers": {"AGENT"}, "phones": {"ALL"}}
    queues(admin, "host1", printers, {**printers, "type": "MANAGER"}).ok()
    assert places(desk, "host1") == {"printers": {"AGENT", "MANAGER"}, "phones": {"ALL"}}
    found = get(admin, "host1")
    assert (found.value("webACDPrefs/isAgent"), found.value("webACDPrefs/isMgr")) == ("true", "true")
    gone = [{**printers, "action": "UNASSIGN"}, {**phones, "type": "AGENT", "action": "UNASSIGN"}]
    queues(admin, "host1", *gone).ok()
    assert places(desk, "host1") == {"printers": {"MANAGER"}, "phones": {"ALL"}}


def test_queues_that_cannot_be_assigned(desk: TestSite) -> None:
    admin, good = desk.client("admin"), {"name": "Printers", "action": "ASSIGN"}
    queues(admin, "nobody", good).failed("030001")
    queues(admin, None, good).failed("999999")
    queues(admin, "host1").failed("999999")
    queues(admin, "host1", good, {"name": "Nothing", "action": "ASSIGN"}).failed("999999")
    queues(admin, "host1", {"name": "Printers"}).failed("999999")
    queues(admin, "host1", {"action": "ASSIGN"}).failed("999999")
    queues(admin, "host1", {**good, "action": "SELL"}).failed("999999")
    queues(desk.client("host1"), "host1", good).failed("000001")
    assert places(desk, "host1") == {}


def test_agents_are_given_to_managers(desk: TestSite) -> None:
    admin, engine = desk.client("admin"), desk.server.application.engine

    def of_host1() -> list[int]:
        return desk.server.run(support_staff.agents(engine, desk.site_id, desk.users["host1"].user_id))

    answer = agents(admin, "host1", HOST2="ASSIGN", admin="ASSIGN", host1="ASSIGN").ok()
    assert (answer.type_name, answer.names()) == ("use:AssignWebACDAgentsResponse", [])
    assert of_host1() == sorted(desk.users[name].user_id for name in ("host1", "host2", "admin"))
    agents(admin, "HOST1", host2="ASSIGN", admin="UNASSIGN", attendee1="UNASSIGN").ok()
    assert of_host1() == sorted(desk.users[name].user_id for name in ("host1", "host2"))
    assert get(admin, "host2").value("webACDPrefs/isAgent") == "true"
    assert get(admin, "host2").value("webACDPrefs/isMgr") == "false"
    assert get(admin, "host1").value("webACDPrefs/isMgr") == "true"
    assert admin.call("user.LstsummaryUser", {"webACD": {"manager": "host1"}}).ok().all("user/webExId") == [
        "host1",
        "host2",
    ]
    agents(admin, "nobody", host2="ASSIGN").failed("030021")
    agents(admin, None, host2="ASSIGN").failed("999999")
    agents(admin, "host1").failed("999999")
    agents(admin, "host1", nobody="ASSIGN").failed("030001")
    admin.call("user.AssignWebACDAgents", {"manager": "host1", "webACDUser": {"webExId": "host2"}}).failed("999999")
    agents(desk.client("host2"), "host2", host1="ASSIGN").failed("000001")


# --- DelSessionTemplates -----------------------------------------------------------------------------------------


def keep(site: TestSite, owner_id: int, *names: str, service: str = "MeetingCenter") -> None:
    changes = Changes()
    for name in names:
        session_templates.create(changes, SessionTemplate(site.site_id, owner_id, service, name.casefold(), name, "{}"))
    site.server.run(site.server.application.engine.commit(changes))


def kept(site: TestSite, owner_id: int) -> list[str]:
    found = site.server.run(session_templates.of_owner(site.server.application.engine, site.site_id, owner_id))
    return [each.name for each in found]


def delete(client: Client, *names: str, kind: str | None = None, service: str | None = "MeetingCenter") -> Answer:
    templates = [{"name": name, "serviceType": service} for name in names]
    return client.call("user.DelSessionTemplates", {"sessionTemplate": templates, "templateType": kind})


def test_templates_are_deleted_all_or_none(site: TestSite) -> None:
    own = site.users["host1"].user_id
    keep(site, own, "Weekly", "Monthly", "Yearly")
    keep(site, site.users["host2"].user_id, "Weekly")
    client = site.client()
    delete(client, "weekly", "nothing").failed("000015")
    delete(client, "weekly", service="EventCenter").failed("000015")
    delete(client).failed("999999")
    delete(client, "").failed("999999")
    delete(client, "weekly", service=None).failed("999999")
    assert kept(site, own) == ["Monthly", "Weekly", "Yearly"]
    answer = delete(client, "WEEKLY", "Monthly", "monthly").ok()
    assert (answer.type_name, answer.names()) == ("use:delSessionTemplatesResponse", [])
    assert kept(site, own) == ["Yearly"]
    assert kept(site, site.users["host2"].user_id) == ["Weekly"]


def test_templates_of_the_site_are_the_administrators(site: TestSite) -> None:
    keep(site, SITE_OWNER, "Town hall")
    delete(site.client(), "Town hall", kind="Site").failed("000001")
    delete(site.client("attendee1"), "Town hall").failed("000001")
    delete(site.client("admin"), "Town hall").failed("000015")
    delete(site.client("admin"), "Town hall", kind="Site").ok()
    assert kept(site, SITE_OWNER) == []
