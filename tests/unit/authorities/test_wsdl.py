"""Every name that the client uses, against DGI's own WSDLs and schemas where they are at hand."""

from pathlib import Path

import pytest
from lxml import etree

from sincronizador.authorities import dgi
from sincronizador.authorities.soap import Operation
from sincronizador.nube.configuration import OFFICES

WSDL, SOAP11 = "{http://schemas.xmlsoap.org/wsdl/}", "{http://schemas.xmlsoap.org/wsdl/soap/}"
XSD = "{http://www.w3.org/2001/XMLSchema}"
RECEPTION = ("ws_eprueba.wsdl", "ws_eprueba.xsd1.xsd")
TAXPAYERS = ("ws_personaGetActEmpresarialPrueba.wsdl", "ws_personaGetActEmpresarialPrueba.xsd1.xsd")


@pytest.mark.parametrize(
    ("operation", "files"),
    [
        (dgi.SEND_SOBRE, RECEPTION),
        (dgi.SEND_REPORT, RECEPTION),
        (dgi.CONSULT, RECEPTION),
        (dgi.TAXPAYER, TAXPAYERS),
    ],
    ids=lambda it: it.method if isinstance(it, Operation) else "",
)
def test_an_operation_is_named_as_its_wsdl_names_it(operation: Operation, files: tuple[str, str], wsdls: Path) -> None:
    wsdl, schema = (etree.parse(wsdls / name).getroot() for name in files)
    assert wsdl.get("targetNamespace") == schema.get("targetNamespace") == operation.namespace
    bound = wsdl.find(f"{WSDL}binding/{WSDL}operation[@name='{operation.method}']")
    assert bound.find(f"{SOAP11}operation").get("soapAction") == operation.action
    assert {one.get("use") for one in bound.iter(f"{SOAP11}body")} == {"literal"}
    declared = {one.get("name"): one for one in schema.findall(f"{XSD}element")}
    assert {operation.element, f"{operation.element}Response"} <= declared.keys()
    assert schema.get("elementFormDefault") == "qualified"


@pytest.mark.parametrize("method", ["EFACRECEPCIONSOBRE", "EFACRECEPCIONREPORTE", "EFACCONSULTARESTADOENVIO"])
def test_the_reception_takes_and_gives_one_text(method: str, wsdls: Path) -> None:
    schema = etree.parse(wsdls / RECEPTION[1]).getroot()
    for element, part in ((method, "Datain"), (f"{method}Response", "Dataout")):
        inside = schema.findall(f"{XSD}element[@name='WS_eFactura.{element}']//{XSD}element")
        assert [(one.get("name"), one.get("type")) for one in inside] == [(part, "tns:Data")]
    data = schema.findall(f"{XSD}complexType[@name='Data']//{XSD}element")
    assert [(one.get("name"), one.get("type")) for one in data] == [("xmlData", "xsd:string")]


def test_the_taxpayers_service_takes_a_rut_and_gives_a_text(wsdls: Path) -> None:
    schema = etree.parse(wsdls / TAXPAYERS[1]).getroot()
    inside = [one.get("name") for one in schema.findall(f"{XSD}element//{XSD}element")]
    assert inside == ["Rut", "Data"]


@pytest.mark.parametrize("name", [RECEPTION[0], TAXPAYERS[0]])
def test_the_testing_address_is_that_of_the_wsdl(name: str, wsdls: Path) -> None:
    found = etree.parse(wsdls / name).getroot().find(f"{WSDL}service/{WSDL}port/{SOAP11}address").get("location")
    assert found in OFFICES["prueba"].values()


def test_the_rule_of_soap_actions_holds_for_every_service_that_dgi_describes(wsdls: Path) -> None:
    """No WSDL of the queries is at hand: this is why their actions are taken to be what they are."""
    seen = 0
    for path in (wsdls / "ws_eprueba.wsdl", wsdls / TAXPAYERS[0], wsdls / "ws_ActCttProv.xml"):
        wsdl = etree.parse(path).getroot()
        procedure = wsdl.find(f"{WSDL}service").get("name")
        for bound in wsdl.findall(f"{WSDL}binding/{WSDL}operation"):
            made = Operation(wsdl.get("targetNamespace"), procedure, bound.get("name"))
            assert bound.find(f"{SOAP11}operation").get("soapAction") == made.action
            seen += 1
    assert seen == 5
