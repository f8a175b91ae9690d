-- Version 5. Quotes on their way to print: steps, append-only. What was written stays in the readings and
-- decisions; the wording for print stands here and nowhere else.
CREATE TABLE quote (
  response TEXT NOT NULL,
  field TEXT NOT NULL,
  rev BIGINT NOT NULL,
  body TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (response, field, rev)
);
