//! The browser side: people decide what the machine should not. One process, everything embedded; what a
//! person decides is in the store before the screen says so.
//!
//! [`desk`] knows what waits and who has it, [`gate`] who gets in, [`shield`] what a request must fulfil,
//! [`api`] what the script asks, [`screens`] the few pages made here; [`picture`] and [`files`] show the
//! pages, which stay where they are.

mod api;
mod book;
mod desk;
mod files;
mod gate;
mod item;
mod lease;
mod picture;
mod screens;
mod shield;
mod words;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

pub use desk::{Desk, Rules};
pub use gate::{GateError, hash};
pub use shield::Hosts;

use crate::lang::Lang;
use crate::store::{Store, StoreError};
use files::Files;
use gate::Gate;

/// Requests that may wait for the disk or a picture at once; two cores draw no more than two.
const WORKERS: usize = 4;

/// How the server is reached and by whom.
#[derive(Clone, Debug)]
pub struct Settings {
    pub host: IpAddr,
    pub port: u16,
    /// Names by which others call this computer.
    pub names: Vec<String>,
    pub lang: Lang,
    /// Whose decisions those of the one-time link are.
    pub owner: String,
    pub rules: Rules,
}

#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error("{0} can be reached from other computers: open an account for every reviewer first")]
    NoAccounts(IpAddr),
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("cannot serve: {0}")]
    Serve(std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Gate(#[from] GateError),
}

/// Everything that requests share.
pub struct App {
    desk: Desk,
    files: Files,
    gate: Gate,
    hosts: Hosts,
    lang: Lang,
}

type Shared = Arc<App>;

/// A server that has its port and is ready to serve.
pub struct Server {
    app: Shared,
    listener: std::net::TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Folds the survey and takes the port.
    ///
    /// # Errors
    /// `NoAccounts` for an address that others can reach while nobody has an account; `Listen`; `Store`.
    pub fn new(store: Store, settings: Settings) -> Result<Self, ReviewError> {
        let people = store.people()?;
        let open = !settings.host.is_loopback();
        if open && people.iter().all(|p| p.phc.is_empty()) {
            return Err(ReviewError::NoAccounts(settings.host));
        }
        let address = SocketAddr::new(settings.host, settings.port);
        let listen = |source| ReviewError::Listen { address, source };
        let listener = std::net::TcpListener::bind(address).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let hosts = Hosts { port: address.port(), open, names: settings.names };
        let app = App {
            desk: Desk::open(store, settings.rules)?,
            files: Files::default(),
            gate: Gate::new(&settings.owner, !open)?,
            hosts,
            lang: settings.lang,
        };
        Ok(Self { app: Arc::new(app), listener, address })
    }

    /// Where the browser goes; on this computer with the one-time link.
    pub fn url(&self) -> String {
        match self.app.gate.link() {
            Some(secret) => format!("http://{}/enter?key={secret}", self.address),
            None => format!("http://{}/", self.address),
        }
    }

    /// Serves until `stop` is done; requests that are under way are answered first.
    ///
    /// # Errors
    /// `Serve`.
    pub fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), ReviewError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(WORKERS)
            .build()
            .map_err(ReviewError::Serve)?;
        runtime.block_on(async {
            let listener = TcpListener::from_std(self.listener).map_err(ReviewError::Serve)?;
            let router = router(self.app);
            let served = axum::serve(listener, router).with_graceful_shutdown(stop);
            served.await.map_err(ReviewError::Serve)
        })
    }

    /// The same without a port: for tests.
    pub fn router(&self) -> Router {
        router(self.app.clone())
    }
}

fn router(app: Shared) -> Router {
    screens::routes()
        .merge(api::routes())
        .layer(axum::middleware::from_fn_with_state(app.clone(), shield::shield))
        .with_state(app)
}

/// Runs what waits for the disk or draws beside the thread that serves.
async fn aside<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    // A job that panicked is an answer without content, not the end of the server.
    tokio::task::spawn_blocking(job).await.ok()
}
