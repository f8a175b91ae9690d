//! Written fields against the truth: numbers and lists by being the same, free text by its characters.

use super::{Case, FieldScore, LISTED, Report, SilentError, TextScore};
use crate::account::{Source, Written};
use crate::form::{Question, QuestionType};
use crate::reading::FieldState;
use crate::text::distance;

/// A text with at most this share of its characters wrong is readable: what its confidence speaks of.
const READABLE: f64 = 0.1;

/// Gathers over all pages, for what is known only at the end.
#[derive(Default)]
pub struct Gathered {
    /// Confidence, and whether the text was readable.
    texts: Vec<(f32, bool)>,
}

/// One field of one counted page.
pub fn field(report: &mut Report, g: &mut Gathered, case: &Case, q: &Question) {
    let read = case.response.and_then(|r| r.text.get(&q.id));
    let truth = case.truth.text(&q.id);
    let (score, listed) = match q.kind {
        QuestionType::Integer => (&mut report.numbers, true),
        _ if q.is_listed() => (&mut report.lists, true),
        _ => (&mut report.texts, false),
    };
    let wrong = exact(score, read, truth);
    if let Some(w) = read.filter(|_| wrong && listed && report.written_errors.len() < LISTED) {
        report.written_errors.push(SilentError {
            file: case.truth.file.clone(),
            page: case.truth.page,
            question: q.id.clone(),
            machine: vec![w.value.clone()],
            truth: vec![truth.to_owned()],
            confidence: (f64::from(w.confidence.get()) * 1e4).round() / 1e4,
        });
    }
    if listed {
        return;
    }
    // What nobody has read yet has no characters to compare.
    let machine = read.filter(|w| w.source == Source::Machine && !w.value.is_empty());
    let (Some(w), false) = (machine, truth.is_empty()) else { return };
    let (meant, got) = (plain(truth), plain(&w.value));
    let errors = distance(&meant, &got);
    let all = &mut report.characters;
    all.fields += 1;
    all.characters += meant.len() as u64;
    all.errors += errors as u64;
    if w.state == FieldState::Answered {
        all.settled_fields += 1;
        all.settled_characters += meant.len() as u64;
        all.settled_errors += errors as u64;
    }
    let readable = errors as f64 <= READABLE * meant.len() as f64;
    g.texts.push((w.confidence.get(), readable));
}

/// The shares, when all pages are in.
pub fn finish(score: &mut TextScore, g: &mut Gathered) {
    score.error_rate = super::share(score.errors, score.characters);
    score.settled_error_rate = super::share(score.settled_errors, score.settled_characters);
    score.auc = auc(&mut g.texts);
}

/// Whether it is silently wrong.
fn exact(n: &mut FieldScore, read: Option<&Written>, truth: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    n.total += 1;
    match read {
        Some(w) if w.state != FieldState::Pending => {
            let right = plain(&w.value) == plain(truth);
            n.right += u64::from(right);
            let silent = !right && w.source == Source::Machine;
            n.silent_wrong += u64::from(silent);
            silent
        }
        _ => {
            n.pending += 1;
            false
        }
    }
}

/// Characters without spaces and punctuation; full-width letters and digits as ASCII.
fn plain(text: &str) -> Vec<char> {
    let half = |c: char| match u32::from(c) {
        v @ 0xff01..=0xff5e => char::from_u32(v - 0xfee0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(half).filter(|c| c.is_alphanumeric() || *c == '々' || *c == '●').collect()
}

/// Chance that a readable text has a higher confidence than one that is not (Mann and Whitney 1947);
/// `None` if all are of one kind.
fn auc(texts: &mut [(f32, bool)]) -> Option<f64> {
    texts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let good = texts.iter().filter(|t| t.1).count();
    let bad = texts.len() - good;
    if good == 0 || bad == 0 {
        return None;
    }
    let (mut wins, mut below, mut i) = (0.0, 0usize, 0);
    while i < texts.len() {
        let same = texts[i..].iter().take_while(|t| t.0.total_cmp(&texts[i].0).is_eq()).count();
        let here = texts[i..i + same].iter().filter(|t| t.1).count();
        wins += here as f64 * (below as f64 + (same - here) as f64 / 2.0);
        below += same - here;
        i += same;
    }
    Some((wins / (good * bad) as f64 * 1e4).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_compared_without_punctuation() {
        assert_eq!(distance(&plain("特に、ない。"), &plain("特に ない")), 0);
        assert_eq!(distance(&plain("１２ＡＢ"), &plain("12AC")), 1);
        assert_eq!(distance(&plain("国"), &[]), 1);
    }

    #[test]
    fn auc_is_the_chance_of_the_right_order() {
        assert_eq!(auc(&mut [(0.9, true), (0.2, false), (0.5, true), (0.5, false)]), Some(0.875));
        assert_eq!(auc(&mut [(0.9, true)]), None);
        assert_eq!(auc(&mut [(0.1, true), (0.9, false)]), Some(0.0));
    }
}
