"""The words that stand on paper for the codes of a CFE. Formato CFE v25.2, zones A, B and G."""

from sincronizador.countries.uy.tipos import IndFact, TipoDoc

TASAS = {
    IndFact.EXENTA: "Exento",
    IndFact.MINIMA: "10 %",
    IndFact.BASICA: "22 %",
    IndFact.OTRA: "Otra",
    IndFact.GRATIS: "Gratis",
    IndFact.NO_FACTURABLE: "No fact.",
    IndFact.NO_FACTURABLE_NEGATIVO: "No fact.",
    IndFact.A_RESTAR: "A rebajar",
    IndFact.EXPORTACION: "Export.",
    IndFact.PERCIBIDO: "Percib.",
    IndFact.SUSPENSO: "Susp.",
    IndFact.NO_CONTRIBUYENTE: "No contr.",
    IndFact.IVA_MINIMO: "Lit. E/Mon.",
    IndFact.IMEBA: "IMEBA",
    IndFact.MONOTRIBUTO: "",
    IndFact.MONEDA_EXTRANJERA: "Mon. ext.",
}
"""IndFact -> what the line is, in a few letters; nothing where IVA must not be mentioned."""
DOCUMENTOS = {
    TipoDoc.NIE: "NIE",
    TipoDoc.RUT: "RUC",
    TipoDoc.CI: "CI",
    TipoDoc.OTRO: "Documento",
    TipoDoc.PASAPORTE: "Pasaporte",
    TipoDoc.DNI: "DNI",
    TipoDoc.NIFE: "NIFE",
}
"""TipoDocRecep, TipoDocProp, TipoDocMdte -> the document's name."""
REGIMENES = {
    "1": "Contribuyente Exonerado",
    "2": "Contribuyente IVA MINIMO",
    "3": "MONOTRIBUTO",
    "4": "MONOTRIBUTO SOCIAL MIDES",
}
"""CAEEspecial -> the legend of the box that it obliges to, in the law's own letters."""
FORMAS_DE_PAGO = {"1": "Contado", "2": "Crédito"}
"""FmaPago."""
TRASLADOS = {"1": "Venta", "2": "Traslados internos"}
"""TipoTraslado."""
MODALIDADES = {
    "1": "Régimen general - exportación de bienes",
    "2": "Consignación",
    "3": "Precio revisable",
    "4": "Bienes propios a exclaves aduaneros",
    "80": "Régimen Tax Free - Dto. 378/2012",
    "90": "Régimen general - exportación de servicios",
    "91": "Exportación mandante",
    "99": "Otras transacciones",
}
"""ModVenta."""
VIAS = {"1": "Marítimo", "2": "Aéreo", "3": "Terrestre", "9": "Otro"}
"""ViaTransp; 8 is «no corresponde» and is not printed."""
IVA_AL_DIA = {
    "": "IVA al día",
    "1": "No IVA al día emisor",
    "2": "No IVA al día mandante",
    "3": "No IVA al día emisor y mandante",
}
"""IVAalDia; its absence is the constancia."""
COMPRA_ME = {
    "1": "Compra de moneda extranjera para su reventa",
    "2": "Compra de moneda extranjera para su reventa por cuenta ajena",
}
"""IndCompraMEReventa."""
SECRETO = {
    "1": "Operación amparada por el secreto profesional",
    "2": "Venta por cuenta ajena amparada por el secreto profesional",
}
"""SecProf."""
