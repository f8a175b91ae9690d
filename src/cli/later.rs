//! What is announced and not there yet, and the summary that stands in for Japanese help.

use super::console::Console;
use super::exit::Failure;

/// A command of a later version.
pub fn later(console: &Console, command: &str) -> Failure {
    let text = console.lang.say("は今後の版で使えるようになります", "comes with a later version");
    Failure::usage(format!("faxtally {command}: {text}"))
}

/// Stands before the English help when Japanese is asked for.
pub const JAPANESE_SUMMARY: &str = "\
faxtally は、ファックスで届いた調査票のフォルダーを集計に変えます。

  faxtally read 受信フォルダー --form フォーム -s 調査フォルダー   読み取る（何度でも。続きから再開します）
  faxtally tally -s 調査フォルダー                                集計を見る
  faxtally review -s 調査フォルダー                               残りをブラウザーで確認する
  faxtally export -s 調査フォルダー --table responses --format csv  回答ごとの一覧を書き出す
  faxtally form check フォーム --proof 確認.png                    フォームを検査する
  faxtally simulate --form フォーム --pages 60 -o フォルダー       練習用のファックスを作る
  faxtally doctor                                                  足りないものを調べる

以下の詳しい説明は英語です。

";
