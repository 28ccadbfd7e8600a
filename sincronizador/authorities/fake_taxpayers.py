"""The taxpayers' service, ``WS_PersonaGetActEmpresarial``: who a RUT is. T-5.020.00.001-000006 v1.0."""

from collections.abc import Mapping
from typing import Any

from sincronizador.authorities.fake_arithmetic import is_rut
from sincronizador.authorities.fake_codes import PERSONA, Faulted
from sincronizador.authorities.fake_registers import Registers
from sincronizador.authorities.fake_soap import PERSONA as SPACE
from sincronizador.authorities.fake_soap import Call, cdata, tags

OPERATION = "WS_PersonaGetActEmpresarial.Execute"
TEST_RUTS: Mapping[str, tuple[str, str, int, str]] = {
    "219000090011": ("DGI PRUEBA SERVICIOS WEB", "DGI PRUEBA", 27, "SOCIEDAD CIVIL"),
    "219999820013": ("CONTRIBUYENTE DE PRUEBA UNO SA", "PRUEBA UNO", 4, "SOCIEDAD ANÓNIMA"),
    "219999830019": ("DGI PRUEBA", "DGI", 27, "SOCIEDAD CIVIL"),
    "211428940011": ("CONTRIBUYENTE DE PRUEBA DOS SRL", "PRUEBA DOS", 5, "SOCIEDAD DE RESPONSABILIDAD LIMITADA"),
    "210475730011": ("CONTRIBUYENTE DE PRUEBA TRES SA", "PRUEBA TRES", 4, "SOCIEDAD ANÓNIMA"),
    "210465050018": ("PEÑA Y NÚÑEZ DE PRUEBA", "LA CAÑADA", 6, "SOCIEDAD COLECTIVA"),
    "210154140015": ("CONTRIBUYENTE DE PRUEBA CINCO SA", "", 4, "SOCIEDAD ANÓNIMA"),
    "210094030014": ("CONTRIBUYENTE DE PRUEBA SEIS SA", "PRUEBA SEIS", 4, "SOCIEDAD ANÓNIMA"),
}
"""What DGI's testing environment answers for; the data are ours."""

_LONGEST = 12
_NOT_FOR_TESTS = 14


def answer(call: Call, registers: Registers) -> str:
    """What goes into the Body. Raises `Faulted` with the codes of the service."""
    rut = call.text("Rut").strip()
    if len(rut) > _LONGEST:
        raise Faulted(5, f"se recibieron {len(rut)} caracteres", told=PERSONA)
    kept = registers.taxpayer(rut)
    if kept is not None and "codigo" in kept:
        raise Faulted(int(kept["codigo"]), str(kept.get("detalle", "a pedido")), told=PERSONA)
    if kept is None and not is_rut(rut):
        raise Faulted(7, f"{rut} no es un RUT", told=PERSONA)
    if kept is None and rut not in TEST_RUTS:
        raise Faulted(_NOT_FOR_TESTS, f"{rut} no está disponible para pruebas", told=PERSONA)
    document = f'<?xml version="1.0" encoding="ISO-8859-1"?>{_document(rut, kept or _test_data(rut))}'
    return f'<{OPERATION}Response xmlns="{SPACE}"><Data>{cdata(document)}</Data></{OPERATION}Response>'


def _test_data(rut: str) -> Mapping[str, Any]:
    name, known_as, kind, said = TEST_RUTS[rut]
    return {"denominacion": name, "fantasia": known_as, "tipo_entidad": kind, "descripcion_entidad": said}


def _document(rut: str, said: Mapping[str, Any]) -> str:
    persona = tags(
        RUT=rut, Denominacion=said.get("denominacion", ""), NombreFantasia=said.get("fantasia", ""),
        TipoEntidad=said.get("tipo_entidad", 4), DescripcionTipoEntidad=said.get("descripcion_entidad", ""),
        EstadoActividad=said.get("estado", "AA"), FechaInicioActivdad=said.get("inicio", "2001-03-01"),
    )  # fmt: skip
    item = "WS_PersonaActEmpresarial.WS_DomFiscalLocPrincipalItem"
    place = f"<WS_DomFiscalLocPrincipal><{item}>{_domicile(said)}</{item}></WS_DomFiscalLocPrincipal>"
    giro = "WS_PersonaActEmpresarial.WS_PersonaActividadesItem"
    giros = "".join(
        f"<{giro}>{tags(GiroCod=code, GiroNom=name, GiroFec_Ini='2001-03-01')}</{giro}>"
        for code, name in said.get("giros", {"47190": "COMERCIO AL POR MENOR"}).items()
    )
    actividades = f"<WS_PersonaActividades>{giros}</WS_PersonaActividades>"
    return f'<WS_PersonaActEmpresarial xmlns="{SPACE}">{persona}{place}{actividades}</WS_PersonaActEmpresarial>'


def _domicile(said: Mapping[str, Any]) -> str:
    told = tags(
        Local_Sec_Nro=1, Local_Nom_Fnt=said.get("fantasia", ""), TipoLocal_Id=1, TipoLocal_Dsc="PRINCIPAL",
        Local_Fec_Ini=said.get("inicio", "2001-03-01"), Local_Fec_Canc="0000-00-00", TipoDom_Id=2, TipoDom_Des="FISCAL",
        CalOcup_id=1, Calocup_Des="PROPIETARIO", TerCod_Id=1, Tercod_Des="CALLE", Calle_id=1,
        Calle_Nom=said.get("calle", "AV. DANIEL FERNÁNDEZ CRESPO"), Dom_Pta_Nro=said.get("numero", "1534"),
        Dom_Bis_Flg="N", Dom_Ap_Nro=said.get("apartamento", ""), Loc_Id=1, Loc_Nom=said.get("localidad", "MONTEVIDEO"),
        Dpto_Id=1, Dpto_Nom=said.get("departamento", "MONTEVIDEO"), Dom_Pst_Cod=said.get("codigo_postal", "11200"),
        Dom_Coment="", Dom_Err_Cod=0,
    )  # fmt: skip
    contacts = [(1, "CORREO ELECTRONICO", said.get("mail", "")), (5, "TELEFONO FIJO", said.get("telefono", "1344"))]
    item = "WS_Domicilio.WS_DomicilioItem.Contacto"
    inside = "".join(
        f"<{item}>{tags(TipoCtt_Id=kind, TipoCtt_Des=name, DomCtt_Val=value)}</{item}>"
        for kind, name, value in contacts
        if value
    )
    return f"{told}<Contactos>{inside}</Contactos><Complementos></Complementos>"
