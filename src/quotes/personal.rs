//! What in a text may point to a person: names, telephone and card numbers, dates, towns, clinics. It
//! marks too much rather than too little, and decides nothing: people look at every mark.

use std::sync::LazyLock;

use regex_lite::Regex;
use serde::Serialize;

use crate::lang::hidden;

/// What a mark may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    Contact,
    /// Telephone, card and insurance numbers, and whatever is as long.
    Number,
    Date,
    Town,
    Clinic,
    Name,
    /// Characters that cannot be seen, or that turn the line round.
    Hidden,
}

/// One stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    pub kind: MarkKind,
    pub text: String,
    /// First character, and the one after the last, counted in characters.
    pub start: usize,
    pub end: usize,
}

/// Stands for what was taken out, as Japanese newspapers have it.
const TAKEN_OUT: &str = "○○";

/// (kind, pattern, what it must not be). Digits and signs are narrow when these are applied.
const PATTERNS: &[(MarkKind, &str)] = &[
    (MarkKind::Contact, r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|https?://\S+"),
    // Domestic numbers have 10 or 11 digits; cards and insurance numbers 7 and more.
    (
        MarkKind::Number,
        r"0\d{1,4}[-( ]\d{1,4}[-) ]\d{3,4}|\d{4}[- ]\d{4}[- ]\d{4}|〒?\d{3}-\d{4}|\d{7,}",
    ),
    (MarkKind::Number, r"(?:記号|番号)[はが::]? ?[0-9A-Za-z-]{2,}"),
    (
        MarkKind::Date,
        r"(?:令和|平成|昭和|大正|[RHS])\.? ?(?:\d{1,2}|元)[年./-] ?\d{1,2}(?:[月./-] ?\d{1,2}日?)?|\d{4}[年./-] ?\d{1,2}[月./-](?: ?\d{1,2}日?)?|\d{1,2}月 ?\d{1,2}日|\b\d{1,2}/\d{1,2}\b",
    ),
    (MarkKind::Town, r"[一-龠々ヶケ]{1,6}?[市区町村郡]"),
    (MarkKind::Clinic, r"[一-龠々ァ-ヶーA-Za-z]{1,10}?(?:医院|クリニック|病院|歯科|診療所|薬局)"),
    (MarkKind::Name, r"(?:氏名|名前|フリガナ)[はが::] ?[一-龠々ァ-ヶーぁ-ん]{2,8}"),
    (
        MarkKind::Name,
        r"[一-龠々]{1,4}(?:さん|様|氏|先生|君|ちゃん)|[ァ-ヶー]{2,8}(?:さん|様|氏|先生|君|ちゃん)",
    ),
];

/// Words that the patterns find and that point to nobody.
const ORDINARY: &[&str] = &[
    "患者さん",
    "患者様",
    "皆さん",
    "皆様",
    "奥様",
    "奥さん",
    "娘さん",
    "息子さん",
    "お客様",
    "客様",
    "業者さん",
    "高齢者さん",
    "者様",
    "者さん",
    "方様",
    "先生",
    "院長先生",
    "担当者さん",
    "医師先生",
    "都市",
    "市区",
    "地区",
    "市町",
    "市町村",
    "区市",
    "各市",
    "各町",
    "同市",
    "他市",
    "当市",
    "全市",
    "病院",
    "他病院",
    "大病院",
    "総合病院",
    "大学病院",
    "他院",
    "歯科",
    "医科",
    "医科歯科",
    "診療所",
    "医科診療所",
    "歯科診療所",
    "調剤薬局",
    "薬局",
    "医院",
    "他医院",
    "当医院",
    "クリニック",
    "当院",
    "近隣病院",
    "保険薬局",
    "門前薬局",
    "基幹病院",
    "他診療所",
    "当診療所",
    "当歯科",
];

static COMPILED: LazyLock<Vec<(MarkKind, Regex)>> = LazyLock::new(|| {
    // The patterns are constants, and a test compiles every one of them.
    PATTERNS.iter().filter_map(|(kind, p)| Some((*kind, Regex::new(p).ok()?))).collect()
});

/// Every mark in a text, in its order; marks that overlap are one, of the kind that is named first.
pub fn marks(text: &str) -> Vec<Mark> {
    let chars: Vec<char> = text.chars().collect();
    let plain: String = chars.iter().copied().map(narrow).collect();
    // Byte offset in `plain` -> number of characters before it.
    let at = |byte: usize| plain[..byte].chars().count();
    let mut found: Vec<(MarkKind, usize, usize)> = Vec::new();
    for (kind, pattern) in COMPILED.iter() {
        for m in pattern.find_iter(&plain) {
            if !ORDINARY.contains(&m.as_str()) {
                found.push((*kind, at(m.start()), at(m.end())));
            }
        }
    }
    found.extend(
        chars
            .iter()
            .enumerate()
            .filter(|(_, c)| hidden(**c))
            .map(|(i, _)| (MarkKind::Hidden, i, i + 1)),
    );
    found.sort_by_key(|(kind, start, end)| (*kind, *start, usize::MAX - end));
    let mut kept: Vec<(MarkKind, usize, usize)> = Vec::new();
    for one in found {
        join(&mut kept, one);
    }
    kept.sort_by_key(|k| k.1);
    let mark = |(kind, start, end): (MarkKind, usize, usize)| Mark {
        kind,
        text: chars[start..end].iter().collect(),
        start,
        end,
    };
    kept.into_iter().map(mark).collect()
}

/// Adds a mark; what it overlaps with becomes one mark with it, so that no end of either stays in the
/// open.
fn join(kept: &mut Vec<(MarkKind, usize, usize)>, mut one: (MarkKind, usize, usize)) {
    let overlaps = |k: &(MarkKind, usize, usize)| one.1 < k.2 && k.1 < one.2;
    let (touching, apart): (Vec<_>, Vec<_>) = kept.drain(..).partition(overlaps);
    for k in &touching {
        one = (one.0.min(k.0), one.1.min(k.1), one.2.max(k.2));
    }
    *kept = apart;
    kept.push(one);
}

/// The text with every mark taken out: what a wording begins with.
pub fn redacted(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut from) = (String::new(), 0);
    for mark in marks(text) {
        out.extend(&chars[from..mark.start]);
        if mark.kind != MarkKind::Hidden {
            out.push_str(TAKEN_OUT);
        }
        from = mark.end;
    }
    out.extend(&chars[from..]);
    out
}

/// Full-width digits, letters and signs as ASCII; one character for one.
pub fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        // Dashes that people write in numbers.
        '‐' | '‑' | '–' | '—' | '−' | 'ｰ' => '-',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(COMPILED.len(), PATTERNS.len());
    }

    fn found(text: &str) -> Vec<String> {
        marks(text).into_iter().map(|m| m.text).collect()
    }

    #[test]
    fn what_points_to_a_person_is_marked() {
        assert_eq!(found("電話は０３-1234-5678です"), ["０３-1234-5678"]);
        assert_eq!(found("番号 1234 5678 9012 のカード"), ["番号 1234 5678 9012"]);
        assert_eq!(found("昨日12月4日に、R6.12.4〜"), ["12月4日", "R6.12.4"]);
        assert_eq!(found("令和６年１２月４日の夜"), ["令和６年１２月４日"]);
        assert_eq!(found("静岡県浜松市から来た鈴木さん"), ["静岡県浜松市", "鈴木さん"]);
        assert_eq!(found("田中クリニックへ行ったら"), ["田中クリニック"]);
        assert_eq!(found("a.b@example.jp"), ["a.b@example.jp"]);
        assert_eq!(found("右から\u{202e}左へ"), ["\u{202e}"]);
    }

    #[test]
    fn ordinary_words_are_not() {
        let text =
            "患者さんから苦情。市役所へ行った皆様は大学病院でも顔認証ができない。3割負担が2割に";
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn what_is_marked_goes_out_of_a_wording() {
        assert_eq!(redacted("浜松市の鈴木さんが12/4に\u{200b}来た"), "○○の○○が○○に来た");
        assert!(marks(&redacted("〒430-0926 浜松市中区 053-457-2111 鈴木様")).is_empty());
    }
}
