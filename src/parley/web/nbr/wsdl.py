"""The description of a service for SOAP libraries (WSDL 1.1), written from its declaration.

Source: facts/general-session.md 10 "Operations".
"""

from __future__ import annotations

from functools import cache
from typing import Final
from xml.sax.saxutils import quoteattr

from parley.web.nbr.declared import NAMESPACE, SERVICES, Kind, Operation, Parameter
from parley.web.nbr.soap import APACHE

_SOAP: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
_TRANSPORT: Final = "http://schemas.xmlsoap.org/soap/http"
_ENCODING: Final = "http://schemas.xmlsoap.org/soap/encoding/"
#: Documents hold what they hold; attachments are named by their place in the message.
_TYPES: Final = (
    f'<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="{APACHE}">'
    '<complexType name="Document"><sequence><any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></sequence>'
    '</complexType><complexType name="DataHandler"><attribute name="href" type="anyURI"/></complexType>'
    '<complexType name="ArrayOf_DataHandler"><sequence>'
    '<element name="item" minOccurs="0" maxOccurs="unbounded" type="apachesoap:DataHandler"/></sequence>'
    "</complexType></schema>"
    # What answers say of their arrays; libraries would fetch this from elsewhere.
    f'<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="{_ENCODING}">'
    '<attribute name="arrayType" type="string"/><complexType name="Array"><sequence>'
    '<any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></sequence>'
    '<anyAttribute namespace="##any" processContents="lax"/></complexType></schema>'
)
_OF_APACHE: Final = frozenset({Kind.DOCUMENT, Kind.FILE, Kind.FILES})


@cache
def _around(service: str) -> tuple[str, str]:
    """What stands before and after the address."""
    forms = [form for each in SERVICES[service] for form in _forms(each)]
    messages = "".join(_messages(operation, number, service) for number, operation in enumerate(forms))
    ports = "".join(_port(operation, number) for number, operation in enumerate(forms))
    bindings = "".join(_binding(operation, number) for number, operation in enumerate(forms))
    before = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<wsdl:definitions targetNamespace="{NAMESPACE}" xmlns:impl="{NAMESPACE}" xmlns:apachesoap="{APACHE}"'
        f' xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:wsdlsoap="{_SOAP}"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"<wsdl:types>{_TYPES}</wsdl:types>{messages}"
        f'<wsdl:portType name="{service}">{ports}</wsdl:portType>'
        f'<wsdl:binding name="{service}SoapBinding" type="impl:{service}">'
        f'<wsdlsoap:binding style="rpc" transport="{_TRANSPORT}"/>{bindings}</wsdl:binding>'
        f'<wsdl:service name="{service}Service"><wsdl:port binding="impl:{service}SoapBinding" name="{service}">'
    )
    return before, "</wsdl:port></wsdl:service></wsdl:definitions>\n"


def wsdl(service: str, address: str) -> str:
    """The WSDL of a service.

    Args:
        address: where it is called.
    """
    before, after = _around(service)
    return f"{before}<wsdlsoap:address location={quoteattr(address)}/>{after}"


def _forms(operation: Operation) -> list[Operation]:
    """An operation in all its forms."""
    if operation.short is None:
        return [operation]
    return [operation, operation._replace(parameters=operation.parameters[: operation.short])]


def _type(kind: Kind) -> str:
    return f"{'apachesoap' if kind in _OF_APACHE else 'xsd'}:{kind.value}"


def _messages(operation: Operation, number: int, service: str) -> str:
    def message(name: str, parts: tuple[Parameter, ...]) -> str:
        inner = "".join(f'<wsdl:part name="{each.name}" type="{_type(each.kind)}"/>' for each in parts)
        return f'<wsdl:message name="{name}{number}">{inner}</wsdl:message>'

    answer = (Parameter(f"{operation.name}Return", operation.answer),)
    return message(f"{operation.name}Request", operation.parameters) + message(f"{operation.name}Response", answer)


def _port(operation: Operation, number: int) -> str:
    order = " ".join(each.name for each in operation.parameters)
    return f'<wsdl:operation name="{operation.name}" parameterOrder="{order}">' + "".join(
        f'<wsdl:{way} message="impl:{operation.name}{kind}{number}" name="{operation.name}{kind}{number}"/>'
        for way, kind in (("input", "Request"), ("output", "Response"))
    ) + "</wsdl:operation>"  # fmt: skip


def _binding(operation: Operation, number: int) -> str:
    body = f'<wsdlsoap:body encodingStyle="{_ENCODING}" namespace="{NAMESPACE}" use="encoded"/>'
    return f'<wsdl:operation name="{operation.name}"><wsdlsoap:operation soapAction=""/>' + "".join(
        f'<wsdl:{way} name="{operation.name}{kind}{number}">{body}</wsdl:{way}>'
        for way, kind in (("input", "Request"), ("output", "Response"))
    ) + "</wsdl:operation>"  # fmt: skip
