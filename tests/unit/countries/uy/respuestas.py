"""Answers as DGI gives them, written by hand after its schemas and its manual of services."""

SIGNATURE = (
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>'
    '<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>'
    '<SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"/><Reference URI="">'
    '<DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/><DigestValue>AA==</DigestValue></Reference>'
    "</SignedInfo><SignatureValue>AA==</SignatureValue></Signature>"
)
_WHO = "<RUCReceptor>219999830019</RUCReceptor><RUCEmisor>217777770013</RUCEmisor>"
_WHEN = "<FecHRecibido>2026-11-21T15:05:06-03:00</FecHRecibido><IDEmisor>7</IDEmisor><IDReceptor>4001</IDReceptor>"
_TMST = "<Tmst>2026-11-21T15:05:07-03:00</Tmst>"


def ack_sobre(detalle: str) -> str:
    """An ACKSobre."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ACKSobre xmlns="http://cfe.dgi.gub.uy" version="1.0"><Caratula>'
        f"{_WHO}<IDRespuesta>5001</IDRespuesta><NomArch/>{_WHEN}<CantidadCFE>3</CantidadCFE>{_TMST}</Caratula>"
        f"<Detalle>{detalle}</Detalle>{SIGNATURE}</ACKSobre>"
    )


RECIBIDO = ack_sobre(
    "<Estado>AS</Estado><ParamConsulta><Token>VG9rZW4=</Token><Fechahora>2026-11-21T15:10:00-03:00</Fechahora>"
    "</ParamConsulta>"
)
RECHAZADO = ack_sobre(
    "<Estado>BS</Estado><MotivosRechazo><Motivo>S05</Motivo><Glosa>No coinciden cantidad CFE de carátula y contenido"
    "</Glosa><Detalle>Dice 3 y trae 2</Detalle></MotivosRechazo><MotivosRechazo><Motivo>S03</Motivo>"
    "<Glosa>Certificado electrónico no es válido</Glosa></MotivosRechazo>"
)


def det(ordinal: int, tipo: int, numero: int, rest: str) -> str:
    """What is said of one document."""
    return (
        f"<ACKCFE_Det><Nro_ordinal>{ordinal}</Nro_ordinal><TipoCFE>{tipo}</TipoCFE><Serie>A</Serie>"
        f"<NroCFE>{numero}</NroCFE><FechaCFE>2026-11-21</FechaCFE><TmstCFE>2026-11-21T15:04:05-03:00</TmstCFE>{rest}"
        "</ACKCFE_Det>"
    )


def ack_cfe(*dets: str, en_sobre: int = 4) -> str:
    """An ACKCFE of DGI."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ACKCFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><Caratula>'
        f"{_WHO}<IDRespuesta>5002</IDRespuesta><NomArch/>{_WHEN}<CantenSobre>{en_sobre}</CantenSobre>"
        f"<CantResponden>{len(dets)}</CantResponden>{_TMST}</Caratula>{''.join(dets)}{SIGNATURE}</ACKCFE>"
    )


ACEPTADO = det(1, 111, 10, "<Estado>AE</Estado>")
YA_ESTABA = det(
    2, 111, 11,
    "<Estado>BE</Estado><MotivosRechazoCF><Motivo>E02</Motivo><Glosa>Tipo y Nº de CFE ya existe en los registros"
    "</Glosa></MotivosRechazoCF><InfoRespOri><IDRespSobre>4900</IDRespSobre><IDEmisorSobre>3</IDEmisorSobre>"
    "<IDReceptorSobre>3900</IDReceptorSobre><IDTokenSobre>T3Ryb1Rva2Vu</IDTokenSobre></InfoRespOri>",
)  # fmt: skip
OBSERVADO = det(
    3, 201, 51,
    "<Estado>CE</Estado><ObsCFC><Motivo>C10</Motivo><Glosa>Tipo de cambio no válido</Glosa><Detalle>Era 39,85"
    "</Detalle></ObsCFC>",
)  # fmt: skip
ILEGIBLE = (
    "<ACKCFE_Det><Nro_ordinal>4</Nro_ordinal><Estado>BE</Estado><MotivosRechazoCF><Motivo>E05</Motivo>"
    "<Glosa>No cumple validaciones de Formato comprobantes</Glosa></MotivosRechazoCF></ACKCFE_Det>"
)


def ack_reporte(detalle: str) -> str:
    """An ACKRepDiario."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ACKRepDiario xmlns="http://cfe.dgi.gub.uy" version="1.0"><Caratula>'
        f"{_WHO}<NomArch>Rep_217777770013_20261120_01.xml</NomArch>{_WHEN}{_TMST}</Caratula>"
        f"<Detalle>{detalle}</Detalle>{SIGNATURE}</ACKRepDiario>"
    )


SECUENCIA = ack_reporte(
    "<Estado>BR</Estado><MotivosRechazo><Motivo>R05</Motivo><Glosa>La secuencia indicada en el reporte no es correcta"
    "</Glosa></MotivosRechazo>"
)


def service(operation: str, inside: str) -> str:
    """What the query service answers."""
    name = f"WS_eFactura_Consultas.EFACCONSULTAR{operation}Response"
    return f'<{name} xmlns="http://dgi.gub.uy">{inside}</{name}>'


PARAM = "<ParamConsulta><Token>VG9rZW4=</Token><Fechahora>2026-11-21T15:10:00</Fechahora></ParamConsulta>"
ESTADO = (
    '<Ackconsultaestadocfe xmlns="http://dgi.gub.uy"><EstadoCFE>AE</EstadoCFE><IdEmisor>2020</IdEmisor>'
    f"<IdReceptor>129</IdReceptor>{PARAM}</Ackconsultaestadocfe>"
)
SOBRES = (
    '<Ackconsultaenviossobre xmlns="http://dgi.gub.uy"><ColeccionDatosSobre><DatosSobre><EstadoSobre>AS</EstadoSobre>'
    f"<FechaHoraSobre>2026-11-21T15:05:06</FechaHoraSobre><IdEmisor>7</IdEmisor><IdReceptor>4001</IdReceptor>{PARAM}"
    "</DatosSobre><DatosSobre><EstadoSobre>BS</EstadoSobre><FechaHoraSobre>2026-11-21T16:00:00</FechaHoraSobre>"
    "<IdEmisor>8</IdEmisor><IdReceptor>4002</IdReceptor></DatosSobre></ColeccionDatosSobre></Ackconsultaenviossobre>"
)
REPORTES = (
    '<Ackconsultaenviosreporte xmlns="http://dgi.gub.uy"><ColeccionDatosReporte><DatosReporte><IdEmisor/>'
    "<IdReceptor>900</IdReceptor><Estado>BR</Estado><FechaHoraRecepcion>2026-11-21T03:00:00</FechaHoraRecepcion>"
    "</DatosReporte><DatosReporte><IdEmisor>5</IdEmisor><IdReceptor>901</IdReceptor><Estado>DR</Estado>"
    "<FechaHoraRecepcion>2026-11-21T03:10:00</FechaHoraRecepcion></DatosReporte></ColeccionDatosReporte>"
    "</Ackconsultaenviosreporte>"
)
ITEM = (
    "<RUC>219999830019</RUC><DENOMINACION>DGI RUC PRUEBA</DENOMINACION><FECHA_INICIO>2014-01-01</FECHA_INICIO>"
    "<FECHA_FIN_TRANSICION>2014-04-30</FECHA_FIN_TRANSICION><FECHA_FIN>0000-00-00</FECHA_FIN>"
    "<MAIL>prueba@ejemplo.com.uy</MAIL><URL_WEBSERVICE>https://ejemplo.com.uy/ws</URL_WEBSERVICE>"
    "<MAIL_CONTACTO_TECNICO>tecnico@ejemplo.com.uy</MAIL_CONTACTO_TECNICO>"
)
