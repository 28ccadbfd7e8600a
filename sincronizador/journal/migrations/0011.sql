-- From version 10: what was refused lately is told on a page without reading everything that came.

CREATE INDEX job_refused ON job (id) WHERE estado IN ('RECHAZADO', 'RECHAZADO_DGI');
