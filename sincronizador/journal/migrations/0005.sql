-- From version 4: whether a name is still undecided is asked for every file, also where all files have one name.

CREATE INDEX job_open_stem ON job (till, stem, only_check) WHERE decided = 0 AND parent IS NULL;
