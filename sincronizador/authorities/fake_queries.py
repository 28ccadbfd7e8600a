"""The counter of queries, ``ws_consultas``: where documents, sobres and reports are, and who issues electronically."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from sqlite3 import Row

from sincronizador.authorities.fake_acks import stamp
from sincronizador.authorities.fake_archive import Archive
from sincronizador.authorities.fake_codes import Faulted
from sincronizador.authorities.fake_reading import read_documento, whole
from sincronizador.authorities.fake_registers import Registers
from sincronizador.authorities.fake_reports import Reports
from sincronizador.authorities.fake_soap import Call, cdata, tags
from sincronizador.countries.uy.tipos import ZONE

LONGEST = timedelta(days=31)
"""What a query by dates may span."""
PREFIX = "WS_eFactura_Consultas."

_BAD_QUERY, _UNKNOWN, _UNPROCESSED = 102, 104, 105
_NEVER = "0000-00-00"


class Queries:
    """Each operation is a question about the caller's own, but for the register of issuers and what it received."""

    def __init__(self, archive: Archive, registers: Registers, reports: Reports) -> None:
        self._archive, self._registers, self._reports = archive, registers, reports
        self._operations: Mapping[str, Callable[[Call, datetime], str]] = {
            "EFACCONSULTARESTADOCFE": self._state_of_cfe,
            "EFACCONSULTARENVIOSCFE": self._shipments_of_cfe,
            "EFACCONSULTARENVIOSSOBRE": self._sobres,
            "EFACCONSULTARENVIOSREPORTE": self._sent_reports,
            "EFACCONSULTARRESPUESTAREPORTE": self._answer_to_report,
            "EFACCONSULTARCFERECIBIDOS": self._received,
            "EFACCONSULTARRUCEMISORES": self._issuers,
            "EFACCONSULTARRUCEMISORESTRANSICION": self._issuers,
        }

    def ask(self, call: Call, now: datetime) -> str | None:
        """What goes into the Body of the answer; None for an operation that is not of this service. `Faulted`."""
        name = call.operation.removeprefix(PREFIX)
        operation = self._operations.get(name)
        if operation is None or not call.operation.startswith(PREFIX):
            return None
        inner = operation(call, now)
        return f'<{PREFIX}{name}Response xmlns="http://dgi.gub.uy">{inner}</{PREFIX}{name}Response>'

    def _state_of_cfe(self, call: Call, now: datetime) -> str:
        tipo, serie, numero = _cfe_id(call)
        known = self._archive.cfe(call.caller.rut, tipo, serie, numero)
        first = self._archive.sobre(known["sobre"]) if known else None
        if known is None or first is None:
            # An empty answer, as the service's generator writes what it did not find.
            told = tags(EstadoCFE="", IdEmisor=0, IdReceptor=0) + _ask(None)
            return f"<Ackconsultaestadocfe>{told}</Ackconsultaestadocfe>"
        is_known = now >= datetime.fromisoformat(first["desde"])
        told = tags(EstadoCFE=known["estado"] if is_known else "", IdEmisor=first["id_emisor"], IdReceptor=first["id"])
        return f"<Ackconsultaestadocfe>{told}{_ask(first)}</Ackconsultaestadocfe>"

    def _shipments_of_cfe(self, call: Call, now: datetime) -> str:  # noqa: ARG002 - one door
        found = self._archive.shipments_of(call.caller.rut, *_cfe_id(call))
        told = f"<ColeccionDatosSobres>{''.join(map(_sobre, found))}</ColeccionDatosSobres>"
        return f"<Ackconsultaenvioscfe>{told}</Ackconsultaenvioscfe>"

    def _sobres(self, call: Call, now: datetime) -> str:  # noqa: ARG002
        query = "Consultaenviossobre"
        first, last = _span(call, query)
        named, number = (_optional(call.text(query, name)) for name in ("IdEmisor", "IdReceptor"))
        found = [
            row
            for row in self._archive.sobres_between(call.caller.rut, first.isoformat(), last.isoformat())
            if (not named or row["id_emisor"] == named) and (not number or str(row["id"]) == number)
        ]
        told = f"<ColeccionDatosSobre>{''.join(map(_sobre, found))}</ColeccionDatosSobre>"
        return f"<Ackconsultaenviossobre>{told}</Ackconsultaenviossobre>"

    def _sent_reports(self, call: Call, now: datetime) -> str:
        query = "Consultaenviosreporte"
        sequence, named = (_optional(call.text(query, name)) for name in ("Secuencia", "IdEmisor"))
        told = ""
        for row in self._archive.reports(call.caller.rut, call.text(query, "FechaResumen").strip()[:10]):
            if (sequence and str(row["secuencia"]) != sequence) or (named and row["id_emisor"] != named):
                continue
            data = tags(
                IdEmisor=row["id_emisor"] or 0, IdReceptor=row["id"], Estado=self._reports.state(row, now),
                FechaHoraRecepcion=_hour(row["recibido"]),
            )  # fmt: skip
            told += f"<DatosReporte>{data}</DatosReporte>"
        inner = f"<ColeccionDatosReporte>{told}</ColeccionDatosReporte>"
        return f"<Ackconsultaenviosreporte>{inner}</Ackconsultaenviosreporte>"

    def _answer_to_report(self, call: Call, now: datetime) -> str:
        try:
            row = self._archive.report(whole(call.text("Consultarespuestareporte", "IdReceptor").strip()))
        except ValueError as exc:
            raise Faulted(_UNKNOWN, str(exc)) from exc
        if row is None or row["rut"] != call.caller.rut:
            raise Faulted(_UNKNOWN)
        if now < datetime.fromisoformat(row["desde"]):
            raise Faulted(_UNPROCESSED)
        return f"<Ackrepdiario>{cdata(row['ack'].decode())}</Ackrepdiario>"

    def _received(self, call: Call, now: datetime) -> str:  # noqa: ARG002
        query = "Consultacferecibidos"
        first, last = _span(call, query)
        wanted = [_optional(call.text(query, name)) for name in ("RUCEmisor", "TipoCFE", "Serie", "Nro")]
        told = ""
        for row in self._archive.cfes_for(call.caller.rut):
            own = (row["rut"], str(row["tipo"]), row["serie"], str(row["numero"]))
            inside = first.date().isoformat() <= row["fecha"] <= last.date().isoformat()
            if inside and all(not one or one == other for one, other in zip(wanted, own, strict=True)):
                told += f"<DatosCFE>{_cfe(row)}</DatosCFE>"
        return f"<Ackconsultacferecibidos><ColeccionDatosCFE>{told}</ColeccionDatosCFE></Ackconsultacferecibidos>"

    def _issuers(self, call: Call, now: datetime) -> str:  # noqa: ARG002
        query = "Consultarucemisores"
        since = call.text(query, "Filtro_eFacRUCEmisorAudFchHora").strip()
        earliest = _moment(since) if since else None
        found = self._registers.issuers(
            call.text(query, "Filtro_eFacDocNro").strip(), call.text(query, "Filtro_eFacDenominacion").strip()
        )
        told = "".join(
            f"<RucEmisoresMail.RucEmisoresMailItem>{_issuer(row)}</RucEmisoresMail.RucEmisoresMailItem>"
            for row in found
            if earliest is None or datetime.fromisoformat(row["cambiado"]) >= earliest
        )
        return f"<Rucemisoresmail>{told}</Rucemisoresmail>"


def _cfe_id(call: Call) -> tuple[int, str, int]:
    tipo, serie, numero = (call.text("Cfeid", name).strip() for name in ("TipoCFE", "Serie", "Nro"))
    try:
        return whole(tipo), serie, whole(numero)
    except ValueError as exc:
        raise Faulted(_BAD_QUERY, "TipoCFE, Serie y Nro son obligatorios") from exc


def _span(call: Call, query: str) -> tuple[datetime, datetime]:
    first, last = (_moment(call.text(query, name).strip()) for name in ("FechaDesde", "FechaHasta"))
    if not timedelta(0) <= last - first <= LONGEST:
        raise Faulted(_BAD_QUERY, "el rango de fechas no debe superar los 31 días")
    return first, last


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Faulted(_BAD_QUERY, f"«{text}» no es una fecha y hora") from exc
    return (found if found.tzinfo else found.replace(tzinfo=ZONE)).astimezone(ZONE)


def _optional(text: str) -> str:
    """A filter; the service's generator writes 0 for none."""
    return "" if text.strip() in ("", "0") else text.strip()


def _sobre(row: Row) -> str:
    told = tags(
        EstadoSobre=row["estado"], FechaHoraSobre=_hour(row["recibido"]), IdEmisor=row["id_emisor"] or 0,
        IdReceptor=row["id"],
    )  # fmt: skip
    return f"<DatosSobre>{told}{_ask(row)}</DatosSobre>"


def _ask(sobre: Row | None) -> str:
    """ParamConsulta; without a token there is nothing to ask with."""
    if sobre is None or not sobre["token"]:
        return f"<ParamConsulta>{tags(Token='', Fechahora=f'{_NEVER}T00:00:00')}</ParamConsulta>"
    return f"<ParamConsulta>{tags(Token=sobre['token'], Fechahora=_hour(sobre['desde']))}</ParamConsulta>"


def _cfe(row: Row) -> str:
    documento = read_documento(row["xml"])
    totals = documento.totales
    net = sum((value for name, value in totals.items() if name.startswith("MntNeto") or name == "MntNoGrv"), Decimal(0))
    iva = sum((value for name, value in totals.items() if name.startswith("MntIVA")), Decimal(0))
    return tags(
        TipoCFE=row["tipo"], Serie=row["serie"], Nro=row["numero"], Estado=row["estado"],
        FechaHora=f"{row['fecha']}T00:00:00", RucEmisor=row["rut"], Moneda=documento.moneda, TotalNeto=net,
        TotalIVA=iva, MontoTotal=totals.get("MntTotal", 0), TotalRetenido=totals.get("MntTotRetenido", 0),
    )  # fmt: skip


def _issuer(row: Row) -> str:
    """The address of a web service comes last, where there is one."""
    told = tags(
        RUC=row["rut"], DENOMINACION=row["denominacion"], NOMBRE_FANTASIA=row["fantasia"], FECHA_INICIO=row["inicio"],
        FECHA_FIN=row["fin"] or _NEVER, MAIL=row["mail"],
    )  # fmt: skip
    return told + (tags(URL_WEBSERVICE=row["url"]) if row["url"] else "")


def _hour(kept: str) -> str:
    return stamp(datetime.fromisoformat(kept).astimezone(ZONE))
