//! What recognisers say about a field + policy -> its text, or why a person must give it. Nothing is
//! taken for blank here: there is ink.

use serde::{Deserialize, Serialize};

use crate::reading::{FieldState, Reason, ReasonCode, TextReading, Writing};
use crate::text::{FieldKind, Recognised, TextError};
use crate::units::Score;

/// From which confidence on a text stands without a person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextPolicy {
    /// Of a number on which two recognisers agree, the first one's (the least of its four looks): of 2,086
    /// in digits that people wrote 1 was wrong in silence with this and the next, 13 with .98 of one look
    /// (`examples/digits`, even half, seed 6541). Two agree too easily to be believed for it.
    pub number: f32,
    /// Of a number that only one has read: with .95 there are 4 wrong ones of those 2,086.
    pub number_alone: f32,
    /// Of a number on which the reader of digits and the first recogniser agree: how sure each is. Of 3,700
    /// numbers in digits that people wrote (`examples/digits`, even half, seeds 6733 to 6735) 2 are wrong in
    /// silence with these (a person would read one of them so, too) and 50 % count; with .85 and .8 of the
    /// reader of digits 4 and 6, 56 and 60 %. The first one's doubts tell little about digits (.3 counts
    /// two in a hundred less and the same 2): it is there to see what is none.
    pub counted: (f32, f32),
    /// Of an entry of a list on which two agree.
    pub lexicon: f32,
    pub lexicon_alone: f32,
    /// Of a second opinion that counts as one: what Tesseract guessed of writing that it could not read
    /// had 0.06 at most on seed 3101.
    pub voice: f32,
    /// Of free text, on which no figure depends.
    pub free: f32,
    /// Longest text that is one: what a page could hold in small writing, in characters.
    pub longest: usize,
}

impl Default for TextPolicy {
    fn default() -> Self {
        Self {
            number: 0.95,
            number_alone: 0.98,
            counted: (0.9, 0.1),
            lexicon: 0.3,
            lexicon_alone: 0.9,
            voice: 0.1,
            free: 0.9,
            longest: 1000,
        }
    }
}

/// What one recogniser said.
pub type Heard = Result<Recognised, TextError>;

/// The text of one field. `heard` has the main recogniser's answer first; beside it stands what the reader
/// of digits said of a number.
pub fn written(
    kind: FieldKind,
    writing: &Writing,
    (heard, digits): (&[Heard], Option<&Heard>),
    policy: &TextPolicy,
) -> TextReading {
    if writing.strike {
        return pending(String::new(), 0.0, Reason::new(ReasonCode::StruckOut));
    }
    let mut said = heard.iter().filter_map(|h| h.as_ref().ok());
    let Some(first) = said.next() else {
        return pending(String::new(), 0.0, why_not(heard));
    };
    if let (FieldKind::Integer { .. }, Some(Ok(digits))) = (kind, digits) {
        return counted(kind, writing, (first, digits), policy);
    }
    let second = said.next().filter(|s| !s.text.is_empty() && s.confidence.get() >= policy.voice);
    let (text, whole) = plain(&first.text, policy.longest);
    let sure = first.confidence.get();
    let unsure = Reason::new(ReasonCode::TextUnsure).measured(f64::from(sure));
    if text.is_empty() || !whole {
        return pending(text, 0.0, unsure);
    }
    // Writing that runs out of its frame may have lost a digit.
    let cut = writing.overflow && matches!(kind, FieldKind::Integer { .. });
    let least = match (kind, second) {
        (FieldKind::Free, _) => policy.free,
        (FieldKind::Integer { .. }, Some(_)) => policy.number,
        (FieldKind::Integer { .. }, None) => policy.number_alone,
        (FieldKind::Lexicon(_), Some(_)) => policy.lexicon,
        (FieldKind::Lexicon(_), None) => policy.lexicon_alone,
    };
    if let Some(other) = second.filter(|s| figures(kind) && !same(kind, &s.text, &text)) {
        let (other, _) = plain(&other.text, policy.longest);
        return pending(text, sure / 2.0, Reason::new(ReasonCode::TextDisagrees).about(other));
    }
    if let Some(reason) = unlike_circled(&text, &writing.circled) {
        return pending(text, sure / 2.0, reason);
    }
    if !fits(kind, &text) || sure < least || cut {
        return pending(text, sure, unsure);
    }
    // Two that go different ways and meet are wrong together only if both are wrong.
    let other = second.filter(|_| figures(kind)).map_or(0.0, |s| s.confidence.get());
    let confidence = Score::new(1.0 - (1.0 - sure) * (1.0 - 0.9 * other));
    answered(kind, text, confidence)
}

/// A number that the reader of digits has seen too. What is written in digits alone it reads better than
/// those who read everything, and they know what is none: it takes both.
fn counted(
    kind: FieldKind,
    writing: &Writing,
    (first, digits): (&Recognised, &Recognised),
    policy: &TextPolicy,
) -> TextReading {
    let (by_digits, by_first) = (digits.confidence.get(), first.confidence.get());
    let better = if by_digits > by_first || first.text.is_empty() { digits } else { first };
    let (text, whole) = plain(&better.text, policy.longest);
    let sure = by_digits.min(by_first);
    let unsure = Reason::new(ReasonCode::TextUnsure).measured(f64::from(sure));
    if text.is_empty() || !whole {
        return pending(text, 0.0, unsure);
    }
    if !same(kind, &first.text, &digits.text) {
        let other = if better == digits { first } else { digits };
        let (other, _) = plain(&other.text, policy.longest);
        return pending(text, sure / 2.0, Reason::new(ReasonCode::TextDisagrees).about(other));
    }
    let least = policy.counted;
    let enough = by_digits >= least.0 && by_first >= least.1;
    if !fits(kind, &text) || !enough || writing.overflow {
        return pending(text, sure, unsure);
    }
    // Two that go different ways and meet are wrong together only if both are wrong.
    let confidence = Score::new(1.0 - (1.0 - by_digits) * (1.0 - by_first));
    answered(kind, text, confidence)
}

fn answered(kind: FieldKind, text: String, confidence: Score) -> TextReading {
    let (value, reasons) = (number(kind, text), Vec::new());
    TextReading { value, state: FieldState::Answered, confidence, reasons }
}

fn pending(value: String, sure: f32, reason: Reason) -> TextReading {
    let confidence = Score::new(sure);
    TextReading { value, state: FieldState::Pending, confidence, reasons: vec![reason] }
}

/// Does a figure or a list depend on it?
fn figures(kind: FieldKind) -> bool {
    !matches!(kind, FieldKind::Free)
}

fn same(kind: FieldKind, a: &str, b: &str) -> bool {
    match kind {
        FieldKind::Integer { .. } => a.parse::<i64>().ok() == b.parse::<i64>().ok(),
        _ => a == b,
    }
}

fn fits(kind: FieldKind, text: &str) -> bool {
    match kind {
        FieldKind::Integer { min, max } => {
            text.parse::<i64>().is_ok_and(|n| (min..=max).contains(&n))
        }
        FieldKind::Lexicon(list) => list.entries.iter().any(|e| e.value == text),
        FieldKind::Free => true,
    }
}

/// One ending is circled, and it is that of the text; or none is. A person who wrote 東京 and circled
/// 県 meant one of the two.
fn unlike_circled(text: &str, circled: &[String]) -> Option<Reason> {
    let fits = match circled {
        [] => true,
        [one] => text.ends_with(one.as_str()),
        _ => false,
    };
    (!fits).then(|| Reason::new(ReasonCode::EndingDisagrees).about(circled.join("・")))
}

/// A number without the zeros that people write before it.
fn number(kind: FieldKind, text: String) -> String {
    match (kind, text.parse::<i64>()) {
        (FieldKind::Integer { .. }, Ok(n)) => n.to_string(),
        _ => text,
    }
}

/// Text without what no pen writes (control characters, private and unassigned planes with emoji), and
/// whether that was all there was.
fn plain(text: &str, longest: usize) -> (String, bool) {
    let written = |c: &char| {
        !c.is_control()
            && !matches!(u32::from(*c), 0xe000..=0xf8ff | 0x1_f000..=0x1_ffff | 0xe_0000..)
    };
    let kept: String = text.trim().chars().filter(written).take(longest).collect();
    let whole = kept.len() == text.trim().len();
    (kept, whole)
}

/// Why no recogniser has read it.
fn why_not(heard: &[Heard]) -> Reason {
    match heard.iter().find_map(|h| h.as_ref().err()) {
        Some(TextError::TimedOut) => Reason::new(ReasonCode::TextTooSlow),
        Some(e) => Reason::new(ReasonCode::TextFailed).about(e.to_string()),
        None => Reason::new(ReasonCode::TextNotRead),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Bitmap;
    use crate::text::Lexicon;

    const NUMBER: FieldKind = FieldKind::Integer { min: 1, max: 99 };

    fn writing() -> Writing {
        let ink = Bitmap::new(9, 9);
        let field = "q".into();
        let (rough, overflow, strike) = (false, false, false);
        Writing { field, ink, origin: (0, 0), rough, overflow, strike, circled: Vec::new() }
    }

    #[allow(clippy::unnecessary_wraps, reason = "what was heard may have been an error")]
    fn said(text: &str, sure: f32) -> Heard {
        let confidence = Score::new(sure);
        Ok(Recognised { text: text.into(), confidence, symbols: Vec::new() })
    }

    fn judged(kind: FieldKind, heard: &[Heard]) -> (FieldState, String, Vec<ReasonCode>) {
        let r = written(kind, &writing(), (heard, None), &TextPolicy::default());
        (r.state, r.value, r.reasons.iter().map(|r| r.code).collect())
    }

    #[test]
    fn two_who_agree_on_a_number_are_believed_and_one_must_be_surer() {
        let both = judged(NUMBER, &[said("07", 0.99), said("7", 0.4)]);
        assert_eq!(both, (FieldState::Answered, "7".into(), vec![]));
        assert_eq!(judged(NUMBER, &[said("7", 0.9), said("7", 0.9)]).2, [ReasonCode::TextUnsure]);
        assert_eq!(judged(NUMBER, &[said("7", 0.9)]).2, [ReasonCode::TextUnsure]);
        assert_eq!(judged(NUMBER, &[said("7", 0.99)]).0, FieldState::Answered);
        let differ = judged(NUMBER, &[said("7", 0.99), said("1", 0.99)]);
        assert_eq!(differ, (FieldState::Pending, "7".into(), vec![ReasonCode::TextDisagrees]));
    }

    #[test]
    fn a_number_stands_where_the_reader_of_digits_agrees() {
        let by = |large: &[Heard], digits: Heard| {
            let r = written(NUMBER, &writing(), (large, Some(&digits)), &TextPolicy::default());
            (r.state, r.value, r.reasons.first().map(|r| r.code))
        };
        let (answered, waits) = (FieldState::Answered, FieldState::Pending);
        let agreed = by(&[said("7", 0.2), said("1", 0.9)], said("07", 0.95));
        assert_eq!(agreed, (answered, "7".into(), None), "Tesseract alone hinders nobody");
        let differ = by(&[said("7", 0.9), said("7", 0.9)], said("1", 0.95));
        assert_eq!(differ, (waits, "1".into(), Some(ReasonCode::TextDisagrees)));
        for digits in [said("", 0.0), said("7", 0.85)] {
            let r = by(&[said("7", 1.0), said("7", 1.0)], digits);
            assert_eq!((r.0, r.1.as_str()), (waits, "7"));
        }
        assert_eq!(by(&[said("100", 0.9)], said("100", 0.99)).0, waits, "out of range");
    }

    #[test]
    fn a_guess_of_the_second_is_no_opinion() {
        let mumbled = [said("7", 0.99), said("1", 0.05)];
        assert_eq!(judged(NUMBER, &mumbled).0, FieldState::Answered);
        assert_eq!(judged(NUMBER, &[said("7", 0.99), said("", 0.0)]).0, FieldState::Answered);
        assert_eq!(judged(NUMBER, &[said("7", 0.8), said("", 0.0)]).0, FieldState::Pending);
    }

    #[test]
    fn what_no_answer_can_be_goes_to_a_person() {
        for number in ["0", "100", "1a", "-3", ""] {
            let both = [said(number, 1.0), said(number, 1.0)];
            assert_eq!(judged(NUMBER, &both).0, FieldState::Pending, "{number:?}");
        }
        let list = Lexicon::prefectures();
        let kind = FieldKind::Lexicon(&list);
        assert_eq!(judged(kind, &[said("三重", 1.0)]).0, FieldState::Pending);
        assert_eq!(judged(kind, &[said("三重県", 1.0)]).0, FieldState::Answered);
    }

    #[test]
    fn nonsense_is_never_answered_and_never_blank() {
        let long = "国".repeat(10_000);
        for text in ["\u{7}bell", "笑\u{1f600}", "\u{e001}", &long, "  ", "a\0b"] {
            let (state, value, reasons) = judged(FieldKind::Free, &[said(text, 1.0)]);
            assert_eq!((state, reasons), (FieldState::Pending, vec![ReasonCode::TextUnsure]));
            assert!(value.chars().count() <= 1000 && !value.contains(char::is_control));
        }
        let markup = "<b>&amp;\"国\"</b>";
        assert_eq!(judged(FieldKind::Free, &[said(markup, 1.0)]).1, markup);
    }

    #[test]
    fn a_recogniser_that_fails_leaves_the_other_one() {
        let broken = || Err(TextError::Engine { engine: "x", detail: "boom".into() });
        assert_eq!(judged(NUMBER, &[broken(), said("7", 0.99)]).0, FieldState::Answered);
        assert_eq!(judged(NUMBER, &[broken()]).2, [ReasonCode::TextFailed]);
        assert_eq!(judged(NUMBER, &[Err(TextError::TimedOut)]).2, [ReasonCode::TextTooSlow]);
        assert_eq!(judged(NUMBER, &[]).2, [ReasonCode::TextNotRead]);
    }

    #[test]
    fn what_is_circled_beside_a_prefecture_must_fit_it() {
        let list = Lexicon::prefectures();
        let policy = TextPolicy::default();
        let judged = |circled: &[&str], text: &str| {
            let circled = circled.iter().map(|c| (*c).to_owned()).collect();
            let w = Writing { circled, ..writing() };
            let r = written(FieldKind::Lexicon(&list), &w, (&[said(text, 0.99)], None), &policy);
            (r.state, r.value, r.reasons.first().map(|r| r.code))
        };
        for (circled, text) in [(&["都"][..], "東京都"), (&[], "東京都"), (&["府"], "京都府")]
        {
            assert_eq!(judged(circled, text), (FieldState::Answered, text.into(), None));
        }
        for (circled, text) in [(&["県"][..], "東京都"), (&["都", "県"], "東京都")] {
            let (state, value, why) = judged(circled, text);
            assert_eq!((state, value.as_str()), (FieldState::Pending, text));
            assert_eq!(why, Some(ReasonCode::EndingDisagrees));
        }
    }

    #[test]
    fn a_strike_and_a_cut_number_are_asked_about() {
        let policy = TextPolicy::default();
        let struck = Writing { strike: true, ..writing() };
        let r = written(FieldKind::Free, &struck, (&[], None), &policy);
        assert_eq!((r.state, r.reasons[0].code), (FieldState::Pending, ReasonCode::StruckOut));
        let cut = Writing { overflow: true, ..writing() };
        let r = written(NUMBER, &cut, (&[said("7", 1.0), said("7", 1.0)], None), &policy);
        assert_eq!(r.state, FieldState::Pending);
    }
}
