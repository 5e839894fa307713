# mypy: ignore-errors
"""A service built with spyne that takes the same documents and gives the same answers; objects come from memory.

It runs in an environment of its own, with spyne and waitress but without Parley:

    python spyne_service.py PORT FOLDER        of each operation NAME there are NAME.request and NAME.answer

spyne finds an operation by the root element. The API names it in bodyContent's xsi:type, within an envelope; the small
protocol below leads from one to the other and lets spyne do the rest: reading the request into an object of the
operation's class, and writing an object as the answer. The classes are derived from the documents.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from lxml import etree
from spyne import Application, Boolean, ComplexModel, Integer, ServiceBase, Unicode, rpc
from spyne.model.complex import ComplexModelMeta
from spyne.protocol.xml import XmlDocument
from spyne.server.wsgi import WsgiApplication
from waitress import serve

_NS = "urn:service"
_SERV = "http://www.webex.com/schemas/2002/06/service"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NUMBER = re.compile(r"-?[1-9][0-9]{0,8}|0")


class Envelope(XmlDocument):
    """Documents in the envelope of the API."""

    def __init__(self, accounts: dict[str, tuple[str, str]], heads: dict[str, bytes]) -> None:
        super().__init__()
        self._accounts = accounts
        self._heads = heads

    def decompose_incoming_envelope(self, ctx: Any, message: str) -> None:
        """Find who asks and what for."""
        root = ctx.in_document
        content = root.find(".//bodyContent")
        name = content.get(_XSI_TYPE).rpartition(".")[2]
        if _account(root) != self._accounts[name]:
            raise ValueError("nobody of that name and password")
        del content.attrib[_XSI_TYPE]
        ctx.in_header_doc = None
        ctx.in_body_doc = content
        ctx.method_request_string = f"{{{_NS}}}{name}"

    def serialize(self, ctx: Any, message: str) -> None:
        """Put the answer into its envelope."""
        if ctx.out_error is None:
            # A function without wrappers has one result; this protocol wants it bare, the application tells a list.
            (ctx.out_object,) = ctx.out_object
        super().serialize(ctx, message)
        name = ctx.descriptor.name
        root = etree.fromstring(self._heads[name])
        content = root.find(f".//{{{_SERV}}}bodyContent")
        content.extend(ctx.out_document)
        ctx.out_document = root


def _account(root: etree._Element) -> tuple[str, str]:
    return root.findtext(".//webExID"), root.findtext(".//password")


def _model(name: str, found: list[etree._Element]) -> type:
    """The class of elements such as these."""
    if not any(len(each) for each in found):
        texts = [each.text or "" for each in found]
        if all(_NUMBER.fullmatch(text) for text in texts):
            return Integer
        return Boolean if all(text in ("true", "false", "TRUE", "FALSE") for text in texts) else Unicode
    children: dict[str, list[etree._Element]] = {}
    most: dict[str, int] = {}
    for each in found:
        for child in each:
            children.setdefault(child.tag, []).append(child)
            most[child.tag] = max(most.get(child.tag, 0), len(each.findall(child.tag)))
    members: dict[str, Any] = {}
    for tag, some in children.items():
        key = etree.QName(tag).localname
        members[key] = _model(f"{name}_{key}", some).customize(
            sub_ns=etree.QName(tag).namespace or "",
            min_occurs=0,
            max_occurs="unbounded" if most[tag] > 1 else 1,
        )
    fields = {"__namespace__": _NS, "_type_info": list(members.items())}
    return ComplexModelMeta(name, (ComplexModel,), fields)


def _object(kind: type, element: etree._Element) -> Any:
    """An object of the class, with what the element says."""
    if not hasattr(kind, "_type_info"):
        text = element.text or ""
        if issubclass(kind, Boolean):
            return text in ("true", "TRUE")
        return int(text) if issubclass(kind, Integer) else text
    made = (kind.__orig__ or kind)()
    for child in element:
        key = etree.QName(child).localname
        member = kind._type_info[key]
        value = _object(member, child)
        if member.Attributes.max_occurs > 1:
            value = [*(getattr(made, key) or []), value]
        setattr(made, key, value)
    return made


def _operation(name: str, request: etree._Element, answer: etree._Element) -> Any:
    """The spyne function of an operation: it looks at its request and gives what it has."""
    asked = _model(name, [request])
    kind = _model(f"{name}Response", [answer])
    kept = _object(kind, answer)

    def function(_ctx: Any, _wanted: Any) -> Any:
        return kept

    function.__name__ = name
    return rpc(asked, _returns=kind, _body_style="bare")(function)


def main() -> None:
    folder = Path(sys.argv[2])
    functions, heads, accounts = {}, {}, {}
    for path in sorted(folder.glob("*.request")):
        request, answer = (etree.fromstring(each.read_bytes()) for each in (path, path.with_suffix(".answer")))
        accounts[path.stem] = _account(request)
        content = answer.find(f".//{{{_SERV}}}bodyContent")
        functions[path.stem] = _operation(path.stem, request.find(".//bodyContent"), content)
        for child in list(content):
            content.remove(child)
        heads[path.stem] = etree.tostring(answer)
    service = type("Service", (ServiceBase,), functions)
    protocols = {name: Envelope(accounts, heads) for name in ("in_protocol", "out_protocol")}
    application = WsgiApplication(Application([service], _NS, **protocols))
    serve(application, host="127.0.0.1", port=int(sys.argv[1]), threads=8, connection_limit=200, _quiet=True)


if __name__ == "__main__":
    main()
