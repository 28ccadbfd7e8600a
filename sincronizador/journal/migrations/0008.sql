-- From version 7: a sale whose REFERENCIA the cloud has as another document is never signed here.

ALTER TABLE intent ADD COLUMN taken TEXT NOT NULL DEFAULT '';  -- the document, of other content, that the cloud has under this key

CREATE INDEX intent_taken ON intent (key) WHERE taken <> '';
