-- Who approved what is never changed, whatever program opens the file.
CREATE TRIGGER quote_keep_update BEFORE UPDATE ON quote BEGIN SELECT RAISE(ABORT, 'quote is append-only'); END;
CREATE TRIGGER quote_keep_delete BEFORE DELETE ON quote BEGIN SELECT RAISE(ABORT, 'quote is append-only'); END;
