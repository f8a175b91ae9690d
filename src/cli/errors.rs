//! What went wrong, in one line that also says what to do. English sentences are the errors' own;
//! here stand the Japanese ones and the advice, and `lang::problem` has those of what a file's checks find.
//! Details that come from the system stay in English in both.

use crate::batch::BatchError;
use crate::form::FormError;
use crate::ingest::IngestError;
use crate::lang::Lang;
use crate::lang::problem::problem;
use crate::quotes::GateError;
use crate::score::TruthError;
use crate::simulate::SimulateError;
use crate::store::StoreError;
use crate::tally::CutError;
use crate::tally::compare::{EarlierError, MappingError};
use crate::text::TextError;

/// A form that cannot be used.
pub fn form(lang: Lang, e: &FormError) -> String {
    if lang == Lang::En {
        return match e {
            FormError::Io { .. } => format!("{e}; give the folder that holds form.json"),
            FormError::Version { .. } => format!("{e}; use a newer faxtally or an older form"),
            FormError::Json { path, line, column, message } => {
                let at = format!("line {line}, column {column}");
                format!("{}: {at}: {}", path.display(), problem(lang, message))
            }
            _ => e.to_string(),
        };
    }
    match e {
        FormError::Io { path, source } => format!(
            "{}: 読めません。form.json のあるフォルダーを指定してください（{source}）",
            path.display()
        ),
        FormError::Json { path, line, column, message } => format!(
            "{}: {line} 行 {column} 桁: フォームの書き方に誤りがあります（{}）",
            path.display(),
            problem(lang, message)
        ),
        FormError::Version { path, found } => format!(
            "{}: schema_version {found} には対応していません（対応は 1）。新しい faxtally を使ってください",
            path.display()
        ),
        FormError::Invalid { path, place, problem: what } => format!(
            "{}: {place}: フォームの誤りを直してください（{}）",
            path.display(),
            problem(lang, what)
        ),
        FormError::Blank { path, problem: what } => format!(
            "{}: 白紙の調査票の画像 (PNG) が使えません（{}）",
            path.display(),
            problem(lang, what)
        ),
    }
}

/// A survey folder that cannot be used.
pub fn store(lang: Lang, e: &StoreError) -> String {
    if let StoreError::Form(e) = e {
        return form(lang, e);
    }
    let (what, advice) = match lang {
        Lang::Ja => (store_ja(e), store_advice(e).0),
        Lang::En => (e.to_string(), store_advice(e).1),
    };
    match advice {
        "" => what,
        advice => [&what, lang.say("。", "; "), advice].concat(),
    }
}

fn store_ja(e: &StoreError) -> String {
    use StoreError as E;
    match e {
        E::Missing { dir } => format!("{}: 調査フォルダーではありません", dir.display()),
        E::NotASurvey { path, detail } => {
            format!("{}: 調査の保管ファイルではありません（{detail}）", path.display())
        }
        E::Damaged { path, detail } => {
            format!("{}: 保管ファイルが壊れています（{detail}）", path.display())
        }
        E::Newer { path, found, known } => format!(
            "{}: より新しい版の faxtally で作られています（形式 {found}、この版は {known} まで）",
            path.display()
        ),
        E::ReadOnly { path, detail } => format!("{}: 書き込めません（{detail}）", path.display()),
        E::DiskFull { path, .. } => format!("{}: ディスクに空きがありません", path.display()),
        E::Busy { dir, holder } => {
            format!("{}: 別の read がこの調査に取り込んでいます（{holder}）", dir.display())
        }
        E::OtherSurvey { form, here, given } => {
            format!("フォーム {form} は調査 {given} のもので、このフォルダーの調査は {here} です")
        }
        E::NoResponse { response } => format!("回答 {response} はこの調査にありません"),
        E::Conflict { response, who, rev } => {
            format!("{response}: その間に {who} さんが判断しました（第 {rev} 版）")
        }
        E::Decision { response, problem } => format!("{response}: 判断できません（{problem}）"),
        E::Import { line, problem } => format!("{line} 行目: {problem}"),
        E::Io { path, source } => format!("{}: {source}", path.display()),
        E::Database { path, detail } => {
            format!("{}: データベースの誤り（{detail}）", path.display())
        }
        E::Form(e) => form(Lang::Ja, e),
    }
}

/// What to do: Japanese, English.
fn store_advice(e: &StoreError) -> (&'static str, &'static str) {
    use StoreError as E;
    match e {
        E::Missing { .. } | E::NotASurvey { .. } => (
            "-s で調査フォルダーを指定するか、先に read を実行してください",
            "name the survey folder with -s, or run `read` first",
        ),
        E::Damaged { .. } | E::Database { .. } => (
            "バックアップから戻すか、新しいフォルダーに読み直してください",
            "restore it from a backup, or read the inbox into a new folder",
        ),
        E::Newer { .. } => ("新しい faxtally を使ってください", "use that version of faxtally"),
        E::ReadOnly { .. } => (
            "フォルダーの権限を確かめるか、別の場所を -s で指定してください",
            "see the folder's permissions, or name another with -s",
        ),
        E::DiskFull { .. } => (
            "空きを作ってから同じ read をもう一度実行してください。読んだ分は残っています",
            "make room and run the same `read` again; what was read is kept",
        ),
        E::Busy { .. } => {
            ("終わるのを待ってから実行してください", "wait until it is done and run this again")
        }
        E::OtherSurvey { .. } => {
            ("調査ごとに別のフォルダーを使ってください", "use a folder of its own for each survey")
        }
        E::Conflict { .. } => ("見直してください", "look at it again"),
        _ => ("", ""),
    }
}

/// An inbox that cannot be simulated.
pub fn simulate(lang: Lang, e: &SimulateError) -> String {
    match (lang, e) {
        (_, SimulateError::Form(e)) => form(lang, e),
        (Lang::Ja, SimulateError::NoForm) => "フォームの指定がありません (--form)".to_owned(),
        (Lang::Ja, SimulateError::Answers(e)) => format!("公表値を使えません（{e}）"),
        (Lang::Ja, SimulateError::Fonts(e)) => format!("書体がありません（{e}）"),
        (Lang::Ja, SimulateError::Io { path, source }) => {
            format!("{}: 書けません（{source}）", path.display())
        }
        (Lang::Ja, SimulateError::Stopped) => {
            "中断しました。そこまでのファックスに正解はありません".to_owned()
        }
        _ => e.to_string(),
    }
}

/// A truth file that cannot be used.
pub fn truth(lang: Lang, path: &std::path::Path, e: &TruthError) -> String {
    let path = path.display();
    if lang == Lang::En {
        return format!("{path}: {e}");
    }
    match e {
        TruthError::Line { line, message } => format!("{path}: {line} 行目: {message}"),
        TruthError::Twice { line, file, page } => {
            format!("{path}: {line} 行目: {file} の {page} ページが二度あります")
        }
        TruthError::Empty => format!("{path}: 一行もありません"),
    }
}

/// A recogniser of writing that is missing or damaged.
pub fn text(lang: Lang, e: &TextError) -> String {
    match (lang, e) {
        (Lang::Ja, TextError::Missing { engine, what, advice }) => {
            format!("{engine}: {what} がありません：{advice}")
        }
        (Lang::Ja, TextError::Model { path, problem }) => {
            format!(
                "{}: 文字認識のモデルが使えません。入れ直してください（{problem}）",
                path.display()
            )
        }
        (Lang::En, TextError::Model { .. }) => format!("{e}; install it again"),
        _ => e.to_string(),
    }
}

/// A run that could not be made.
pub fn batch(lang: Lang, e: &BatchError) -> String {
    match (lang, e) {
        (_, BatchError::Store(e)) => store(lang, e),
        (_, BatchError::Text(e)) => text(lang, e),
        (Lang::Ja, BatchError::Ingest(IngestError::NoInbox { path, source })) => {
            format!(
                "{}: 受信フォルダーを開けません（{source}）。名前と場所を確かめてください",
                path.display()
            )
        }
        (Lang::Ja, BatchError::Threads(detail)) => format!("並列処理を始められません（{detail}）"),
        (Lang::En, e) => e.to_string(),
    }
}

/// Groups that cannot be made.
pub fn cut(lang: Lang, e: &CutError) -> String {
    match (lang, e) {
        (Lang::Ja, CutError::NoQuestion { id, known }) => {
            format!("{id} という設問はありません（あるのは {known} と association、batch、form）")
        }
        (Lang::Ja, CutError::NoGroups { id }) => {
            format!("{id} は自由記入か数なので、これでは分けられません")
        }
        (Lang::Ja, CutError::Itself { id }) => format!("{id} を同じ {id} とは掛け合わせられません"),
        (Lang::En, e) => e.to_string(),
    }
}

/// Where in a JSON file something is wrong, and what.
fn in_json(lang: Lang, (line, column): (usize, usize), message: &str) -> String {
    let what = problem(lang, message);
    match lang {
        Lang::Ja => format!("{line} 行 {column} 桁: {what}"),
        Lang::En => format!("line {line}, column {column}: {what}"),
    }
}

/// An earlier survey's figures that cannot be compared with.
pub fn earlier(lang: Lang, e: &EarlierError) -> String {
    match (lang, e) {
        (_, EarlierError::Json { line, column, message }) => {
            in_json(lang, (*line, *column), message)
        }
        (Lang::Ja, EarlierError::UnknownKey { place, key }) => {
            format!("{place}: 手で書いたファイルに「{key}」というキーは使えません")
        }
        (Lang::Ja, EarlierError::Twice { place }) => format!("{place}: 同じ id が二度あります"),
        (Lang::Ja, EarlierError::Figure { place, problem: what }) => {
            format!("{place}: {}", problem(lang, what))
        }
        (Lang::En, e) => e.to_string(),
    }
}

/// What is set against what, if it does not fit the two surveys.
pub fn mapping(lang: Lang, e: &MappingError) -> String {
    match (lang, e) {
        (_, MappingError::Json { line, column, message }) => {
            in_json(lang, (*line, *column), message)
        }
        (Lang::Ja, MappingError::Version { found }) => {
            format!("schema_version {found} には対応していません（対応は 1）")
        }
        (Lang::Ja, MappingError::OtherSurvey { given, here }) => {
            format!("調査 {given} のためのもので、{here} には使えません")
        }
        (Lang::Ja, MappingError::Unknown { place, what, id, survey }) => {
            let what = if *what == "option" { "選択肢" } else { "設問" };
            format!("{place}: 調査 {survey} に {id} という{what}はありません")
        }
        (Lang::Ja, MappingError::Wrong { place, problem: what }) => {
            format!("{place}: {}", problem(lang, what))
        }
        (Lang::En, e) => e.to_string(),
    }
}

/// A step of a quote that was refused.
pub fn gate(lang: Lang, e: &GateError) -> String {
    use GateError as G;
    if lang == Lang::En {
        return e.to_string();
    }
    match e {
        G::Nameless => "名前が要ります (--by)".to_owned(),
        G::Empty => "掲載する文がありません".to_owned(),
        G::Hidden(which) => format!("見えない文字が入っています（{which}）"),
        G::NotProposed => "まだ誰も選んでいません".to_owned(),
        G::Stale => "選んだ後に原文が直されました。もう一度文を決めてください".to_owned(),
        G::SamePerson { who } => {
            format!("{who} さんは文を決めた本人です。別の人が承認してください")
        }
        G::Marked { words } => format!(
            "個人が分かるおそれ：{}。消すか、残してよい語を --keep で一つずつ指定してください",
            words.join("、")
        ),
        G::NothingToWithdraw => "まだ選ばれていません".to_owned(),
    }
}
