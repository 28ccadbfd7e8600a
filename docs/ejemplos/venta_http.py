"""Manda una venta a sincronizador por HTTP y dice qué número le tocó: python venta_http.py [URL]"""

import json
import sys
import time
import urllib.error
import urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8737"
VENTA = {
    "DOCUMENTO": {"TIPO": "VENTA", "REFERENCIA": "PY-0001", "FORMA_PAGO": "CONTADO"},
    "ITEM": [{"DETALLE": "Café molido 250 g", "CANTIDAD": 2, "PRECIO": "1175.50", "IVA": "BASICA"}],
}


def pedir(camino, cuerpo=None):
    """El código HTTP y la respuesta; 0 si no se sabe si llegó."""
    pedido = urllib.request.Request(URL + camino, cuerpo, {"Content-Type": "application/json"})  # noqa: S310
    # Desde otra máquina, además: pedido.add_header("Authorization", "Bearer EL-TOKEN")
    try:
        with urllib.request.urlopen(pedido, timeout=40) as respuesta:  # noqa: S310
            return respuesta.status, json.load(respuesta)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, {}


for _ in range(3):
    codigo, respuesta = pedir("/v1/solicitudes?caja=CAJA1", json.dumps(VENTA).encode())
    if codigo not in (0, 503):
        break
    time.sleep(2)  # nada se tomó, o no se sabe: el mismo pedido otra vez
while respuesta.get("RESULTADO") == "PENDIENTE":  # lo tienen y lo van a decidir
    time.sleep(1)
    codigo, respuesta = pedir("/v1/solicitudes/PY-0001")

dicho = respuesta.get("RESPUESTA", {})
if respuesta.get("RESULTADO") == "OK":
    print(f"e-Ticket {dicho['SERIE']} {dicho['NUMERO']}, $ {dicho['A_PAGAR']}")
else:
    print("No se emitió:", dicho.get("MENSAJE", "sincronizador no contesta"))
    for error in respuesta.get("ERROR", []):
        print(" ", error["CODIGO"], error.get("RUTA", ""), error["MENSAJE"])
    sys.exit(1)
