"""DGI's document about a taxpayer, as its service writes it (shape of the reference; the data are invented)."""

from html import escape

CONTACTS = (("1", "CORREO ELECTRONICO", "ventas@example.com"), ("5", "TELEFONO FIJO", "24001234"))
GIROS = ("VENTA AL POR MENOR DE PAN", "PANADERIA")


def actividad(  # every piece may be replaced
    *, rut="219000090011", nombre="EMPRESA INVENTADA S.A.", fantasia="La Inventada", estado="AA", inicio="2001-05-02",
    contactos=CONTACTS, puerta="1234", bis="", apto="0", giros=GIROS, domicilio=True, complementos=(),
):  # fmt: skip
    """The document in Data, its declaration included."""
    ctt = "".join(
        f"<WS_Domicilio.WS_DomicilioItem.Contacto><TipoCtt_Id>{kind}</TipoCtt_Id><TipoCtt_Des>{name}</TipoCtt_Des>"
        f"<DomCtt_Val>{escape(value)}</DomCtt_Val></WS_Domicilio.WS_DomicilioItem.Contacto>"
        for kind, name, value in contactos
    )
    extra = "".join(
        f"<WS_Domicilio.WS_DomicilioItem.Complemento><Cmpl_Id>1</Cmpl_Id><Cmpl_Dsc>{name}</Cmpl_Dsc>"
        f"<DomCmpl_Vlr>{value}</DomCmpl_Vlr></WS_Domicilio.WS_DomicilioItem.Complemento>"
        for name, value in complementos
    )
    home = (
        "<WS_PersonaActEmpresarial.WS_DomFiscalLocPrincipalItem><Local_Sec_Nro>1</Local_Sec_Nro>"
        "<TipoDom_Id>2</TipoDom_Id><TipoDom_Des>FISCAL</TipoDom_Des><Calle_id>1</Calle_id>"
        f"<Calle_Nom>AV 18 DE JULIO</Calle_Nom><Dom_Pta_Nro>{puerta}</Dom_Pta_Nro><Dom_Bis_Flg>{bis}</Dom_Bis_Flg>"
        f"<Dom_Ap_Nro>{apto}</Dom_Ap_Nro><Loc_Id>1</Loc_Id><Loc_Nom>MONTEVIDEO</Loc_Nom><Dpto_Id>1</Dpto_Id>"
        f"<Dpto_Nom>MONTEVIDEO</Dpto_Nom><Contactos>{ctt}</Contactos><Complementos>{extra}</Complementos>"
        "</WS_PersonaActEmpresarial.WS_DomFiscalLocPrincipalItem>"
    )
    items = "".join(
        "<WS_PersonaActEmpresarial.WS_PersonaActividadesItem><GiroCod>47211</GiroCod>"
        f"<GiroNom>{escape(giro)}</GiroNom><GiroFec_Ini>2001-05-02</GiroFec_Ini>"
        "</WS_PersonaActEmpresarial.WS_PersonaActividadesItem>"
        for giro in giros
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
        '<WS_PersonaActEmpresarial xmlns="DGI_Modernizacion_Consolidado">'
        f"<RUT>{rut}</RUT><Denominacion>{escape(nombre)}</Denominacion><NombreFantasia>{escape(fantasia)}"
        "</NombreFantasia><TipoEntidad>27</TipoEntidad><DescripcionTipoEntidad>SOCIEDAD ANONIMA"
        f"</DescripcionTipoEntidad><EstadoActividad>{estado}</EstadoActividad>"
        f"<FechaInicioActivdad>{inicio}</FechaInicioActivdad>"
        f"<WS_DomFiscalLocPrincipal>{home if domicilio else ''}</WS_DomFiscalLocPrincipal>"
        f"<WS_PersonaActividades>{items}</WS_PersonaActividades></WS_PersonaActEmpresarial>"
    )
