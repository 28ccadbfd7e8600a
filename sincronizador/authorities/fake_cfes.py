"""DGI's verdict on each CFE and CFC of a sobre: E01 to E15, C03 to C15. Formato Mensaje v19."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from sqlite3 import Row

from sincronizador.authorities import fake_arithmetic
from sincronizador.authorities.fake_acks import Motivo
from sincronizador.authorities.fake_codes import CFC
from sincronizador.authorities.fake_notary import Holder
from sincronizador.authorities.fake_office import Office
from sincronizador.authorities.fake_reading import Documento, number, read_documento
from sincronizador.countries.uy.tipos import ZONE

FREE_AGAIN = frozenset({"E02", "E09"})
"""Rejected for these, a number is not annulled. Formato Mensaje v19, introduction."""

_NEAR = Decimal("0.10")
"""How far a rate may be from the one on file. DGI publishes no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of one document."""

    estado: str
    motivos: Sequence[Motivo] = ()
    original: int | None = None
    """The sobre that brought the number first."""

    @property
    def takes_the_number(self) -> bool:
        """Whether the number is DGI's from now on, whatever became of the document."""
        return not any(code in FREE_AGAIN for code, _ in self.motivos)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What a document is looked at with."""

    office: Office
    now: datetime

    def judge(self, alone: bytes, documento: Documento, signer: Holder) -> Verdict:
        """The verdict; `signer` is whose certificate the sobre carries."""
        known = self.office.archive.cfe(documento.rut, documento.tipo, documento.serie, documento.numero)
        if known is not None and not (documento.is_papel and known["estado"] == "CE"):
            return self._again(alone, documento, known)
        found = [*self._numbered(documento), *self._signed(alone, documento, signer)]
        found += [("05", sentence) for sentence in self.office.schema(alone)]
        found += [("05", sentence) for sentence in self._figures(documento)]
        found += [*self._amounts(documento), *self._referred(documento)]
        return verdict(documento, found)

    def _figures(self, documento: Documento) -> list[str]:
        try:
            return list(fake_arithmetic.problems(documento, self.now))
        except (ValueError, KeyError) as exc:
            return [f"una línea o un total no se puede leer: {exc}"]

    def _again(self, alone: bytes, documento: Documento, known: Row) -> Verdict:
        detail = f"recibido en el sobre {known['sobre']}, estado {known['estado']}"
        if not documento.is_papel:
            return Verdict(estado="BE", motivos=[("E02", detail)], original=known["sobre"])
        # There is no C02: the same paper again changes nothing, another one under its number is told as a bad form.
        if known["xml"] == alone:
            return Verdict(estado=known["estado"])
        return Verdict(estado="CE", motivos=[("C05", f"Tipo y Nº de CFC ya existe en los registros: {detail}")])

    def _numbered(self, documento: Documento) -> Iterator[Motivo]:
        if not documento.is_papel:
            if self.office.archive.is_annulled(documento.rut, documento.tipo, documento.serie, documento.numero):
                yield "01", "está entre los anulados de un reporte diario"
            yield from self._authorised(documento)
            return
        if not self.office.registers.constancias_of(documento.rut, documento.tipo):
            yield "09", f"no hay constancias del tipo {documento.tipo} para {documento.rut}"
            return
        yield from self._authorised(documento)

    def _authorised(self, documento: Documento) -> Iterator[Motivo]:
        said = documento.constancia
        named = self.office.registers.caes(said.id)
        own = [row for row in named if row["rut"] == documento.rut and row["tipo"] == documento.tipo]
        ranges = [row for row in own if row["serie"] == documento.serie]
        if named and not own:
            yield "09", f"la constancia {said.id} es de otro RUC o de otro tipo"
            return
        fits = [row for row in ranges if row["desde"] <= documento.numero <= row["hasta"]]
        if not fits:
            yield "03", f"la constancia {said.id} no autoriza {documento.tipo} {documento.serie} {documento.numero}"
            return
        yield from _as_on_file(documento, fits[0])

    def _signed(self, alone: bytes, documento: Documento, signer: Holder) -> Iterator[Motivo]:
        try:
            digest = self.office.notary.verify(alone, signer.der)
        except ValueError as exc:
            yield "04", str(exc)
            return
        if not self.office.notary.trusts(signer.der):
            yield "04", "Error al validar el Certificado - certificate not trusted"
        if not signer.is_valid(documento.firmado):
            yield "04", "el certificado no estaba vigente al firmar"
        if digest == "sha1" and not self.office.registers.setting("admite_sha1"):
            yield "04", "firmado con SHA-1, que no se admite desde 2018"

    def _amounts(self, documento: Documento) -> Iterator[Motivo]:
        most = self.office.registers.setting("monto_habitual")
        total = documento.totales.get("MntTotal", Decimal(0)) * (documento.cambio or 1)
        if most is not None and total > Decimal(str(most)):
            yield "06", f"{total:.2f} supera {most}"
        if documento.complemento and documento.complemento != documento.rut:
            yield "08", f"el CFE es de {documento.rut} y su Complemento Fiscal de {documento.complemento}"
        if documento.moneda != "UYU":
            yield from self._exchanged(documento)

    def _exchanged(self, documento: Documento) -> Iterator[Motivo]:
        said = documento.cambio
        if said is None or said <= 0 or said == 1:
            yield "10", f"{documento.moneda} con tipo de cambio {said}"
            return
        known = self.office.registers.rate_before(documento.moneda, documento.fecha)
        if known is not None and abs(said - known) > known * _NEAR:
            yield "10", f"{documento.moneda} a {said}; cerró a {known}"

    def _referred(self, documento: Documento) -> Iterator[Motivo]:
        """What a note corrects must be here. A small e-Ticket never is: only its report tells of it."""
        if not documento.is_note:
            return
        for one in documento.referencias:
            known = self.office.archive.cfe(documento.rut, one.tipo, one.serie, one.numero)
            name = f"{one.tipo} {one.serie} {one.numero}"
            if known is None:
                if not is_e_ticket(one.tipo):
                    yield "12", f"{name} no está en los registros"
                elif self.office.archive.is_annulled(documento.rut, one.tipo, one.serie, one.numero):
                    yield "12", f"{name} está anulado"
            elif known["estado"] == "BE":
                yield "12", f"{name} fue rechazado"
            elif one.fecha and one.fecha != known["fecha"]:
                yield "12", f"{name} es del {known['fecha']} y la referencia dice {one.fecha}"
            elif one.monto and number(one.monto) > (payable := _payable(known)):
                yield "05", f"MntCFEref dice {one.monto} y {name} es de {payable}"


def verdict(documento: Documento, found: Sequence[Motivo], *, estado: str = "") -> Verdict:
    """AE without findings; with them BE, or CE of a paper, whose codes are the C ones."""
    kept = [(code, detail) for code, detail in found if not documento.is_papel or f"C{code}" in CFC]
    if not kept:
        return Verdict(estado=estado or "AE")
    letter = "C" if documento.is_papel else "E"
    motivos = [(letter + code, detail) for code, detail in kept]
    return Verdict(estado=estado or ("CE" if documento.is_papel else "BE"), motivos=motivos)


def is_e_ticket(tipo: int) -> bool:
    """Whether a type is of the family that travels alone only above a threshold, electronic or on paper."""
    return tipo % 100 in (1, 2, 3, 31, 32, 33)


def _payable(row: Row) -> Decimal:
    return read_documento(row["xml"]).totales.get("MntPagar", Decimal(0))


def _as_on_file(documento: Documento, row: Row) -> Iterator[Motivo]:
    """What the document says of its constancia against what DGI has of it."""
    said = documento.constancia
    if (said.desde, said.hasta, said.vence) != (row["desde"], row["hasta"], row["vence"]):
        yield "03", f"la constancia {said.id} va de {row['desde']} a {row['hasta']} y vence el {row['vence']}"
    day = documento.firmado.astimezone(ZONE).date().isoformat()
    if not row["autorizado"] <= day <= row["vence"]:
        yield "07", f"firmado el {day}; la constancia va del {row['autorizado']} al {row['vence']}"
    if (said.especial, said.causal) != (row["especial"], row["causal"]):
        yield "11", f"la constancia tiene CAEEspecial «{row['especial']}» y causal «{row['causal']}»"
    wanted = "F" if documento.is_papel else "E"
    if row["clase"] != wanted:
        yield "13", f"la constancia es de tipo {row['clase']}; corresponde una de tipo {wanted}"
