"""What happens at a till: each story drops a file or several about one sale, and says what each may be answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random

from outside import legacy
from outside.answers import Answer
from outside.dialects import Style
from outside.dropping import pieces
from outside.installation import txt
from outside.legacy import MISTAKES, Planned

from mayhem.counter import DONE, ISSUED, WITHDRAWN, Counter

CORRECTED = sorted(set(MISTAKES) - {"E0105"})
"""Mistakes of files that say which sale they are."""


@dataclass(frozen=True, slots=True)
class Story:
    """A story at a till: the one who tells it, what the seed decides, and the day."""

    counter: Counter
    rng: Random
    today: date

    # Sales

    def sale(self) -> None:
        """A sale in any of the habits of old programs; its answer is read, and deleted by half of them."""
        self._read(self._sell("venta").name)

    def burst(self) -> None:
        """Many at once, and nobody looks."""
        for _ in range(self.rng.randrange(10, 30)):
            self._sell("ráfaga", plain=True)

    def twice_by_name(self) -> None:
        """The cashier presses twice: the same name again, at once or after the answer."""
        sold = self._sell("misma dos veces")
        if self.rng.random() < 0.5:
            self._read(sold.name, forget=True)
        else:
            self.counter.claimed(sold.name)
        self._drop(sold, sold.name, "misma dos veces")
        self._read(sold.name)

    def twice_by_reference(self) -> None:
        """The same sale under another name, at once or after the answer."""
        sold = self._sell("misma con otro nombre")
        if self.rng.random() < 0.5:
            self._read(sold.name)
        again = f"otra-{sold.name}"
        self._drop(sold, again, "misma con otro nombre")
        self._read(again)

    def other_content(self) -> None:
        """Another sale under a REFERENCIA that has its document."""
        sold = self._sell("otro contenido")
        self.counter.decided(sold.name)
        changed = _changed(sold)
        self._put(f"cambiada-{sold.name}", changed.content(), "otro contenido", {"E0104"}, sold.sale.referencia)
        self._read(sold.name)

    def race_of_contents(self) -> None:
        """Two contents under one REFERENCIA within moments: one of them is the sale."""
        sold = self._sell("carrera de contenidos", expects={ISSUED, WITHDRAWN, "E0104"})
        changed = _changed(sold)
        name = f"cambiada-{sold.name}"
        self._put(name, changed.content(), "carrera de contenidos", {ISSUED, "E0104"}, sold.sale.referencia)
        self._read(name)

    # Mistakes

    def mistake(self) -> None:
        """A bad file."""
        wrong = self._wrong(sorted(MISTAKES))
        self._read(wrong.name)

    def corrected(self) -> None:
        """A bad file, read, corrected, dropped again under the same REFERENCIA and mostly the same name."""
        wrong = self._wrong(CORRECTED)
        if self.rng.random() < 0.8:
            self._read(wrong.name, forget=True)
        else:
            self.counter.claimed(wrong.name)  # else the second would replace the first in the folder
        name = wrong.name if self.rng.random() < 0.7 else f"bien-{wrong.name}"
        right = Planned(stem=wrong.stem, style=Style(), sale=legacy.simple(wrong.sale.referencia, self.today))
        self._drop(right, name, "corregida")
        self._read(name)

    def unfinished(self) -> None:
        """A file that never comes to its end."""
        name = f"I{self._number()}.txt"
        content = f"[DOCUMENTO]\r\nTIPO=101\r\nREFERENCIA={name}\r\nFORMA_PA".encode()
        self._put(name, content, "sin terminar", {"E0103"})
        self._read(name)

    # What undoes

    def withdrawn(self) -> None:
        """A sale and its withdrawal within moments, or after the answer; and, withdrawn, the sale once more."""
        late = self.rng.random() < 0.3
        sold = self._sell("retirada", expects={ISSUED} if late else {ISSUED, WITHDRAWN})
        if late:
            self.counter.decided(sold.name)
        elif self.rng.random() < 0.6:
            self.counter.claimed(sold.name)
        name = f"R-{sold.stem}.txt"
        content = txt("RETIRAR", REFERENCIA=sold.sale.referencia)
        self._put(name, content, "[RETIRAR]", {ISSUED} if late else {ISSUED, WITHDRAWN, "E0108"}, sold.sale.referencia)
        answer = self._read(name)
        if answer["ESTADO"] == "RETIRADO" and self.rng.random() < 0.7:
            self._drop(sold, f"de-nuevo-{sold.name}", "retirada y otra vez")

    def annulled(self) -> None:
        """A sale, and the note that undoes it, asked for twice."""
        sold = self._sell("anulada", plain=True)
        self.counter.decided(sold.name)
        reference = f"AN-{sold.sale.referencia}"
        content = txt("ANULAR", REFERENCIA=reference, VENTA=sold.sale.referencia, RAZON="Se hizo dos veces")
        note = {"tipo": sold.sale.tipo + 1, "importes": sold.sale.importes()}
        for time in range(self.rng.choice((1, 2))):
            name = f"{reference}-{time}.txt"
            self._put(name, content, "[ANULAR]", {ISSUED}, reference, **note)
        self._read(f"{reference}-0.txt")
        if self.rng.random() < 0.3:
            other = txt("ANULAR", REFERENCIA=f"{reference}-B", VENTA=sold.sale.referencia, RAZON="Otra vez")
            self._put(f"{reference}-B.txt", other, "[ANULAR] de lo anulado", {"E2008"})

    def note(self) -> None:
        """A sale and a note of it, by REFERENCIA or by number."""
        sold = self._sell("vendida para su nota")
        answer = self.counter.decided(sold.name)
        note = legacy.note(self.rng, self.counter.book.number(), [sold], self.today)
        self._put(
            note.name, note.content(answer.number), "nota", {ISSUED}, note.sale.referencia,
            tipo=note.sale.tipo, importes=note.sale.importes(),
        )  # fmt: skip
        self._read(note.name)

    # Many, and others

    def lote(self) -> None:
        """A lote, some with a bad document, dropped again by some."""
        number = self._number()
        count, bad = self.rng.randrange(3, 12), self.rng.random() < 0.3
        head = [("REFERENCIA", f"L{number}"), ("CANTIDAD", str(count))]
        if self.rng.random() < 0.3:
            head.append(("TODO_O_NADA", "SI"))
        content = _lote(head, [f"L{number}-{one}" for one in range(count)], spoilt=bad)
        expects = {"E0205" if len(head) > 2 else "E0118", "A0001"} if bad else {DONE}
        for name in (f"L{number}.txt", f"L{number}-otra-vez.txt")[: self.rng.choice((1, 1, 2))]:
            self._put(name, content, "lote", expects, f"L{number}")
        self._read(f"L{number}.txt", forget=False)

    def paper(self) -> None:
        """A paper of the contingency booklet, transcribed; by some, twice."""
        number = self.counter.book.number()
        reference = f"PAPEL-{number}"
        fields = {
            "TIPO": 201, "REFERENCIA": reference, "SERIE": "P", "NUMERO": number, "CONSTANCIA": "90260000777",
            "CONSTANCIA_DESDE": 1, "CONSTANCIA_HASTA": 999999, "CONSTANCIA_VENCE": "31/05/2027",
            "FECHA": f"{self.today:%d/%m/%Y}", "FORMA_PAGO": "CONTADO",
        }  # fmt: skip
        content = txt("DOCUMENTO", **fields).replace(b"[FIN]\r\n", b"") + txt(
            "ITEM", DETALLE="Café", PRECIO="150,00", IVA="BASICA"
        )
        for name in (f"{reference}.txt", f"{reference}-b.txt")[: self.rng.choice((1, 2))]:
            self._put(name, content, "papel", {ISSUED}, reference, tipo=201)
        self._read(f"{reference}.txt")

    def asked(self) -> None:
        """A sale, and the question how it is, which may come before it; and whether it was ever heard of another."""
        sold = self._sell("consultada")
        self._read(sold.name)
        question = txt("CONSULTA", REFERENCIA=sold.sale.referencia)
        self._put(f"C-{sold.stem}.txt", question, "[CONSULTA]", {ISSUED}, sold.sale.referencia)
        self._put(f"C-{self._number()}.txt", txt("CONSULTA", REFERENCIA="NADA"), "[CONSULTA] de nada", {"E0108"})

    def reprinted(self) -> None:
        """A sale, and another paper of it."""
        sold = self._sell("reimpresa", plain=True)
        self._read(sold.name)
        name = f"P-{sold.stem}.txt"
        self._put(
            name,
            txt("REIMPRIMIR", REFERENCIA=sold.sale.referencia),
            "[REIMPRIMIR]",
            {DONE, ISSUED},
            sold.sale.referencia,
        )

    # The hands

    def _sell(self, kind: str, *, expects: set[str] | None = None, plain: bool = False) -> Planned:
        number = self.counter.book.number()
        sold = legacy.good(self.rng, number, self.today)
        if plain:
            sold = Planned(stem=sold.stem, style=Style(), sale=legacy.simple(f"V{number:06}", self.today))
        if self.rng.random() < 0.1:
            sold = replace(sold, stem=sold.stem.upper())
        self._drop(sold, sold.name, kind, expects)
        return sold

    def _drop(self, sold: Planned, name: str, kind: str, expects: set[str] | None = None) -> None:
        content = sold.content()
        self.counter.drop(
            name, content, kind, expects or {ISSUED}, rng=self.rng, referencia=sold.sale.referencia,
            pieces=pieces(self.rng, content, sold.style.encoding) if sold.slow else (),
            encoding=sold.encoding(content), tipo=sold.sale.tipo, importes=sold.sale.importes(),
        )  # fmt: skip

    def _wrong(self, codes: Sequence[str]) -> Planned:
        style = Style(encoding=self.rng.choice(("utf-8", "cp850", "cp1252")))
        wrong = legacy.mistake(self.rng.choice(codes), f"E{self._number()}", style, self.today)
        content = wrong.content()
        self._put(wrong.name, content, "mala", {wrong.code}, encoding=wrong.encoding(content))
        return wrong

    def _put(
        self,
        name: str,
        content: bytes,
        kind: str,
        expects: set[str],
        referencia: str = "",
        *,
        encoding: str = "ascii",
        tipo: int = 0,
        importes: Mapping[str, Decimal] | None = None,
    ) -> None:
        self.counter.drop(
            name, content, kind, expects, rng=self.rng, referencia=referencia,
            encoding=encoding, tipo=tipo, importes=importes,
        )  # fmt: skip

    def _read(self, name: str, *, forget: bool | None = None) -> Answer:
        answer = self.counter.decided(name)
        if self.rng.random() < 0.5 if forget is None else forget:
            self.counter.forget(name)
        return answer

    def _number(self) -> str:
        return f"{self.counter.book.number():06}"


TOLD: Mapping[Callable[[Story], None], int] = {
    Story.sale: 30,
    Story.burst: 3,
    Story.twice_by_name: 6,
    Story.twice_by_reference: 6,
    Story.other_content: 4,
    Story.race_of_contents: 6,
    Story.mistake: 6,
    Story.corrected: 8,
    Story.unfinished: 2,
    Story.withdrawn: 10,
    Story.annulled: 8,
    Story.note: 6,
    Story.lote: 5,
    Story.paper: 5,
    Story.asked: 4,
    Story.reprinted: 5,
}
"""How often each is told, of all together."""


def _changed(sold: Planned) -> Planned:
    first, *rest = sold.sale.lines
    dearer = replace(first, precio=first.precio + 1)
    return replace(sold, sale=replace(sold.sale, lines=(dearer, *rest), a_pagar=None))


def _lote(head: Sequence[tuple[str, str]], references: Sequence[str], *, spoilt: bool) -> bytes:
    parts = [txt("LOTE", head)]
    for index, reference in enumerate(references):
        price = "mil" if spoilt and index == len(references) // 2 else f"{100 + index},00"
        parts.append(txt("DOCUMENTO", TIPO=101, REFERENCIA=reference, FORMA_PAGO="CONTADO"))
        parts.append(txt("ITEM", DETALLE="Cuota", PRECIO=price, IVA="BASICA"))
    return b"".join(part.replace(b"[FIN]\r\n", b"") for part in parts) + b"[FIN]\r\n"
