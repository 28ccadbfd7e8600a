# A clean clone needs python3 (3.11 or later), python3-venv, make and git; the rest comes from PyPI, as locked.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Half of the tests wait for programs that they started.
WORKERS ?= $(shell echo $$((2 * $$(nproc))))

.PHONY: demo test pytest simulacion simulacion-mutantes fronteras caos corte carga dia-dgi barridos entregas espacio-largo papel hostil ley-larga lint docs bench lock impresoras deb dist sistema clean

demo: .venv/ready
	$(BIN)/sincronizador demo

test: .venv/ready
	$(MAKE) --jobs=2 lint pytest

pytest: .venv/ready
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

# An hour (CAOS=SECONDS) of the installed programs among kills, cuts and pulled printers; CAOS_SEMILLA=N plays one again.
caos: .venv/ready
	CAOS=$${CAOS:-3600} $(BIN)/pytest -s tests/caos/test_caos.py

# Printers in their long form: one that is busy for 40 seconds, as real ones are; EMUPOS=PROGRAM judges from outside.
impresoras: .venv/ready
	CERTEZA=$${CERTEZA:-40} $(BIN)/pytest -rP --timeout=0 tests/doors/test_printer_certainty.py \
		tests/doors/test_serial_ports.py tests/doors/test_usb_ports.py tests/doors/test_cups_queues.py \
		tests/doors/test_emupos.py

# Power cuts for minutes: daemon and cloud on a filesystem that forgets what was not synced, torn and out of order.
corte: .venv/ready
	CORTE=$${CORTE:-15} $(BIN)/pytest -rP --timeout=0 tests/powercut

# Random histories over the real daemon and cloud: HISTORIAS=100000 on all cores (PROCESOS=2), from seed DESDE=0, of one
# FAMILIA; or one of them again with its whole log: SEMILLA=17 (FAMILIA=todo FRONTERA=12).
simulacion: .venv/ready
	$(BIN)/python tests/simulation/run.py --historias $${HISTORIAS:-100000} --desde $${DESDE:-0} \
		$(if $(FAMILIA),--familia $(FAMILIA)) $(if $(PROCESOS),--procesos $(PROCESOS)) \
		$(if $(SEMILLA),--semilla $(SEMILLA)) $(if $(FRONTERA),--frontera $(FRONTERA))

# The same program with one rule taken out, each: at which seed the histories notice.
simulacion-mutantes: .venv/ready
	$(BIN)/python tests/simulation/run.py --mutantes $${SEMILLAS:-400}

# A fall at every boundary of short histories, and of stories with the cloud.
fronteras: .venv/ready
	FRONTERAS=1 $(BIN)/pytest -n auto --dist worksteal --timeout=0 \
		tests/simulation/test_every_boundary.py tests/cloud/test_restarts.py tests/crash/test_lanes_fall.py tests/engine/test_moving.py

# The long form of the law's tests: 2,000 documents drawn of each of the 42 types, and 3,000 mutants.
ley-larga: .venv/ready
	LEY_LARGA=$${LEY_LARGA:-2000} $(BIN)/pytest -n auto --dist worksteal --timeout=0 \
		tests/unit/countries/uy/test_ley_xsd.py tests/unit/countries/uy/test_mutantes.py

# Load in its long form: 50,000 files at once, ten minutes at 100/s, 300,000 old files, a million documents.
carga: .venv/ready
	CARGA=1 $(BIN)/pytest -rP --timeout=0 tests/acceptance/load

# A day of 500 documents (DOCUMENTOS=N) from dropped files to DGI, its report, and the day after.
dia-dgi: .venv/ready
	SINCRONIZADOR_DIA_DGI=$${DOCUMENTOS:-500} $(BIN)/pytest -rP --timeout=0 tests/acceptance/test_a_day_with_dgi.py

# Random histories of what is sent to DGI, among its troubles and falls of the server: HISTORIAS=500.
barridos: .venv/ready
	SINCRONIZADOR_BARRIDOS=$${HISTORIAS:-500} $(BIN)/pytest -n auto --dist worksteal --timeout=0 \
		tests/nube/test_sweep_histories.py

# The same of what goes to receivers.
entregas: .venv/ready
	SINCRONIZADOR_ENTREGAS=$${HISTORIAS:-500} $(BIN)/pytest -n auto --dist worksteal --timeout=0 \
		tests/nube/test_posting_histories.py

# The long form of the hostile inputs: mutants of everything that eats bytes, for so many minutes in all.
hostil: .venv/ready
	HOSTIL=$${HOSTIL:-10} $(BIN)/python tests/hostile

# The long form of the disk's tests: every trouble at every write of a day, short and long.
espacio-largo: .venv/ready
	ESPACIO=1 $(BIN)/pytest -n auto --dist worksteal --timeout=0 tests/space/test_every_write.py

# 1,000 tickets (PAPEL=N) to four printers, one of which dies twice in the middle of a page, and one is slow.
papel: .venv/ready
	PAPEL=$${PAPEL:-1000} $(BIN)/pytest -rP --timeout=0 tests/engine/test_four_printers.py

# The Debian package, in dist/: root is not needed, dpkg and /usr/bin/python3 are.
deb: .venv/ready
	$(BIN)/python packaging/deb.py

# Wheel and sdist.
dist: .venv/ready
	$(BIN)/python -m hatchling build -d dist

# The package in booted machines: days, cuts, upgrades, a second machine. As root, with systemd-container, dbus and
# debootstrap; the bare Debian is kept in SISTEMA_IMAGEN=FOLDER, and comes from SISTEMA_ESPEJO=URL.
sistema: .venv/ready
	SISTEMA=1 $(BIN)/pytest -rP --timeout=0 tests/sistema

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generar.py --revisar

docs: .venv/ready
	$(BIN)/python docs/generar.py

bench: .venv/ready
	$(BIN)/python bench/run.py

lock: .venv/ready
	$(PIP) install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra nube --extra panel --extra s3 --extra hsm --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-annotate --no-header --quiet --output-file requirements.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage build dist demo
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@
