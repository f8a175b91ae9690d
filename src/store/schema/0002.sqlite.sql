CREATE TRIGGER recognised_keep_update BEFORE UPDATE ON recognised BEGIN SELECT RAISE(ABORT, 'recognised is append-only'); END;
CREATE TRIGGER recognised_keep_delete BEFORE DELETE ON recognised BEGIN SELECT RAISE(ABORT, 'recognised is append-only'); END;
