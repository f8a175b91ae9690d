//! What must be said beside a figure so that nobody is misled by it: a code for files and programs,
//! a sentence for people.

use serde::Serialize;

use super::{Percent, Points};
use crate::lang::Lang;

/// One remark about a table, a row or a cell. In files it is an object whose `code` is never
/// translated; its other keys are what was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Note {
    /// The rounded percentages of a single choice add up to this, not to 100.
    RoundedSum { sum: Percent },
    /// Several answers could be given, so the percentages do not add up to 100.
    MultipleAnswers,
    /// The table leaves out those who gave no answer; they are in the base.
    NoAnswerHidden { count: u64, percent: Option<Percent> },
    /// Those who gave no answer are not in the base.
    AnsweredOnly { no_answer: u64 },
    /// The base has this many who left `question` blank: its rule takes those who did *not* choose.
    BlanksInBase { question: String, count: u64 },
    /// Answers that wait for a person.
    Pending { count: u64 },
    /// Responses with several answers are in several rows.
    SeveralRows,
    /// Cells or groups of fewer than `under` responses: too few to conclude from, and a person may be
    /// recognised.
    Small { under: u64, count: u64 },
    /// Left out: they arrived after the day asked for.
    Later { count: u64 },
    /// Left out: nobody said when they arrived.
    Undated { count: u64 },
    /// Responses that could not be put into any group because the answer waits for a person.
    GroupPending { count: u64 },
    /// The numbers sent, added up by association, are not the number sent that the survey remembers.
    SentDiffers { total: u64, sum: u64 },
    /// More responses than questionnaires sent.
    MoreThanSent { sent: u64, responses: u64 },
    /// The two shares are taken of different people.
    BasesDiffer { this: String, earlier: String },
    /// Of whom the earlier share was taken was not published.
    BaseUnknown,
    /// The earlier count and percentage together fit only a base in this range.
    ImpliedBase { lowest: u64, highest: u64 },
    /// By this survey's rule the earlier share would be this: `base` of the earlier survey.
    LikeForLike { base: u64, percent: Percent, points: Points },
    /// Both shares were taken anew of all responses of their survey, for this comparison.
    Rebased { this: Option<Percent>, earlier: Option<Percent> },
    /// The question or option was worded otherwise.
    WordingDiffers { this: String, earlier: String },
    /// What whoever made the mapping has to say about this pair.
    Remark { text: String },
    /// One answer could be given in the one survey, several in the other.
    KindsDiffer,
    /// The earlier survey did not ask it, or its figure was not published.
    NotPublished,
    /// The earlier percentage is not that of its own count and base.
    PercentDiffers { stated: Percent, computed: Percent },
    /// Answers of the earlier survey that waited for a person when its tally was written.
    EarlierPending { count: u64 },
    /// Earlier options that nothing is set against.
    NotCompared { options: Vec<String> },
    /// A sum that is published as "at least": not everybody wrote a number.
    AtLeast,
}

impl Note {
    /// Whether somebody could be misled who does not read it; such notes belong beside the figure in
    /// every output, the others may stand at its foot.
    pub fn warns(&self) -> bool {
        matches!(
            self,
            Self::BasesDiffer { .. }
                | Self::BaseUnknown
                | Self::LikeForLike { .. }
                | Self::WordingDiffers { .. }
                | Self::KindsDiffer
                | Self::PercentDiffers { .. }
                | Self::Pending { .. }
                | Self::MoreThanSent { .. }
                | Self::SentDiffers { .. }
                | Self::Undated { .. }
        )
    }

    /// The sentence, without a full stop.
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Ja => self.japanese(),
            Lang::En => self.english(),
        }
    }

    #[allow(clippy::too_many_lines, reason = "a table of one sentence a note")]
    fn japanese(&self) -> String {
        match self {
            Self::RoundedSum { sum } => {
                format!("四捨五入のため割合の合計は {sum} % で、100 % にならない")
            }
            Self::MultipleAnswers => "複数回答のため割合の合計は 100 % にならない".to_owned(),
            Self::NoAnswerHidden { count, percent } => {
                format!("無回答 {count}（{}）は表に示していないが母数に含む", share(*percent))
            }
            Self::AnsweredOnly { no_answer } => format!("無回答 {no_answer} は母数に含まない"),
            Self::BlanksInBase { question, count } => {
                format!("母数には {question} が無回答の {count} 件を含む")
            }
            Self::Pending { count } => format!("確認待ち {count} 件はどの数字にも入っていない"),
            Self::SeveralRows => "複数回答の設問のため、一つの回答が複数の行に入る".to_owned(),
            Self::Small { under, count } => {
                format!("{under} 件未満のセルが {count} ある：割合で論じるには少なすぎる")
            }
            Self::Later { count } => format!("基準日より後に届いた {count} ページを除いた"),
            Self::Undated { count } => format!("到着日の記録がない {count} ページを除いた"),
            Self::GroupPending { count } => {
                format!("区分の回答が確認待ちの {count} 件はどの区分にも入っていない")
            }
            Self::SentDiffers { total, sum } => {
                format!("協会別の送付数の合計 {sum} が全体の送付数 {total} と合わない")
            }
            Self::MoreThanSent { sent, responses } => {
                format!("回答 {responses} が送付 {sent} より多い")
            }
            Self::BasesDiffer { this, earlier } => {
                format!("母数が違う：今回は {this}、前回は {earlier}。割合をそのまま比べられない")
            }
            Self::BaseUnknown => "前回の割合の母数が公表されていない".to_owned(),
            Self::ImpliedBase { lowest, highest } if lowest == highest => {
                format!("前回の件数と割合に合う母数は {lowest} だけ")
            }
            Self::ImpliedBase { lowest, highest } => {
                format!("前回の件数と割合に合う母数は {lowest}～{highest} だけ")
            }
            Self::LikeForLike { base, percent, points } => format!(
                "今回と同じ数え方なら前回の母数は {base}、割合は {percent} %（差 {points} ポイント）"
            ),
            Self::Rebased { this, earlier } => format!(
                "比べるため両方とも全回答を母数に割合を出し直した（元は今回 {}、前回 {}）",
                share(*this),
                share(*earlier)
            ),
            Self::WordingDiffers { this, earlier } => {
                format!("言葉が違う：今回「{this}」、前回「{earlier}」")
            }
            Self::Remark { text } => text.clone(),
            Self::KindsDiffer => "一方は単一回答、他方は複数回答".to_owned(),
            Self::NotPublished => "前回は尋ねていないか、公表されていない".to_owned(),
            Self::PercentDiffers { stated, computed } => {
                format!("前回の割合 {stated} % は件数と母数から計算すると {computed} %")
            }
            Self::EarlierPending { count } => {
                format!("前回の集計には確認待ちが {count} 件残っていた")
            }
            Self::NotCompared { options } => {
                format!("前回の {} は比べていない", options.join("、"))
            }
            Self::AtLeast => "数を書かなかった回答があるため「少なくとも」の合計".to_owned(),
        }
    }

    #[allow(clippy::too_many_lines, reason = "a table of one sentence a note")]
    fn english(&self) -> String {
        match self {
            Self::RoundedSum { sum } => {
                format!("because of rounding the percentages add up to {sum}, not 100")
            }
            Self::MultipleAnswers => {
                "several answers could be given, so the percentages do not add up to 100".into()
            }
            Self::NoAnswerHidden { count, percent } => {
                format!("no answer {count} ({}): not shown, but in the base", share(*percent))
            }
            Self::AnsweredOnly { no_answer } => {
                format!("the {no_answer} who gave no answer are not in the base")
            }
            Self::BlanksInBase { question, count } => {
                format!("the base includes {count} who left {question} blank")
            }
            Self::Pending { count } => format!("{count} wait for a person and count nowhere"),
            Self::SeveralRows => {
                "several answers could be given: a response can be in several rows".into()
            }
            Self::Small { under, count } => {
                format!("{count} cells have fewer than {under}: too few to conclude from")
            }
            Self::Later { count } => format!("{count} pages that arrived later are left out"),
            Self::Undated { count } => {
                format!("{count} pages without a date of arrival are left out")
            }
            Self::GroupPending { count } => {
                format!("{count} are in no group because that answer waits for a person")
            }
            Self::SentDiffers { total, sum } => {
                format!("sent by association adds up to {sum}, the survey remembers {total}")
            }
            Self::MoreThanSent { sent, responses } => {
                format!("{responses} responses are more than the {sent} sent")
            }
            Self::BasesDiffer { this, earlier } => format!(
                "different bases: {this} here, {earlier} then; the shares cannot be compared as they are"
            ),
            Self::BaseUnknown => "of whom the earlier share was taken was not published".into(),
            Self::ImpliedBase { lowest, highest } if lowest == highest => {
                format!("the earlier count and percentage fit only a base of {lowest}")
            }
            Self::ImpliedBase { lowest, highest } => {
                format!("the earlier count and percentage fit only a base of {lowest} to {highest}")
            }
            Self::LikeForLike { base, percent, points } => format!(
                "by this survey's rule the earlier base is {base} and its share {percent} % \
                 (difference {points} points)"
            ),
            Self::Rebased { this, earlier } => format!(
                "both shares taken anew of all responses, to be comparable (as published: {} here, \
                 {} then)",
                share(*this),
                share(*earlier)
            ),
            Self::WordingDiffers { this, earlier } => {
                format!("worded otherwise: \"{this}\" here, \"{earlier}\" then")
            }
            Self::Remark { text } => text.clone(),
            Self::KindsDiffer => "one answer in the one survey, several in the other".into(),
            Self::NotPublished => "not asked then, or not published".into(),
            Self::PercentDiffers { stated, computed } => {
                format!("the earlier percentage {stated} is {computed} by its own count and base")
            }
            Self::EarlierPending { count } => {
                format!("{count} answers were still pending in the earlier tally")
            }
            Self::NotCompared { options } => {
                format!("nothing is set against the earlier {}", options.join(", "))
            }
            Self::AtLeast => "a sum of \"at least\": not everybody wrote a number".into(),
        }
    }
}

fn share(percent: Option<Percent>) -> String {
    percent.map_or_else(|| "-".to_owned(), |p| format!("{p} %"))
}
