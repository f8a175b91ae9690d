//! What a written field may hold, and how a person types it: three Latin letters instead of an input method.

use crate::form::{PREFECTURES, Question};
use crate::text::Lexicon;

/// Every name that the field's list holds, each with its spellings; of a prefecture its reading, too. Empty
/// for a field without a list.
pub fn names(question: &Question) -> Vec<Vec<String>> {
    if question.lexicon.is_some() {
        return PREFECTURES
            .iter()
            .zip(READINGS)
            .map(|(name, (latin, kana))| [name, latin, kana].map(str::to_owned).to_vec())
            .collect();
    }
    let list = Lexicon::parse(&question.entries.join("\n"));
    list.entries.into_iter().map(|entry| entry.spellings).collect()
}

/// How the prefectures are read, in their order: in Latin letters without signs of length, and in kana.
const READINGS: [(&str, &str); 47] = [
    ("hokkaido", "ほっかいどう"),
    ("aomori", "あおもり"),
    ("iwate", "いわて"),
    ("miyagi", "みやぎ"),
    ("akita", "あきた"),
    ("yamagata", "やまがた"),
    ("fukushima", "ふくしま"),
    ("ibaraki", "いばらき"),
    ("tochigi", "とちぎ"),
    ("gunma", "ぐんま"),
    ("saitama", "さいたま"),
    ("chiba", "ちば"),
    ("tokyo", "とうきょう"),
    ("kanagawa", "かながわ"),
    ("niigata", "にいがた"),
    ("toyama", "とやま"),
    ("ishikawa", "いしかわ"),
    ("fukui", "ふくい"),
    ("yamanashi", "やまなし"),
    ("nagano", "ながの"),
    ("gifu", "ぎふ"),
    ("shizuoka", "しずおか"),
    ("aichi", "あいち"),
    ("mie", "みえ"),
    ("shiga", "しが"),
    ("kyoto", "きょうと"),
    ("osaka", "おおさか"),
    ("hyogo", "ひょうご"),
    ("nara", "なら"),
    ("wakayama", "わかやま"),
    ("tottori", "とっとり"),
    ("shimane", "しまね"),
    ("okayama", "おかやま"),
    ("hiroshima", "ひろしま"),
    ("yamaguchi", "やまぐち"),
    ("tokushima", "とくしま"),
    ("kagawa", "かがわ"),
    ("ehime", "えひめ"),
    ("kochi", "こうち"),
    ("fukuoka", "ふくおか"),
    ("saga", "さが"),
    ("nagasaki", "ながさき"),
    ("kumamoto", "くまもと"),
    ("oita", "おおいた"),
    ("miyazaki", "みやざき"),
    ("kagoshima", "かごしま"),
    ("okinawa", "おきなわ"),
];
