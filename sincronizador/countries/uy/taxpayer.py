"""
What DGI says of a taxpayer: the document of WS_PersonaGetActEmpresarial, and its refusals.

DGI, Servicios Web Externos, T-5.020.00.001-000006 v1.0.
"""

from collections.abc import Iterator
from datetime import date

from lxml import etree

from sincronizador.core.contribuyente import Contribuyente
from sincronizador.core.finding import Finding
from sincronizador.countries.uy import taxpayer_codes as codes
from sincronizador.errors import Rejected

SITUACIONES = {
    "AA": "ACTIVO",
    "AF": "ACTIVO_A_FUTURO",
    "CC": "CANCELADO",
    "CH": "CANCELADO_HOY",
    "NT": "SIN_ACTIVIDAD",
}
"""EstadoActividad -> SITUACION."""

_NS = {"d": "DGI_Modernizacion_Consolidado"}
_ROOT = "{DGI_Modernizacion_Consolidado}WS_PersonaActEmpresarial"
# A dot is part of these names; a "*" is what spares a path with their whole repetition.
_HOME = "d:WS_DomFiscalLocPrincipal/*"
_CORREO, _TELEFONOS = ("1",), ("5", "6")
_LONGEST = 200


def parse_taxpayer(document: bytes) -> Contribuyente:
    """The taxpayer in DGI's document. Raises `Rejected` E1521 for what is none."""
    root = _parsed(document)
    home = root.find(_HOME, _NS)
    situation = _text(root, "EstadoActividad")
    contribuyente = Contribuyente(
        rut=_text(root, "RUT"),
        razon_social=_text(root, "Denominacion"),
        nombre_fantasia=_text(root, "NombreFantasia"),
        tipo_entidad=_text(root, "DescripcionTipoEntidad"),
        situacion=SITUACIONES.get(situation, situation),
        inicio=_day(_text(root, "FechaInicioActivdad")),  # sic
        direccion=_address(home),
        ciudad=_text(home, "Loc_Nom"),
        departamento=_text(home, "Dpto_Nom"),
        telefonos=tuple(_contacts(home, _TELEFONOS)),
        correos=tuple(_contacts(home, _CORREO)),
        giros=tuple(_each(root, "d:WS_PersonaActividades/*", "GiroNom")),
    )
    if not (contribuyente.rut and contribuyente.razon_social):
        raise codes.UNREADABLE.at(detalle="no dice de quién es").as_error(Rejected)
    return contribuyente


def refusal(code: int, description: str, rut: str) -> Finding:
    """Why DGI says nothing of a taxpayer, by the code of its fault."""
    rule = codes.OF_FAULT.get(code, codes.OTHER)
    return rule.at(field="RUT", value=rut, codigo=code, detalle=description.rstrip(". ") or "sin explicación")


def is_final(code: int) -> bool:
    """Whether a fault is DGI's word about the taxpayer; else it is trouble of the service, and passes."""
    return code in codes.OF_FAULT and codes.OF_FAULT[code] is not codes.BROKEN


def _parsed(document: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as exc:
        raise codes.UNREADABLE.at(detalle="no es un XML").as_error(Rejected) from exc
    if root.getroottree().docinfo.internalDTD is not None or root.tag != _ROOT:
        raise codes.UNREADABLE.at(detalle="no es el documento que contesta ese servicio").as_error(Rejected)
    return root


def _text(element: etree._Element | None, name: str) -> str:
    """In one line, and no longer than what a field of an answer may be."""
    found = element.findtext(f"d:{name}", "", _NS) if element is not None else ""
    return " ".join(found.split())[:_LONGEST]


def _each(element: etree._Element, path: str, name: str) -> Iterator[str]:
    for one in element.iterfind(path, _NS):
        if text := _text(one, name):
            yield text


def _contacts(home: etree._Element | None, kinds: tuple[str, ...]) -> Iterator[str]:
    """Telephones, or addresses of mail: each once."""
    found = home.iterfind("d:Contactos/*", _NS) if home is not None else ()
    wanted = [_text(one, "DomCtt_Val") for one in found if _text(one, "TipoCtt_Id") in kinds]
    yield from dict.fromkeys(filter(None, wanted))


def _address(home: etree._Element | None) -> str:
    """Street, number, ``BIS`` and flat, and what the door needs besides: ``AV 18 DE JULIO 1234 BIS AP 5, TORRE 2``."""
    if home is None:
        return ""
    flat = _text(home, "Dom_Ap_Nro")
    bis = "BIS" if _text(home, "Dom_Bis_Flg").upper() in ("S", "SI", "1", "BIS") else ""
    street = (_text(home, "Calle_Nom"), _number(_text(home, "Dom_Pta_Nro")), bis, f"AP {flat}" if _number(flat) else "")
    more = [f"{_text(one, 'Cmpl_Dsc')} {_text(one, 'DomCmpl_Vlr')}" for one in home.iterfind("d:Complementos/*", _NS)]
    return ", ".join(" ".join(part.split()) for part in (" ".join(filter(None, street)), *more) if part.strip())


def _number(text: str) -> str:
    """A number of a door or a flat; zeros are none."""
    return text if text.strip("0") else ""


def _day(text: str) -> date | None:
    """A date of DGI's, whose ``0000-00-00`` is none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
