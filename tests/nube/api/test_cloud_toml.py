"""The cloud's TOML: what a right one gives, and what is said about a wrong one."""

import pytest

from sincronizador.errors import NeedsOperator
from sincronizador.nube import assembly
from sincronizador.nube.configuration import load

LEAST = 'ambiente = "prueba"\nclave = "./nube.clave"\n'


def read(tmp_path, text):
    path = tmp_path / "nube.toml"
    path.write_text(LEAST + text)
    return load(str(path))


def refusal(tmp_path, text):
    with pytest.raises(NeedsOperator) as caught:
        read(tmp_path, text)
    return caught.value


def test_the_least_toml_has_a_base_beside_it_on_loopback(tmp_path):
    found = read(tmp_path, "")
    assert found.base == str(tmp_path / "nube.db")
    assert found.marca == str(tmp_path / "nube.db.marca")
    assert found.address == ("127.0.0.1", 8750)
    assert found.embedded
    assert found.administracion is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("localhost:9", ("127.0.0.1", 9)),
        ("[::1]:8750", ("::1", 8750)),
        ("127.9.9.9:1", ("127.9.9.9", 1)),
    ],
)
def test_loopback_is_listened_to_without_tls(tmp_path, text, address):
    assert read(tmp_path, f'escuchar = "{text}"').address == address


@pytest.mark.parametrize("text", ["0.0.0.0:8750", "[::]:8750", "192.168.1.5:80"])
def test_every_other_address_needs_tls(tmp_path, text):
    assert "[tls]" in str(refusal(tmp_path, f'escuchar = "{text}"'))
    tls = '[tls]\ncertificado = "a.pem"\nclave = "a.key"'
    assert read(tmp_path, f'escuchar = "{text}"\n{tls}').tls is not None


@pytest.mark.parametrize(
    "text", ["8750", "nube.example.com:80", "127.0.0.1", "127.0.0.1:70000", "999.1.1.1:5", "[::g]:5"]
)
def test_what_is_no_address_is_told(tmp_path, text):
    error = refusal(tmp_path, f'escuchar = "{text}"')
    assert (error.code, "escuchar" in str(error)) == ("E9302", True)


@pytest.mark.parametrize(
    "base", ["postgresql://nube:secreta@h/b", "postgresql://nube@h/b?password=secreta", "mysql://nube:secreta@h/b"]
)
def test_a_password_never_stands_in_the_toml_nor_in_what_is_said_about_it(tmp_path, base):
    error = refusal(tmp_path, f'base = "{base}"\nmarca = "m"')
    assert error.code == "E9302"
    assert "secreta" not in str(error)


def test_a_postgresql_has_a_mark_and_its_password_by_path(tmp_path):
    assert "marca" in str(refusal(tmp_path, 'base = "postgresql://nube@h/b"'))
    (tmp_path / "pg").write_text("con@ espacios:y/signos\n")
    (tmp_path / "pg").chmod(0o600)
    found = read(tmp_path, 'base = "postgresql://nube@h/b?sslmode=require"\nbase_clave = "./pg"\nmarca = "m"')
    assert not found.embedded
    url = assembly.make_url(assembly.url_of(found))
    assert (url.username, url.password, url.host, url.database) == ("nube", "con@ espacios:y/signos", "h", "b")
    assert url.query == {"sslmode": "require"}
    assert "base_clave" in str(refusal(tmp_path, 'base_clave = "./pg"'))


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ('escucha = "x"', "«escuchar»"),
        ("por_minuto = 5", "[limites]"),
        ("[limites]\npor_minutos = 5", "«por_minuto»"),
        ('[limites]\nambiente = "x"', "antes de las tablas"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(tmp_path, text, nearest):
    error = refusal(tmp_path, text)
    assert (error.code, nearest in str(error)) == ("E9301", True)


def test_everything_wrong_is_told_at_once(tmp_path):
    error = refusal(tmp_path, 'escuchar = "x"\n[limites]\ncuerpo = 1\nespera = 0')
    assert "3 problemas" in str(error)


def test_without_its_table_there_is_no_dgi(tmp_path):
    assert read(tmp_path, "").dgi is None


@pytest.mark.parametrize(
    ("ambiente", "ruc", "path"),
    [
        ("prueba", "219999830019", ":6470/ePrueba/ws_personaGetActEmpresarialPrueba"),
        ("produccion", "214844360018", ":6475/efactura/ws_personaGetActEmpresarial"),
    ],
)
def test_dgi_is_that_of_the_environment(tmp_path, ambiente, ruc, path):
    (tmp_path / "nube.toml").write_text(f'ambiente = "{ambiente}"\nclave = "./nube.clave"\n[dgi]\n')
    found = load(str(tmp_path / "nube.toml"))
    told = found.dgi.told(found.ambiente)
    assert told["ruc"] == ruc
    assert told["contribuyentes"] == "https://efactura.dgi.gub.uy" + path


def test_each_service_of_dgi_may_be_elsewhere(tmp_path):
    names = ("recepcion", "consultas", "contribuyentes")
    lines = [f'{name} = "https://127.0.0.1:8443/{name}"' for name in names]
    more = 'ca = "dgi.pem"\nhuella = "sha1"\nespera = 5'
    found = read(tmp_path, "\n".join(["[dgi]", *lines, more]))
    told = found.dgi.told("prueba")
    assert [told[name] for name in names] == [f"https://127.0.0.1:8443/{name}" for name in names]
    assert (found.dgi.ca, found.dgi.huella, found.dgi.espera) == (str(tmp_path / "dgi.pem"), "sha1", 5.0)


@pytest.mark.parametrize(
    ("ambiente", "line"),
    [
        ("prueba", 'recepcion = "https://efactura.dgi.gub.uy/efactura/ws_efactura"'),
        ("prueba", 'consultas = "https://EFACTURA.dgi.gub.uy:6440/efactura/ws_consultas"'),
        ("prueba", 'ruc = "214844360018"'),
        ("produccion", 'recepcion = "https://efactura.dgi.gub.uy:6443/ePrueba/ws_eprueba"'),
        ("produccion", 'contribuyentes = "https://efactura.dgi.gub.uy:6470/EPRUEBA/x"'),
        ("produccion", 'ruc = "219999830019"'),
    ],
)
def test_what_dgi_has_for_the_other_environment_is_refused(tmp_path, ambiente, line):
    (tmp_path / "nube.toml").write_text(f'ambiente = "{ambiente}"\nclave = "./nube.clave"\n[dgi]\n{line}\n')
    with pytest.raises(NeedsOperator) as refused:
        load(str(tmp_path / "nube.toml"))
    assert refused.value.code == "E9302"
    assert f"dgi.{line.split()[0]}" in str(refused.value)


def test_half_of_dgi_is_never_another_one(tmp_path):
    error = refusal(tmp_path, '[dgi]\nrecepcion = "https://127.0.0.1:8443/r"\n')
    assert error.code == "E9302"
    assert "«consultas», «contribuyentes»" in str(error)
    other = 'recepcion = "https://efactura.dgi.gub.uy:7443/ePrueba/otra"'
    assert read(tmp_path, f"[dgi]\n{other}\n").dgi.told("prueba")["recepcion"].endswith("otra")


@pytest.mark.parametrize(
    "line",
    [
        'recepcion = "http://127.0.0.1/r"',
        'recepcion = "https:///r"',
        'recepcion = "https://x:99999/r"',
        'recepcion = "https://yo@x/r"',
        'recepcion = "https://x/r?wsdl"',
        'ruc = "219999830018"',
        'huella = "md5"',
        "espera = 0",
    ],
)
def test_what_is_no_service_is_told(tmp_path, line):
    error = refusal(tmp_path, f"[dgi]\n{line}\n")
    assert error.code == "E9302"


def test_without_the_table_nothing_is_published_and_with_it_beside_the_installations(tmp_path):
    assert read(tmp_path, "").publicacion is None
    found = read(tmp_path, "[publicacion]\n").publicacion
    assert (found.escuchar, found.proxy) == ("127.0.0.1:8751", ("127.0.0.1", "::1"))
    found = read(tmp_path, '[publicacion]\nproxy = ["10.0.0.5"]\npor_direccion = 5').publicacion
    assert (found.proxy, found.por_direccion, found.por_comprobante) == (("10.0.0.5",), 5, 30)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('escuchar = "127.0.0.1:8750"', "publicacion.escuchar"),
        ('escuchar = "0.0.0.0:8751"', "[tls]"),
        ('proxy = ["nube.example.com"]', "publicacion.proxy"),
        ("por_direccion = 0", "publicacion.por_direccion"),
        ("por_minuto = 5", "por_minuto"),
    ],
)
def test_what_cannot_be_published_is_told(tmp_path, text, named):
    assert named in str(refusal(tmp_path, f"[publicacion]\n{text}"))


MAIL = '[dgi]\n[correo]\nservidor = "smtp.example.com"\nremitente = "cfe@example.com"\n'


def test_mail_goes_with_starttls_unless_it_is_said_otherwise(tmp_path):
    found = read(tmp_path, MAIL).correo
    assert (found.puerto, found.cifrado.value, found.clave) == (587, "starttls", None)
    assert read(tmp_path, MAIL + 'cifrado = "tls"\n').correo.cifrado.value == "tls"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MAIL.removeprefix("[dgi]\n"), "[dgi]"),
        (MAIL + 'cifrado = "ninguno"\n', "dentro de esta máquina"),
        (MAIL + 'cifrado = "ssl"\n', "correo.cifrado"),
        (MAIL + 'usuario = "cfe"\n', "van los dos"),
        (MAIL + 'clave = "./clave.txt"\n', "van los dos"),
        (MAIL + 'usuario = "cfe"\nclave = "una contraseña"\n', "nunca el secreto mismo"),
        (MAIL.replace("cfe@", "Caja <cfe@"), "remitente"),
        (MAIL + "puerto = 0\n", "puerto"),
    ],
)
def test_a_mail_server_that_cannot_be_is_told(tmp_path, text, told):
    error = str(refusal(tmp_path, text))
    assert told in error
    assert "una contraseña" not in error
