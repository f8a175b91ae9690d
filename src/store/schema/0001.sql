-- Version 1. Natural keys (content hash, page number) instead of row numbers: nothing that is exported can
-- depend on the order in which rows were written, and two stores can be compared line by line.
-- Portable: only {IDENTITY} and the append-only guards (0001.sqlite.sql) differ between databases.
-- Every state a form was given in; the highest seq of an id is in force.
CREATE TABLE form (
  seq BIGINT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  hash TEXT NOT NULL,
  json TEXT NOT NULL,
  blank TEXT NOT NULL
);

-- One content. 'opening' that outlives its run marks a file that may have ended the program.
CREATE TABLE document (
  sha256 TEXT NOT NULL PRIMARY KEY,
  bytes BIGINT NOT NULL,
  pages BIGINT,
  state TEXT NOT NULL CHECK (state IN ('received', 'opening', 'open', 'refused')),
  attempts BIGINT NOT NULL DEFAULT 0,
  reader TEXT NOT NULL DEFAULT '',
  why TEXT,
  CHECK ((state = 'refused') = (why IS NOT NULL)),
  CHECK (state <> 'open' OR pages IS NOT NULL)
);

-- One content at one place; document is NULL when the bytes could not be had.
CREATE TABLE sighting (
  seq {IDENTITY},
  location TEXT NOT NULL,
  inbox TEXT NOT NULL,
  path TEXT NOT NULL,
  document TEXT REFERENCES document (sha256),
  bytes BIGINT NOT NULL,
  modified_ns BIGINT NOT NULL,
  batch TEXT,
  arrived TEXT,
  association TEXT,
  why TEXT,
  at BIGINT NOT NULL,
  UNIQUE (location, document)
);
CREATE INDEX sighting_document ON sighting (document);

-- A page row is its own queue entry.
CREATE TABLE page (
  document TEXT NOT NULL REFERENCES document (sha256),
  no BIGINT NOT NULL,
  response TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'reading', 'read', 'refused', 'quarantined')),
  attempts BIGINT NOT NULL DEFAULT 0,
  reader TEXT NOT NULL DEFAULT '',
  worker TEXT,
  lease_until BIGINT,
  why TEXT,
  PRIMARY KEY (document, no),
  CHECK ((state = 'reading') = (lease_until IS NOT NULL))
);
CREATE INDEX page_response ON page (response);

-- Append-only revisions. body has the reading without its boxes and ink: figures need neither.
CREATE TABLE reading (
  document TEXT NOT NULL,
  page BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  reader TEXT NOT NULL,
  at BIGINT NOT NULL,
  body TEXT NOT NULL,
  ink TEXT NOT NULL,
  boxes TEXT NOT NULL,
  PRIMARY KEY (document, page, rev),
  FOREIGN KEY (document, page) REFERENCES page (document, no)
);

-- Append-only revisions; rev counts per page, so the second of two people deciding at once is told.
CREATE TABLE decision (
  document TEXT NOT NULL,
  page BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('answer', 'text', 'page')),
  field TEXT NOT NULL,
  machine TEXT,
  value TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (document, page, rev),
  FOREIGN KEY (document, page) REFERENCES page (document, no)
);

CREATE TABLE log (
  seq {IDENTITY},
  at BIGINT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  document TEXT,
  page BIGINT,
  detail TEXT NOT NULL
);
