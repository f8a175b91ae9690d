-- Version 8: readings packed for whoever folds all of them. Derived: made from the readings and what was
-- recognised, and made anew whenever it does not fit them (setting 'packed' says what is in it).
CREATE TABLE packed (
  seq {IDENTITY},
  body {BYTES} NOT NULL,
  ink {BYTES} NOT NULL
);
-- Few pages are not read and few documents are no single page: they are found without going through all.
CREATE INDEX page_unread ON page (document) WHERE state <> 'read' OR why IS NOT NULL;
CREATE INDEX document_unusual ON document (sha256) WHERE why IS NOT NULL OR pages IS NULL OR pages <> 1;
