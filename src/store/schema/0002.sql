-- Version 2: written fields. Marks are read first and tallied at once; recognisers follow.
-- What was cut out of a page, as one revision of its reading saw it; each row is its own queue entry.
-- 'begun' that outlives its run marks writing that may have ended the program.
CREATE TABLE writing (
  document TEXT NOT NULL,
  page BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  field TEXT NOT NULL,
  facts TEXT NOT NULL,
  picture TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'begun', 'done')),
  attempts BIGINT NOT NULL DEFAULT 0,
  reader TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (document, page, rev, field),
  FOREIGN KEY (document, page, rev) REFERENCES reading (document, page, rev)
);

-- What recognisers made of it: append-only, the highest no of a field stands. detail has symbols and
-- opinions, which figures do not need.
CREATE TABLE recognised (
  document TEXT NOT NULL,
  page BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  field TEXT NOT NULL,
  no BIGINT NOT NULL,
  reader TEXT NOT NULL,
  at BIGINT NOT NULL,
  body TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (document, page, rev, field, no),
  FOREIGN KEY (document, page, rev, field) REFERENCES writing (document, page, rev, field)
);
