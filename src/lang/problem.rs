//! What is wrong with a file that a person wrote, in Japanese. The checks say it in English, with ids and
//! numbers in it; here stands every such sentence once more, with the same gaps.

use super::Lang;

/// English with gaps, and Japanese with the gaps' numbers. What has no line here stays in English; the test
/// below holds the list against the checks' own text.
const SENTENCES: &[(&str, &str)] = &[
    // Any JSON.
    ("unknown field `{}`, expected one of {}", "「{0}」というキーはありません（使えるのは {1}）"),
    ("unknown field `{}`, expected {}", "「{0}」というキーはありません（使えるのは {1}）"),
    ("unknown field `{}`, there are no fields", "「{0}」というキーはありません"),
    ("unknown variant `{}`, expected one of {}", "「{0}」という語は使えません（使えるのは {1}）"),
    ("unknown variant `{}`, expected {}", "「{0}」という語は使えません（使えるのは {1}）"),
    ("missing field `{}`", "「{0}」がありません"),
    ("duplicate field `{}`", "「{0}」が二度あります"),
    ("invalid type: {}, expected {}", "{1} が要るところに {0} があります"),
    ("invalid value: {}, expected {}", "{1} が要るところに {0} があります"),
    ("invalid unicode code point", "UTF-8 の文字ではありません。UTF-8 で保存してください"),
    ("EOF while parsing {}", "途中で終わっています（{0}）"),
    ("trailing comma", "最後にコンマがあります"),
    ("trailing characters", "終わりの後にまだ文字があります"),
    ("expected value", "値がありません"),
    ("expected `{}`", "「{0}」がありません"),
    ("key must be a string", "キーは \" で囲んでください"),
    // Conditions: who is in a question's base, and whom it concerns.
    ("refers to its own question", "自分自身の設問を指しています"),
    ("goes in a circle: {}", "条件が一周しています（{0}）"),
    ("no question \"{}\"", "{0} という設問はありません"),
    ("no option \"{}\" in {}", "{1} に {0} という選択肢はありません"),
    (
        "no option \"{}\" (question.option)",
        "{0} という選択肢はありません（「設問.選択肢」と書きます）",
    ),
    ("no option \"{}\"", "{0} という選択肢はありません"),
    (
        "give exactly one of with, without, answered, unanswered",
        "with、without、answered、unanswered のうち一つだけを書いてください",
    ),
    ("give exactly one of with, without", "with か without の一方だけを書いてください"),
    // Forms.
    ("{} mm is no sheet size (50 to 600)", "{0} mm は用紙の大きさではありません（50～600）"),
    ("no question at all", "設問が一つもありません"),
    ("this id stands twice", "同じ id が二度あります"),
    ("no choice and no list of words \"{}\"", "{0} という選択式または一覧の設問はありません"),
    (
        "id \"{}\": 1 to 64 of a-z A-Z 0-9 _ - are allowed",
        "id「{0}」: 使えるのは a-z A-Z 0-9 _ - の 1～64 文字です",
    ),
    ("a choice without options", "選択式の設問に選択肢がありません"),
    ("a choice has options, not a box", "選択式の設問には box ではなく options を書きます"),
    ("a written field has a box, not options", "記入欄には options ではなく box を書きます"),
    ("a written field needs its box", "記入欄に box がありません"),
    (
        "answered_only and nets belong to a choice",
        "answered_only と nets は選択式の設問にだけ書けます",
    ),
    (
        "number_of, range and lower_bound belong to an integer",
        "number_of、range、lower_bound は integer にだけ書けます",
    ),
    ("must be [smallest, largest], not negative", "[最小, 最大] で、負でない数を書いてください"),
    (
        "no word list \"{}\" (prefectures, of a text)",
        "{0} という一覧はありません（text に prefectures だけが使えます）",
    ),
    (
        "only of a text without lexicon, and no entry may be empty",
        "lexicon のない text にだけ書けます。空の語は書けません",
    ),
    (
        "\"na\" means no answer and cannot be an option",
        "na は無回答を表すので、選択肢には使えません",
    ),
    ("its box overlaps that of {}", "枠が {0} の枠と重なっています"),
    ("\"{}\" is itself a sub-option", "{0} はそれ自体が下位の選択肢です"),
    ("sub-options belong to select_multiple", "下位の選択肢は select_multiple にだけ書けます"),
    ("no text question \"{}\"", "{0} という text の設問はありません"),
    ("{} x {} mm is too small to be read", "{0} x {1} mm は小さすぎて読めません"),
    ("lies off the page of {} x {} mm", "{0} x {1} mm の用紙からはみ出しています"),
    ("{} % of it is black: empty or inverted", "黒が {0} %：白紙か、白黒が逆です"),
    // Figures of an earlier survey.
    ("a base of {} is more than all {} responses", "母数 {0} が全回答 {1} より多くなっています"),
    ("{} of a base of {}", "母数 {1} に対して {0} 件あります"),
    ("{} % is more than all", "{0} % は全体を超えています"),
    ("free text has no figures to compare", "自由記入には比べる数がありません"),
];

/// A problem in the reader's language, without the place that the JSON reader says at its end.
pub fn problem(lang: Lang, english: &str) -> String {
    let plain = without_place(english);
    if lang == Lang::En {
        return plain.to_owned();
    }
    let found = SENTENCES.iter().find_map(|(en, ja)| Some((ja, gaps(en, plain)?)));
    let Some((ja, gaps)) = found else { return plain.to_owned() };
    let fill = |text: String, (i, gap): (usize, &&str)| text.replace(&format!("{{{i}}}"), gap);
    gaps.iter().enumerate().fold((*ja).to_owned(), fill)
}

/// `... at line 3 column 4` is said by whoever names the file.
fn without_place(text: &str) -> &str {
    let place = text.rsplit_once(" at line ").filter(|(_, place)| {
        place.split_once(" column ").is_some_and(|(line, column)| {
            [line, column].iter().all(|n| n.bytes().all(|b| b.is_ascii_digit()))
        })
    });
    place.map_or(text, |(before, _)| before)
}

/// What stands in the gaps of a sentence, if it is that sentence.
fn gaps<'t>(sentence: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = sentence.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut out = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let (gap, after) = match parts.peek() {
            Some(_) => rest.split_once(part)?,
            None => (rest.strip_suffix(part)?, ""),
        };
        out.push(gap);
        rest = after;
    }
    rest.is_empty().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::{Lang, SENTENCES, problem};

    #[test]
    fn a_problem_is_said_in_japanese_with_its_details() {
        let ja = |text: &str| problem(Lang::Ja, text);
        assert_eq!(ja("no option \"zz\" in q6"), "q6 に zz という選択肢はありません");
        assert_eq!(
            ja("goes in a circle: q6 -> q7 -> q6"),
            "条件が一周しています（q6 -> q7 -> q6）"
        );
        let json = "missing field `survey` at line 1 column 2";
        assert_eq!(ja(json), "「survey」がありません");
        assert_eq!(problem(Lang::En, json), "missing field `survey`");
        assert_eq!(ja("21 of a base of 20"), "母数 20 に対して 21 件あります");
        assert_eq!(ja("something new"), "something new", "better English than nothing");
    }

    /// The text literals of the checks, and whether each has its Japanese.
    #[test]
    fn every_problem_of_a_form_and_of_a_comparison_has_its_japanese() {
        let checks = [
            include_str!("../form/check.rs"),
            include_str!("../tally/compare/earlier.rs"),
            include_str!("../tally/compare/mapping.rs"),
        ];
        for (english, _) in SENTENCES.iter().skip_while(|s| !s.0.starts_with("refers")) {
            let longest = english.split("{}").max_by_key(|part| part.len()).unwrap_or_default();
            let longest = longest.trim_matches('"').trim();
            let said = |source: &&str| source.replace("\\\"", "\"").contains(longest);
            assert!(checks.iter().any(said), "nobody says {english:?} any more");
        }
        let form = checks[0].replace("\\\"", "\"");
        let (said, _) = form.split_once("\npub fn blank").unwrap();
        let literals = said.split('"').skip(1).step_by(2).filter(|l| l.contains(' '));
        let known = |l: &str| SENTENCES.iter().any(|s| s.0.contains(l.split('{').next().unwrap()));
        let unknown: Vec<&str> = literals.filter(|l| !l.contains(".rs") && !known(l)).collect();
        assert!(unknown.len() <= 4, "without Japanese: {unknown:?}");
    }
}
