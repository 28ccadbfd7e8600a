"""What was sent to DGI and what became of it: sobres, documents, reports, ranges."""

import json
from collections.abc import Sequence
from sqlite3 import Row

from sincronizador.authorities.fake_acks import Answer, Motivo
from sincronizador.authorities.fake_memory import Memory


class Archive:
    """Nothing is ever taken out of it, but for the ranges of a report that another one replaces."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def cfe(self, rut: str, tipo: int, serie: str, numero: int) -> Row | None:
        """The document that has the number."""
        return self._memory.row(
            "SELECT * FROM cfe WHERE rut = ? AND tipo = ? AND serie = ? AND numero = ?", rut, tipo, serie, numero
        )

    def cfes_signed(self, rut: str, day: str) -> list[Row]:
        """The issuer's documents whose signature is of that day."""
        return self._memory.rows("SELECT * FROM cfe WHERE rut = ? AND dia = ?", rut, day)

    def cfes_for(self, receptor: str) -> list[Row]:
        """The documents that name it as their receiver."""
        return self._memory.rows("SELECT * FROM cfe WHERE receptor = ? ORDER BY sobre, ordinal", receptor)

    def shipments_of(self, rut: str, tipo: int, serie: str, numero: int) -> list[Row]:
        """Every sobre that brought that number, in order."""
        return self._memory.rows(
            "SELECT DISTINCT s.* FROM sobre s JOIN respuesta r ON r.sobre = s.id "
            "WHERE s.rut = ? AND r.tipo = ? AND r.serie = ? AND r.numero = ? ORDER BY s.id",
            rut, str(tipo), serie, str(numero),
        )  # fmt: skip

    def is_annulled(self, rut: str, tipo: int, serie: str, numero: int) -> bool:
        """Whether a report said that it was annulled."""
        found = self._memory.row(
            "SELECT 1 FROM rango WHERE rut = ? AND tipo = ? AND serie = ? AND desde <= ? AND hasta >= ? AND anulado",
            rut, tipo, serie, numero, numero,
        )  # fmt: skip
        return found is not None

    def sobre(self, number: int) -> Row | None:
        """By its IdReceptor."""
        return self._memory.row("SELECT * FROM sobre WHERE id = ?", number)

    def sobre_named(self, rut: str, id_emisor: str) -> Row | None:
        """The one that the issuer gave that number, whatever became of it."""
        return self._memory.row("SELECT * FROM sobre WHERE rut = ? AND id_emisor = ?", rut, id_emisor)

    def sobre_with(self, token: str) -> Row | None:
        """By its token."""
        return self._memory.row("SELECT * FROM sobre WHERE token = ?", token)

    def sobres_between(self, rut: str, first: str, last: str) -> list[Row]:
        """Received from the one moment to the other."""
        return self._memory.rows(
            "SELECT * FROM sobre WHERE rut = ? AND recibido >= ? AND recibido <= ? ORDER BY id", rut, first, last
        )

    def answers(self, sobre: int, most: int) -> list[Answer]:
        """The first answered documents of a sobre."""
        rows = self._memory.rows("SELECT * FROM respuesta WHERE sobre = ? ORDER BY ordinal LIMIT ?", sobre, most)
        return [self._answer(row) for row in rows]

    def keep_answer(self, sobre: int, answer: Answer, original: int | None) -> None:
        """What is answered of one document."""
        self._memory.keep(
            "respuesta", sobre=sobre, ordinal=answer.ordinal, tipo=answer.tipo, serie=answer.serie,
            numero=answer.numero, fecha=answer.fecha, firmado=answer.firmado, estado=answer.estado,
            motivos=json.dumps(answer.motivos), original=original,
        )  # fmt: skip

    def _answer(self, row: Row) -> Answer:
        first = self.sobre(row["original"]) if row["original"] else None
        original = (
            None
            if first is None
            else {
                "IDRespSobre": str(first["id"]),
                "IDEmisorSobre": first["id_emisor"],
                "IDReceptorSobre": str(first["id"]),
                "IDTokenSobre": first["token"],
            }
        )
        return Answer(
            ordinal=row["ordinal"], tipo=row["tipo"], serie=row["serie"], numero=row["numero"], fecha=row["fecha"],
            firmado=row["firmado"], estado=row["estado"], motivos=motivos_of(row), original=original,
        )  # fmt: skip

    def reports(self, rut: str, day: str) -> list[Row]:
        """All of a day, in order of arrival."""
        return self._memory.rows("SELECT * FROM reporte WHERE rut = ? AND dia = ? ORDER BY id", rut, day)

    def report(self, number: int) -> Row | None:
        """By its IdReceptor."""
        return self._memory.row("SELECT * FROM reporte WHERE id = ?", number)

    def ranges(self, rut: str, tipo: int, other_than: str) -> list[Row]:
        """The used ranges that reports of other days told of."""
        return self._memory.rows(
            "SELECT * FROM rango WHERE rut = ? AND tipo = ? AND dia <> ? AND NOT anulado", rut, tipo, other_than
        )

    def replace_ranges(self, rut: str, day: str, ranges: Sequence[tuple[int, str, int, int, bool]]) -> None:
        """What the day's newest report says, in place of what the one before said."""
        self._memory.write("DELETE FROM rango WHERE rut = ? AND dia = ?", rut, day)
        for tipo, serie, first, last, annulled in ranges:
            self._memory.write(
                "INSERT INTO rango VALUES (?, ?, ?, ?, ?, ?, ?)", rut, day, tipo, serie, first, last, int(annulled)
            )


def motivos_of(row: Row) -> list[Motivo]:
    """The reasons that a row keeps."""
    return [(code, detail) for code, detail in json.loads(row["motivos"])]
