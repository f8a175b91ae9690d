//! What came after the rules of a single box, said to a person: what the rules made of it and why, then who
//! settled or disputed that and how sure it was.

use super::Lang;
use super::reason::message;
use crate::reading::{BoxOutcome, Overruled, Overruler, Reason};

/// Two sentences without full stops about a box that came to `outcome` in the end.
pub fn sentences(lang: Lang, outcome: BoxOutcome, o: &Overruled) -> [String; 2] {
    let why: Vec<String> = o.why.iter().map(|c| message(lang, &Reason::new(*c))).collect();
    let why = if why.is_empty() { String::new() } else { lang.aside(&why.join(lang.comma())) };
    let rules = [lang.say("規則", "rules"), lang.colon(), called(lang, o.rules), &why].concat();
    let then = match o.by {
        Overruler::SecondOpinion => second(lang, outcome, o),
        Overruler::Correction => lang
            .say(
                "訂正：ここは取り消し、別の選択肢にだけ明らかな印",
                "corrected: struck out here, and only one other option is clearly marked",
            )
            .to_owned(),
        Overruler::SoleInk if outcome == BoxOutcome::Marked => lang
            .say(
                "設問のインクはほぼすべてこの選択肢にある：印あり",
                "nearly all of the question's ink is at this option: marked",
            )
            .to_owned(),
        Overruler::SoleInk => lang
            .say(
                "設問のインクはほぼすべて別の選択肢にある：印なし",
                "nearly all of the question's ink is at another option: not marked",
            )
            .to_owned(),
    };
    [rules, then]
}

/// All of the evidence at once: it settles where it is very sure, and disputes a verdict that it does not share.
fn second(lang: Lang, outcome: BoxOutcome, o: &Overruled) -> String {
    let marked = o.marked.map_or(0.5, |p| f64::from(p.get()));
    // Of a dispute: what it gives the rules' own verdict.
    let settled = outcome != BoxOutcome::Doubtful;
    let of = if settled { outcome } else { o.rules };
    let percent = if of == BoxOutcome::Unmarked { 1.0 - marked } else { marked } * 100.0;
    let called = called(lang, of);
    match (lang, settled) {
        (Lang::Ja, true) => format!("総合判定：{called}（{percent:.1} %）と確定"),
        (Lang::En, true) => format!("second opinion: {called} ({percent:.1} %), which settles it"),
        (Lang::Ja, false) => format!("総合判定：{called}は {percent:.1} % にとどまるので人に確認"),
        (Lang::En, false) => {
            format!("second opinion: {called} by only {percent:.1} %, so a person is asked")
        }
    }
}

fn called(lang: Lang, outcome: BoxOutcome) -> &'static str {
    match outcome {
        BoxOutcome::Marked => lang.say("印あり", "marked"),
        BoxOutcome::Unmarked => lang.say("印なし", "not marked"),
        BoxOutcome::Doubtful => lang.say("決められない", "in doubt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::ReasonCode;
    use crate::units::Score;

    fn said(lang: Lang, outcome: BoxOutcome, by: Overruler, rules: BoxOutcome, p: f32) -> String {
        let doubts = rules == BoxOutcome::Doubtful;
        let why = if doubts { vec![ReasonCode::MarginalMark] } else { Vec::new() };
        let o = Overruled { by, rules, why, marked: Some(Score::new(p)) };
        sentences(lang, outcome, &o).join(" / ")
    }

    #[test]
    fn it_says_what_the_rules_said_and_how_likely_the_verdict_is() {
        use BoxOutcome::{Doubtful, Marked, Unmarked};
        let by = Overruler::SecondOpinion;
        assert_eq!(
            said(Lang::En, Unmarked, by, Doubtful, 0.002),
            "rules: in doubt (a mark that may or may not be meant) / \
             second opinion: not marked (99.8 %), which settles it"
        );
        assert_eq!(
            said(Lang::En, Doubtful, by, Unmarked, 0.25),
            "rules: not marked / second opinion: not marked by only 75.0 %, so a person is asked"
        );
        assert_eq!(
            said(Lang::Ja, Doubtful, by, Marked, 0.9),
            "規則：印あり / 総合判定：印ありは 90.0 % にとどまるので人に確認"
        );
        let sole = |outcome| said(Lang::Ja, outcome, Overruler::SoleInk, Doubtful, 0.99);
        assert!(sole(Marked).ends_with("この選択肢にある：印あり"));
        assert!(sole(Unmarked).ends_with("別の選択肢にある：印なし"));
    }
}
