"""COMPLETAR through the real engine: what a file leaves out of its receiver comes from an earlier document."""

FACTURA = """[DOCUMENTO]
TIPO=111
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[RECEPTOR]
{receptor}
[ITEM]
DETALLE=Pan
PRECIO=89
IVA=MINIMA
[FIN]
"""
WHOLE = "DOCUMENTO=21-555555-0010\nNOMBRE=Cliente SA\nDIRECCION={}\nCIUDAD=Salto\nDEPARTAMENTO=Salto\nCORREO=a@b.uy"
BARE = "DOCUMENTO=215555550010\nCOMPLETAR=SI"


def sale(referencia, receptor):
    return FACTURA.format(referencia=referencia, receptor=receptor)


def receiver(machine, answer):
    signed = (machine.folder / "spool" / "salida" / answer["XML"]).read_text()
    return signed[signed.index("<Receptor>") : signed.index("</Receptor>")]


def test_what_is_left_out_comes_from_the_newest_document_and_is_told(machine):
    machine.send("A.txt", sale("A", WHOLE.format("Calle 1")))
    machine.send("B.txt", sale("B", WHOLE.format("Calle 2")))
    answer = machine.send("C.txt", sale("C", BARE))
    assert answer[""] == "OK"
    assert "<DirRecep>Calle 2</DirRecep><CiudadRecep>Salto</CiudadRecep>" in receiver(machine, answer)
    assert (answer["AVISO.1.CODIGO"], answer["AVISO.1.LINEA"]) == ("A0302", "5")
    assert "111-A-2" in answer["AVISO.1.MENSAJE"]
    assert "NOMBRE, DIRECCION, CIUDAD, DEPARTAMENTO, CORREO" in answer["AVISO.1.MENSAJE"]


def test_what_is_given_wins(machine):
    machine.send("A.txt", sale("A", WHOLE.format("Calle 1")))
    answer = machine.send("C.txt", sale("C", BARE + "\nDIRECCION=Otra 9"))
    assert "<RznSocRecep>Cliente SA</RznSocRecep><DirRecep>Otra 9</DirRecep>" in receiver(machine, answer)


def test_nothing_known_are_the_ordinary_errors_with_a_hint(machine):
    answer = machine.send("C.txt", sale("C", BARE))
    assert (answer["ESTADO"], answer["CODIGO"], answer["AVISO.1.CODIGO"]) == ("RECHAZADO", "E1103", "A0303")


def test_the_same_sale_later_is_the_same_whatever_the_customer_is_called_by_then(machine):
    machine.send("A.txt", sale("A", WHOLE.format("Calle 1")))
    first = machine.send("C.txt", sale("C", BARE))
    machine.send("B.txt", sale("B", WHOLE.format("Calle 2")))
    again = machine.send("C2.txt", sale("C", BARE + "\nNOMBRE=CLIENTE SA").replace("CLIENTE", "Cliente"))
    assert (again["NUMERO"], again["AVISO.1.CODIGO"]) == (first["NUMERO"], "A0001")
    whole = machine.send("C3.txt", sale("C", WHOLE.format("Calle 1")))
    assert (whole["NUMERO"], whole["AVISO.1.CODIGO"]) == (first["NUMERO"], "A0001")
    other = machine.send("C4.txt", sale("C", BARE + "\nDIRECCION=Calle 2"))
    assert (other["CODIGO"], other["EXISTENTE.CAMPO"]) == ("E0104", "DIRECCION")


def test_another_kind_of_document_with_the_same_number_is_somebody_else(machine):
    machine.send("A.txt", sale("A", WHOLE.format("Calle 1")))
    strange = "TIPO_DOC=PASAPORTE\nDOCUMENTO=215555550010\nPAIS=AR\nCOMPLETAR=SI"
    answer = machine.send("C.txt", sale("C", strange).replace("TIPO=111", "TIPO=101"))
    assert answer["ESTADO"] == "FIRMADO_LOCAL"
    assert "Cliente" not in receiver(machine, answer)


def test_without_asking_nothing_is_completed(machine):
    machine.send("A.txt", sale("A", WHOLE.format("Calle 1")))
    assert machine.send("C.txt", sale("C", "DOCUMENTO=215555550010"))["CODIGO"] == "E1103"
    assert machine.send("D.txt", sale("D", "DOCUMENTO=215555550010\nCOMPLETAR=NO"))["CODIGO"] == "E1103"


def test_in_a_lote_and_only_checked_it_is_completed_too(machine):
    machine.send("A.txt", sale("A", WHOLE.format("Calle 1")))
    assert machine.send("C.txt", sale("C", BARE), folder="validar")["ESTADO"] == "VALIDO"
    lote = "[LOTE]\nREFERENCIA=L\nTODO_O_NADA=SI\n" + sale("D", BARE).replace("[FIN]\n", "") + sale("E", BARE)
    answer = machine.send("L.txt", lote)
    assert (answer["ESTADO"], answer["EMITIDOS"]) == ("RESUELTO", "2")
