//! What the form says about its written fields, in the recognisers' terms.

use std::sync::Arc;
use std::time::Instant;

use super::{FieldAsk, FieldKind, Lexicon};
use crate::form::{Form, Question, QuestionType};

/// A number without a range may be this large: no survey asks for more than six digits.
const LARGEST: i64 = 999_999;

/// What can be meant, owned: asks are handed to other threads.
#[derive(Clone, Debug)]
enum Meant {
    Integer { min: i64, max: i64 },
    Lexicon(Arc<Lexicon>),
    Free,
}

/// One written field of a form.
#[derive(Clone, Debug)]
pub struct FieldSpec {
    pub id: String,
    meant: Meant,
    words: Arc<[String]>,
}

impl FieldSpec {
    /// Every written field of a form. `words` are the user's: names of drugs, places, insurers.
    pub fn of_form(form: &Form, words: &[String]) -> Vec<Self> {
        let words: Arc<[String]> = form_words(form).chain(words.iter().cloned()).collect();
        let prefectures = Arc::new(Lexicon::prefectures());
        let written = form.questions().iter().filter(|q| !q.kind.is_choice());
        written
            .map(|q| Self {
                id: q.id.clone(),
                meant: meant(q, &prefectures),
                words: Arc::clone(&words),
            })
            .collect()
    }

    pub fn kind(&self) -> FieldKind<'_> {
        match &self.meant {
            Meant::Integer { min, max } => FieldKind::Integer { min: *min, max: *max },
            Meant::Lexicon(list) => FieldKind::Lexicon(list),
            Meant::Free => FieldKind::Free,
        }
    }

    pub fn ask(&self, until: Option<Instant>) -> FieldAsk<'_> {
        FieldAsk { id: &self.id, kind: self.kind(), words: &self.words, until }
    }
}

fn meant(q: &Question, prefectures: &Arc<Lexicon>) -> Meant {
    match (q.kind, &q.lexicon) {
        (QuestionType::Integer, _) => {
            let [min, max] = q.range.unwrap_or([0, LARGEST]);
            Meant::Integer { min, max }
        }
        _ if !q.entries.is_empty() => {
            Meant::Lexicon(Arc::new(Lexicon::parse(&q.entries.join("\n"))))
        }
        // The form's check knows no other list.
        (_, Some(_)) => Meant::Lexicon(Arc::clone(prefectures)),
        _ => Meant::Free,
    }
}

/// The form's own words: people answer with the words they were asked with.
fn form_words(form: &Form) -> impl Iterator<Item = String> + '_ {
    let labels = form.questions().iter().flat_map(|q| {
        std::iter::once(&q.label).chain(q.options.iter().map(|o| &o.label)).map(|l| l.ja.clone())
    });
    labels.filter(|l| !l.is_empty())
}
