Attribute VB_Name = "Venta"
' Emite una venta con sincronizador y muestra el comprobante o los errores (Visual Basic 6).
'
'   Venta.exe CARPETA REFERENCIA
'
' CARPETA es la que contiene entrada y salida, por ejemplo \\servidor\fiscal
Option Explicit

Private Declare Sub Sleep Lib "kernel32" (ByVal Milisegundos As Long)

Sub Main()
    Dim Partes() As String
    Partes = Split(Command$, " ")
    MsgBox Emitir(Partes(0), Partes(1), 30)
End Sub

' Deja la venta y da, en palabras, el comprobante o por que no salio.
Function Emitir(ByVal Carpeta As String, ByVal Referencia As String, ByVal Segundos As Long) As String
    Dim Respuesta As String
    Dejar Carpeta, Referencia, Pedido(Referencia)
    Respuesta = Esperar(Carpeta, Referencia, Segundos)
    If Respuesta = "" Then
        ' La venta sigue su camino. Volver a dejarla con la misma REFERENCIA nunca la emite dos veces.
        Emitir = "Sin respuesta. Vea si PULSO crece en salida\LATIDO.TXT"
    Else
        Emitir = EnPalabras(Respuesta)
    End If
End Function

' Chr$(233) es la e con acento de Windows. Str$ escribe siempre con punto decimal; Format$ y CStr, segun el Windows.
Private Function Pedido(ByVal Referencia As String) As String
    Dim Lineas As String
    Lineas = "[DOCUMENTO]" & vbCrLf
    Lineas = Lineas & "TIPO=VENTA" & vbCrLf
    Lineas = Lineas & "REFERENCIA=" & Referencia & vbCrLf
    Lineas = Lineas & "DECIMAL=PUNTO" & vbCrLf
    Lineas = Lineas & "FORMA_PAGO=CONTADO" & vbCrLf
    Lineas = Lineas & "PRECIOS=CON_IVA" & vbCrLf
    Lineas = Lineas & "[ITEM]" & vbCrLf
    Lineas = Lineas & "DETALLE=Caf" & Chr$(233) & " molido 250 g" & vbCrLf
    Lineas = Lineas & "CANTIDAD=" & Str$(2) & vbCrLf
    Lineas = Lineas & "PRECIO=" & Str$(1175.5) & vbCrLf
    Lineas = Lineas & "IVA=BASICA" & vbCrLf
    Lineas = Lineas & "[ITEM]" & vbCrLf
    Lineas = Lineas & "DETALLE=Pan" & vbCrLf
    Lineas = Lineas & "CANTIDAD=" & Str$(1) & vbCrLf
    Lineas = Lineas & "PRECIO=" & Str$(89) & vbCrLf
    Lineas = Lineas & "IVA=MINIMA" & vbCrLf
    Lineas = Lineas & "[TOTALES]" & vbCrLf
    Lineas = Lineas & "A_PAGAR=" & Str$(2440) & vbCrLf
    Pedido = Lineas & "[FIN]"
End Function

' Borra la respuesta vieja, escribe con otro nombre y renombra.
Private Sub Dejar(ByVal Carpeta As String, ByVal Nombre As String, ByVal Texto As String)
    Dim Canal As Integer, Vieja As String, Provisorio As String
    Vieja = Carpeta & "\salida\" & Nombre & ".RSP"
    Provisorio = Carpeta & "\entrada\" & Nombre & ".TMP"
    If Dir$(Vieja) <> "" Then Kill Vieja
    Canal = FreeFile
    Open Provisorio For Output As #Canal
    Print #Canal, Texto
    Close #Canal
    Name Provisorio As Carpeta & "\entrada\" & Nombre & ".TXT"
End Sub

' La respuesta decidida, o nada si no llego. PENDIENTE se sigue esperando.
Private Function Esperar(ByVal Carpeta As String, ByVal Nombre As String, ByVal Segundos As Long) As String
    Dim Archivo As String, Leido As String, Hasta As Date
    Archivo = Carpeta & "\salida\" & Nombre & ".RSP"
    Hasta = DateAdd("s", Segundos, Now)
    Do While Now < Hasta
        Leido = LeerTodo(Archivo)
        If Left$(Leido, 2) = "OK" Or Left$(Leido, 5) = "ERROR" Then
            Esperar = Leido
            Exit Function
        End If
        Sleep 300
    Loop
    Esperar = ""
End Function

Private Function LeerTodo(ByVal Archivo As String) As String
    Dim Canal As Integer, Linea As String, Todo As String
    If Dir$(Archivo) = "" Then Exit Function
    On Error GoTo Ocupado
    Canal = FreeFile
    Open Archivo For Input As #Canal
    Do While Not EOF(Canal)
        Line Input #Canal, Linea
        Todo = Todo & Linea & vbCrLf
    Loop
    Close #Canal
    LeerTodo = Todo
    Exit Function
Ocupado:
    ' En una red puede estar ocupado un instante: se vuelve a probar en la proxima vuelta.
    Close #Canal
    LeerTodo = ""
End Function

Private Function EnPalabras(ByVal Respuesta As String) As String
    Dim N As Integer, Texto As String, Seccion As String
    If Left$(Respuesta, 2) = "OK" Then
        EnPalabras = "Comprobante " & Dato(Respuesta, "RESPUESTA", "TIPO") & " " & Dato(Respuesta, "RESPUESTA", "SERIE") & _
            " " & Dato(Respuesta, "RESPUESTA", "NUMERO") & ", a pagar " & Dato(Respuesta, "RESPUESTA", "A_PAGAR")
        Exit Function
    End If
    Texto = Dato(Respuesta, "RESPUESTA", "ESTADO") & " " & Dato(Respuesta, "RESPUESTA", "CODIGO") & ": " & _
        Dato(Respuesta, "RESPUESTA", "MENSAJE")
    N = 1
    Seccion = "ERROR.1"
    Do While Dato(Respuesta, Seccion, "CODIGO") <> ""
        Texto = Texto & vbCrLf & "  linea " & Dato(Respuesta, Seccion, "LINEA") & ": " & _
            Dato(Respuesta, Seccion, "MENSAJE") & " " & Dato(Respuesta, Seccion, "SUGERENCIA")
        N = N + 1
        Seccion = "ERROR." & CStr(N)
    Loop
    EnPalabras = Texto
End Function

' El valor de un campo de una seccion, con sus continuaciones (CAMPO.2=).
Private Function Dato(ByVal Ini As String, ByVal Seccion As String, ByVal Campo As String) As String
    Dim Desde As Long, Parte As String, Valor As String, N As Integer
    Desde = InStr(Ini, "[" & Seccion & "]")
    If Desde = 0 Then Exit Function
    Parte = Mid$(Ini, Desde + Len(Seccion) + 2)
    Desde = InStr(Parte, vbLf & "[")
    If Desde > 0 Then Parte = Left$(Parte, Desde)
    Valor = Renglon(Parte, Campo)
    N = 2
    Do While Renglon(Parte, Campo & "." & CStr(N)) <> ""
        Valor = Valor & Renglon(Parte, Campo & "." & CStr(N))
        N = N + 1
    Loop
    Dato = Valor
End Function

Private Function Renglon(ByVal Parte As String, ByVal Campo As String) As String
    Dim Desde As Long, Resto As String
    Desde = InStr(Parte, vbLf & Campo & "=")
    If Desde = 0 Then Exit Function
    Resto = Mid$(Parte, Desde + Len(Campo) + 2)
    Renglon = Left$(Resto, InStr(Resto, vbCr) - 1)
End Function
