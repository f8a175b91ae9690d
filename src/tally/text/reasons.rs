//! A figure taken apart, for a terminal.

use super::{clip, grouped, line, sides, told};
use crate::account::Source;
use crate::lang::{Lang, overruled, reason};
use crate::tally::audit_sentence;
use crate::tally::why::{Evidence, Why};

/// The figure's parts and the first `most` responses behind it.
pub fn render_why(why: &Why, most: usize, lang: Lang) -> String {
    let mut out = String::new();
    let share = why.percent.map_or_else(|| "-".to_owned(), |p| p.to_string());
    line(&mut out, &clip(&format!("{}  {} / {}", why.figure, why.question_label, why.label), 80));
    let (count, base) = (grouped(why.counted), grouped(why.base));
    line(&mut out, &format!("    {count} / {base} = {share} %"));
    if let Some(sum) = why.sum {
        line(&mut out, &format!("    {} {}", lang.say("合計", "sum"), grouped(sum)));
    }
    let rows = [
        (lang.say("機械が読んだ", "read by machine"), why.machine),
        (lang.say("人が判断した", "decided by people"), why.people),
        (lang.say("確認待ち（これに入りうる）", "pending, may join it"), why.pending),
        (lang.say("確認待ち（設問全体）", "pending in the question"), why.question_pending),
        (lang.say("全回答", "all responses"), why.responses),
        (lang.say("母数の外", "outside the base"), why.outside_base),
    ];
    for (word, n) in rows {
        line(&mut out, &format!("    {word}: {}", grouped(n)));
    }
    told(&mut out, &format!("    {}: ", lang.say("母数", "base")), &why.base_sentence);
    told(&mut out, "    ", &audit_sentence(why.audit.as_ref(), lang));
    sides::notes(&mut out, "    ", &why.notes, lang);
    for e in why.evidence.iter().take(most) {
        evidence(&mut out, e, lang);
    }
    let all = why.machine + why.people + why.pending;
    if let Some(more) = all.checked_sub(most as u64).filter(|n| *n > 0) {
        line(
            &mut out,
            &match lang {
                Lang::Ja => {
                    format!("  ほか {more} 件（--show で件数を増やせます。JSON には全部あります）")
                }
                Lang::En => format!("  and {more} more (--show N; the JSON has all)"),
            },
        );
    }
    out
}

fn evidence(out: &mut String, e: &Evidence, lang: Lang) {
    let who = match (e.counted, e.source) {
        (false, _) => lang.say("確認待ち", "pending").to_owned(),
        (true, Source::Machine) => {
            format!("{} {}", lang.say("機械", "machine"), sure(e.confidence.get()))
        }
        (true, Source::Person) => lang.say("人", "person").to_owned(),
    };
    let value = e.value.join(" ");
    line(out, &format!("  {} {}#{}  {who}  [{value}]", e.response, e.file, e.page));
    for d in &e.decisions {
        let value = d.value.join(" ");
        line(out, &format!("      #{} {} {} -> [{value}]", d.rev, d.who, day(d.at)));
    }
    if !e.counted {
        for reason in &e.reasons {
            told(out, "      ", &reason::message(lang, reason));
        }
        if e.base_open {
            let read = lang.say("読めているが、母数に入るかがまだ決まらない", READ);
            told(out, "      ", read);
        }
    }
    for b in &e.overruled {
        let [rules, then] = overruled::sentences(lang, b.outcome, &b.overruled);
        told(out, "      ", &[&b.option, lang.colon(), &rules].concat());
        told(out, "        ", &then);
    }
}

/// Nothing is wrong with the answer: the one that its base depends on waits.
const READ: &str = "read, but whether it belongs to the base is not decided yet";

/// A probability to four places, never rounded up to certainty.
fn sure(confidence: f32) -> String {
    format!("{:.4}", (f64::from(confidence) * 1e4).floor().min(9999.0) / 1e4)
}

/// Seconds since 1970 as a time in UTC (Hinnant's days-from-civil, the other way round).
fn day(at: i64) -> String {
    let (days, seconds) = (at.div_euclid(86_400), at.rem_euclid(86_400));
    let z = days + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (d, m) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let y = yoe + era * 400 + i64::from(m <= 2);
    format!("{y:04}-{m:02}-{d:02} {:02}:{:02} UTC", seconds / 3600, seconds % 3600 / 60)
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(day(0), "1970-01-01 00:00 UTC");
        assert_eq!(day(951_782_399), "2000-02-28 23:59 UTC");
        assert_eq!(day(951_827_696), "2000-02-29 12:34 UTC");
        assert_eq!(day(1_735_689_599), "2024-12-31 23:59 UTC");
    }
}
