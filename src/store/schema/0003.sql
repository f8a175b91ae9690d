-- Version 3: what people do in the browser. A step is what one key press committed, and is undone as one;
-- the rows of an undone step stay and count no more.
CREATE TABLE step (
  seq BIGINT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  who TEXT NOT NULL,
  undoes BIGINT REFERENCES step (seq)
);
CREATE INDEX step_undoes ON step (undoes);
ALTER TABLE decision ADD COLUMN step BIGINT;
ALTER TABLE decision ADD COLUMN took_ms BIGINT;
ALTER TABLE log ADD COLUMN chain TEXT;

-- What was done with an item without deciding it; value holds an entry of two (double entry), note a word.
CREATE TABLE remark (
  seq {IDENTITY},
  step BIGINT NOT NULL REFERENCES step (seq),
  document TEXT NOT NULL,
  page BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('answer', 'text', 'page')),
  field TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('skip', 'escalate', 'cannot_tell', 'entry')),
  value TEXT NOT NULL,
  note TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  took_ms BIGINT,
  FOREIGN KEY (document, page) REFERENCES page (document, no)
);

-- The blind audit: answers that the machine was sure of, as it had them and as a person did.
-- person is NULL where it could not be told; option is empty for a whole answer.
CREATE TABLE probe (
  seq {IDENTITY},
  step BIGINT NOT NULL REFERENCES step (seq),
  document TEXT NOT NULL,
  page BIGINT NOT NULL,
  kind TEXT NOT NULL,
  field TEXT NOT NULL,
  option TEXT NOT NULL,
  machine TEXT NOT NULL,
  person TEXT,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  FOREIGN KEY (document, page) REFERENCES page (document, no)
);

-- Named accounts; phc is an argon2 hash in PHC form, empty for one that was closed.
CREATE TABLE person (
  name TEXT NOT NULL PRIMARY KEY,
  phc TEXT NOT NULL,
  at BIGINT NOT NULL
);
