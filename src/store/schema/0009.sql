-- Version 9: what was found by comparing pages with each other, for whoever folds them next. Derived: bytes
-- that do not fit are made anew, and may be deleted at any time.
CREATE TABLE compared (
  name TEXT NOT NULL PRIMARY KEY,
  body {BYTES} NOT NULL
);
