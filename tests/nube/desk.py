"""An authority in memory: what DGI does with sobres and reports, and everything that may happen on the way to it."""

from collections import deque
from datetime import date, timedelta
from xml.sax.saxutils import escape

from clouds import MONTEVIDEO, NOON
from lxml import etree

from sincronizador.authorities.door import Fault
from sincronizador.countries.uy.acks import AckSobre, Consulta, Motivo, compose_ack_sobre
from sincronizador.countries.uy.received import take_apart
from sincronizador.countries.uy.signed import parse_signed, texts
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable

DGI = "219999830019"
NS = "{http://cfe.dgi.gub.uy}"

DOWN = "down"
"""Nothing leaves."""
LOST_REQUEST = "lost request"
LOST_ANSWER = "lost answer"
UNTRUSTED = "untrusted"


class Desk:
    """One DGI for all issuers. What is asked of it next meets what is `coming`, in order; then all goes well."""

    def __init__(self, clock=None):
        self.clock = clock or (lambda: NOON)
        self.coming = deque()
        self.sobres = {}
        """(rut, idemisor) -> the bytes of the first one and its ACK."""
        self.arrived = []
        """Every sobre that arrived, as (rut, idemisor, bytes, slugs)."""
        self.documents = {}
        """(rut, slug) -> (estado, signed at, id_receptor) of what is registered."""
        self.asked = []
        self.refuse = {}
        """slug -> codes with which it is rejected or observed."""
        self.slow = 0
        """Questions about documents that are answered with "not yet"."""
        self.partly = 0
        """Answers that leave the last document out."""
        self.reports = {}
        """(rut, day, secuencia) -> bytes of what is received."""
        self.reports_arrived = []
        self.report_states = {}
        self.register = {}
        """RUT -> what the register of electronic issuers says of it."""
        self.register_asked = []
        self.register_coming = deque()
        """What questions about the register meet, in order."""

    # --- the verbs of one issuer ---

    def line(self, identity):
        return Line(self, identity.certificate.rut)

    def happens(self):
        return self.coming.popleft() if self.coming else None


class Line:
    """One issuer's way there."""

    def __init__(self, desk, rut):
        self.desk = desk
        self.rut = rut

    def _way(self, act):
        now = self.desk.happens()
        if now == DOWN:
            raise Unavailable("E3001", "No hay conexión.")
        if now == UNTRUSTED:
            raise NeedsOperator("E3003", "Otro contesta.")
        if now == LOST_REQUEST:
            raise Unanswered("E3002", "Sin respuesta.")
        if isinstance(now, Fault):
            return now
        said = act()
        if now == LOST_ANSWER:
            raise Unanswered("E3002", "Sin respuesta.")
        return said if now is None or now == LOST_ANSWER else now

    def send_sobre(self, sobre):
        return self._way(lambda: self._take_sobre(sobre))

    def _take_sobre(self, sobre):
        desk, taken = self.desk, take_apart(sobre)
        idemisor = int(taken.caratula["Idemisor"])
        slugs = [slug_of(cfe.alone) for cfe in taken.cfes]
        desk.arrived.append((self.rut, idemisor, sobre, slugs))
        assert taken.caratula["RUCEmisor"] == self.rut
        assert len(slugs) == int(taken.caratula["CantCFE"]) <= 250
        assert len(slugs) == len(set(slugs))
        number = len(desk.arrived)
        if (self.rut, idemisor) in desk.sobres:
            return self._ack(idemisor, number, Motivo(codigo="S08", glosa="Sobre enviado ya existe"))
        codes = {slug: desk.refuse.get(slug, ()) for slug in slugs}
        refused = next((code for found in codes.values() for code in found if code.startswith("S")), None)
        if refused:
            return self._ack(idemisor, number, Motivo(codigo=refused, glosa="Rechazado"))
        decided = []
        for ordinal, (slug, cfe) in enumerate(zip(slugs, taken.cfes, strict=True), 1):
            decided.append(self._decide(ordinal, slug, cfe.alone, number, idemisor))
        desk.sobres[self.rut, idemisor] = (sobre, number, decided)
        return self._ack(idemisor, number)

    def _decide(self, ordinal, slug, signed, number, idemisor):
        desk = self.desk
        tipo, serie, numero = slug.split("-")
        body = texts(parse_signed(signed).body)
        said = {"n": ordinal, "tipo": tipo, "serie": serie, "numero": numero, "firmado": body["TmstFirma"]}
        before = desk.documents.get((self.rut, slug))
        if before is not None:
            return said | {"estado": "BE", "codes": ("E02",), "original": before[2]}
        codes = desk.refuse.get(slug, ())
        for referred in references(signed):
            known = desk.documents.get((self.rut, referred))
            if is_note(int(tipo)) and known is None and desk.strict:
                codes = (*codes, "E12")
        if not codes:
            desk.documents[self.rut, slug] = ("AE", body["TmstFirma"], (idemisor, number))
            return said | {"estado": "AE", "codes": ()}
        return said | {"estado": "CE" if int(tipo) > 200 else "BE", "codes": codes}

    def _ack(self, idemisor, number, *motivos):
        now = self.desk.clock()
        consulta = None if motivos else Consulta(token=token_of(number), desde=now + timedelta(seconds=2))
        return compose_ack_sobre(
            AckSobre(
                ruc_receptor=DGI, ruc_emisor=self.rut, id_respuesta=number, recibido=now, id_emisor=idemisor,
                id_receptor=number, cantidad=1, firmado=now, estado="BS" if motivos else "AS", motivos=motivos,
                consulta=consulta,
            )
        )  # fmt: skip

    def consult(self, id_receptor, token):
        return self._way(lambda: self._tell(int(id_receptor), token))

    def _tell(self, number, token):
        desk = self.desk
        desk.asked.append(number)
        assert token == token_of(number)
        (_, idemisor), (_, _, decided) = next(
            (key, value) for key, value in desk.sobres.items() if value[1] == number and key[0] == self.rut
        )
        if desk.slow:
            desk.slow -= 1
            return Fault(code=105, description="Vuelva a consultar luego", detail="")
        told = decided
        if desk.partly:
            desk.partly -= 1
            told = decided[:-1] or decided
        return ack_cfe(self.rut, idemisor, number, len(decided), told)

    def send_report(self, report):
        return self._way(lambda: self._take_report(report))

    def _take_report(self, report):
        desk, root = self.desk, etree.fromstring(report)
        said = {child.tag.removeprefix(NS): child.text for child in root.find(f"{NS}Caratula")}
        day, secuencia = date.fromisoformat(said["FechaResumen"]), int(said["SecEnvio"])
        desk.reports_arrived.append((self.rut, day, secuencia, report))
        there = {one: sent for (rut, of, one), sent in desk.reports.items() if (rut, of) == (self.rut, day)}
        if there.get(secuencia) == report:
            return Fault(code=109, description="Reporte duplicado", detail="")
        codes = list(desk.refuse.get(day, ()))
        if secuencia != max(there, default=0) + 1:
            codes.append("R05")
        if desk.clock().astimezone(MONTEVIDEO).date() <= day:
            codes.append("R06")
        if not codes:
            desk.reports[self.rut, day, secuencia] = report
        motivos = "".join(
            f"<MotivosRechazo><Motivo>{code}</Motivo><Glosa>No</Glosa></MotivosRechazo>" for code in codes
        )
        return (
            f'<ACKRepDiario xmlns="http://cfe.dgi.gub.uy" version="1.0"><Caratula><RUCReceptor>{DGI}</RUCReceptor>'
            f"<RUCEmisor>{self.rut}</RUCEmisor><NomArch/><FecHRecibido>2026-11-21T12:00:00-03:00</FecHRecibido>"
            f"<IDEmisor>0</IDEmisor><IDReceptor>{len(desk.reports_arrived)}</IDReceptor>"
            f"<Tmst>2026-11-21T12:00:00-03:00</Tmst></Caratula><Detalle><Estado>{'BR' if codes else 'AR'}</Estado>"
            f"{motivos}</Detalle></ACKRepDiario>"
        ).encode()

    def reports_sent(self, day, *, secuencia=0):
        return self._way(lambda: self._list_reports(day, secuencia))

    def _list_reports(self, day, secuencia):
        desk, rows = self.desk, ""
        if (self.rut, day, secuencia) in desk.reports:
            number = 1 + next(
                place for place, one in enumerate(desk.reports_arrived) if one[:3] == (self.rut, day, secuencia)
                and one[3] == desk.reports[self.rut, day, secuencia]
            )  # fmt: skip
            estado = desk.report_states.get((day, secuencia), "DR")
            rows = (
                f"<DatosReporte><Estado>{estado}</Estado><IdEmisor>0</IdEmisor><IdReceptor>{number}</IdReceptor>"
                "<FechaHoraRecepcion>2026-11-22T12:00:00-03:00</FechaHoraRecepcion></DatosReporte>"
            )
        return (
            '<Ackconsultaenviosreporte xmlns="http://dgi.gub.uy"><ColeccionDatosReporte>'
            f"{rows}</ColeccionDatosReporte></Ackconsultaenviosreporte>"
        ).encode()

    def issuers(self, since=None):
        self.desk.register_asked.append(since)
        now = self.desk.register_coming.popleft() if self.desk.register_coming else None
        if now == DOWN:
            raise Unavailable("E3001", "No hay conexión.")
        if now is not None:
            return now
        items = "".join(
            f"<Item>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in entry.items())}</Item>"
            for rut, entry in self.desk.register.items()
            for entry in ({"RUC": rut, **entry},)
        )
        return f'<Rucemisoresmail xmlns="http://dgi.gub.uy">{items}</Rucemisoresmail>'.encode()

    def sobres_sent(self, first, last, *, id_emisor=0, id_receptor=0):
        return self._way(lambda: self._list(id_emisor))

    def _list(self, idemisor):
        found = self.desk.sobres.get((self.rut, idemisor))
        rows = ""
        if found:
            number = found[1]
            rows = (
                f"<DatosSobre><EstadoSobre>AS</EstadoSobre><IdEmisor>{idemisor}</IdEmisor>"
                f"<IdReceptor>{number}</IdReceptor><ParamConsulta><Token>{token_of(number)}</Token>"
                "<Fechahora>2026-11-21T12:00:00-03:00</Fechahora></ParamConsulta></DatosSobre>"
            )
        return (
            '<Ackconsultaenviossobre xmlns="http://dgi.gub.uy"><ColeccionDatosSobre>'
            f"{rows}</ColeccionDatosSobre></Ackconsultaenviossobre>"
        ).encode()


Desk.strict = True


def token_of(number):
    return f"VG9rZW4{number:04d}="


def slug_of(signed):
    doc = parse_signed(signed).zone("Encabezado", "IdDoc")
    return f"{doc['TipoCFE']}-{doc['Serie']}-{doc['Nro']}"


def references(signed):
    for zone in parse_signed(signed).zones("Referencia", "Referencia"):
        if "TpoDocRef" in zone:
            yield f"{zone['TpoDocRef']}-{zone['Serie']}-{zone['NroCFERef']}"


def is_note(tipo):
    return tipo % 10 in (2, 3) and tipo not in (182, 282)


def ack_cfe(rut, idemisor, number, count, decided):
    """An ACKCFE of DGI."""
    rows = "".join(_det(one) for one in decided)
    return (
        f'<ACKCFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><Caratula><RUCReceptor>{DGI}</RUCReceptor>'
        f"<RUCEmisor>{rut}</RUCEmisor><IDRespuesta>{number}</IDRespuesta><NomArch/><FecHRecibido>"
        f"2026-11-21T12:00:00-03:00</FecHRecibido><IDEmisor>{idemisor}</IDEmisor><IDReceptor>{number}</IDReceptor>"
        f"<CantenSobre>{count}</CantenSobre><CantResponden>{len(decided)}</CantResponden>"
        f"<Tmst>2026-11-21T12:00:00-03:00</Tmst></Caratula>{rows}</ACKCFE>"
    ).encode()


def _det(one):
    name = "ObsCFC" if one["estado"] == "CE" else "MotivosRechazoCF"
    motivos = "".join(f"<{name}><Motivo>{code}</Motivo><Glosa>No</Glosa></{name}>" for code in one["codes"])
    original = ""
    if "original" in one:
        idemisor, number = one["original"]
        original = (
            f"<InfoRespOri><IDRespSobre>{number}</IDRespSobre><IDEmisorSobre>{idemisor}</IDEmisorSobre>"
            f"<IDReceptorSobre>{number}</IDReceptorSobre><IDTokenSobre>{token_of(number)}</IDTokenSobre></InfoRespOri>"
        )
    return (
        f"<ACKCFE_Det><Nro_ordinal>{one['n']}</Nro_ordinal><TipoCFE>{one['tipo']}</TipoCFE>"
        f"<Serie>{one['serie']}</Serie><NroCFE>{one['numero']}</NroCFE><TmstCFE>{one['firmado']}</TmstCFE>"
        f"<Estado>{one['estado']}</Estado>{motivos}{original}</ACKCFE_Det>"
    )
