"""The answer of a job as it follows from the journal, and from nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

from sincronizador import files
from sincronizador.core import cloud_codes, codes
from sincronizador.core.answer import Answer, Block, Estado, First, Motivo
from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind
from sincronizador.folders.answers import companion_name, label_of
from sincronizador.folders.heartbeat import CONTRATO
from sincronizador.journal import documents, jobs
from sincronizador.journal.journal import Tx

from . import closing, lot_answer, paper_answer
from .house import House

Fields = list[tuple[str, str]]


def project(house: House, db: Tx, job: Job) -> Answer:
    """The newest answer of a job."""
    target = jobs.get(db, job.follows) if job.follows is not None else None
    emitido = _emitido(house, db, job, target)
    shown = _shown(job, target)
    lote = lot_answer.opened(target or job)
    papers = paper_answer.of(db, job, target)
    findings = (*job.findings, *_of_authority(target)) if job.findings else target.findings if target else ()
    findings = (*findings, *paper_answer.findings(job, papers))
    issued = shown.emitido or (lote is not None and lot_answer.has_issued(db, lote))
    fields = _head(house, job, target, shown, emitido, issued=issued)
    if emitido is not None:
        fields += _document_fields(emitido)
    if lote is not None:
        fields += lot_answer.fields(house, db, job, lote)
    fields += closing.fields(house, job)
    fields += paper_answer.fields(job, target, is_issued=emitido is not None)
    fields += [(label_of(kind), companion_name(job.name, kind)) for kind in job.companions]
    fields += _tail(job, target, shown, emitido, findings)
    first = First.OK if _is_withdrawal(job) else shown.first
    return Answer(
        first=first,
        blocks=(
            Block("RESPUESTA", tuple(fields)),
            *_other_blocks(job, emitido, findings),
            *paper_answer.blocks(papers),
        ),
        encoding=job.encoding,
    )


def project_uncopied(house: House, job: Job) -> Answer:
    """What is told of a decided job whose document has no second copy yet: it may not count as issued."""
    finding = cloud_codes.UNCOPIED.at()
    waits = replace(job, estado=Estado.ESPERANDO, motivo=Motivo.ESPEJO, decided_at=None, findings=(finding,), result=())
    fields = _head(house, waits, None, waits.estado, None, issued=False)
    fields += _tail(waits, None, waits.estado, None, waits.findings)
    blocks = (Block("RESPUESTA", tuple(fields)), *_other_blocks(waits, None, waits.findings))
    return Answer(first=waits.estado.first, blocks=blocks, encoding=job.encoding)


def with_number(answer: Answer, number: int) -> Answer:
    """The answer as news: it says which one it is."""
    first, *others = answer.blocks
    news = Block(first.name, (*first.fields, ("NOVEDAD", str(number))))
    return replace(answer, blocks=(news, *others))


def _of_authority(document: Job | None) -> Iterable[Finding]:
    """What the authority or the receiver remarked: every file that a document answers tells it."""
    told = (codes.OBSERVED.code, codes.CORRECTED.code, codes.REJECTED_BY_AUTHORITY.code, codes.UNWANTED.code)
    return (finding for finding in document.findings if finding.code in told) if document else ()


def _emitido(house: House, db: Tx, job: Job, target: Job | None) -> Emitido | None:
    signed = documents.signed(db, target.id if target else job.id)
    return house.country.emitted(*signed) if signed else None


def _shown(job: Job, target: Job | None) -> Estado:
    """ESTADO: a query shows the state of what it asked for."""
    return target.estado if job.kind is Kind.CONSULTA and target is not None else job.estado


def _head(
    house: House, job: Job, target: Job | None, shown: Estado, emitido: Emitido | None, *, issued: bool
) -> Fields:
    of = target or job
    fields = [
        ("CONTRATO", str(CONTRATO)),
        ("ESTADO", shown.value),
        ("EMITIDO", "SI" if issued else "NO"),
        ("FINAL", "SI" if shown.final else "NO"),
        ("AMBIENTE", house.rules.ambiente.upper()),
        ("ARCHIVO", files.printable(job.name)),
        ("ENTRADA_SHA256", job.sha256),
    ]
    if of.motivo and not shown.decided:
        fields.insert(2, ("MOTIVO", of.motivo))
    if referencia := job.referencia or of.referencia or (emitido.referencia if emitido else ""):
        fields.append(("REFERENCIA", referencia))
    return fields


def _document_fields(emitido: Emitido) -> Fields:
    fields = [
        ("TIPO", str(emitido.tipo)),
        ("SERIE", emitido.serie),
        ("NUMERO", str(emitido.numero)),
        ("FECHA", emitido.fecha.isoformat()),
        ("FECHA_FIRMA", emitido.firmado.isoformat()),
        ("MONEDA", emitido.moneda),
    ]
    if emitido.cotizacion is not None:
        fields.append(("COTIZACION", f"{emitido.cotizacion:f}"))
    return [
        *fields,
        *emitido.importes,
        *((name, value) for name, value in emitido.anexo.pagos if name == "VUELTO"),
        ("CAE", emitido.cae),
        ("CAE_DESDE", str(emitido.cae_desde)),
        ("CAE_HASTA", str(emitido.cae_hasta)),
        ("CAE_VENCE", emitido.cae_vence.isoformat()),
        ("CODIGO_SEGURIDAD", emitido.codigo_seguridad),
        ("HASH", emitido.hash),
        ("QR", emitido.qr),
    ]


def _tail(job: Job, target: Job | None, shown: Estado, emitido: Emitido | None, findings: Sequence[Finding]) -> Fields:
    errors = [finding for finding in findings if finding.is_error]
    code = errors[0].code if errors else findings[0].code if findings and not shown.emitido else "0"
    when = job.decided_at or job.claimed_at
    return [
        ("CODIGO", code),
        ("MENSAJE", _sentence(job, target, shown, emitido, errors)),
        ("HORA", when.isoformat(timespec="seconds")),
    ]


def _is_withdrawal(job: Job) -> bool:
    """Whether it asked for what came to pass: that a sale will not be."""
    return job.kind in (Kind.RETIRAR, Kind.ANULAR) and job.estado is Estado.RETIRADO


def _sentence(job: Job, target: Job | None, shown: Estado, emitido: Emitido | None, errors: Sequence[Finding]) -> str:
    if _is_withdrawal(job):
        return "El pedido está retirado: no se emitió y no se emitirá."
    if len(errors) > 1:
        return f"El archivo tiene {len(errors)} errores."
    if errors:
        return errors[0].message
    if shown is Estado.RESUELTO and (printed := paper_answer.sentence(job)):
        return printed
    if corrected := next((each.message for each in (target or job).findings if each.code == codes.CORRECTED.code), ""):
        return corrected
    if shown is Estado.OBSERVADO:
        return _SENTENCES[shown]
    if job.follows is not None and target is not None and job.kind is Kind.DOCUMENTO and emitido is not None:
        return "Esta venta ya estaba emitida; este es su comprobante."
    own = closing.SENTENCES.get(job.kind) if shown is Estado.RESUELTO else None
    return own or _SENTENCES.get(shown, "")


_SENTENCES = {
    Estado.RECIBIDO: "Recibido; se está procesando.",
    Estado.ESPERANDO: "Espera.",
    Estado.PARCIAL: "Lote en proceso: mire en el CSV cómo va cada comprobante.",
    Estado.FIRMADO: "Comprobante firmado por la nube.",
    Estado.FIRMADO_LOCAL: "Comprobante firmado.",
    Estado.FIRMADO_CONTINGENCIA: "Comprobante firmado aquí; se entregará a la nube al volver la conexión.",
    Estado.ENVIADO: "Comprobante firmado; la nube lo tiene.",
    Estado.ACEPTADO: "Comprobante aceptado por DGI.",
    Estado.OBSERVADO: "DGI observó el papel: corrija el archivo y déjelo de nuevo con el mismo número.",
    Estado.INFORMADO: "Comprobante informado a DGI en el reporte diario.",
    Estado.RECHAZADO_DGI: "DGI rechazó el comprobante.",
    Estado.VALIDO: "El archivo está bien.",
    Estado.RESUELTO: "Resuelto.",
}


def _other_blocks(job: Job, emitido: Emitido | None, findings: Iterable[Finding]) -> list[Block]:
    blocks = [Block(name, fields) for name, fields in job.result]
    if emitido is not None and emitido.anexo.extra:
        blocks.append(Block("EXTRA", emitido.anexo.extra))
    errors, warnings = count(1), count(1)
    for finding in findings:
        name = f"ERROR.{next(errors)}" if finding.is_error else f"AVISO.{next(warnings)}"
        blocks.append(Block(name, _finding_fields(finding)))
    return blocks


def _finding_fields(finding: Finding) -> tuple[tuple[str, str], ...]:
    fields = (
        ("CODIGO", finding.code),
        ("LINEA", str(finding.line) if finding.line is not None else ""),
        ("CAMPO", finding.field or ""),
        ("VALOR", finding.value or ""),
        ("MENSAJE", finding.message),
        ("SUGERENCIA", finding.hint or ""),
        ("NORMA", finding.norm or ""),
    )
    return tuple((name, value) for name, value in fields if value)
