"""eFactShell's reply."""

from collections.abc import Iterator
from dataclasses import dataclass

from sincronizador.core.answer import Answer, First


@dataclass(frozen=True, slots=True)
class Reply:
    """
    Its reply: ``1|AE|...`` or ``1|BE|...`` for what was refused, ``2|serie|numero|codigo``, ``3|`` and the CAE.

    Of a refused file every mistake has a line ``1|BE|codigo|linea|campo|mensaje``. In ISO-8859-1, CRLF.
    """

    extension: str = "txt"
    pending: bool = False
    """Its clients read whatever file appears: there is none before the decision."""

    def render(self, answer: Answer) -> bytes:
        """The bytes of a reply."""
        lines = list(self._lines(answer))
        return "".join(f"{line}\r\n" for line in lines).encode("iso-8859-1", "replace")

    def _lines(self, answer: Answer) -> Iterator[str]:
        head = dict(answer.blocks[0].fields)
        if answer.first is not First.OK or "NUMERO" not in head:
            errors = [dict(block.fields) for block in answer.blocks if block.name.startswith("ERROR.")]
            for fields in errors or [head]:
                yield _record("1", "BE", *(fields.get(name, "") for name in ("CODIGO", "LINEA", "CAMPO", "MENSAJE")))
            return
        yield _record("1", "AE", head.get("CODIGO", "0"), "", "", head.get("MENSAJE", ""))
        yield _record("2", head["SERIE"], head["NUMERO"], head["CODIGO_SEGURIDAD"])
        yield _record("3", head["CAE"], head["SERIE"], head["CAE_DESDE"], head["CAE_HASTA"], head["CAE_VENCE"])


def _record(*fields: str) -> str:
    return "|".join(" ".join(field.replace("|", " ").split()) for field in fields)
