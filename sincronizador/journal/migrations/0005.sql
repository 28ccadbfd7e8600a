-- From version 4: what is asked for every file, or of a contingencia, is found by an index.

CREATE INDEX job_open_stem ON job (till, stem, only_check) WHERE decided = 0 AND parent IS NULL;
CREATE INDEX document_episode ON document (episode) WHERE episode IS NOT NULL;
