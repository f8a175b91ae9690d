//! A recogniser under a clock. It works on a thread of its own; when its time is over the thread is left
//! to itself and the next crop gets a new one. C libraries cannot be interrupted.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::text::spec::FieldSpec;
use crate::text::{Crop, Recognised, TextEngine, TextError};

/// Time that a reader has for noticing by itself that it is late (it looks between lines).
const GRACE: Duration = Duration::from_millis(200);
/// Readers that never come back cost 40 MB each: after so many the engine is given up.
const LOST: u32 = 8;

type Task = (Arc<Crop>, Arc<FieldSpec>, Instant);

/// One worker's own reader of one engine.
pub struct Watched {
    engine: Arc<dyn TextEngine>,
    limit: Duration,
    hand: Option<Hand>,
    lost: u32,
}

struct Hand {
    tasks: SyncSender<Task>,
    answers: Receiver<Result<Recognised, TextError>>,
}

impl Watched {
    /// Loads the engine.
    ///
    /// # Errors
    /// As `TextEngine::reader`.
    pub fn new(engine: Arc<dyn TextEngine>, limit: Duration) -> Result<Self, TextError> {
        let hand = Hand::start(&engine)?;
        Ok(Self { engine, limit, hand: Some(hand), lost: 0 })
    }

    /// Reads one crop within the limit.
    ///
    /// # Errors
    /// As `TextReader::read`; `TimedOut`; `Engine` if the reader panicked.
    pub fn read(
        &mut self,
        crop: &Arc<Crop>,
        spec: &Arc<FieldSpec>,
    ) -> Result<Recognised, TextError> {
        let engine = || TextError::Engine { engine: "reader", detail: "it has ended".into() };
        if self.lost >= LOST {
            return Err(engine());
        }
        let hand = match self.hand.take() {
            Some(hand) => hand,
            None => Hand::start(&self.engine)?,
        };
        let until = Instant::now() + self.limit;
        hand.tasks.send((Arc::clone(crop), Arc::clone(spec), until)).map_err(|_| engine())?;
        match hand.answers.recv_timeout(self.limit + GRACE) {
            Ok(answer) => {
                self.hand = Some(hand);
                answer
            }
            Err(RecvTimeoutError::Timeout) => {
                self.lost += 1;
                Err(TextError::TimedOut)
            }
            Err(RecvTimeoutError::Disconnected) => Err(engine()),
        }
    }
}

impl Hand {
    fn start(engine: &Arc<dyn TextEngine>) -> Result<Self, TextError> {
        let (tasks, inbox) = sync_channel::<Task>(1);
        let (answer, answers) = sync_channel(1);
        let (ready, loaded) = sync_channel(1);
        let engine = Arc::clone(engine);
        let work = move || {
            let mut reader = match engine.reader() {
                Ok(reader) => reader,
                Err(e) => return ready.send(Err(e)).unwrap_or_default(),
            };
            ready.send(Ok(())).ok();
            for (crop, spec, until) in inbox {
                // Whoever asked may have given up.
                if answer.send(reader.read(&crop, &spec.ask(Some(until)))).is_err() {
                    return;
                }
            }
        };
        let failed = |detail: String| TextError::Engine { engine: "reader", detail };
        let thread = std::thread::Builder::new().name("text".into());
        thread.spawn(work).map_err(|e| failed(e.to_string()))?;
        loaded.recv().unwrap_or_else(|_| Err(failed("it ended while it was loaded".into())))?;
        Ok(Self { tasks, answers })
    }
}
