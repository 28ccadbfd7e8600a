"""What the billing system of the demonstration drops."""

TICKET = """\
[DOCUMENTO]
TIPO=E-TICKET
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Café molido 250 g
CANTIDAD=2
PRECIO=1.175,50
IVA=BASICA
[ITEM]
DETALLE=Pan
PRECIO=89
IVA=MINIMA
[PAGO]
MEDIO=EFECTIVO
VALOR=2440,00
ENTREGADO=3000
[TOTALES]
A_PAGAR=2440,00
[ADENDA]
¡Gracias por su compra, señora Peña!
[FIN]
"""
FACTURA = """\
[DOCUMENTO]
TIPO=VENTA
REFERENCIA={referencia}
FORMA_PAGO=CREDITO
VENCIMIENTO=31/12/2026
PRECIOS=SIN_IVA
[RECEPTOR]
TIPO_DOC=RUT
DOCUMENTO=21.100342.0017
NOMBRE=PEÑA Y CÍA. S.R.L.
DIRECCION=Av. Italia 2500
CIUDAD=Montevideo
[ITEM]
DETALLE=Servicio de mantenimiento, noviembre
PRECIO=12.500,00
IVA=BASICA
[DESCUENTO]
DETALLE=Cliente preferente
PORC=10
IVA=BASICA
[FIN]
"""
NOTA = """\
[DOCUMENTO]
TIPO=NOTA_CREDITO
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Devolución: pan
PRECIO=89
IVA=MINIMA
[REFERENCIA]
VENTA={venta}
RAZON=Devolución de mercadería
[FIN]
"""
XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><eTck><Encabezado>
<IdDoc><TipoCFE>101</TipoCFE><NroInterno>{referencia}</NroInterno><MntBruto>1</MntBruto><FmaPago>1</FmaPago></IdDoc>
</Encabezado><Detalle>
<Item><NroLinDet>1</NroLinDet><IndFact>3</IndFact><NomItem>Yerba 1 kg</NomItem><Cantidad>2</Cantidad>\
<UniMed>kg</UniMed><PrecioUnitario>250</PrecioUnitario><MontoItem>500</MontoItem></Item>
</Detalle></eTck></CFE>
"""
BAD = """\
[DOCUMENTO]
TIPO=E-FACTURA
REFERENCIA=MALO-1
FORMA_PAGO=CONTADO
[RECEPTOR]
TIPO_DOC=RUT
DOCUMENTO=211003420018
[ITEM]
DETALLE=Silla
CANTIDAD=dos
PRECIO=1.175
IVA=BASICA
COLOR=rojo
[FIN]
"""
