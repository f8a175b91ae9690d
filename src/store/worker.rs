//! The one thread that talks to the database. Callers hand it closures and wait: the facade is
//! synchronous, works inside any runtime, and writes can never overtake each other.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, Connection, Executor as _};
use tokio::runtime::Runtime;

use super::{StoreError, schema};

/// Jobs that may wait; each caller waits for its own, so this bounds nothing but bursts.
const WAITING_JOBS: usize = 8;

pub type Statement = Query<'static, Any, AnyArguments>;

/// A statement with `$1` placeholders, which both `SQLite` and `PostgreSQL` know.
pub fn sql(text: &'static str) -> Statement {
    sqlx::query(text)
}

/// The same of a text that the program makes, of nothing that came from outside.
pub fn made(text: String) -> Statement {
    sqlx::query(sqlx::AssertSqlSafe(text))
}

/// The connection, as the worker thread's jobs see it.
pub struct Db {
    runtime: Runtime,
    connection: AnyConnection,
    path: PathBuf,
}

impl Db {
    fn connect(path: &Path, url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(|e| StoreError::io(path, e))?;
        let connection = runtime
            .block_on(AnyConnection::connect(url))
            .map_err(|e| StoreError::database(path, &e))?;
        Ok(Self { runtime, connection, path: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn checked<T>(&self, result: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        result.map_err(|e| StoreError::database(&self.path, &e))
    }

    /// Rows changed.
    pub fn run(&mut self, statement: Statement) -> Result<u64, StoreError> {
        let done = self.runtime.block_on(statement.execute(&mut self.connection));
        self.checked(done).map(|r| r.rows_affected())
    }

    /// Several statements without arguments.
    pub fn script(&mut self, text: String) -> Result<(), StoreError> {
        let script = sqlx::raw_sql(sqlx::AssertSqlSafe(text));
        let done = self.runtime.block_on(self.connection.execute(script));
        self.checked(done).map(|_| ())
    }

    pub fn row(&mut self, statement: Statement) -> Result<Option<AnyRow>, StoreError> {
        let row = self.runtime.block_on(statement.fetch_optional(&mut self.connection));
        self.checked(row)
    }

    pub fn rows(&mut self, statement: Statement) -> Result<Vec<AnyRow>, StoreError> {
        let rows = self.runtime.block_on(statement.fetch_all(&mut self.connection));
        self.checked(rows)
    }

    /// All or nothing. `begin` is the dialect's word for the kind of transaction.
    pub fn transaction<T>(
        &mut self,
        begin: &'static str,
        body: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.run(sql(begin))?;
        let done = body(self).and_then(|value| {
            // In the same transaction: no write is without a new word, and no word without its write.
            if begin == schema::BEGIN_WRITE {
                schema::set(self, schema::CONTENT, schema::fresh_word())?;
            }
            Ok(value)
        });
        match done {
            Ok(value) => {
                let committed = self.run(sql("COMMIT"));
                if committed.is_err() {
                    self.run(sql("ROLLBACK")).ok();
                }
                committed.map(|_| value)
            }
            Err(e) => {
                // The first error is the one to report; a full disk has rolled back by itself.
                self.run(sql("ROLLBACK")).ok();
                Err(e)
            }
        }
    }
}

type Task = Box<dyn FnOnce(&mut Db) + Send>;

pub struct Worker {
    tasks: Option<SyncSender<Task>>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

impl Worker {
    pub fn start(path: &Path, url: String) -> Result<Self, StoreError> {
        let (tasks, inbox) = sync_channel(WAITING_JOBS);
        let (ready, opened) = sync_channel(1);
        let at = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || serve(&at, &url, &ready, &inbox))
            .map_err(|e| StoreError::io(path, e))?;
        let worker = Self { tasks: Some(tasks), thread: Some(thread), path: path.to_owned() };
        opened.recv().unwrap_or_else(|_| Err(worker.gone()))?;
        Ok(worker)
    }

    /// Runs `job` on the worker's thread and waits for its result.
    pub fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Db) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = sync_channel(1);
        let task: Task = Box::new(move |db| {
            // Whoever asked may have gone; the job is done all the same.
            reply.send(job(db)).ok();
        });
        let tasks = self.tasks.as_ref().ok_or_else(|| self.gone())?;
        tasks.send(task).map_err(|_| self.gone())?;
        answer.recv().unwrap_or_else(|_| Err(self.gone()))
    }

    fn gone(&self) -> StoreError {
        StoreError::Database { path: self.path.clone(), detail: "its thread has ended".into() }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn serve(
    path: &Path,
    url: &str,
    ready: &SyncSender<Result<(), StoreError>>,
    tasks: &Receiver<Task>,
) {
    let mut db = match Db::connect(path, url) {
        Ok(db) => db,
        Err(e) => {
            ready.send(Err(e)).ok();
            return;
        }
    };
    ready.send(Ok(())).ok();
    for task in tasks {
        task(&mut db);
    }
    // Folds the write-ahead log back into the one file that people copy.
    let Db { runtime, connection, .. } = db;
    runtime.block_on(connection.close()).ok();
}
