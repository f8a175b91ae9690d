//! What the screens say, in both languages: (key, Japanese, English).

use crate::lang::Lang;

/// The screens' words as one JSON object.
pub fn words(lang: Lang) -> serde_json::Value {
    WORDS
        .iter()
        .map(|(key, ja, en)| ((*key).to_owned(), lang.say(ja, en).into()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// One of them.
pub fn word(lang: Lang, key: &str) -> &'static str {
    let found = WORDS.iter().find(|w| w.0 == key);
    found.map_or("", |(_, ja, en)| lang.say(ja, en))
}

const WORDS: &[(&str, &str, &str)] = &[
    ("title", "確認", "Review"),
    ("queue", "確認待ち", "Waiting"),
    ("others", "その他", "Others"),
    (
        "confirm_blank",
        "無回答にしますか。もう一度 Enter で確定",
        "No answer? Enter again to keep it",
    ),
    ("per_hour", "1時間あたりの判断", "Decisions an hour"),
    ("seconds", "1件あたりの秒数（中央値）", "Seconds a decision (median)"),
    ("decided", "判断済み", "Decided"),
    ("last_hour", "直近1時間", "Last hour"),
    ("agreement", "人と機械の一致（理由別）", "People agree with the machine, by reason"),
    (
        "by_style",
        "人と機械の一致（印の種類別・インクの量からの推定）",
        "People agree with the machine, by style of mark (guessed from its ink)",
    ),
    ("style_stroke", "レ点・×・斜線・点", "Tick, cross, slash or dot"),
    ("style_full", "塗りつぶし・太い印", "Filled in, or heavy"),
    ("style_faint", "薄い印・端だけの印", "Faint, or only touching the box"),
    ("style_around", "囲み・欄の外の印", "Ring, or beside the box"),
    ("style_struck", "取り消しに見える印", "Looks struck out"),
    ("style_nothing", "印なし", "No mark"),
    (
        "by_says",
        "人と機械の一致（機械のどの段階の判定か別）",
        "People agree with the machine, by whose word it was",
    ),
    ("says_doubt", "規則が決められなかった", "The rules were in doubt"),
    ("says_disputed", "規則に総合判定が異を唱えた", "The second opinion disputed the rules"),
    ("says_settled", "規則の迷いを総合判定が確定", "The second opinion settled the rules' doubt"),
    (
        "says_whole",
        "設問全体から確定（訂正など）",
        "Settled by the question as a whole (a correction)",
    ),
    ("says_rules", "どの欄も規則どおり", "Every box was clear to the rules"),
    ("nothing_yet", "まだ判断がありません", "Nothing was decided yet"),
    (
        "silent_errors",
        "気づかれない誤り（濃い: 推定、薄い: 95 % の上限）",
        "Silent errors (dark: expected, pale: up to the 95 % bound)",
    ),
    ("pending_by_reason", "待っている理由", "What waits, by reason"),
    (
        "audit_title",
        "機械が自信を持った回答の抜き取り検査",
        "Blind audit of what the machine was sure of",
    ),
    ("audit_none", "まだ抜き取り検査はありません", "Nothing has been audited yet"),
    (
        "audit_says",
        "調べた {n} 件のうち誤り {k} 件、判読不能 {u} 件。誰も見ていない {m} 件に残る誤りは、推定 {e} 件、95 % の確かさで {b} 件以下です",
        "Of {n} looked at, {k} were wrong and {u} could not be told. Among the {m} that nobody saw, {e} errors are to be expected, and with 95 % confidence no more than {b}",
    ),
    (
        "live_tally",
        "現在の集計（薄い部分は、確認待ちで動きうる範囲）",
        "The tally now (pale: how far what waits can still move it)",
    ),
    ("by_person", "人別", "By person"),
    ("total", "合計", "Total"),
    ("responses", "回答数", "Responses"),
    ("progress", "進み", "Progress"),
    ("start", "はじめる", "Start"),
    ("grid", "一覧", "Grid"),
    ("single", "1件ずつ", "One by one"),
    ("dashboard", "進み具合", "Progress"),
    ("language", "English", "日本語"),
    ("sign_out", "サインアウト", "Sign out"),
    ("sign_in", "入る", "Sign in"),
    ("name", "名前", "Name"),
    ("password", "パスワード", "Password"),
    ("wrong", "名前かパスワードが違います", "The name or the password is wrong"),
    (
        "wait",
        "間違いが続きました。{n} 秒待ってください",
        "Too many wrong attempts: wait {n} seconds",
    ),
    (
        "link_used",
        "このリンクは使用済みです。faxtally review をもう一度起動してください",
        "This link was used already. Start `faxtally review` again",
    ),
    (
        "no_session",
        "faxtally review が表示したリンクから開いてください",
        "Open the link that `faxtally review` printed",
    ),
    ("pages", "ページ", "Pages"),
    ("answers", "回答", "Answers"),
    ("text", "記入", "Writing"),
    ("by_question", "設問別", "By question"),
    ("by_reason", "理由別", "By reason"),
    ("by_file", "ファイル別", "By file"),
    ("open", "件 待っています", "waiting"),
    ("taken", "ほかの人が見ている", "Before others"),
    ("escalated", "ほかの人に回した", "Passed on"),
    ("cannot_tell_shelf", "判読できない", "Cannot be told"),
    ("entered", "もう一人の入力待ち", "Waiting for a second person"),
    ("audit_shelf", "抜き取り検査", "Blind audit"),
    ("empty", "すべて確認しました", "Nothing is waiting"),
    ("empty_hint", "Esc で戻る", "Esc goes back"),
    ("loading", "読み込み中…", "Loading…"),
    ("saving", "保存中", "Saving"),
    ("saved", "保存済み", "Saved"),
    ("not_saved", "保存できていません。再試行しています", "Not saved yet; trying again"),
    (
        "signed_out",
        "サーバーが再起動したか、時間が切れました。新しいリンクを別のタブで開くと続きが保存されます",
        "The server was started again or your time ran out. Open a new link in another tab; what is left here is then saved",
    ),
    ("conflict", "{who} さんが先に「{value}」と判断しました", "{who} decided “{value}” before you"),
    (
        "conflict_hint",
        "Enter: そのまま　O: 自分の判断にする",
        "Enter: leave it   O: decide it my way",
    ),
    (
        "disagree",
        "もう一人の入力と違うため、三人目に回しました",
        "The two entries differ: a third person decides",
    ),
    ("refused", "この判断は記録できません：{problem}", "This cannot be recorded: {problem}"),
    ("undone", "取り消しました", "Taken back"),
    ("redone", "やり直しました", "Done again"),
    ("nothing_undo", "取り消すものがありません", "Nothing to take back"),
    ("nothing_redo", "やり直すものがありません", "Nothing to do again"),
    ("guess", "機械の読み", "machine"),
    ("read_key", "機械の読み", "what the machine read"),
    ("blank", "無回答", "No answer"),
    ("marked", "印あり", "Marked"),
    ("unmarked", "印なし", "Not marked"),
    ("accept", "このまま", "Accept"),
    ("accept_screen", "この画面をすべて確定", "Accept the screen"),
    ("cannot_tell", "判読できない", "Cannot be told"),
    ("skip", "あとで", "Later"),
    ("escalate", "ほかの人へ", "Pass on"),
    ("note", "メモ", "Note"),
    ("undo", "取り消す", "Undo"),
    ("redo", "やり直す", "Redo"),
    ("zoom", "拡大", "Zoom"),
    ("turn", "回す", "Turn"),
    ("pan", "ページを動かす", "Move the page"),
    ("home", "戻る", "Back"),
    ("help", "キー", "Keys"),
    ("flip", "変える", "Flip"),
    ("move", "移る", "Move"),
    ("select", "選ぶ", "Choose"),
    (
        "out_of_range",
        "{a}～{b} の範囲外です。もう一度 Enter で確定",
        "Not within {a} to {b}. Enter again to keep it",
    ),
    ("no_number", "数字ではありません。もう一度 Enter で確定", "No number. Enter again to keep it"),
    (
        "not_listed",
        "一覧にない名前です。もう一度 Enter で確定",
        "Not a name of the list. Enter again to keep it",
    ),
    (
        "again",
        "前の判断「{value}」と新しい読み取りが違います",
        "The new reading differs from the former decision “{value}”",
    ),
    ("what_page", "このページは？", "What is this page?"),
    ("page_counted", "回答として数える", "Counts as a response"),
    ("page_duplicate", "再送（同じ回答）", "The same response again"),
    ("page_cover", "送付状など（回答ではない）", "Cover sheet, no response"),
    ("page_other", "別の調査票", "Another form"),
    ("page_register", "手で位置を合わせる", "Place the form by hand"),
    ("page_turned", "上下が逆", "It lies upside down"),
    (
        "turn_by_hand",
        "逆さまにしても調査票が見つかりません。四隅を合わせてください",
        "The form was not found on the page turned round either: put its corners by hand",
    ),
    ("of_which", "どの回答と同じですか", "The same as which response?"),
    ("this_page", "このページ", "This page"),
    ("other_page", "比べる回答", "The other response"),
    (
        "no_candidate",
        "似た回答は見つかっていません。回答 ID を入力してください",
        "No similar response is known. Enter a response's id",
    ),
    (
        "corner_hint",
        "四隅を調査票の角に合わせてください。Tab で角を選び、矢印で動かし、Enter で読み直します",
        "Put the four corners on the form's corners. Tab chooses one, arrows move it, Enter reads the page again",
    ),
    ("reading", "読み直しています…", "Reading it again…"),
    ("read_again", "読み直しました", "Read again"),
    ("not_placed", "この位置では読めませんでした", "It could not be read like this"),
    (
        "missing_moved",
        "ファイルが読んだときの場所にありません",
        "The file is no longer where it was read",
    ),
    ("missing_changed", "その場所には別のファイルがあります", "Another file is there now"),
    ("missing_undecodable", "このページを開けなくなりました", "The page can no longer be decoded"),
    (
        "missing_dangerous",
        "このページは表示できません。ほかのプログラムで開いてください",
        "This page is not shown: looking at it ended the program before. Open it with another program",
    ),
    (
        "missing_unplaced",
        "この欄がどこにあるか分かりません。ページを見てください",
        "It is not known where this field lies: look at the page",
    ),
    ("missing_nopage", "ページがありません", "There is no such page"),
    ("missing_store", "調査フォルダーを読めません", "The survey folder cannot be read"),
    ("picture", "画像", "Picture"),
    ("page_picture", "ページの画像", "Picture of the page"),
    ("corner", "角", "Corner"),
    ("file", "ファイル", "File"),
    ("whole_answer", "設問全体", "whole answer"),
    ("count", "{n} 件済み{left}", "{n} done{left}"),
    ("count_left", "・残り {n} 件", " · {n} left"),
    ("go_on", "残りを続ける", "Go on with the rest"),
    ("empty_here", "ここはすべて確認しました", "Nothing is left here"),
    ("set_aside_shelf", "回答でないと機械が見たページ", "Pages taken for no response"),
    ("page_key", "ページ", "Page"),
    ("banner_key", "送信元", "Sender"),
    ("read_it", "読み直す", "Read it again"),
    ("choose_one", "一つだけ選んでください（数字キー）", "Choose one of them by its digit"),
    ("choose_form", "どの調査票ですか", "Which form is it?"),
    ("esc_keys", "Esc で入力欄を離れる", "Esc leaves the line"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::review::screens::scripts;

    #[test]
    fn the_scripts_say_nothing_that_is_not_in_both_languages() {
        let known: BTreeSet<&str> = WORDS.iter().map(|w| w.0).collect();
        assert_eq!(known.len(), WORDS.len(), "a key twice");
        let said = regex_lite::Regex::new(r"\bt\('([a-z_0-9]+)'").unwrap();
        let mut found = 0;
        for (name, text) in scripts() {
            for key in said.captures_iter(text) {
                found += 1;
                assert!(known.contains(&key[1]), "{name}: {}", &key[1]);
            }
        }
        assert!(found > 50, "{found}");
        assert!(WORDS.iter().all(|(_, ja, en)| !ja.is_empty() && !en.is_empty()));
    }
}
