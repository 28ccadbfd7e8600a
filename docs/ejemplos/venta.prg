* Emite una venta con sincronizador y muestra el comprobante o los errores.
*
*   venta CARPETA REFERENCIA [SEGUNDOS]
*
* CARPETA es la que contiene entrada y salida. La REFERENCIA es tambien el
* nombre del archivo, asi que aqui tiene hasta 8 letras y numeros.
*
* Sirve igual en Clipper 5, Harbour y Visual FoxPro. En Visual FoxPro se usa
* con  DO Venta IN venta.prg WITH ...  y se cambia la linea que sigue por
* #DEFINE LEER_ARCHIVO FILETOSTR
#DEFINE LEER_ARCHIVO MEMOREAD

PROCEDURE Venta(cCarpeta, cNombre, cSegundos)
LOCAL nSegundos, cTexto
   nSegundos = 30
   IF PCOUNT() > 2
      nSegundos = VAL(cSegundos)
   ENDIF
   IF .NOT. Dejar(cCarpeta, cNombre, Pedido(cNombre))
      ? "No se pudo escribir en la carpeta de entrada"
      RETURN
   ENDIF
   cTexto = Esperar(cCarpeta, cNombre, nSegundos)
   IF EMPTY(cTexto)
      * La venta sigue su camino. Volver a dejarla con la misma REFERENCIA
      * nunca la emite dos veces.
      ? "Sin respuesta. Vea si PULSO crece en salida/LATIDO.TXT"
      RETURN
   ENDIF
   Mostrar(cTexto)
RETURN

* El texto del pedido. CHR(130) es la e con acento de la pagina 850 de DOS.
FUNCTION Pedido(cReferencia)
LOCAL cPedido
   cPedido = ""
   cPedido = cPedido + Linea("[DOCUMENTO]")
   cPedido = cPedido + Linea("TIPO=VENTA")
   cPedido = cPedido + Linea("REFERENCIA=" + cReferencia)
   cPedido = cPedido + Linea("DECIMAL=PUNTO")
   cPedido = cPedido + Linea("FORMA_PAGO=CONTADO")
   cPedido = cPedido + Linea("PRECIOS=CON_IVA")
   cPedido = cPedido + Linea("[ITEM]")
   cPedido = cPedido + Linea("DETALLE=Caf" + CHR(130) + " molido 250 g")
   cPedido = cPedido + Linea("CANTIDAD=" + STR(2, 10, 3))
   cPedido = cPedido + Linea("PRECIO=" + STR(1175.50, 15, 2))
   cPedido = cPedido + Linea("IVA=BASICA")
   cPedido = cPedido + Linea("[ITEM]")
   cPedido = cPedido + Linea("DETALLE=Pan")
   cPedido = cPedido + Linea("CANTIDAD=" + STR(1, 10, 3))
   cPedido = cPedido + Linea("PRECIO=" + STR(89, 15, 2))
   cPedido = cPedido + Linea("IVA=MINIMA")
   cPedido = cPedido + Linea("[TOTALES]")
   cPedido = cPedido + Linea("A_PAGAR=" + STR(2440, 15, 2))
   cPedido = cPedido + Linea("[FIN]")
RETURN cPedido

FUNCTION Linea(cLinea)
RETURN cLinea + CHR(13) + CHR(10)

* Borra la respuesta vieja, escribe con otro nombre y renombra.
FUNCTION Dejar(cDonde, cArchivo, cContenido)
LOCAL nCanal, cProvisorio, cFinal, cVieja
   cVieja = cDonde + "/salida/" + cArchivo + ".RSP"
   cProvisorio = cDonde + "/entrada/" + cArchivo + ".TMP"
   cFinal = cDonde + "/entrada/" + cArchivo + ".TXT"
   IF FILE(cVieja)
      ERASE (cVieja)
   ENDIF
   IF FILE(cFinal)
      RETURN .F.
   ENDIF
   nCanal = FCREATE(cProvisorio)
   IF nCanal < 0
      RETURN .F.
   ENDIF
   IF FWRITE(nCanal, cContenido) < LEN(cContenido)
      FCLOSE(nCanal)
      RETURN .F.
   ENDIF
   FCLOSE(nCanal)
   RENAME (cProvisorio) TO (cFinal)
RETURN .T.

* La respuesta decidida, o nada si no llego. PENDIENTE se sigue esperando.
* El limite va por reloj: una tecla corta la espera de INKEY.
FUNCTION Esperar(cDonde, cArchivo, nLimite)
LOCAL cRespuesta, cLeido, nDesde
   cRespuesta = cDonde + "/salida/" + cArchivo + ".RSP"
   nDesde = SECONDS()
   DO WHILE SECONDS() - nDesde < nLimite
      IF FILE(cRespuesta)
         cLeido = LEER_ARCHIVO(cRespuesta)
         IF LEFT(cLeido, 2) == "OK" .OR. LEFT(cLeido, 5) == "ERROR"
            RETURN cLeido
         ENDIF
      ENDIF
      INKEY(0.5)
      IF SECONDS() < nDesde
         * Paso la medianoche.
         nDesde = nDesde - 86400
      ENDIF
   ENDDO
RETURN ""

PROCEDURE Mostrar(cRespuesta)
LOCAL nError, cSeccion
   IF LEFT(cRespuesta, 2) == "OK"
      ? "Comprobante " + Dato(cRespuesta, "RESPUESTA", "TIPO") + " " + ;
         Dato(cRespuesta, "RESPUESTA", "SERIE") + " " + ;
         Dato(cRespuesta, "RESPUESTA", "NUMERO") + ", a pagar " + ;
         Dato(cRespuesta, "RESPUESTA", "A_PAGAR")
      RETURN
   ENDIF
   ? Dato(cRespuesta, "RESPUESTA", "ESTADO") + " " + ;
      Dato(cRespuesta, "RESPUESTA", "CODIGO") + ": " + ;
      Dato(cRespuesta, "RESPUESTA", "MENSAJE")
   nError = 1
   cSeccion = "ERROR.1"
   DO WHILE .NOT. EMPTY(Dato(cRespuesta, cSeccion, "CODIGO"))
      ? "  linea " + Dato(cRespuesta, cSeccion, "LINEA") + ": " + ;
         Dato(cRespuesta, cSeccion, "MENSAJE") + " " + ;
         Dato(cRespuesta, cSeccion, "SUGERENCIA")
      nError = nError + 1
      cSeccion = "ERROR." + LTRIM(STR(nError))
   ENDDO
RETURN

* El valor de un campo de una seccion, con sus continuaciones (CAMPO.2=).
FUNCTION Dato(cIni, cDe, cCampo)
LOCAL cParte, nDesde, cValor, nSigue
   nDesde = AT("[" + cDe + "]", cIni)
   IF nDesde = 0
      RETURN ""
   ENDIF
   cParte = SUBSTR(cIni, nDesde + LEN(cDe) + 2)
   nDesde = AT(CHR(10) + "[", cParte)
   IF nDesde > 0
      cParte = LEFT(cParte, nDesde)
   ENDIF
   cValor = Renglon(cParte, cCampo)
   nSigue = 2
   DO WHILE .NOT. EMPTY(Renglon(cParte, cCampo + "." + LTRIM(STR(nSigue))))
      cValor = cValor + Renglon(cParte, cCampo + "." + LTRIM(STR(nSigue)))
      nSigue = nSigue + 1
   ENDDO
RETURN cValor

FUNCTION Renglon(cRenglones, cNombreCampo)
LOCAL nInicio, cResto
   nInicio = AT(CHR(10) + cNombreCampo + "=", cRenglones)
   IF nInicio = 0
      RETURN ""
   ENDIF
   cResto = SUBSTR(cRenglones, nInicio + LEN(cNombreCampo) + 2)
RETURN LEFT(cResto, AT(CHR(13), cResto) - 1)
