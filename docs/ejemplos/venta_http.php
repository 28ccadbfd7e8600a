<?php
// Manda una venta a sincronizador por HTTP y dice qué número le tocó.
//   php venta_http.php [URL]
// Si la respuesta se pierde, se repite el mismo pedido: la REFERENCIA impide que la venta se emita dos veces.

$url = $argv[1] ?? 'http://127.0.0.1:8737';
$venta = [
    'DOCUMENTO' => ['TIPO' => 'VENTA', 'REFERENCIA' => 'PHP-0001', 'FORMA_PAGO' => 'CONTADO'],
    'ITEM' => [
        ['DETALLE' => 'Café molido 250 g', 'CANTIDAD' => 2, 'PRECIO' => '1175.50', 'IVA' => 'BASICA'],
        ['DETALLE' => 'Pan', 'PRECIO' => 89, 'IVA' => 'MINIMA'],
    ],
];

function pedir(string $url, string $metodo, string $cuerpo = ''): array
{
    $http = [
        'method' => $metodo,
        'header' => "Content-Type: application/json\r\nConnection: close\r\n",
        // Desde otra máquina, además: "Authorization: Bearer EL-TOKEN\r\n"
        'content' => $cuerpo,
        'timeout' => 40,
        'ignore_errors' => true, // para leer la respuesta también cuando es un error
    ];
    $texto = @file_get_contents($url, false, stream_context_create(['http' => $http]));
    if ($texto === false) {
        return [0, []]; // no se sabe si llegó
    }
    preg_match('{^HTTP/\S+ (\d+)}', $http_response_header[0], $linea);
    return [(int) $linea[1], json_decode($texto, true) ?? []];
}

$cuerpo = json_encode($venta, JSON_UNESCAPED_UNICODE);
for ($intento = 1; $intento <= 3; $intento++) {
    [$codigo, $respuesta] = pedir("$url/v1/solicitudes?caja=CAJA1", 'POST', $cuerpo);
    if ($codigo !== 0 && $codigo !== 503) {
        break;
    }
    sleep(2); // nada se tomó, o no se sabe: el mismo pedido otra vez
}
while ($codigo === 202) { // lo tienen y lo van a decidir
    sleep(1);
    [$codigo, $respuesta] = pedir("$url/v1/solicitudes/PHP-0001", 'GET');
    $codigo = $respuesta && $respuesta['RESULTADO'] === 'PENDIENTE' ? 202 : $codigo;
}

$dicho = $respuesta['RESPUESTA'] ?? [];
if (($respuesta['RESULTADO'] ?? '') === 'OK') {
    echo "e-Ticket {$dicho['SERIE']} {$dicho['NUMERO']}, \$ {$dicho['A_PAGAR']}\n";
    exit(0);
}
echo "No se emitió: " . ($dicho['MENSAJE'] ?? 'sincronizador no contesta') . "\n";
foreach ($respuesta['ERROR'] ?? [] as $error) {
    echo "  {$error['CODIGO']} " . ($error['RUTA'] ?? '') . " {$error['MENSAJE']}\n";
}
exit(1);
