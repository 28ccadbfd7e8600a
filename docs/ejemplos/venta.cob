      * Emite una venta con sincronizador y muestra el comprobante o
      * los errores. GnuCOBOL:  cobc -x venta.cob
      *
      *   venta CARPETA REFERENCIA [SEGUNDOS]
      *
      * CARPETA es la que contiene entrada y salida. La REFERENCIA es
      * tambien el nombre del archivo. Termina con 0 si se emitio,
      * 1 si se rechazo y 2 si no hubo respuesta.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. VENTA.

       ENVIRONMENT DIVISION.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT PEDIDO ASSIGN TO WS-PROVISORIO
               ORGANIZATION LINE SEQUENTIAL
               FILE STATUS WS-ESTADO.
           SELECT RESPUESTA ASSIGN TO WS-RESPUESTA
               ORGANIZATION LINE SEQUENTIAL
               FILE STATUS WS-ESTADO.

       DATA DIVISION.
       FILE SECTION.
       FD  PEDIDO.
       01  REG-PEDIDO              PIC X(240).
       FD  RESPUESTA.
       01  REG-RESPUESTA           PIC X(240).

       WORKING-STORAGE SECTION.
       01  WS-CARPETA              PIC X(100).
       01  WS-REFERENCIA           PIC X(50).
       01  WS-ARGUMENTO            PIC X(10).
       01  WS-PROVISORIO           PIC X(200).
       01  WS-FINAL                PIC X(200).
       01  WS-RESPUESTA            PIC X(200).
       01  WS-ESTADO               PIC XX.
       01  WS-SEGUNDOS             PIC 9(4) VALUE 30.
       01  WS-ESPERADO             PIC 9(4) VALUE 0.
       01  WS-PRECIO               PIC 9(9)V99.
       01  WS-PRECIO-TXT           PIC Z(8)9.99.
       01  WS-CANTIDAD             PIC 9(5)V999.
       01  WS-CANTIDAD-TXT         PIC Z(4)9.999.
       01  WS-PRIMERA              PIC X(9).
           88  DECIDIDA            VALUE "OK" "ERROR".
       01  WS-FIN                  PIC X VALUE "N".
       01  WS-SECCION              PIC X(20).
       01  WS-CAMPO                PIC X(40).
       01  WS-VALOR                PIC X(240).
       01  WS-POS                  PIC 9(4).
       01  WS-LINEA                PIC X(6).
       01  WS-MENSAJE              PIC X(480).
       01  WS-SUGERENCIA           PIC X(480).
       01  WS-TIPO                 PIC X(4).
       01  WS-SERIE                PIC X(3).
       01  WS-NUMERO               PIC X(10).
       01  WS-A-PAGAR              PIC X(20).
       01  WS-CODIGO               PIC X(6).
       01  WS-DECISION             PIC X(21).

       PROCEDURE DIVISION.
       PRINCIPAL.
           ACCEPT WS-CARPETA FROM ARGUMENT-VALUE.
           ACCEPT WS-REFERENCIA FROM ARGUMENT-VALUE.
           ACCEPT WS-ARGUMENTO FROM ARGUMENT-VALUE
               ON EXCEPTION CONTINUE
               NOT ON EXCEPTION
                   MOVE FUNCTION NUMVAL(WS-ARGUMENTO) TO WS-SEGUNDOS
           END-ACCEPT.
           PERFORM NOMBRES.
           PERFORM DEJAR.
           PERFORM ESPERAR.
           IF NOT DECIDIDA
      *        La venta sigue su camino. Volver a dejarla con la misma
      *        REFERENCIA nunca la emite dos veces.
               DISPLAY "Sin respuesta. Vea si PULSO crece en "
                   "salida/LATIDO.TXT"
               MOVE 2 TO RETURN-CODE
               STOP RUN
           END-IF.
           PERFORM MOSTRAR.
           STOP RUN.

       NOMBRES.
           STRING FUNCTION TRIM(WS-CARPETA) "/entrada/"
               FUNCTION TRIM(WS-REFERENCIA) ".TMP"
               DELIMITED BY SIZE INTO WS-PROVISORIO.
           STRING FUNCTION TRIM(WS-CARPETA) "/entrada/"
               FUNCTION TRIM(WS-REFERENCIA) ".TXT"
               DELIMITED BY SIZE INTO WS-FINAL.
           STRING FUNCTION TRIM(WS-CARPETA) "/salida/"
               FUNCTION TRIM(WS-REFERENCIA) ".RSP"
               DELIMITED BY SIZE INTO WS-RESPUESTA.

      * Borra la respuesta vieja, escribe con otro nombre y renombra.
       DEJAR.
           CALL "CBL_DELETE_FILE" USING WS-RESPUESTA.
           OPEN OUTPUT PEDIDO.
           IF WS-ESTADO NOT = "00"
               DISPLAY "No se pudo escribir " WS-PROVISORIO
               MOVE 2 TO RETURN-CODE
               STOP RUN
           END-IF.
           PERFORM ESCRIBIR-VENTA.
           CLOSE PEDIDO.
           CALL "CBL_RENAME_FILE" USING WS-PROVISORIO WS-FINAL.
           IF RETURN-CODE NOT = 0
               DISPLAY "No se pudo renombrar a " WS-FINAL
               MOVE 2 TO RETURN-CODE
               STOP RUN
           END-IF.

       ESCRIBIR-VENTA.
           WRITE REG-PEDIDO FROM "[DOCUMENTO]".
           WRITE REG-PEDIDO FROM "TIPO=VENTA".
           MOVE SPACES TO REG-PEDIDO.
           STRING "REFERENCIA=" WS-REFERENCIA
               DELIMITED BY SIZE INTO REG-PEDIDO.
           WRITE REG-PEDIDO.
      *    Sin DECIMAL, 2.000 puede ser dos o dos mil y se rechaza.
           WRITE REG-PEDIDO FROM "DECIMAL=PUNTO".
           WRITE REG-PEDIDO FROM "FORMA_PAGO=CONTADO".
           WRITE REG-PEDIDO FROM "PRECIOS=CON_IVA".
           WRITE REG-PEDIDO FROM "[ITEM]".
           WRITE REG-PEDIDO FROM "DETALLE=Cafe molido 250 g".
           MOVE 2 TO WS-CANTIDAD.
           MOVE 1175.50 TO WS-PRECIO.
           PERFORM ESCRIBIR-NUMEROS.
           WRITE REG-PEDIDO FROM "IVA=BASICA".
           WRITE REG-PEDIDO FROM "[ITEM]".
           WRITE REG-PEDIDO FROM "DETALLE=Pan".
           MOVE 1 TO WS-CANTIDAD.
           MOVE 89 TO WS-PRECIO.
           PERFORM ESCRIBIR-NUMEROS.
           WRITE REG-PEDIDO FROM "IVA=MINIMA".
           WRITE REG-PEDIDO FROM "[TOTALES]".
           MOVE 2440 TO WS-PRECIO-TXT.
           MOVE SPACES TO REG-PEDIDO.
           STRING "A_PAGAR=" WS-PRECIO-TXT
               DELIMITED BY SIZE INTO REG-PEDIDO.
           WRITE REG-PEDIDO.
           WRITE REG-PEDIDO FROM "[FIN]".

       ESCRIBIR-NUMEROS.
           MOVE WS-CANTIDAD TO WS-CANTIDAD-TXT.
           MOVE SPACES TO REG-PEDIDO.
           STRING "CANTIDAD=" WS-CANTIDAD-TXT
               DELIMITED BY SIZE INTO REG-PEDIDO.
           WRITE REG-PEDIDO.
           MOVE WS-PRECIO TO WS-PRECIO-TXT.
           MOVE SPACES TO REG-PEDIDO.
           STRING "PRECIO=" WS-PRECIO-TXT
               DELIMITED BY SIZE INTO REG-PEDIDO.
           WRITE REG-PEDIDO.

      * Mira una vez por segundo. PENDIENTE se sigue esperando.
       ESPERAR.
           MOVE SPACES TO WS-PRIMERA.
           PERFORM UNTIL DECIDIDA OR WS-ESPERADO >= WS-SEGUNDOS
               OPEN INPUT RESPUESTA
               IF WS-ESTADO = "00"
                   MOVE SPACES TO REG-RESPUESTA
                   READ RESPUESTA
                       AT END CONTINUE
                       NOT AT END MOVE REG-RESPUESTA TO WS-PRIMERA
                   END-READ
                   CLOSE RESPUESTA
                   INSPECT WS-PRIMERA REPLACING ALL X"0D" BY SPACE
               END-IF
               IF NOT DECIDIDA
                   CALL "C$SLEEP" USING 1
                   ADD 1 TO WS-ESPERADO
               END-IF
           END-PERFORM.

       MOSTRAR.
           OPEN INPUT RESPUESTA.
           READ RESPUESTA END-READ.
           PERFORM LEER-LINEA.
           PERFORM UNTIL WS-FIN = "S"
               IF WS-CAMPO = "[" PERFORM MOSTRAR-SECCION END-IF
               IF WS-CAMPO NOT = "[" PERFORM ANOTAR END-IF
               PERFORM LEER-LINEA
           END-PERFORM.
           MOVE SPACES TO WS-VALOR.
           PERFORM MOSTRAR-SECCION.
           CLOSE RESPUESTA.
           IF WS-PRIMERA = "OK"
               MOVE 0 TO RETURN-CODE
           ELSE
               MOVE 1 TO RETURN-CODE
           END-IF.

      * Una linea: [SECCION] deja "[" en WS-CAMPO y el nombre en
      * WS-VALOR; CAMPO=valor se parte en el primer signo igual.
       LEER-LINEA.
           MOVE SPACES TO REG-RESPUESTA WS-CAMPO WS-VALOR.
           READ RESPUESTA
               AT END MOVE "S" TO WS-FIN
           END-READ.
           INSPECT REG-RESPUESTA REPLACING ALL X"0D" BY SPACE.
           IF REG-RESPUESTA(1:1) = "["
               MOVE "[" TO WS-CAMPO
               UNSTRING REG-RESPUESTA(2:) DELIMITED BY "]"
                   INTO WS-VALOR
           ELSE
               MOVE 0 TO WS-POS
               INSPECT REG-RESPUESTA TALLYING WS-POS
                   FOR CHARACTERS BEFORE INITIAL "="
               IF WS-POS > 0 AND WS-POS < 40
                   MOVE REG-RESPUESTA(1:WS-POS) TO WS-CAMPO
                   MOVE REG-RESPUESTA(WS-POS + 2:) TO WS-VALOR
               END-IF
           END-IF.

       ANOTAR.
           EVALUATE WS-CAMPO
               WHEN "ESTADO"     MOVE WS-VALOR TO WS-DECISION
               WHEN "TIPO"       MOVE WS-VALOR TO WS-TIPO
               WHEN "SERIE"      MOVE WS-VALOR TO WS-SERIE
               WHEN "NUMERO"     MOVE WS-VALOR TO WS-NUMERO
               WHEN "A_PAGAR"    MOVE WS-VALOR TO WS-A-PAGAR
               WHEN "CODIGO"     MOVE WS-VALOR TO WS-CODIGO
               WHEN "LINEA"      MOVE WS-VALOR TO WS-LINEA
               WHEN "MENSAJE"    MOVE WS-VALOR TO WS-MENSAJE
               WHEN "SUGERENCIA" MOVE WS-VALOR TO WS-SUGERENCIA
               WHEN "MENSAJE.2"
                   STRING FUNCTION TRIM(WS-MENSAJE) WS-VALOR
                       DELIMITED BY SIZE INTO WS-MENSAJE
               WHEN "SUGERENCIA.2"
                   STRING FUNCTION TRIM(WS-SUGERENCIA) WS-VALOR
                       DELIMITED BY SIZE INTO WS-SUGERENCIA
           END-EVALUATE.

      * Termino una seccion: se muestra lo que dijo y empieza otra.
       MOSTRAR-SECCION.
           IF WS-SECCION = "RESPUESTA" AND WS-PRIMERA = "OK"
               DISPLAY "Comprobante " FUNCTION TRIM(WS-TIPO) " "
                   FUNCTION TRIM(WS-SERIE) " "
                   FUNCTION TRIM(WS-NUMERO) ", a pagar "
                   FUNCTION TRIM(WS-A-PAGAR)
           END-IF.
           IF WS-SECCION = "RESPUESTA" AND WS-PRIMERA = "ERROR"
               DISPLAY FUNCTION TRIM(WS-DECISION) " "
                   FUNCTION TRIM(WS-CODIGO) ": "
                   FUNCTION TRIM(WS-MENSAJE)
           END-IF.
           IF WS-SECCION(1:6) = "ERROR."
               DISPLAY "  linea " FUNCTION TRIM(WS-LINEA) ": "
                   FUNCTION TRIM(WS-MENSAJE) " "
                   FUNCTION TRIM(WS-SUGERENCIA)
           END-IF.
           MOVE WS-VALOR TO WS-SECCION.
           MOVE SPACES TO WS-LINEA WS-MENSAJE WS-SUGERENCIA WS-CODIGO.
