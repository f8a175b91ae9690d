//! What a reason says to a person: what was found, how much of it, and what to do where that is not
//! plain. Codes go into files as they are; only these sentences are translated.

use super::Lang;
use crate::reading::{Reason, ReasonCode};

/// The reason as one sentence without a full stop.
pub fn message(lang: Lang, reason: &Reason) -> String {
    let mut text = sentence(lang, reason.code).to_owned();
    let mut details: Vec<String> = reason.about.iter().cloned().collect();
    details.extend(reason.measured.map(|v| measured(lang, reason.code, v)));
    if !details.is_empty() {
        let details = details.join(lang.say("、", ", "));
        text += &match lang {
            Lang::Ja => format!("（{details}）"),
            Lang::En => format!(" ({details})"),
        };
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

fn sentence(lang: Lang, code: ReasonCode) -> &'static str {
    match code as usize {
        c if c <= ReasonCode::TextUnsure as usize => of_answer(lang, code),
        c if c <= ReasonCode::Resent as usize => of_page(lang, code),
        _ => of_input(lang, code),
    }
}

fn of_answer(lang: Lang, code: ReasonCode) -> &'static str {
    use ReasonCode as C;
    match code {
        C::MarginalMark => {
            lang.say("印があるともないとも言い切れない", "a mark that may or may not be meant")
        }
        C::Overvote => {
            lang.say("一つだけ選ぶ設問に印が複数ある", "more than one mark in a single choice")
        }
        C::ExclusiveConflict => lang.say(
            "「特になし」のような単独の選択肢と他の選択肢の両方に印がある",
            "an option that stands alone is marked together with others",
        ),
        C::ChildWithoutParent => lang.say(
            "内訳に印があるのに親の選択肢に印がない",
            "a sub-option is marked, the option it belongs to is not",
        ),
        C::StruckOut => lang.say("取り消されたように見える印", "a mark that looks struck out"),
        C::MarkOutsideBox => lang
            .say("チェック欄の外に印らしいものがある", "what may be a mark lies outside the box"),
        C::PoorRegistration => {
            lang.say("欄の位置が十分に定まらない", "the field's place is not known well enough")
        }
        C::DamagedField => lang.say(
            "欄の上で行が失われたか汚れている",
            "lines are lost or the page is damaged over the field",
        ),
        C::PenMismatch => {
            lang.say("同じ紙の他の印とペンが違う", "the ink differs from the page's other marks")
        }
        C::TextNotRead => lang.say("記入があるが読み取っていない", "writing that nothing has read"),
        _ => lang.say("文字の読み取りが確かでない", "the writing is not surely read"),
    }
}

fn of_page(lang: Lang, code: ReasonCode) -> &'static str {
    use ReasonCode as C;
    match code {
        C::NotRegistered => lang.say(
            "調査票らしいが位置合わせができない",
            "the form is there but its fields could not be placed",
        ),
        C::PageCut => lang.say("調査票の一部がない", "part of the form is missing"),
        C::NothingMarked => lang.say("印も記入もない調査票", "the form without a mark or writing"),
        C::PossibleDuplicate => lang.say(
            "別の回答とほぼ同じ筆跡：再送かどうか確認してください",
            "nearly the same ink as another response: see whether it was sent again",
        ),
        C::LinesLost => lang.say("伝送で行が失われた", "lines were lost in transmission"),
        C::Quarantined => lang.say(
            "このページの読み取り中にプログラムが何度も止まった",
            "reading this page stopped the program several times",
        ),
        C::NoForm => {
            lang.say("この調査の調査票ではない", "none of the survey's forms is on the page")
        }
        C::BlankPage => lang.say("白紙", "a blank page"),
        C::BlackPage => lang.say("真っ黒なページ", "a black page"),
        C::NoisePage => lang.say("雑音だけのページ", "nothing but noise"),
        C::ByteCopy => lang.say("同じファイルの写し", "the same file once more"),
        _ => lang.say("同じ回答の再送", "the same response, sent again"),
    }
}

fn of_input(lang: Lang, code: ReasonCode) -> &'static str {
    use ReasonCode as C;
    match code {
        C::Empty => {
            lang.say("空のファイル：送り直しを頼んでください", "an empty file: ask for it again")
        }
        C::UnknownFormat => {
            lang.say("TIFF・PDF・PNG・JPEG のどれでもない", "neither TIFF, PDF, PNG nor JPEG")
        }
        C::Truncated => lang.say(
            "ファイルが途中で切れている：受信サーバーから取り直してください",
            "the file ends too early: fetch it again from the fax server",
        ),
        C::DamagedFile => lang.say(
            "ファイルが壊れている：受信サーバーから取り直してください",
            "the file is damaged: fetch it again from the fax server",
        ),
        C::TooLarge => lang.say(
            "大きすぎるため開かない：ファックスのページではないと思われる",
            "too large to be a fax; it is not opened",
        ),
        C::TooManyPages => lang.say(
            "ページが多すぎる：分けてから読ませてください",
            "too many pages: split the file first",
        ),
        C::Unsupported => lang.say(
            "この圧縮・暗号化には対応していない：TIFF (G4) で保存し直してください",
            "its compression or encryption is not supported: save it as TIFF (G4)",
        ),
        C::Unreadable => lang.say(
            "ファイルを開けない：権限と場所を確かめてください",
            "the file cannot be opened: see its permissions and place",
        ),
        _ => lang.say(
            "読んでいる間に変わった：次の read で読みます",
            "it changed while it was read: the next read takes it",
        ),
    }
}

/// The measurement in the unit that the code implies.
fn measured(lang: Lang, code: ReasonCode, v: f64) -> String {
    use ReasonCode as C;
    let percent = || format!("{:.1} %", v * 100.0);
    let count = |ja: &str, en: &str| format!("{v:.0} {}", lang.say(ja, en));
    match code {
        C::PoorRegistration => format!("{v:.1} px"),
        C::LinesLost | C::DamagedField if v >= 1.0 => count("行", "rows"),
        C::Quarantined => count("回", "times"),
        C::TooManyPages => count("ページ", "pages"),
        C::TooLarge | C::Truncated | C::Empty | C::DamagedFile | C::Unsupported => {
            format!("{v:.0}")
        }
        C::Overvote | C::ExclusiveConflict => count("個", "marks"),
        _ if v > 1.0 => format!("{v:.1}"),
        _ => percent(),
    }
}
