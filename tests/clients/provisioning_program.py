"""A program that keeps the accounts of a site in step with a table of people, as provisioning software does it.

It takes a ticket with AuthenticateUser and signs in again when the ticket is worn out, reads with GetSite what the
site demands, gives every person of the table an account, changes, switches off and on, reads the accounts back page by
page, and tells where site and table differ. Prefixes stand in its documents without being declared, as administrators'
tools send them (facts/clients.md 1 and 11).
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lxml import etree

from tests.clients.dialects import PREFIXES, SENDERS, XSI, Dialect, Elements, Request, document, prefixed
from tests.clients.meeting_program import Program, Refused, text

_USE: Final = "{http://www.webex.com/schemas/2002/06/service/user}"
_SITE: Final = "{http://www.webex.com/schemas/2002/06/service/site}"
_COM: Final = "{http://www.webex.com/schemas/2002/06/common}"
_SERV: Final = "{http://www.webex.com/schemas/2002/06/service}"
#: Codes that the program knows what to do about.
NOTHING_FOUND: Final = "000015"
WORN_OUT_TICKET: Final = "030047"
PAGE: Final = 120


def _write(request: Request) -> str:
    """No declaration, a line break in front, and prefixes that nobody declared."""
    content = prefixed(PREFIXES[request.module], request.content)
    for name in ("startFrom", "maximumNum", "listMethod"):
        content = content.replace(f"use:{name}>", f"serv:{name}>")
    return "\n" + document(request, declaration="", namespaces=f' xmlns:xsi="{XSI}"', content=content)


#: As an administrators' tool speaks that was in the field for years.
ADMIN_TOOL: Final = Dialect(_write, SENDERS["misspelt form"])


# --- the table of people ---------------------------------------------------------------------------------------------


@dataclass
class Person:
    """A row of the table, and whether the person still works here."""

    login: str
    email: str
    first_name: str
    last_name: str
    department: str
    cost_centre: str
    company: str
    phone: str
    zone: str
    role: str
    active: bool = True


COLUMNS: Final = tuple(name for name in Person.__dataclass_fields__ if name != "active")
DEPARTMENTS: Final = ("R&D", "Sales <EMEA>", "Finanzen & Controlling", "总务部", "الموارد البشرية")
_FIRST: Final = (
    *("Siobhán", "D'Arcy", "Jürgen", "Zoë", "İpek", "Ørjan", "Łukasz", "Nguyễn Thị", "Chloé-Anaïs", "Ana María"),
    *("משה", "נועה", "محمد", "فاطمة", "小龙", "花子", "지민", "Юлия", "Γιώργος", "अर्जुन"),
)
_LAST: Final = (
    *("O'Brien", "Müller-Weiß", "St. John & Vale", "García Márquez", "van 't Hoff", "Yıldız", "Ångström", "Smith"),
    *("כהן", "לוי־ברק", "الأحمد", "العلي", "李", "山田", "김", "Петров", "Παπαδόπουλος", "शर्मा", "D’Souza"),
)
_COMPANIES: Final = ("Meier & Söhne GmbH", "“Quoted” Ltd.", "Acme <Holding>", "株式会社ほげ")
_ZONES: Final = ("4", "25", "45", "20")
#: Most people are hosts; every twentieth only attends, every hundredth may look at the site's accounts.
_ROLES: Final = {1: "attendee", 50: "read-only admin"}


def write_table(file: Path, count: int) -> None:
    """Write a table of so many people; the same one every time."""
    drawn = random.Random(20220617)
    with file.open("w", encoding="utf-8-sig", newline="") as output:
        writer = csv.writer(output)
        writer.writerow(COLUMNS)
        for number in range(count):
            login = f"{('user', 'U.Ser', 'o-user', 'us_er')[number % 4]}{number:04}"
            address = f"{login}{('', '+desk', '.x')[number % 3]}@{('acme', 'ACME')[number % 2]}.example"
            first, last = drawn.choice(_FIRST), drawn.choice(_LAST)
            code = f"{drawn.randrange(10**6):06}"
            phone = f"49,30,{drawn.randrange(10**7):07},,,,"
            role = _ROLES.get(number % 100, "attendee" if number % 20 == 1 else "host")
            choices = (drawn.choice(each) for each in (DEPARTMENTS, _COMPANIES, _ZONES))
            department, company, zone = choices
            writer.writerow([login, address, first, last, department, code, company, phone, zone, role])


def read_table(file: Path) -> list[Person]:
    """The people of a table."""
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows: list[dict[str, Any]] = list(csv.DictReader(source))
    return [Person(**row) for row in rows]


# --- what the program reads ------------------------------------------------------------------------------------------


@dataclass
class SiteRules:
    """What the program has to know of a site before it makes accounts."""

    name: str
    meeting_types: list[tuple[str, str]]
    host_limit: int | None
    hosts: int | None
    tracking: dict[str, str]
    values: dict[str, list[str]]
    demands: dict[str, str]
    password: dict[str, str]
    forbidden: list[str]
    profile_switches: dict[str, bool]


@dataclass
class Account:
    """An account as a list answers it; the lower part comes with whole accounts only."""

    web_ex_id: str
    email: str
    first_name: str
    last_name: str
    active: str
    zone: str
    registered: str
    modified: str
    company: str = ""
    phone: str = ""
    tracking: dict[str, str] = field(default_factory=dict)
    roles: list[str] = field(default_factory=list)
    meeting_types: list[str] = field(default_factory=list)


def _parsed(answer: str) -> etree._Element:
    return etree.fromstring(answer.encode())


def _texts(element: etree._Element, path: str) -> list[str]:
    return [each.text or "" for each in element.findall(path)]


def _children(element: etree._Element, path: str, namespace: str) -> dict[str, str]:
    found = element.find(path)
    return {} if found is None else {str(each.tag).removeprefix(namespace): each.text or "" for each in found}


def _account(element: etree._Element) -> Account:
    def value(path: str) -> str:
        return element.findtext(path) or ""

    privileges = _children(element, f"{_USE}privilege", _USE)
    return Account(
        web_ex_id=value(f"{_USE}webExId"),
        email=value(f"{_USE}email"),
        first_name=value(f"{_USE}firstName"),
        last_name=value(f"{_USE}lastName"),
        active=value(f"{_USE}active"),
        zone=value(f"{_USE}timeZoneID"),
        registered=value(f"{_USE}registrationDate"),
        modified=value(f"{_USE}lastModifiedTime"),
        company=value(f"{_USE}company"),
        phone=value(f"{_USE}phones/{_COM}phone"),
        tracking=_children(element, f"{_USE}tracking", _COM),
        roles=[name for name in ("host", "siteAdmin", "roSiteAdmin", "attendeeOnly") if privileges.get(name) == "true"],
        meeting_types=_texts(element, f"{_USE}meetingTypes/{_USE}meetingType"),
    )


_ROLE_NAMES: Final = {"host": ["host"], "attendee": ["attendeeOnly"], "read-only admin": ["host", "roSiteAdmin"]}


# --- the program -----------------------------------------------------------------------------------------------------


class Provisioner:
    """Keeps the accounts of one site, as one of its administrators.

    Args:
        program: carries the calls.
        password: the administrator's.
    """

    def __init__(self, program: Program, password: str) -> None:
        self._program = program
        self._password = password
        self.sign_ins = 0

    def call(self, operation: str, content: Elements = ()) -> str:
        """Send an operation with the ticket; take another ticket when there is none or it is worn out.

        Raises:
            Refused: the answer is a FAILURE.
        """
        if self.sign_ins == 0:
            self._sign_in()
        try:
            return self._program.call(operation, content)
        except Refused as refused:
            if refused.code != WORN_OUT_TICKET:
                raise
        self._sign_in()
        return self._program.call(operation, content)

    def _sign_in(self) -> None:
        self._program.sign_in(self._password)
        self.sign_ins += 1

    # --- reading the site

    def read_site(self) -> SiteRules:
        """What the site demands and allows."""
        found = _parsed(self.call("site.GetSite")).find(f".//{_SITE}siteInstance")
        assert found is not None
        meta = found.find(f"{_SITE}metaData")
        assert meta is not None
        types = meta.findall(f"{_SITE}meetingTypes")
        codes = found.findall(f"{_SITE}trackingCodes/{_SITE}trackingCode")
        criteria = _children(found, f"{_SITE}accountPasswordCriteria", _SITE)
        limit, hosts = meta.findtext(f"{_SITE}accountNumLimit"), meta.findtext(f"{_SITE}activeUserCount")
        profile = _children(found, f"{_SITE}myWebExConfig", _SITE)
        labels = {each.findtext(f"{_SITE}name") or "": each for each in codes}
        return SiteRules(
            name=meta.findtext(f"{_SITE}siteName") or "",
            meeting_types=[
                (each.findtext(f"{_SITE}meetingTypeID") or "", each.findtext(f"{_SITE}meetingTypeName") or "")
                for each in types
            ],
            host_limit=None if limit is None else int(limit),
            hosts=None if hosts is None else int(hosts),
            tracking={name: f"trackingCode{each.findtext(f'{_SITE}index')}" for name, each in labels.items()},
            values={name: _texts(each, f"{_SITE}listValue/{_SITE}value") for name, each in labels.items()},
            demands={name: each.findtext(f"{_SITE}hostProfile") or "" for name, each in labels.items()},
            password=criteria,
            forbidden=_texts(found, f"{_SITE}accountPasswordCriteria/{_SITE}disallowValue"),
            profile_switches={
                name: value == "true" for name, value in profile.items() if name.lower().startswith("allow")
            },
        )

    def session_types(self) -> dict[str, str]:
        """Name and service of the session types, by number."""
        found = _parsed(self.call("meetingtype.LstMeetingType"))
        kind = "{http://www.webex.com/schemas/2002/06/service/meetingtype}"
        return {
            each.findtext(f"{kind}meetingTypeID") or "": each.findtext(f".//{kind}serviceType") or ""
            for each in found.findall(f".//{kind}meetingType")
        }

    # --- making and changing accounts

    def create(self, person: Person, rules: SiteRules) -> str:
        """Make an account; its userId.

        Raises:
            Refused: the site does not take it.
        """
        paid = [number for number, name in rules.meeting_types if name in ("PRO", "TRS")]
        content: list[tuple[str, str | Elements]] = [
            ("webExId", person.login),
            ("email", person.email),
            ("firstName", person.first_name),
            ("lastName", person.last_name),
            ("company", person.company),
            ("phones", [("phone", person.phone)]),
            ("timeZoneID", person.zone),
            ("password", made_up_password(person, rules)),
            ("privilege", [(name, "TRUE") for name in _ROLE_NAMES[person.role]]),
            ("tracking", _tracking(person, rules)),
            ("active", "ACTIVATED"),
        ]
        if person.role != "attendee":
            content.append(("meetingTypes", [("meetingType", number) for number in paid]))
        return text(self.call("user.CreateUser", content), "use:userId")

    def change(self, login: str, content: Elements) -> None:
        """Change what the content names of an account."""
        self.call("user.SetUser", [("webExId", login), *content])

    def move(self, person: Person, department: str, rules: SiteRules) -> None:
        """Put a person into another department."""
        self.change(person.login, [("tracking", [(rules.tracking["Department"], department)])])
        person.department = department

    def marry(self, person: Person, last_name: str, email: str) -> None:
        """Give a person another last name and address."""
        self.change(person.login, [("lastName", last_name), ("email", email)])
        person.last_name, person.email = last_name, email

    def rename(self, person: Person, login: str) -> None:
        """Give a person another webExID."""
        self.change(person.login, [("newWebExId", login)])
        person.login = login

    def switch(self, person: Person, active: bool) -> None:
        """Switch an account on or off by its state."""
        self.change(person.login, [("active", "ACTIVATED" if active else "DEACTIVATED")])
        person.active = active

    def activate(self, person: Person) -> None:
        """Switch an account on."""
        self.call("user.ActivateUser", [("webexID", person.login)])
        person.active = True

    def inactivate(self, person: Person) -> None:
        """Switch an account off."""
        self.call("user.InactivateUser", [("webexID", person.login)])
        person.active = False

    def delete(self, people: Iterable[Person], *others: str) -> dict[str, str]:
        """Delete up to 50 accounts at once; what the site says of each."""
        leaving = {person.login: person for person in people}
        answer = self.call("user.DelUser", [("webExId", login) for login in [*leaving, *others]])
        result = {
            each.findtext(f"{_USE}webExId") or "": each.findtext(f"{_USE}status") or ""
            for each in _parsed(answer).findall(f".//{_USE}user")
        }
        for login, status in result.items():
            if status == "SUCCESS" and login in leaving:
                leaving[login].active = False
        return result

    # --- reading accounts

    def read(self, login: str) -> dict[str, str]:
        """The plain values of an account."""
        content = _parsed(self.call("user.GetUser", [("webExId", login)])).find(f".//{_SERV}bodyContent")
        assert content is not None
        return {str(each.tag).removeprefix(_USE): each.text or "" for each in content if len(each) == 0}

    def listed(
        self,
        filters: Elements = (),
        order: Elements = (),
        *,
        method: str = "AND",
        whole: bool = False,
        page: int = PAGE,
    ) -> list[Account]:
        """All accounts that the filters let through, page by page.

        Raises:
            Refused: the site does not take the filters; finding nothing is no reason.
            ValueError: the pages do not fit together.
        """
        return list(self._pages(filters, order, method, "user.LstUser" if whole else "user.LstsummaryUser", page))

    def _pages(self, filters: Elements, order: Elements, method: str, operation: str, page: int) -> Iterator[Account]:
        start, total = 1, 1
        while start <= total:
            control: Elements = [("startFrom", str(start)), ("maximumNum", str(page)), ("listMethod", method)]
            content = [("listControl", control), *filters, *([("order", order)] if order else [])]
            try:
                answer = self.call(operation, content)
            except Refused as refused:
                if refused.code == NOTHING_FOUND and start == 1:
                    return
                raise
            found = [_account(each) for each in _parsed(answer).findall(f".//{_USE}user")]
            numbers = {name: int(text(answer, f"serv:{name}")) for name in ("total", "returned", "startFrom")}
            if numbers["startFrom"] != start or numbers["returned"] != len(found) or not 0 < len(found) <= page:
                raise ValueError(f"a page from {start} on of {page} accounts says {numbers}, holds {len(found)}")
            yield from found
            start, total = start + len(found), numbers["total"]

    def differences(self, people: Iterable[Person], rules: SiteRules, *besides: str) -> list[str]:
        """Where the site and the table differ; nothing when all went well.

        Args:
            besides: webExIDs of accounts that are no business of the table's.
        """
        present = {account.web_ex_id: account for account in self.listed(whole=True)}
        brief = {account.web_ex_id: account for account in self.listed()}
        found = []
        for person in people:
            account, short = present.pop(person.login, None), brief.pop(person.login, None)
            if account is None or short is None:
                found.append(f"{person.login} is missing")
                continue
            expected = {
                "email": person.email,
                "first_name": person.first_name,
                "last_name": person.last_name,
                "active": "ACTIVATED" if person.active else "DEACTIVATED",
                "zone": person.zone,
            }
            for name, value in expected.items():
                if not getattr(account, name) == getattr(short, name) == value:
                    found.append(f"{person.login}: {name} is not {value}")
            whole = {
                "company": person.company,
                "phone": person.phone,
                "tracking": dict(_tracking(person, rules)),
                "roles": _ROLE_NAMES[person.role],
            }
            found += [
                f"{person.login}: {name} is {getattr(account, name)}, not {value}"
                for name, value in whole.items()
                if getattr(account, name) != value
            ]
        return found + [f"{name} is not in the table" for name in present if name not in besides]


def _tracking(person: Person, rules: SiteRules) -> list[tuple[str, str]]:
    return [(rules.tracking["Department"], person.department), (rules.tracking["Cost centre"], person.cost_centre)]


def made_up_password(person: Person, rules: SiteRules) -> str:
    """A password that keeps the rules that the site told."""
    drawn = random.Random(person.login)
    least = {name: int(rules.password[name]) for name in ("minLength", "minAlpha", "minNumeric", "minSpecial")}
    letters = max(least["minAlpha"], least["minLength"] - 3, 8)
    signs = [drawn.choice("BCDFGHJKLMNPQRSTVWXZ"), *drawn.sample("bcdfghjkmnpqrstvwxz", letters)]
    signs += drawn.sample("23456789", max(least["minNumeric"], 2))
    signs += drawn.sample("#!+-_%", max(least["minSpecial"], 1))
    drawn.shuffle(signs)  # no sign stands twice, so none stands three times in a row
    password = "".join(signs)
    assert password.casefold() not in rules.forbidden
    return password


def refusals(calls: Iterable[Callable[[], object]]) -> list[str]:
    """The codes with which calls are refused; empty for one that is not."""
    codes = []
    for call in calls:
        try:
            call()
        except Refused as refused:
            codes.append(refused.code)
        else:
            codes.append("")
    return codes
