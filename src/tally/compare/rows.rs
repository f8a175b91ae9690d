//! Row by row: the two shares, their difference, and every reason not to believe it.

use super::earlier::{Earlier, EarlierOption, EarlierQuestion};
use super::mapping::{MappedOption, MappedQuestion, Mapping, MappingError, Rebase};
use super::{ComparedQuestion, ComparedRow, ComparedSum, Comparison, Part, Side};
use crate::form::{Condition, Form, Localized, Output, Question};
use crate::lang::Lang;
use crate::tally::base::condition_rule;
use crate::tally::{ChoiceFigure, Figure, Note, Percent, Points, Tally};

/// The rule of a base that leaves nobody out, as tallies write it.
const ALL: &str = "all responses";

/// Sets a tally beside an earlier survey, in the labels of `output`. Without a mapping, what has the
/// same id on both sides is compared.
///
/// # Errors
/// If the mapping names what is not there.
pub fn compare(
    tally: &Tally,
    forms: &[Form],
    earlier: &Earlier,
    mapping: Option<&Mapping>,
    (output, lang): (Output, Lang),
) -> Result<Comparison, MappingError> {
    let same_ids;
    let mapping = if let Some(given) = mapping {
        given.check(tally, earlier)?;
        given
    } else {
        same_ids = Mapping::same_ids(tally, earlier);
        &same_ids
    };
    let desk = Desk { tally, forms, earlier, mapping, output, lang };
    let (mut questions, mut sums) = (Vec::new(), Vec::new());
    for pair in &mapping.questions {
        let figure = tally.questions.iter().find(|f| f.id() == pair.id);
        match (figure, earlier.question(&pair.earlier)) {
            (Some(Figure::Choice(f)), Some(then)) => questions.push(desk.question(pair, f, then)),
            (Some(Figure::Number(f)), Some(then)) => {
                sums.push(desk.sum(&f.id, f.sum, f.lower_bound, then));
            }
            _ => {}
        }
    }
    let this = Side {
        id: tally.survey.id.clone(),
        title: tally.survey.title.clone(),
        responses: Some(tally.responses),
        source: Some(tally.survey.program.clone()),
    };
    let source = earlier.survey.source.clone().or_else(|| earlier.survey.program.clone());
    let then = Side {
        id: earlier.survey.id.clone(),
        title: earlier.survey.title.clone(),
        responses: earlier.responses,
        source,
    };
    Ok(Comparison { this, earlier: then, questions, sums, notes: Vec::new() })
}

/// What every row needs.
struct Desk<'a> {
    tally: &'a Tally,
    forms: &'a [Form],
    earlier: &'a Earlier,
    mapping: &'a Mapping,
    output: Output,
    lang: Lang,
}

impl Desk<'_> {
    fn form_question(&self, id: &str) -> Option<&Question> {
        self.forms.iter().find_map(|f| f.question(id))
    }

    fn question(
        &self,
        pair: &MappedQuestion,
        f: &ChoiceFigure,
        then: &EarlierQuestion,
    ) -> ComparedQuestion {
        let own = self.form_question(&f.id);
        let mut notes: Vec<Note> = Vec::new();
        if then.kind.is_some_and(|k| k != f.kind) {
            notes.push(Note::KindsDiffer);
        }
        notes.extend(wording(then.label.as_deref(), &f.label, own.map(|q| &q.label)));
        if f.pending > 0 {
            notes.push(Note::Pending { count: f.pending });
        }
        if then.pending > 0 {
            notes.push(Note::EarlierPending { count: then.pending });
        }
        notes.extend(self.left_over(pair, then));
        notes.extend(self.remark(pair.remark.as_ref()));
        ComparedQuestion {
            id: f.id.clone(),
            label: own.map_or(&*f.label, |q| self.lang.pick(q.label_for(self.output))).to_owned(),
            earlier: pair.earlier.clone(),
            rows: pair.options.iter().map(|o| self.row(pair, o, f)).collect(),
            notes,
        }
    }

    fn remark(&self, remark: Option<&Localized>) -> Option<Note> {
        remark.map(|r| Note::Remark { text: self.lang.pick(r).to_owned() })
    }

    /// Earlier options of the pair's question that no row of the whole mapping uses.
    fn left_over(&self, pair: &MappedQuestion, then: &EarlierQuestion) -> Option<Note> {
        let used = |id: &str| {
            self.mapping.questions.iter().any(|q| {
                q.options.iter().any(|o| o.target(&q.earlier) == Some((pair.earlier.as_str(), id)))
            })
        };
        let ids = then.options.iter().map(|o| &o.id);
        let options: Vec<String> = ids.filter(|id| !used(id)).cloned().collect();
        (!options.is_empty()).then_some(Note::NotCompared { options })
    }

    fn row(&self, pair: &MappedQuestion, option: &MappedOption, f: &ChoiceFigure) -> ComparedRow {
        let printed =
            self.form_question(&f.id).and_then(|q| q.options.iter().find(|o| o.id == option.id));
        let figure = f.options.iter().find(|o| o.id == option.id);
        let count = figure.map_or(f.no_answer.count, |o| o.count);
        let this = Part {
            count: Some(count),
            base: Some(f.base),
            base_rule: Some(f.base_rule.clone()),
            percent: figure.map_or(f.no_answer.percent, |o| o.percent),
        };
        let blank = self.lang.say("無回答", "No answer");
        let own_label = figure.map_or(blank, |o| &o.label).to_owned();
        let mut row = ComparedRow {
            id: option.id.clone(),
            label: printed
                .map_or(own_label.clone(), |o| self.lang.pick(o.label_for(self.output)).to_owned()),
            suboption: printed.is_some_and(|o| o.parent.is_some()),
            this,
            earlier: None,
            points: None,
            comparable: false,
            notes: Vec::new(),
        };
        let found = option.target(&pair.earlier).and_then(|(q, o)| {
            let question = self.earlier.question(q)?;
            Some((question, question.option(o)?))
        });
        match &found {
            Some((question, then)) if then.count.is_some() || then.percent.is_some() => {
                self.set_against(&mut row, pair, f, question, then);
            }
            _ => row.notes.push(Note::NotPublished),
        }
        if let Some((_, then)) = found.filter(|_| !option.same_meaning) {
            row.notes.extend(wording(then.label.as_deref(), &own_label, printed.map(|o| &o.label)));
        }
        row.notes.extend(self.remark(option.remark.as_ref()));
        row
    }

    fn set_against(
        &self,
        row: &mut ComparedRow,
        pair: &MappedQuestion,
        f: &ChoiceFigure,
        question: &EarlierQuestion,
        option: &EarlierOption,
    ) {
        let n = self.earlier.responses;
        let all = question.base.is_some() && question.base == n;
        let rule = question.base_rule.clone().or_else(|| all.then(|| ALL.to_owned()));
        let base = question.base.or(n.filter(|_| rule.as_deref() == Some(ALL)));
        let own = option.count.zip(base).and_then(|(c, b)| Percent::of(c, b));
        let mut then =
            Part { count: option.count, base, base_rule: rule, percent: option.percent.or(own) };
        if let (Some(stated), Some(computed)) = (option.percent, own)
            && stated != computed
        {
            row.notes.push(Note::PercentDiffers { stated, computed });
        }
        if pair.rebase == Rebase::AllResponses
            && let (Some(count), Some(n)) = (option.count, n)
        {
            let before = (row.this.percent, then.percent);
            let anew = |count, n| Part {
                count: Some(count),
                base: Some(n),
                base_rule: Some(ALL.to_owned()),
                percent: Percent::of(count, n),
            };
            row.this = anew(row.this.count.unwrap_or(0), self.tally.responses);
            then = anew(count, n);
            if before != (row.this.percent, then.percent) {
                row.notes.push(Note::Rebased { this: before.0, earlier: before.1 });
            }
            row.comparable = true;
        } else {
            row.comparable = self.same_base(row, f, &then);
        }
        row.points = points(&row.this, &then);
        row.earlier = Some(then);
    }

    /// Whether both shares are of the same people; if not, the row says everything that is known.
    fn same_base(&self, row: &mut ComparedRow, f: &ChoiceFigure, then: &Part) -> bool {
        if then.base_rule.is_some() && then.base_rule == self.rule_then(f) {
            return true;
        }
        match &then.base_rule {
            Some(rule) => row
                .notes
                .push(Note::BasesDiffer { this: f.base_rule.clone(), earlier: rule.clone() }),
            None => row.notes.push(Note::BaseUnknown),
        }
        if let (None, Some(count), Some(percent)) = (then.base, then.count, then.percent)
            && let Some((lowest, highest)) = percent.bases_of(count)
        {
            row.notes.push(Note::ImpliedBase { lowest, highest });
        }
        if let (Some(base), Some(count)) = (self.base_then(f), then.count)
            && let Some(percent) = Percent::of(count, base)
            && let Some(points) =
                Points::between((row.this.count.unwrap_or(0), f.base), (count, base))
        {
            row.notes.push(Note::LikeForLike { base, percent, points });
        }
        false
    }

    /// This survey's rule in the ids of the earlier one; `None` if it cannot be said there.
    fn rule_then(&self, f: &ChoiceFigure) -> Option<String> {
        let question = self.form_question(&f.id)?;
        // Whom it leaves out besides has no counterpart in a mapping of options.
        if question.answered_only {
            let same = self.mapping.questions.iter().any(|q| q.id == q.earlier && q.id == f.id);
            return same.then(|| f.base_rule.clone());
        }
        match &question.base {
            None => Some(ALL.to_owned()),
            Some(c) => Some(condition_rule(&self.translated(c)?)),
        }
    }

    fn translated(&self, c: &Condition) -> Option<Condition> {
        let target = self.mapping.questions.iter().find(|q| q.id == c.question)?;
        let ids = |ids: &[String]| {
            let one = |id: &String| match self.mapping.find(&c.question, id)? {
                (question, option) if question == target.earlier => Some(option.to_owned()),
                _ => None,
            };
            ids.iter().map(one).collect::<Option<Vec<_>>>()
        };
        Some(Condition {
            question: target.earlier.clone(),
            with: ids(&c.with)?,
            without: ids(&c.without)?,
            answered: c.answered,
            unanswered: c.unanswered,
        })
    }

    /// How many the base would have had in the earlier survey by this survey's rule. Known where the
    /// rule is about one option, of which the earlier count is known.
    fn base_then(&self, f: &ChoiceFigure) -> Option<u64> {
        let question = self.form_question(&f.id)?;
        let n = self.earlier.responses?;
        let Some(c) = &question.base else { return (!question.answered_only).then_some(n) };
        let (option, without) = match (c.with.as_slice(), c.without.as_slice()) {
            ([one], []) => (one, false),
            ([], [one]) => (one, true),
            _ => return None,
        };
        let (question, option) = self.mapping.find(&c.question, option)?;
        let count = self.earlier.question(question)?.option(option)?.count?;
        if without { n.checked_sub(count) } else { Some(count) }
    }

    fn sum(&self, id: &str, this: u64, least: bool, then: &EarlierQuestion) -> ComparedSum {
        let label = self.form_question(id).map(|q| self.lang.pick(q.label_for(self.output)));
        let mut notes = Vec::new();
        if least || then.lower_bound {
            notes.push(Note::AtLeast);
        }
        if then.sum.is_none() {
            notes.push(Note::NotPublished);
        }
        let signed = |n: u64| i64::try_from(n).ok();
        let difference = then.sum.and_then(|s| Some(signed(this)? - signed(s)?));
        ComparedSum {
            id: id.to_owned(),
            label: label.unwrap_or_default().to_owned(),
            this,
            earlier: then.sum,
            difference,
            notes,
        }
    }
}

fn points(this: &Part, then: &Part) -> Option<Points> {
    let whole = |p: &Part| p.count.zip(p.base);
    match (whole(this), whole(then)) {
        (Some(a), Some(b)) => Points::between(a, b),
        _ => Some(Points::rounded(this.percent?, then.percent?)),
    }
}

/// The earlier words, unless this survey's form has the same in either language: blanks, widths of
/// characters and kinds of brackets apart. Not those of slides or press: people answered the form.
fn wording(then: Option<&str>, now: &str, form: Option<&Localized>) -> Option<Note> {
    let then = then?;
    let all = form.into_iter().flat_map(|l| [l.ja.as_str(), l.en.as_str()]);
    let same = all.chain([now]).any(|n| plain(n) == plain(then));
    (!same).then(|| Note::WordingDiffers { this: now.to_owned(), earlier: then.to_owned() })
}

/// Full-width letters, digits and signs as their ASCII ones, without blanks.
fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '〜' => '~',
        _ => c,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect()
}
