"""Who a printed CFE names: receiver, owner of the goods, for whom it is. Formato CFE v25.2, zones A and K."""

from collections.abc import Collection, Iterator

from sincronizador.countries.uy.glosas import DOCUMENTOS, SECRETO
from sincronizador.countries.uy.signed import SignedCfe, Zone
from sincronizador.countries.uy.tipos import Familia, TipoDoc

_ROLES = {Familia.E_BOLETA: "VENDEDOR", Familia.E_RESG: "RETENIDO"}
"""What the receiver is called who has no RUC; elsewhere ``RECEPTOR``."""

_HIDABLE = (("entrega", "Entrega", "LugarDestEnt"), ("orden_compra", "Orden de compra", "CompraID"))
"""What the issuer may hide: its name, what stands before it, the element."""


class Receptor:
    """Who receives the document: what stands in the box, and what stands below it."""

    def __init__(self, document: SignedCfe, familia: Familia, hidden: Collection[str] = ()) -> None:
        self._hidden = hidden
        self._fields = document.zone("Encabezado", "Receptor")
        self._secreto = SECRETO.get(document.zone("Encabezado", "IdDoc").get("SecProf", ""), "")
        self._familia = familia
        self._identity = identity(self._fields, "TipoDocRecep", "CodPaisRecep", ("DocRecep", "DocRecepExt"))

    @property
    def heading(self) -> tuple[str, ...]:
        """The lines of the box: ``CONSUMO FINAL``, or ``RUC COMPRADOR`` and below it the number."""
        if self._familia is Familia.E_TCK:
            return ("CONSUMO FINAL",)
        fields = self._fields
        if fields.get("TipoDocRecep") == str(int(TipoDoc.RUT)) and fields.get("DocRecep"):
            return ("RUC VENDEDOR" if self._familia is Familia.E_BOLETA else "RUC COMPRADOR", fields["DocRecep"])
        role = _ROLES.get(self._familia, "RECEPTOR")
        return (role, self._identity) if self._identity else (role,)

    def lines(self) -> Iterator[str]:
        """Name, document of a consumer, address, place of delivery, purchase order; as much as the document says."""
        fields = self._fields
        yield fields.get("RznSocRecep", "")
        if self._familia is Familia.E_TCK:
            yield self._identity
        yield fields.get("DirRecep", "")
        postal = f"CP {fields['CP']}" if fields.get("CP") else ""
        yield place(fields.get("CiudadRecep"), fields.get("DeptoRecep"), fields.get("PaisRecep"), postal)
        for name, label, element in _HIDABLE:
            yield f"{label}: {fields[element]}" if fields.get(element) and name not in self._hidden else ""
        yield self._secreto

    @property
    def leyenda(self) -> str:
        """What must be said about the receiver, or empty."""
        return self._fields.get("InfoAdicional", "")


def propietario(id_doc: Zone) -> tuple[str, ...]:
    """Whose the goods are that an e-Remito moves for somebody else: the legend, the name and the document."""
    if id_doc.get("IndPropiedad") != "1":
        return ()
    document = identity(id_doc, "TipoDocProp", "CodPaisProp", ("DocProp", "DocPropExt"))
    return tuple(filter(None, ("Bienes de Terceros", id_doc.get("RznSocProp", ""), document)))


def mandante(document: SignedCfe) -> str:
    """For whom it is sold or bought, when the Complemento Fiscal says so in clear; sealed for DGI it is not told."""
    fields = document.zone("Compl_Fiscal", "Compl_Fiscal_Data")
    if not fields:
        return ""
    return f"Por cuenta de: {fields['NombreMdte']}, {identity(fields, 'TipoDocMdte', 'Pais', ('DocMdte',))}"


def identity(fields: Zone, tipo: str, pais: str, numbers: tuple[str, ...]) -> str:
    """A document with its kind and the country that gave it: ``Pasaporte AAB123 (AR)``; empty without a number."""
    number = next((fields[name] for name in numbers if fields.get(name)), "")
    if not number:
        return ""
    country = fields.get(pais, "")
    name = DOCUMENTOS[TipoDoc(int(fields[tipo]))]
    return f"{name} {number}" + (f" ({country})" if country not in ("", "99") else "")


def place(*names: str | None) -> str:
    """The names of a place, each once: the capital gives its name to the departamento."""
    return " - ".join(dict.fromkeys(name for name in names if name))
