"""The calls of the administration: ``/v1/admin``, with a token of its own. Each act is audited by `Cloud`."""

from base64 import b64decode
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from sincronizador.nube import admin_wire, bodies, wire
from sincronizador.nube.auth import Door
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.contract import Raw, json_answer, opened
from sincronizador.nube.troubles import bad_request

Rut = Annotated[str, Path(json_schema_extra={"pattern": "^[0-9]{12}$"})]
Code = Annotated[str, Path(json_schema_extra={"pattern": "^[A-Za-z0-9_-]{1,8}$"})]
Fingerprint = Annotated[str, Path(json_schema_extra={"pattern": "^[0-9a-f]{64}$"})]
Filter = Annotated[str | None, Query(json_schema_extra={"pattern": "^[0-9]{12}$"})]
_MOST_ACTS = 1_000


class Administration:
    """The calls of an administrator."""

    def __init__(self, cloud: Cloud, door: Door) -> None:
        self._cloud = cloud
        self._door = door

    def add_to(self, router: APIRouter) -> None:
        """Add the calls, with what their OpenAPI says."""
        add, told, one = router.add_api_route, _told, "/issuers/{rut}"
        add("/issuers", self.issuers, methods=["GET"], **told(bodies.IssuersTold))
        add(one, self.keep_issuer, methods=["PUT"], **told(bodies.IssuerTold, bodies.IssuerFacts))
        self._about_installations(router, f"{one}/installations")
        self._about_papers(router, one)
        add("/alarms", self.alarms, methods=["GET"], **told(bodies.AlarmsTold))
        add("/alarms/{alarm}/dismiss", self.dismiss, methods=["POST"], **told(bodies.Empty, bodies.Cause))
        add("/audit", self.audit, methods=["GET"], **told(bodies.AuditTold))

    def _about_installations(self, router: APIRouter, some: str) -> None:
        add, one = router.add_api_route, some + "/{code}"
        add(some, self.installations, methods=["GET"], **_told(bodies.InstallationsTold))
        made = _told(bodies.NewInstallation, bodies.InstallationWish)
        add(some, self.add_installation, methods=["POST"], **made)
        add(f"{one}/tokens", self.new_token, methods=["POST"], **_told(bodies.TokenTold))
        add(f"{one}/tokens", self.revoke_tokens, methods=["DELETE"], **_told(bodies.Revoked))
        add(f"{one}/dead", self.declare_dead, methods=["POST"], **_told(bodies.Empty, bodies.Cause))

    def _about_papers(self, router: APIRouter, one: str) -> None:
        add = router.add_api_route
        add(f"{one}/certificates", self.certificates, methods=["GET"], **_told(bodies.CertificatesTold))
        certificate = _told(bodies.CertificateTold, bodies.CertificateFile)
        add(f"{one}/certificates", self.add_certificate, methods=["POST"], **certificate)
        revoked = _told(bodies.Empty, bodies.Cause)
        add(one + "/certificates/{fingerprint}/revoke", self.revoke_certificate, methods=["POST"], **revoked)
        add(f"{one}/caes", self.import_cae, methods=["POST"], **_told(bodies.CaeNumbers, bodies.CaeFile))
        add(f"{one}/numbers", self.numbers, methods=["GET"], **_told(bodies.Numbers))
        annulled = _told(bodies.AnnulledTold, bodies.Annulment)
        add(f"{one}/numbers/annul", self.annul, methods=["POST"], **annulled)

    def issuers(self, request: Request) -> Response:
        """Todos los emisores con sus sucursales."""
        self._door.administrator(request)
        return json_answer({"issuers": [admin_wire.issuer(one) for one in self._cloud.issuers()]})

    def keep_issuer(self, request: Request, rut: Rut, raw: Raw) -> Response:
        """Da de alta o cambia un emisor, o una sucursal suya."""
        who = self._door.administrator(request)
        body = bodies.parse(bodies.IssuerFacts, raw)
        emisor = {"rut": _rut(rut), **body.emisor.model_dump()}
        known = admin_wire.rules_of(self._cloud.issuers(), rut)
        rules = body.ajustes.model_dump() if body.ajustes else known
        return json_answer(admin_wire.issuer(self._cloud.keep_issuer(who, emisor, rules)))

    def installations(self, request: Request, rut: Rut) -> Response:
        """Las instalaciones de un emisor."""
        self._door.administrator(request)
        found = [admin_wire.installation(one) for one in self._cloud.installations(_rut(rut))]
        return json_answer({"installations": found})

    def add_installation(self, request: Request, rut: Rut, raw: Raw) -> Response:
        """Da de alta una instalación; su token se dice esta sola vez."""
        who = self._door.administrator(request)
        body = bodies.parse(bodies.InstallationWish, raw)
        made, token = self._cloud.add_installation(who, _rut(rut), body.code)
        return json_answer({**admin_wire.installation(made), "token": token})

    def new_token(self, request: Request, rut: Rut, code: Code) -> Response:
        """Otro token; los anteriores valen hasta que se revoquen."""
        who = self._door.administrator(request)
        return json_answer({"token": self._cloud.new_token(who, _rut(rut), _code(code))})

    def revoke_tokens(
        self,
        request: Request,
        rut: Rut,
        code: Code,
        but_last: Annotated[str, Query(json_schema_extra={"enum": ["true", "false"]})] = "false",
    ) -> Response:
        """Revoca sus tokens, todos o todos menos el último."""
        who = self._door.administrator(request)
        if but_last not in ("true", "false"):
            raise bad_request("«but_last» es true o false")
        revoked = self._cloud.revoke_tokens(who, _rut(rut), _code(code), but_last=but_last == "true")
        return json_answer({"revoked": revoked})

    def declare_dead(self, request: Request, rut: Rut, code: Code, raw: Raw) -> Response:
        """Da de baja una instalación que no va a volver."""
        who = self._door.administrator(request)
        reason = bodies.parse(bodies.Cause, raw).reason
        self._cloud.declare_dead(who, _rut(rut), _code(code), reason)
        return json_answer({})

    def certificates(self, request: Request, rut: Rut) -> Response:
        """Los certificados de un emisor."""
        self._door.administrator(request)
        found = [admin_wire.certificate(one) for one in self._cloud.certificates(_rut(rut))]
        return json_answer({"certificates": found})

    def add_certificate(self, request: Request, rut: Rut, raw: Raw) -> Response:
        """Instala un PKCS#12 con su contraseña; sin contraseña, un certificado con el que firman instalaciones."""
        who = self._door.administrator(request)
        body = bodies.parse(bodies.CertificateFile, raw)
        content = b64decode(body.content)
        if body.password is None:
            made = self._cloud.know_certificate(who, _rut(rut), content)
        else:
            made = self._cloud.install_certificate(who, _rut(rut), content, body.password.encode())
        return json_answer(admin_wire.certificate(made))

    def revoke_certificate(self, request: Request, rut: Rut, fingerprint: Fingerprint, raw: Raw) -> Response:
        """Desde ahora no firma; lo que firmó antes vale."""
        who = self._door.administrator(request)
        reason = bodies.parse(bodies.Cause, raw).reason
        self._cloud.revoke_certificate(who, _rut(rut), _plain(fingerprint), reason)
        return json_answer({})

    def import_cae(self, request: Request, rut: Rut, raw: Raw) -> Response:
        """Importa un archivo de CAE tal como lo entrega DGI."""
        who = self._door.administrator(request)
        body = bodies.parse(bodies.CaeFile, raw)
        return json_answer(wire.numbers(self._cloud.import_cae(who, _rut(rut), b64decode(body.content))))

    def numbers(self, request: Request, rut: Rut) -> Response:
        """Qué fue de cada número de cada CAE."""
        self._door.administrator(request)
        return json_answer({"numbers": [wire.numbers(cae) for cae in self._cloud.numbers(_rut(rut))]})

    def annul(self, request: Request, rut: Rut, raw: Raw) -> Response:
        """Anula números dudosos, todos o ninguno."""
        who = self._door.administrator(request)
        body = bodies.parse(bodies.Annulment, raw)
        count = self._cloud.annul_doubtful(who, _rut(rut), body.doc_type, body.series, body.numbers, body.reason)
        return json_answer({"annulled": count})

    def alarms(self, request: Request, rut: Filter = None) -> Response:
        """Lo que una persona tiene que mirar."""
        self._door.administrator(request)
        found = self._cloud.alarms(None if rut is None else _rut(rut))
        return json_answer({"alarms": [admin_wire.alarm(one) for one in found]})

    def dismiss(
        self, request: Request, alarm: Annotated[str, Path(json_schema_extra={"pattern": "^[0-9]{1,15}$"})], raw: Raw
    ) -> Response:
        """Ya se atendió."""
        who = self._door.administrator(request)
        if not (alarm.isascii() and alarm.isdigit() and len(alarm) <= 15):
            raise bad_request("la alarma se nombra por su número")
        self._cloud.dismiss_alarm(who, int(alarm), bodies.parse(bodies.Cause, raw).reason)
        return json_answer({})

    def audit(
        self,
        request: Request,
        rut: Filter = None,
        limit: Annotated[str, Query(json_schema_extra={"pattern": "^[0-9]{1,4}$"})] = "200",
    ) -> Response:
        """Quién hizo qué, lo último primero."""
        self._door.administrator(request)
        if not (limit.isascii() and limit.isdigit() and len(limit) <= 4 and 1 <= int(limit) <= _MOST_ACTS):
            raise bad_request(f"«limit» va de 1 a {_MOST_ACTS}")
        found = self._cloud.audit(None if rut is None else _rut(rut), int(limit))
        return json_answer({"acts": [admin_wire.act(one) for one in found]})


def _told(answer: type[BaseModel], body: type[BaseModel] | None = None) -> dict[str, Any]:
    return opened(answer, body=body, errors=(401, 404, 422))


def _rut(rut: str) -> str:
    if not (len(rut) == 12 and rut.isascii() and rut.isdigit()):
        raise bad_request("un RUT son doce cifras")
    return rut


def _code(code: str) -> str:
    plain = code.replace("-", "").replace("_", "")
    if len(code) > 8 or not plain.isascii() or not plain.isalnum():
        raise bad_request("una instalación se nombra con hasta ocho letras y cifras")
    return code


def _plain(fingerprint: str) -> str:
    if len(fingerprint) != 64 or set(fingerprint) - set("0123456789abcdef"):
        raise bad_request("una huella son 64 cifras hexadecimales")
    return fingerprint
