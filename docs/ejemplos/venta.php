<?php
// Emite una venta con sincronizador y muestra el comprobante o los errores.
//
//   php venta.php CARPETA REFERENCIA [SEGUNDOS]
//
// CARPETA es la que contiene entrada/ y salida/. Termina con 0 si se emitió, 1 si se rechazó y 2 si no hubo respuesta.

function importe(float $valor): string
{
    return number_format($valor, 2, '.', '');
}

/** Las líneas del pedido. El archivo está en UTF-8; sincronizador lo reconoce. */
function venta(string $referencia): array
{
    return [
        '[DOCUMENTO]',
        'TIPO=VENTA',
        "REFERENCIA=$referencia",
        'DECIMAL=PUNTO',
        'FORMA_PAGO=CONTADO',
        'PRECIOS=CON_IVA',
        '[ITEM]',
        'DETALLE=Café molido 250 g',
        'CANTIDAD=2',
        'PRECIO=' . importe(1175.5),
        'IVA=BASICA',
        '[ITEM]',
        'DETALLE=Pan',
        'CANTIDAD=1',
        'PRECIO=' . importe(89),
        'IVA=MINIMA',
        '[TOTALES]',
        'A_PAGAR=' . importe(2440),
        '[ADENDA]',
        'Gracias por su compra.',
        '[FIN]',
    ];
}

/** Borra la respuesta vieja, escribe con otro nombre y renombra: nunca se ve un archivo a medias. */
function dejar(string $carpeta, string $nombre, array $lineas): void
{
    $respuesta = "$carpeta/salida/$nombre.RSP";
    if (file_exists($respuesta)) {
        unlink($respuesta);
    }
    $provisorio = "$carpeta/entrada/$nombre.TMP";
    $texto = implode("\r\n", $lineas) . "\r\n";
    if (file_put_contents($provisorio, $texto) !== strlen($texto) || !rename($provisorio, "$carpeta/entrada/$nombre.TXT")) {
        throw new RuntimeException("No se pudo escribir en $carpeta/entrada");
    }
}

/** La respuesta decidida, o null si en ese tiempo no llegó. Mientras dice PENDIENTE se sigue esperando. */
function esperar(string $carpeta, string $nombre, int $segundos): ?array
{
    $limite = microtime(true) + $segundos;
    while (microtime(true) < $limite) {
        $respuesta = leer("$carpeta/salida/$nombre.RSP");
        if ($respuesta !== null && $respuesta['ESTADO_GENERAL'] !== 'PENDIENTE') {
            return $respuesta;
        }
        usleep(300000);
    }
    return null;
}

/**
 * Una respuesta como ['ESTADO_GENERAL' => 'OK', 'RESPUESTA' => ['NUMERO' => '1234', ...], 'ERROR.1' => [...]].
 * No se usa parse_ini_file(): interpreta comillas, paréntesis y signos que aquí son texto.
 */
function leer(string $archivo): ?array
{
    clearstatcache();
    $texto = is_file($archivo) ? file_get_contents($archivo) : '';
    if ($texto === false || $texto === '') {
        return null;
    }
    $lineas = explode("\r\n", $texto);
    $respuesta = ['ESTADO_GENERAL' => array_shift($lineas)];
    $seccion = '';
    $ultimo = '';
    foreach ($lineas as $linea) {
        if (preg_match('/^\[(.*)\]$/', $linea, $partes)) {
            $seccion = $partes[1];
        } elseif (str_contains($linea, '=')) {
            [$campo, $valor] = explode('=', $linea, 2);
            if ($ultimo !== '' && preg_match('/^' . preg_quote($ultimo, '/') . '\.\d+$/', $campo)) {
                $respuesta[$seccion][$ultimo] .= $valor;    // MENSAJE.2= sigue a MENSAJE=
            } else {
                $respuesta[$seccion][$campo] = $valor;
                $ultimo = $campo;
            }
        }
    }
    return $respuesta;
}

function mostrar(array $respuesta): int
{
    $datos = $respuesta['RESPUESTA'];
    if ($respuesta['ESTADO_GENERAL'] === 'OK') {
        echo "Comprobante {$datos['TIPO']} {$datos['SERIE']} {$datos['NUMERO']}, a pagar {$datos['A_PAGAR']}\n";
        return 0;
    }
    echo "{$datos['ESTADO']} {$datos['CODIGO']}: {$datos['MENSAJE']}\n";
    for ($n = 1; isset($respuesta["ERROR.$n"]); $n++) {
        $error = $respuesta["ERROR.$n"];
        echo '  línea ', $error['LINEA'] ?? '-', ': ', $error['MENSAJE'], ' ', $error['SUGERENCIA'] ?? '', "\n";
    }
    return 1;
}

[, $carpeta, $referencia] = $argv;
$segundos = (int) ($argv[3] ?? 30);
dejar($carpeta, $referencia, venta($referencia));
$respuesta = esperar($carpeta, $referencia, $segundos);
if ($respuesta === null) {
    // La venta sigue su camino. Volver a dejarla con la misma REFERENCIA nunca la emite dos veces.
    echo "Sin respuesta en $segundos segundos. ¿Está andando sincronizador? Vea salida/LATIDO.TXT\n";
    exit(2);
}
exit(mostrar($respuesta));
