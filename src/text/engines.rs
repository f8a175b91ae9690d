//! Which recognisers are installed, and who reads what.

use std::sync::Arc;

use super::digits::Digits;
use super::{TextEngine, TextError};

/// The recognisers of a run: `main` reads everything, `second` gives its opinion where a figure or a
/// list depends on the text (numbers, prefectures), `digits` on numbers alone.
#[derive(Clone)]
pub struct Engines {
    pub main: Arc<dyn TextEngine>,
    pub second: Option<Arc<dyn TextEngine>>,
    pub digits: Option<Arc<dyn TextEngine>>,
}

impl Engines {
    /// Whatever is installed, and what is missing: with its advice, for `read` and `doctor` to say.
    pub fn installed() -> (Option<Self>, Vec<TextError>) {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for engine in all() {
            match engine {
                Ok(engine) => found.push(engine),
                Err(e) => missing.push(e),
            }
        }
        let mut found = found.into_iter();
        let engines = found.next().map(|main| Self {
            main,
            second: found.next(),
            digits: Some(Arc::new(Digits::default())),
        });
        (engines, missing)
    }

    /// Those of them whose models can be loaded: a file may be cut where only loading shows it.
    #[must_use]
    pub fn that_load(&self) -> Option<Self> {
        let both = std::iter::once(&self.main).chain(&self.second);
        let mut good = both.filter(|e| e.reader().is_ok()).cloned();
        let digits = self.digits.clone();
        good.next().map(|main| Self { main, second: good.next(), digits })
    }

    /// In the order in which they are asked.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn TextEngine>> {
        std::iter::once(&self.main).chain(&self.second).chain(&self.digits)
    }

    /// Part of what a text depends on.
    pub fn name(&self) -> String {
        let name = |e: &Option<Arc<dyn TextEngine>>| {
            e.as_ref().map_or_else(String::new, |e| format!(" / {}", e.name()))
        };
        format!("{}{}{}", self.main.name(), name(&self.second), name(&self.digits))
    }
}

type Found = Result<Arc<dyn TextEngine>, TextError>;

/// The better one with handwriting first.
#[cfg(feature = "ocr")]
fn all() -> Vec<Found> {
    vec![
        super::ppocr::PpOcr::find().map(|e| Arc::new(e) as Arc<dyn TextEngine>),
        super::tesseract::Tesseract::find().map(|e| Arc::new(e) as Arc<dyn TextEngine>),
    ]
}

#[cfg(not(feature = "ocr"))]
fn all() -> Vec<Found> {
    let advice = "cargo build --features ocr".to_owned();
    let what = "feature ocr".to_owned();
    vec![Err(TextError::Missing { engine: "faxtally", what, advice })]
}
