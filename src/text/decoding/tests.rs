use super::*;
use crate::text::ctc::BLANK;

const LETTERS: &str = "三重県京都東北海道受付時間0123456789９鳥取岡山";

fn alphabet() -> Alphabet {
    let entries: Vec<String> = LETTERS.chars().map(String::from).chain(["ab".into()]).collect();
    Alphabet::new(entries.iter().map(String::as_str))
}

/// Frames of a network that sees each letter with this probability, and `other` instead of it with
/// the rest, blanks between.
fn seen(text: &str, sure: f32, other: char) -> Frames {
    let a = alphabet();
    let mut values = Vec::new();
    let mut frame = |spikes: &[(usize, f32)]| {
        let mut one = vec![1e-9; a.len()];
        for (s, p) in spikes {
            one[*s] += p;
        }
        values.extend(one);
    };
    frame(&[(BLANK, 1.0)]);
    for c in text.chars() {
        frame(&[(a.symbol(c).unwrap(), sure), (a.symbol(other).unwrap(), 1.0 - sure)]);
        frame(&[(BLANK, 1.0)]);
    }
    let mut out = Frames::new(a.len(), 0.0);
    out.extend(&values);
    out
}

fn asked(frames: &Frames, kind: FieldKind) -> Decoded {
    let ask = FieldAsk { id: "q", kind, words: &[], until: None };
    let none = Words::new([]);
    decode(frames, &alphabet(), &none, &none, &ask)
}

#[test]
fn a_spelling_is_scored_whole_and_its_entry_is_said() {
    let list = Lexicon::prefectures();
    for (written, meant) in [("三重県", "三重県"), ("三重", "三重県"), ("京都", "京都府")]
    {
        let got = asked(&seen(written, 0.95, '0'), FieldKind::Lexicon(&list));
        assert_eq!(got.text, meant);
        assert!(got.confidence.get() > 0.9, "{written}: {got:?}");
        assert_eq!(got.letters.len(), written.chars().count());
    }
    // One letter is hardly there: no other prefecture has the other two.
    let got = asked(&seen("三重県", 0.1, '海'), FieldKind::Lexicon(&list));
    assert_eq!(got.text, "三重県");
    assert!(got.confidence.get() < 0.5, "{got:?}");
}

#[test]
fn what_is_not_on_the_list_is_doubted() {
    let list = Lexicon::prefectures();
    let got = asked(&seen("受付時間", 0.95, '0'), FieldKind::Lexicon(&list));
    assert!(got.confidence.get() < 0.05, "{got:?}");
    let empty = Lexicon::default();
    assert_eq!(asked(&seen("三重", 0.9, '0'), FieldKind::Lexicon(&empty)).text, "");
}

#[test]
fn numbers_are_digits_of_either_width_within_the_range() {
    let kind = FieldKind::Integer { min: 0, max: 999 };
    let got = asked(&seen("12", 0.97, '7'), kind);
    assert_eq!((got.text.as_str(), got.letters.len()), ("12", 2));
    assert!(got.confidence.get() > 0.9);
    assert_eq!(asked(&seen("９", 0.97, '7'), kind).text, "9");
    // 1 or 7?
    assert!(asked(&seen("1", 0.6, '7'), kind).confidence.get() < 0.65);
    // A digit that is as likely a letter.
    assert!(asked(&seen("1", 0.5, '山'), kind).confidence.get() < 0.55);
    let few = FieldKind::Integer { min: 0, max: 9 };
    assert!(asked(&seen("12", 0.97, '7'), few).confidence.get() < 0.01);
    assert!(asked(&seen("受付", 0.97, '山'), kind).confidence.get() < 1e-6);
}

#[test]
fn free_text_says_how_sure_it_is() {
    let good = asked(&seen("受付時間", 0.99, '海'), FieldKind::Free);
    let bad = asked(&seen("受付時間", 0.45, '海'), FieldKind::Free);
    assert_eq!(good.text, "受付時間");
    assert!(good.confidence.get() > 0.9 && bad.confidence.get() < 0.6, "{good:?} {bad:?}");
    let nothing = asked(&Frames::joined(&[]), FieldKind::Free);
    assert!(nothing.text.is_empty() && nothing.confidence.get() < 1e-6);
}

#[test]
fn words_decide_between_look_alikes() {
    let frames = seen("受付時間", 0.4, '海');
    let none = Words::new([]);
    let words = Words::new([("受付", 0.01), ("時間", 0.01)]);
    let ask = FieldAsk { id: "q", kind: FieldKind::Free, words: &[], until: None };
    assert_eq!(decode(&frames, &alphabet(), &none, &none, &ask).text, "海海海海");
    assert_eq!(decode(&frames, &alphabet(), &words, &none, &ask).text, "受付時間");
}

#[test]
fn lines_are_joined_so_that_a_letter_may_follow_itself() {
    let two = Frames::joined(&[seen("三", 0.99, '0'), seen("三", 0.99, '0')]);
    assert_eq!(asked(&two, FieldKind::Free).text, "三三");
}

#[test]
fn only_japanese_writing_is_japanese() {
    assert!("東あカｱ髙①aＡ9、。々".chars().all(is_japanese));
    assert!(!"们한😀\0\u{7}".chars().any(|c| is_japanese(c) && !c.is_control()));
}
