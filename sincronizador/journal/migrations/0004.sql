-- From version 3: documents of a lote are jobs below it and step aside in every lane; receivers can be found.

ALTER TABLE job ADD COLUMN parent INTEGER REFERENCES job (id);
ALTER TABLE job ADD COLUMN part INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN line INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN about INTEGER REFERENCES job (id);

CREATE UNIQUE INDEX job_part ON job (parent, part) WHERE parent IS NOT NULL;
CREATE INDEX job_about ON job (about) WHERE about IS NOT NULL;
CREATE INDEX job_lote ON job (id) WHERE kind = 'lote' AND decided = 0;

DROP INDEX job_behind;
CREATE INDEX job_behind ON job (id) WHERE written < revision AND parent IS NULL;
CREATE INDEX job_part_behind ON job (parent) WHERE written < revision AND parent IS NOT NULL;

CREATE INDEX job_part_open ON job (parent) WHERE decided = 0 AND parent IS NOT NULL;

ALTER TABLE document ADD COLUMN receptor TEXT NOT NULL DEFAULT '';

UPDATE document SET receptor = substr(
    CAST(signed AS TEXT),
    instr(CAST(signed AS TEXT), '<DocRecep>') + 10,
    instr(CAST(signed AS TEXT), '</DocRecep>') - instr(CAST(signed AS TEXT), '<DocRecep>') - 10
) WHERE instr(CAST(signed AS TEXT), '</DocRecep>') > 0;

UPDATE document SET receptor = substr(
    CAST(signed AS TEXT),
    instr(CAST(signed AS TEXT), '<DocRecepExt>') + 13,
    instr(CAST(signed AS TEXT), '</DocRecepExt>') - instr(CAST(signed AS TEXT), '<DocRecepExt>') - 13
) WHERE instr(CAST(signed AS TEXT), '</DocRecepExt>') > 0;

CREATE INDEX document_receptor ON document (receptor, job) WHERE receptor <> '';

ALTER TABLE task ADD COLUMN aside INTEGER NOT NULL DEFAULT 0;

DROP INDEX task_due;
CREATE INDEX task_due ON task (lane, aside, id) WHERE state = 'due';
