"""CAE files: DGI's authorisation of a range of numbers. Formato CAE v05, constancia de autorización de emisión."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from lxml import etree

from sincronizador.core.finding import Finding, Rule
from sincronizador.core.numbering import Rango
from sincronizador.countries.uy.figures import day
from sincronizador.countries.uy.signed import CFE
from sincronizador.countries.uy.tipos import Regimen, TipoCfe
from sincronizador.errors import Rejected

NORM = "Formato CAE v05"

NOT_A_CAE = Rule(
    "E2201",
    "El archivo no es un CAE",
    "El archivo no es un CAE de DGI: {detalle}.",
    "Use el archivo XML que DGI entrega en «Constancias», sin abrirlo ni guardarlo con otro programa.",
    NORM,
)
BAD_FIELD = Rule(
    "E2202",
    "CAE con un dato inválido",
    "El CAE trae {campo} = «{valor}», que no es válido.",
    "Baje el archivo otra vez del sitio de DGI.",
    NORM,
)
NOT_ELECTRONIC = Rule(
    "E2203",
    "Constancia que no es de CFE",
    "La constancia es de tipo {valor} y para emitir se necesita una de tipo E.",
    "Pida a DGI una constancia para comprobantes electrónicos (tipo E); las F son de papel preimpreso.",
    NORM,
)
EXPIRED = Rule(
    "E2204",
    "CAE vencido",
    "El CAE venció el {fecha}.",
    "Pida uno nuevo; los números que quedaron sin usar se informan anulados en el reporte diario.",
    NORM,
)
FOREIGN = Rule(
    "E2205",
    "CAE de otro emisor",
    "El CAE es del RUT {valor} y el emisor es {rut}.",
    "Importe un CAE de la empresa que emite.",
    NORM,
)
INVERTED = Rule(
    "E2206",
    "Rango de CAE inválido",
    "El CAE autoriza del {desde} al {hasta}, que no es un rango.",
    "Baje el archivo otra vez del sitio de DGI.",
    NORM,
)
OTHER_TYPE = Rule(
    "E2207",
    "CAE de un tipo que no se emite",
    "El CAE es para el tipo {valor}, que no se emite en esta instalación.",
    "Los CAE son de los tipos 101 a 182; los números de un papel de contingencia vienen con cada comprobante.",
    NORM,
)

OTHER_REGIME = Rule(
    "E2208",
    "CAE de otro régimen",
    "El CAE es de un emisor de régimen {valor} y la configuración dice {regimen}.",
    "Ponga en regimen de [emisor] el que dicen las constancias de DGI.",
    NORM + ", CAEEspecial",
)

RULES = (NOT_A_CAE, BAD_FIELD, NOT_ELECTRONIC, EXPIRED, FOREIGN, INVERTED, OTHER_TYPE, OTHER_REGIME)
"""All of the above, in order of code."""

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaeFile:
    """What a CAE file says. Whether its signature is good is not known here: `signing.verify` tells."""

    rango: Rango
    emisor: str
    """RUT that it was given to."""
    autorizado: date
    """FA: the day of the authorisation."""
    constancia: str
    """TA: ``E``; empty in files of before it existed."""
    has_signature: bool


def parse_cae(content: bytes) -> CaeFile:
    """
    The CAE in `content`, in any encoding XML allows.

    Raises `Rejected`: E2201 when it is no CAE, E2202 for a field that cannot be, E2203 for another kind of constancia.
    """
    root = _parse(content)
    data = root.find(CFE + "DA")
    fields = {child.tag: (child.text or "").strip() for child in data} if data is not None else {}

    def text(name: str, pattern: str) -> str:
        value = fields.get(CFE + name, "")
        if re.fullmatch(pattern, value, re.ASCII) is None:
            raise _rejected(BAD_FIELD.at(field=name, value=value))
        return value

    def day_of(name: str) -> date:
        value = text(name, r"\d{4}-\d\d-\d\d")
        try:
            return date.fromisoformat(value)
        except ValueError as exc:
            raise _rejected(BAD_FIELD.at(field=name, value=value)) from exc

    constancia = fields.get(CFE + "TA", "")
    if constancia not in ("", "E"):
        raise _rejected(NOT_ELECTRONIC.at(field="TA", value=constancia))
    rango = Rango(
        id=text("NA", r"\d{1,11}"),
        tipo=int(text("TCFE", r"\d{3}")),
        serie=text("Serie", r"[A-Z]{1,2}|[1-9][A-Z]"),
        desde=int(text("DNro", r"\d{1,7}")),
        hasta=int(text("HNro", r"\d{1,7}")),
        vence=day_of("FVD"),
        especial=text("CAEEspecial", r"[1-4]?"),
        causal=text("CausalCAEEsp", r"(\d{1,3})?"),
    )
    return CaeFile(
        rango=rango,
        emisor=text("RucE", r"\d{12}"),
        autorizado=day_of("FA"),
        constancia=constancia,
        has_signature=root.find(_SIGNATURE) is not None,
    )


def cae_problems(cae: CaeFile, *, rut: str, hoy: date, regimen: Regimen = Regimen.GENERAL) -> Sequence[Finding]:
    """Why `cae` cannot number documents of `rut` on `hoy`, all of it; empty when it can. Its last day counts."""
    rango, found = cae.rango, []
    if rango.vence < hoy:
        found.append(EXPIRED.at(fecha=day(rango.vence)))
    if cae.emisor != rut:
        found.append(FOREIGN.at(value=cae.emisor, rut=rut))
    if not 1 <= rango.desde <= rango.hasta:
        found.append(INVERTED.at(desde=rango.desde, hasta=rango.hasta))
    if rango.tipo not in frozenset(TipoCfe) or TipoCfe(rango.tipo).is_papel:
        found.append(OTHER_TYPE.at(value=str(rango.tipo)))
    if rango.especial != regimen.especial:
        said = next((one for one in Regimen if one.especial == rango.especial), Regimen.GENERAL)
        found.append(OTHER_REGIME.at(value=said.value, regimen=regimen.value))
    return found


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise _rejected(NOT_A_CAE.at(detalle="no es un XML bien formado")) from exc
    if root.getroottree().docinfo.internalDTD is not None:
        raise _rejected(NOT_A_CAE.at(detalle="trae una declaración DOCTYPE, que no se acepta por seguridad"))
    if root.tag != CFE + "CAE":
        raise _rejected(NOT_A_CAE.at(detalle="su raíz no es CAE"))
    return root


def _rejected(finding: Finding) -> Rejected:
    return Rejected(finding.code, finding.message)
