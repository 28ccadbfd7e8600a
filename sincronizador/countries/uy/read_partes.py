"""Who a file names: issuer, receiver, owner of the goods, principal. Formato CFE v25.2, zones A and K."""

from sincronizador.countries.uy import codes
from sincronizador.countries.uy.ci import check_ci
from sincronizador.countries.uy.comprobante import DatosEmisor, Mandante, Receptor, Traslado, found
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.tipos import TipoDoc
from sincronizador.countries.uy.values import Lectura, Valores, missing

_LARGO_CI = (7, 8)
"""Digits of a cédula: what has as many is one, or a mistake."""


def read_emisor(given: Valores, own: Emisor, lectura: Lectura) -> DatosEmisor:
    """Who issues: the installation's data with what the document says otherwise. Another RUT is a finding."""
    rut = given.text("RUT")
    if rut and rut != own.rut:
        lectura.findings.append(found(codes.OTHER_ISSUER, given.origen, "RUT", rut=own.rut))
    return DatosEmisor(
        origen=given.origen,
        rut=own.rut,
        razon_social=given.text("RAZON_SOCIAL") or own.razon_social,
        nombre_comercial=given.text("NOMBRE_COMERCIAL") or own.nombre_comercial,
        giro=given.text("GIRO") or own.giro,
        telefonos=tuple(filter(None, (given.text("TELEFONO") or own.telefono, given.text("TELEFONO_2")))),
        correo=given.text("CORREO") or own.correo,
        nombre_sucursal=given.text("NOMBRE_SUCURSAL"),
        sucursal=given.text("SUCURSAL") or own.sucursal,
        domicilio=given.text("DOMICILIO") or own.domicilio,
        ciudad=given.text("CIUDAD") or own.ciudad,
        departamento=given.text("DEPARTAMENTO") or own.departamento,
        informacion=given.text("INFORMACION"),
    )


def read_receptor(valores: Valores, lectura: Lectura) -> Receptor | None:
    """To whom it is made out; None when the section names nobody."""
    documento = valores.text("DOCUMENTO")
    tipo_doc = _tipo_doc(valores, "", lectura) if documento else None
    # Old programs write the kind and country of a document that the customer does not have.
    said = [name for name in valores.texts if name not in ("TIPO_DOC", "PAIS", "CORREO", "COMPLETAR")]
    if not said and not valores.broken:
        return None
    return Receptor(
        origen=valores.origen,
        tipo_doc=tipo_doc,
        documento=documento if tipo_doc else "",
        pais=_pais(tipo_doc, valores.text("PAIS")),
        nombre=valores.text("NOMBRE"),
        direccion=valores.text("DIRECCION"),
        ciudad=valores.text("CIUDAD"),
        departamento=valores.text("DEPARTAMENTO"),
        nombre_pais=valores.text("NOMBRE_PAIS"),
        codigo_postal=valores.text("CODIGO_POSTAL"),
        informacion=valores.text("INFORMACION"),
        lugar_entrega=valores.text("LUGAR_ENTREGA"),
        compra=valores.text("COMPRA"),
    )


def read_traslado(valores: Valores, lectura: Lectura) -> Traslado:
    """Why goods travel, and whose they are."""
    documento = valores.text("PROPIETARIO_DOCUMENTO")
    tipo_doc = _tipo_doc(valores, "PROPIETARIO_", lectura) if documento else None
    return Traslado(
        origen=valores.origen,
        motivo=valores.text("MOTIVO"),
        tipo_doc=tipo_doc,
        pais=_pais(tipo_doc, valores.text("PROPIETARIO_PAIS")),
        documento=documento if tipo_doc else "",
        nombre=valores.text("PROPIETARIO_NOMBRE"),
        ajenos=any(valores.has(name) for name in ("AJENOS", "PROPIETARIO_DOCUMENTO", "PROPIETARIO_NOMBRE")),
    )


def read_mandante(valores: Valores, cifrado: str, rut_emisor: str, lectura: Lectura) -> Mandante:
    """For whom it is sold; `cifrado` is the element of one that arrived encrypted."""
    rut, documento, cifrar = valores.text("RUT"), valores.text("DOCUMENTO"), valores.text("CIFRAR")
    if rut and rut != rut_emisor:
        lectura.findings.append(found(codes.OTHER_ISSUER, valores.origen, "RUT", rut=rut_emisor))
    tipo_doc = _tipo_doc(valores, "", lectura) if documento else None
    return Mandante(
        origen=valores.origen,
        tipo_doc=tipo_doc,
        pais=_pais(tipo_doc, valores.text("PAIS")),
        documento=documento if tipo_doc else "",
        nombre=valores.text("NOMBRE"),
        cifrado=cifrado,
        cifrar=bool(int(cifrar)) if cifrar else None,
    )


def _tipo_doc(valores: Valores, prefix: str, lectura: Lectura) -> TipoDoc | None:
    """The kind given, or the one whose check digit fits; wrong digits are reported for both."""
    given, documento = valores.text(prefix + "TIPO_DOC"), valores.text(prefix + "DOCUMENTO")
    tipo = TipoDoc(int(given)) if given else _guess(documento)
    if prefix + "TIPO_DOC" in valores.broken:
        return tipo
    if tipo is TipoDoc.RUT and not check_rut(documento):
        lectura.findings.append(found(codes.BAD_RUT, valores.origen, prefix + "DOCUMENTO"))
    elif tipo is TipoDoc.CI and not check_ci(documento):
        lectura.findings.append(found(codes.BAD_CI, valores.origen, prefix + "DOCUMENTO"))
    elif tipo is None:
        missing(valores.origen, prefix + "TIPO_DOC", lectura)
    return tipo


def _guess(documento: str) -> TipoDoc | None:
    if documento.isdigit():
        if len(documento) == 12:
            return TipoDoc.RUT
        if len(documento) in _LARGO_CI:
            return TipoDoc.CI
    return None


def _pais(tipo_doc: TipoDoc | None, given: str) -> str:
    if tipo_doc is None:
        return ""
    return given or ("UY" if tipo_doc.is_local else "" if tipo_doc is TipoDoc.DNI else "99")
