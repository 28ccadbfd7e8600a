"""
The publication as a folder of files: where a document lies in it, and the page that finds it without a server.

The name of a document's files is a digest of its number and its security code: who does not know both does not find it.
"""

import json
from hashlib import sha256

from sincronizador.nube import public_pages
from sincronizador.nube.publication import CODE, Question

DOCUMENTS = "d"
_SHARD = 3
"""Digits of the digest that name a folder: 4,096 folders, of some thousand files each after five years of a chain."""


def stem_of(question: Question) -> tuple[str, str]:
    """The folder of a document's files below `DOCUMENTS`, and their name without its ending."""
    digest = sha256("-".join(map(str, (*question.number, question.codigo))).encode()).hexdigest()
    return digest[:_SHARD], digest[_SHARD:]


def index(*, trial: bool) -> str:
    """The first page: the form, and what leads from it to a document."""
    return public_pages.form({}, trial=trial, script=SCRIPT)


_DIGEST = """
function sha256(text) {
  var k = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
  ];
  var h = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
  function turned(x, n) { return (x >>> n) | (x << (32 - n)); }
  var bytes = [], i, j;
  for (i = 0; i < text.length; i++) bytes.push(text.charCodeAt(i));
  bytes.push(0x80);
  while (bytes.length % 64 !== 56) bytes.push(0);
  bytes.push(0, 0, 0, 0, 0, 0, (text.length * 8) >>> 8, (text.length * 8) & 255);
  for (i = 0; i < bytes.length; i += 64) {
    var w = [], s = h.slice();
    for (j = 0; j < 64; j++) {
      if (j < 16) {
        var at = i + j * 4;
        w[j] = bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
      } else {
        var x = w[j - 15], y = w[j - 2];
        w[j] = (turned(x, 7) ^ turned(x, 18) ^ x >>> 3) + (turned(y, 17) ^ turned(y, 19) ^ y >>> 10)
          + w[j - 7] + w[j - 16] | 0;
      }
      var e = s[4], a = s[0];
      var one = (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + (e & s[5] ^ ~e & s[6]) + s[7] + k[j] + w[j] | 0;
      var two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + (a & s[1] ^ a & s[2] ^ s[1] & s[2]) | 0;
      s = [one + two | 0, a, s[1], s[2], s[3] + one | 0, e, s[5], s[6]];
    }
    for (j = 0; j < 8; j++) h[j] = h[j] + s[j] | 0;
  }
  return h.map(function (x) { return ("0000000" + (x >>> 0).toString(16)).slice(-8); }).join("");
}
"""
"""Written out: what browsers bring of their own is there over HTTPS only."""

_PATH = f"""
function pathOf(given) {{
  var rut = given.rut.replace(/[ .-]/g, ""), serie = given.serie.trim().toUpperCase(), numero = given.numero.trim();
  var codigo = given.codigo.trim(), tipo = given.tipo.trim();
  var good = /^[0-9]{{12}}$/.test(rut) && /^[0-9]{{3}}$/.test(tipo) && /^[A-Z0-9]{{1,2}}$/.test(serie)
    && /^[0-9]{{1,7}}$/.test(numero) && /^[A-Za-z0-9+\\/]{{{CODE}}}$/.test(codigo);
  if (!good) return "";
  var digest = sha256([rut, tipo, serie, String(parseInt(numero, 10)), codigo].join("-"));
  return "{DOCUMENTS}/" + digest.slice(0, {_SHARD}) + "/" + digest.slice({_SHARD}) + ".html";
}}
"""

_PAGE = f"""
(function () {{
  var form = document.getElementById("consulta"), told = document.getElementById("aviso");
  function say(words) {{ told.textContent = words; told.hidden = false; }}
  var names = ["rut", "tipo", "serie", "numero", "codigo"];
  new URLSearchParams(location.search).forEach(function (value, name) {{
    if (names.indexOf(name) >= 0 && value) form.elements[name].value = value;
  }});
  form.addEventListener("submit", function (event) {{
    event.preventDefault();
    var given = {{}};
    names.forEach(function (name) {{ given[name] = form.elements[name].value; }});
    var path = pathOf(given);
    if (!path) return say({json.dumps(public_pages.UNCLEAR)});
    fetch(path, {{method: "HEAD", cache: "no-store"}}).then(function (answer) {{
      if (answer.ok) location.href = path;
      else say(answer.status === 404 ? {json.dumps(public_pages.NOT_FOUND)} : {json.dumps(public_pages.LATER)});
    }}, function () {{ say({json.dumps(public_pages.LATER)}); }});
  }});
}})();
"""

SCRIPT = _DIGEST + _PATH + _PAGE
"""What the first page does; `_DIGEST` and `_PATH` say the same as `stem_of`."""
