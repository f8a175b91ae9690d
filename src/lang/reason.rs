//! What a reason says to a person: what was found, how much of it, and what to do where that is not
//! plain. Codes go into files as they are; only these sentences are translated.

use super::Lang;
use crate::reading::{Reason, ReasonCode};

/// The reason as one sentence without a full stop.
pub fn message(lang: Lang, reason: &Reason) -> String {
    let (ja, en) = sentence(reason.code);
    let mut text = lang.say(ja, en).to_owned();
    let mut details: Vec<String> = reason.about.iter().cloned().collect();
    details.extend(reason.measured.map(|v| measured(lang, reason.code, v)));
    if reason.code == ReasonCode::TooLarge {
        details = size(lang, reason).into_iter().collect();
    }
    if !details.is_empty() {
        let details = details.join(lang.say("、", ", "));
        let (open, close) = (lang.say("（", " ("), lang.say("）", ")"));
        text = [&text, open, &details, close].concat();
    }
    text
}

/// Several, as one cell of a table has them.
pub fn messages(lang: Lang, reasons: &[Reason]) -> String {
    let all: Vec<_> = reasons.iter().map(|r| message(lang, r)).collect();
    all.join(lang.say("；", "; "))
}

/// The code as files have it.
pub fn code(code: ReasonCode) -> String {
    serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Japanese, English. A table without a default: a new code does not compile before it can speak.
#[allow(clippy::too_many_lines, reason = "a table of one sentence a code")]
fn sentence(code: ReasonCode) -> (&'static str, &'static str) {
    use ReasonCode as C;
    match code {
        C::MarginalMark => {
            ("印があるともないとも言い切れない", "a mark that may or may not be meant")
        }
        C::Overvote => ("一つだけ選ぶ設問に印が複数ある", "more than one mark in a single choice"),
        C::ExclusiveConflict => (
            "「特になし」のような単独の選択肢と他の選択肢の両方に印がある",
            "an option that stands alone is marked together with others",
        ),
        C::ChildWithoutParent => (
            "内訳に印があるのに親の選択肢に印がない",
            "a sub-option is marked, the option it belongs to is not",
        ),
        C::StruckOut => ("取り消されたように見える印", "a mark that looks struck out"),
        C::MarkOutsideBox => {
            ("チェック欄の外に印らしいものがある", "what may be a mark lies outside the box")
        }
        C::PoorRegistration => {
            ("欄の位置が十分に定まらない", "the field's place is not known well enough")
        }
        C::DamagedField => (
            "欄の上で行が失われたか汚れている",
            "lines are lost or the page is damaged over the field",
        ),
        C::PenMismatch => {
            ("同じ紙の他の印とペンが違う", "the ink differs from the page's other marks")
        }
        C::TextNotRead => ("記入があるが読み取っていない", "writing that nothing has read"),
        C::TextUnsure => ("文字の読み取りが確かでない", "the writing is not surely read"),
        C::TextDisagrees => {
            ("二つの文字認識の結果が食い違う", "two recognisers read different things")
        }
        C::EndingDisagrees => (
            "丸で囲まれた文字（都・道・府・県など）と記入が合わない",
            "what is circled beside the field does not fit what is written in it",
        ),
        C::TextTooSlow => {
            ("文字の読み取りに時間がかかりすぎた", "reading the writing took too long")
        }
        C::TextFailed => ("文字の読み取りに失敗した", "the recogniser failed on this writing"),
        C::NotRegistered => (
            "調査票らしいが位置合わせができない",
            "the form is there but its fields could not be placed",
        ),
        C::PageCut => ("調査票の一部がない", "part of the form is missing"),
        C::NothingMarked => ("印も記入もない調査票", "the form without a mark or writing"),
        C::PossibleDuplicate => (
            "別の回答とほぼ同じ筆跡：再送かどうか確認してください",
            "nearly the same ink as another response: see whether it was sent again",
        ),
        C::LinesLost => ("伝送で行が失われた", "lines were lost in transmission"),
        C::NotReadYet => (
            "まだ読んでいない：同じ read をもう一度実行してください",
            "not read yet: run the same `read` again",
        ),
        C::Quarantined => (
            "このページの読み取り中にプログラムが何度も止まった",
            "reading this page stopped the program several times",
        ),
        C::NoForm => ("この調査の調査票ではない", "none of the survey's forms is on the page"),
        C::BlankPage => ("白紙", "a blank page"),
        C::BlackPage => ("真っ黒なページ", "a black page"),
        C::NoisePage => ("雑音だけのページ", "nothing but noise"),
        C::ByteCopy => ("同じファイルの写し", "the same file once more"),
        C::Resent => ("同じ回答の再送", "the same response, sent again"),
        C::Empty => ("空のファイル：送り直しを頼んでください", "an empty file: ask for it again"),
        C::UnknownFormat => (
            "TIFF・PDF・PNG・JPEG のどれでもない：ファックスなら受信サーバーから取り直し、違えば除いてください",
            "neither TIFF, PDF, PNG nor JPEG: fetch it again if it is a fax, else take it out",
        ),
        C::Truncated => (
            "ファイルが途中で切れている：受信サーバーから取り直してください",
            "the file ends too early: fetch it again from the fax server",
        ),
        C::DamagedFile => (
            "ファイルが壊れている：受信サーバーから取り直してください",
            "the file is damaged: fetch it again from the fax server",
        ),
        C::TooLarge => (
            "大きすぎるため開かない：ファックスのページではないと思われる",
            "too large to be a fax; it is not opened",
        ),
        C::TooManyPages => {
            ("ページが多すぎる：分けてから読ませてください", "too many pages: split the file first")
        }
        C::Unsupported => (
            "この圧縮・暗号化には対応していない：TIFF (G4) で保存し直してください",
            "its compression or encryption is not supported: save it as TIFF (G4)",
        ),
        C::Unreadable => (
            "ファイルを開けない：権限と場所を確かめてください",
            "the file cannot be opened: see its permissions and place",
        ),
        C::ChangedWhileRead => (
            "読んでいる間に変わった：次の read で読みます",
            "it changed while it was read: the next read takes it",
        ),
    }
}

/// How large what is too large is, in numbers that people read; none where it could not be counted.
fn size(lang: Lang, reason: &Reason) -> Option<String> {
    let pixels = reason.about.as_deref() == Some("pixels");
    let unit = match (lang, pixels) {
        (Lang::Ja, true) => "画素",
        (Lang::Ja, false) => "バイト",
        (Lang::En, true) => "pixels",
        (Lang::En, false) => "bytes",
    };
    // 10^15 is no size that a file names: it stands for "beyond every limit".
    let v = reason.measured.filter(|v| *v < 1e15)?;
    Some(match lang {
        Lang::Ja if v >= 1e8 => format!("{:.0} 億{unit}", v / 1e8),
        Lang::En if v >= 1e7 => format!("{:.0} million {unit}", v / 1e6),
        _ => format!("{v:.0} {unit}"),
    })
}

/// The measurement in the unit that the code implies.
fn measured(lang: Lang, code: ReasonCode, v: f64) -> String {
    use ReasonCode as C;
    let percent = || format!("{:.1} %", v * 100.0);
    let count = |ja: &str, en: &str| format!("{v:.0} {}", lang.say(ja, en));
    match code {
        // Either the residual in pixels, or the share of a box's own print that does not fit.
        C::PoorRegistration if v >= 1.0 => format!("{v:.1} px"),
        C::LinesLost | C::DamagedField if v >= 1.0 => count("行", "rows"),
        C::Quarantined => count("回", "times"),
        C::TooManyPages => count("ページ", "pages"),
        C::Truncated => count("バイト", "bytes"),
        C::TooLarge | C::Empty | C::DamagedFile | C::Unsupported => format!("{v:.0}"),
        C::Overvote | C::ExclusiveConflict => count("個", "marks"),
        // By the amount of ink.
        C::NoForm => {
            format!("{} {:.0} %", lang.say("調査票との似かた", "like a form by"), v * 100.0)
        }
        _ if v > 1.0 => format!("{v:.1}"),
        _ => percent(),
    }
}
