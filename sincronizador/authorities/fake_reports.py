"""The counter of daily reports: R01 to R06 at once, the balance with what arrived once it is processed."""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from sqlite3 import Row

from lxml import etree

from sincronizador.authorities import fake_balance, fake_summary
from sincronizador.authorities.fake_acks import Motivo, Shipment, ack_report
from sincronizador.authorities.fake_codes import Faulted
from sincronizador.authorities.fake_notary import Holder
from sincronizador.authorities.fake_office import Office
from sincronizador.authorities.fake_reading import CFE, parse_xml
from sincronizador.authorities.fake_sobres import undeclared
from sincronizador.authorities.fake_summary import Reporte, read_reporte

PROCESADO, GESTIONADO, RELIQUIDADO = "DR", "ER", "FR"
"""States of a report that was received (AR), once it was processed: it balances, it does not, it was settled anew."""
_DUPLICATE = 109


class Reports:
    """Reception of reports, and what becomes of them."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def receive(self, caller: Holder, content: str, now: datetime) -> bytes:
        """The ACKRepDiario, signed. Raises `Faulted` 109 for the very report that was received already."""
        whole = undeclared(content)
        reporte, motivos = _read(whole)
        if reporte is not None:
            self._refuse_the_same(caller, reporte, whole)
            motivos += self._examined(caller, reporte, whole, now)
        facts = {"dia": reporte.dia, "secuencia": reporte.secuencia} if reporte else {}
        cue = self._office.cues.take("reporte", rut=caller.rut, **facts)
        if cue is not None:
            motivos += [(code, cue.detail) for code in cue.codes]
        effect = cue.efecto if cue else {}
        number = self._office.memory.next_shipment()
        shipment = Shipment(
            receptor=self._office.rut, emisor=caller.rut, id_emisor=reporte.id_emisor if reporte else "",
            id_receptor=number, received=now,
        )  # fmt: skip
        ack = self._office.notary.sign_document(ack_report(shipment, now, motivos))
        since = now + timedelta(seconds=effect.get("demora", self._office.registers.setting("demora_reporte")))
        self._office.memory.keep(
            "reporte", id=number, rut=caller.rut, dia=reporte.dia if reporte else "",
            secuencia=reporte.secuencia if reporte else 0, id_emisor=shipment.id_emisor, recibido=now.isoformat(),
            estado="BR" if motivos else "AR", motivos=json.dumps(motivos), gestion=effect.get("estado", ""),
            desde=since.isoformat(), diferencias="[]", ack=ack, xml=whole,
        )  # fmt: skip
        if reporte is not None and not motivos:
            self._office.archive.replace_ranges(caller.rut, reporte.dia, list(_ranges(reporte)))
        return ack

    def state(self, row: Row, now: datetime) -> str:
        """AR or BR; once a received one was processed, what came of it, which then stays."""
        if row["estado"] == "BR" or now < datetime.fromisoformat(row["desde"]):
            return str(row["estado"])
        if row["gestion"]:
            return str(row["gestion"])
        reporte = read_reporte(parse_xml(row["xml"]))
        found = fake_balance.differences(reporte, self._office.archive, self._office.registers)
        state = GESTIONADO if found else PROCESADO
        self._office.memory.write(
            "UPDATE reporte SET gestion = ?, diferencias = ? WHERE id = ?",
            state, json.dumps(found, ensure_ascii=False), row["id"],
        )  # fmt: skip
        return state

    def _refuse_the_same(self, caller: Holder, reporte: Reporte, whole: bytes) -> None:
        for row in self._office.archive.reports(caller.rut, reporte.dia):
            if row["estado"] == "AR" and row["xml"] == whole:
                raise Faulted(_DUPLICATE, f"recibido como {row['id']}")

    def _examined(self, caller: Holder, reporte: Reporte, whole: bytes, now: datetime) -> Iterator[Motivo]:
        signer = caller
        try:
            if reporte.certificado:
                signer = self._office.notary.read(b64decode(reporte.certificado, validate=True))
            self._office.notary.verify(whole, signer.der)
        except ValueError as exc:
            yield "R03", str(exc)
        if not self._office.notary.trusts(signer.der):
            yield "R03", "Error al validar el Certificado - certificate not trusted"
        elif not signer.is_valid(reporte.firmado):
            yield "R03", "el certificado no estaba vigente al firmar"
        if not reporte.rut == caller.rut == signer.rut:
            yield "R02", f"el envío es de {caller.rut}, el certificado de {signer.rut} y el reporte de {reporte.rut}"
        yield from (("R04", sentence) for sentence in self._office.schema(whole))
        yield from (("R04", sentence) for sentence in fake_summary.problems(reporte))
        if reporte.firmado > now + timedelta(days=1):
            yield "R04", "TmstFirmaEnv está a más de un día"
        yield from self._in_sequence(caller, reporte)
        if now.date().isoformat() <= reporte.dia:
            yield "R06", f"recibido el {now.date()}; el resumen del {reporte.dia} se envía cuando ese día terminó"

    def _in_sequence(self, caller: Holder, reporte: Reporte) -> Iterator[Motivo]:
        known = [
            row["secuencia"] for row in self._office.archive.reports(caller.rut, reporte.dia) if row["estado"] == "AR"
        ]
        expected = max(known, default=0) + 1
        if reporte.secuencia != expected:
            yield "R05", f"SecEnvio es {reporte.secuencia} y debe ser {expected}"


def _read(whole: bytes) -> tuple[Reporte | None, list[Motivo]]:
    try:
        root: etree._Element = parse_xml(whole)
        if root.tag != CFE + "Reporte":
            return None, [("R01", f"la raíz es {root.tag} y debe ser Reporte")]
        return read_reporte(root), []
    except ValueError as exc:
        return None, [("R01", str(exc))]


def _ranges(reporte: Reporte) -> Iterator[tuple[int, str, int, int, bool]]:
    for resumen in reporte.resumenes:
        for serie, first, last in resumen.usados:
            yield resumen.tipo, serie, first, last, False
        for serie, first, last in resumen.anulaciones:
            yield resumen.tipo, serie, first, last, True
