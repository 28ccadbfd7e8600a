-- From version 11: of what the cloud has, it is looked at with every heartbeat whether the authority has it too.

CREATE INDEX job_sent ON job (today) WHERE estado = 'ENVIADO';

INSERT OR IGNORE INTO meta SELECT 'informa_desde', min(document.fecha) FROM document JOIN job ON job.id = document.job
    WHERE job.estado IN ('ACEPTADO', 'INFORMADO') HAVING min(document.fecha) IS NOT NULL;
