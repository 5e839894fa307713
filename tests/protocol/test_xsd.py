"""The schema files: they load, they are complete, and what the encoder writes is valid by them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from parley import contract
from parley.contract import meeting
from parley.contract import service as serv
from parley.protocol.codec import encoder
from parley.protocol.declare import Record
from parley.protocol.versions import FIRST, LATEST, LEVELS
from parley.protocol.xsd import ALL, schema_files, write_tree, zip_bytes
from tests.generators import records

XSD = "{http://www.w3.org/2001/XMLSchema}"
PATHS = [schema.path for schema in contract.SCHEMAS]
contract.modules()
#: What can stand in a body: types that extend bodyContentType.
CONTENTS: list[type[Record]] = [
    cls for schema in contract.SCHEMAS for cls in schema.records() if issubclass(cls, serv.BodyContentType)
]
_DECLARATIONS = "".join(f' xmlns:{schema.prefix}="{schema.namespace}"' for schema in contract.SCHEMAS)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schema")
    write_tree(LATEST, folder)
    return folder


@pytest.fixture(scope="module")
def validator(tree: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(tree / ALL)))


def message(cls: type[Record], inner: str) -> Any:
    type_name = f"{cls.xml_schema.prefix}:{cls.xml_name}"
    return etree.fromstring(
        f'<serv:message{_DECLARATIONS} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><serv:header>'
        "<serv:response><serv:result>SUCCESS</serv:result><serv:gsbStatus>PRIMARY</serv:gsbStatus></serv:response>"
        f'</serv:header><serv:body><serv:bodyContent xsi:type="{type_name}">{inner}</serv:bodyContent></serv:body>'
        "</serv:message>"
    )


def test_the_tree_is_that_of_the_published_schemas(tree: Path) -> None:
    found = {str(path.relative_to(tree)) for path in tree.rglob("*.xsd")}
    root = "com/webex/schemas/2002/06"
    service = f"{root}/service"
    assert found == {
        ALL,
        f"{root}/common/common.xsd",
        f"{service}/service.xsd",
        f"{service}/attendee/attendee.xsd",
        f"{service}/ep/ep.xsd",
        f"{service}/event/event.xsd",
        f"{service}/history/history.xsd",
        f"{service}/meeting/meeting.xsd",
        f"{service}/meeting/teleconferenceonly.xsd",
        f"{service}/meetingtype/meetingtype.xsd",
        f"{service}/sales/sales.xsd",
        f"{service}/session/session.xsd",
        f"{service}/site/site.xsd",
        f"{service}/supportsession/supportsession.xsd",
        f"{service}/training/trainingsession.xsd",
        f"{service}/training/training_ims_qtiasiv1p2.xsd",
        f"{service}/training/training_ims_qtiresv1p2.xsd",
        f"{service}/user/user.xsd",
    }


@pytest.mark.parametrize("path", PATHS)
def test_every_file_loads_by_itself(tree: Path, path: str) -> None:
    assert etree.XMLSchema(etree.parse(str(tree / path))) is not None


def test_every_level_loads(tmp_path: Path) -> None:
    for level in LEVELS:
        write_tree(level, tmp_path / str(level))
        assert etree.XMLSchema(etree.parse(str(tmp_path / str(level) / ALL))) is not None


def test_files_have_qualified_elements_and_relative_imports(tree: Path) -> None:
    root = etree.parse(str(tree / contract.schemas.MEETING.path)).getroot()
    assert root.get("elementFormDefault") == "qualified"
    assert root.get("attributeFormDefault") == "unqualified"
    assert root.get("targetNamespace") == "http://www.webex.com/schemas/2002/06/service/meeting"
    locations = {e.get("schemaLocation") for e in root.findall(f"{XSD}import")}
    assert locations == {"../../common/common.xsd", "../service.xsd", "../attendee/attendee.xsd"}


def test_elements_newer_than_the_level_are_left_out() -> None:
    path = contract.schemas.SITE.path
    assert "allowChangeFirstName" not in schema_files(FIRST)[path]
    assert "allowChangeFirstName" in schema_files(LEVELS[1])[path]
    assert {p for p in schema_files(FIRST) if _content(FIRST, p) != _content(LATEST, p)} == {path}


def _content(level: Any, path: str) -> str:
    return schema_files(level)[path].replace(f'version="{level}"', "")


def test_the_archive_holds_the_same_files() -> None:
    data = zip_bytes(LATEST)
    assert data == zip_bytes(LATEST)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name).decode() for name in archive.namelist()} == schema_files(LATEST)


def test_types_are_described(tree: Path) -> None:
    text = (tree / contract.schemas.MEETING.path).read_text()
    assert "<xsd:documentation>Request of CreateMeeting: schedules a meeting.</xsd:documentation>" in text


def test_facets_are_written(tree: Path) -> None:
    root: Any = etree.parse(str(tree / contract.schemas.MEETING.path)).getroot()
    password = root.find(f"{XSD}complexType[@name='accessControlType']//{XSD}element[@name='meetingPassword']")
    assert password.find(f".//{XSD}maxLength").get("value") == "16"
    training: Any = etree.parse(str(tree / contract.schemas.TRAINING.path)).getroot()
    display = training.find(f"{XSD}complexType[@name='uploadIMStest']//{XSD}element[@name='display']")
    assert [e.get("name") for e in display.findall(f".//{XSD}choice/{XSD}element")] == ["allOnePage", "onePerPage"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_complete_records_are_valid(data: st.DataObject, validator: etree.XMLSchema) -> None:
    cls = data.draw(st.sampled_from(CONTENTS))
    record = data.draw(records(cls, complete=True))
    document = message(cls, encoder(cls, LATEST)(record))
    assert validator.validate(document), validator.error_log


@pytest.mark.parametrize(
    "inner",
    [
        "<meet:other/>",
        "<meet:meetingkey>a</meet:meetingkey>",
        "<meet:guestToken>a</meet:guestToken><meet:meetingkey>1</meet:meetingkey>",
        "<meet:meetingkey>1</meet:meetingkey><meet:meetingkey>1</meet:meetingkey>",
        "<meetingkey>1</meetingkey>",
    ],
)
def test_the_validator_refuses_what_is_wrong(validator: etree.XMLSchema, inner: str) -> None:
    assert not validator.validate(message(meeting.CreateMeetingResponse, inner))


def test_a_failure_is_valid(validator: etree.XMLSchema) -> None:
    document = message(serv.BodyContentType, "")
    assert validator.validate(document), validator.error_log
