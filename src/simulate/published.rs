//! Answers whose margins are exactly those that a survey published (`--answers`): every option's count,
//! every blank, sub-options under their parent, numbers with their sum. Shuffled by seed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rand::RngExt;
use rand::seq::SliceRandom;
use serde::Deserialize;

use super::answers::{self, Response};
use super::{SimRng, Stream, rng_for};
use crate::form::{Form, PREFECTURES, Question, QuestionType};

/// Why published figures cannot be rehearsed with a form.
#[derive(Debug, thiserror::Error)]
pub enum AnswersError {
    #[error("{path}: cannot be read: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{path}: no published figures: {source}")]
    Json { path: PathBuf, source: serde_json::Error },
    #[error("{path}: no survey whose figures belong to form {form}; its surveys: {found}")]
    NoSurvey { path: PathBuf, form: String, found: String },
    #[error("{question}: {wanted} answers are published, only {people} people can give them")]
    TooMany { question: String, wanted: usize, people: usize },
    #[error("{question}: {people} people wrote numbers whose sum is published as {sum}")]
    Sum { question: String, people: usize, sum: i64 },
    #[error("forms {0} and {1} are of different surveys: figures can be given for one only")]
    TwoSurveys(String, String),
}

#[derive(Debug, Deserialize)]
struct File {
    surveys: Vec<SurveyEntry>,
    figures: Vec<Figure>,
    scalars: Vec<Scalar>,
}

#[derive(Debug, Deserialize)]
struct SurveyEntry {
    id: String,
    #[serde(default)]
    prefectures: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Figure {
    survey: String,
    question: String,
    option_id: String,
    count: Option<usize>,
}

#[derive(Debug, Deserialize)]
struct Scalar {
    survey: String,
    id: String,
    value: f64,
}

/// One published survey's counts, for N responses.
#[derive(Clone, Debug)]
pub struct Margins {
    pub survey: String,
    /// Valid responses.
    pub n: usize,
    /// (question, option) -> count. "na" is left out: blanks are what is left.
    counts: BTreeMap<(String, String), usize>,
    /// Other published numbers by id.
    scalars: BTreeMap<String, i64>,
    pub prefectures: Vec<&'static str>,
}

impl Margins {
    /// Reads the file and takes the survey named, or the one most of whose options the form has.
    ///
    /// # Errors
    /// If the file is not of published figures, or none of its surveys fits the form.
    pub fn open(path: &Path, survey: Option<&str>, form: &Form) -> Result<Self, AnswersError> {
        let bytes = std::fs::read(path)
            .map_err(|source| AnswersError::Io { path: path.to_owned(), source })?;
        let file: File = serde_json::from_slice(&bytes)
            .map_err(|source| AnswersError::Json { path: path.to_owned(), source })?;
        let chosen = file
            .surveys
            .iter()
            .filter(|s| survey.is_none_or(|id| id == s.id))
            .map(|s| (fit(&file, &s.id, form), s))
            .filter(|(fit, _)| *fit > 0)
            // The first of equals, as the file has them.
            .rev()
            .max_by_key(|(fit, _)| *fit);
        let margins = chosen.and_then(|(_, s)| Self::of(&file, s, form));
        margins.ok_or_else(|| AnswersError::NoSurvey {
            path: path.to_owned(),
            form: form.id().to_owned(),
            found: file.surveys.iter().map(|s| s.id.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    fn of(file: &File, s: &SurveyEntry, form: &Form) -> Option<Self> {
        let scalars: BTreeMap<_, _> = file
            .scalars
            .iter()
            .filter(|x| x.survey == s.id)
            .map(|x| (x.id.clone(), x.value as i64))
            .collect();
        let named = |n: &&&str| s.prefectures.iter().any(|p| n.starts_with(p.as_str()));
        let prefectures: Vec<_> = PREFECTURES.iter().filter(named).copied().collect();
        Some(Self {
            survey: s.id.clone(),
            n: usize::try_from(*scalars.get("valid")?).ok()?,
            counts: file
                .figures
                .iter()
                .filter(|f| f.survey == s.id && has(form, f))
                .filter_map(|f| Some(((f.question.clone(), f.option_id.clone()), f.count?)))
                .collect(),
            scalars,
            prefectures: if prefectures.is_empty() { PREFECTURES.to_vec() } else { prefectures },
        })
    }

    fn count(&self, question: &str, option: &str) -> Option<usize> {
        self.counts.get(&(question.to_owned(), option.to_owned())).copied()
    }

    /// The published sum of a number field: scalar `<question>_<option>_cases` of what it counts, or
    /// `<question>_cases`.
    fn sum(&self, number_of: &str) -> Option<i64> {
        let (question, option) = number_of.split_once('.')?;
        let of_option = self.scalars.get(&format!("{question}_{option}_cases"));
        of_option.or_else(|| self.scalars.get(&format!("{question}_cases"))).copied()
    }
}

fn fit(file: &File, survey: &str, form: &Form) -> usize {
    file.figures.iter().filter(|f| f.survey == survey && has(form, f)).count()
}

fn has(form: &Form, f: &Figure) -> bool {
    form.question(&f.question).is_some_and(|q| q.options.iter().any(|o| o.id == f.option_id))
}

/// N respondents' answers. With the published N every margin is exact; with another each is scaled,
/// the options of a single choice by largest remainders.
///
/// # Errors
/// If the figures contradict the form: more sub-options than parents, a sum below one a person.
pub fn draw(
    form: &Form,
    margins: &Margins,
    n: usize,
    seed: u64,
) -> Result<Vec<Response>, AnswersError> {
    let mut people = vec![Response::default(); n];
    let choices = form.questions().iter().filter(|q| q.kind.is_choice());
    for (i, q) in by_dependence(choices.collect()).into_iter().enumerate() {
        let mut rng = rng_for(seed, Stream::Answers, (1 << 40) + i as u64);
        let published = q.options.iter().any(|o| margins.count(&q.id, &o.id).is_some());
        if !published {
            for p in &mut people {
                let chosen = answers::choice(q, p, &mut rng);
                p.answers.insert(q.id.clone(), chosen);
            }
            continue;
        }
        let chosen = if q.kind == QuestionType::SelectOne {
            single(q, margins, &people, &mut rng)?
        } else {
            multiple(q, margins, &people, &mut rng)?
        };
        for (p, set) in people.iter_mut().zip(chosen) {
            let ids = q.options.iter().map(|o| &o.id).filter(|o| set.contains(o.as_str()));
            p.answers.insert(q.id.clone(), ids.cloned().collect());
        }
    }
    for q in form.questions().iter().filter(|q| q.kind == QuestionType::Integer) {
        numbers(q, margins, &mut people, &mut rng_for(seed, Stream::Answers, 1 << 41))?;
    }
    for (i, p) in people.iter_mut().enumerate() {
        let mut rng = rng_for(seed, Stream::Answers, i as u64);
        answers::write_fields(form, &margins.prefectures, p, &mut rng);
    }
    Ok(people)
}

/// Questions whose base asks about another come after it.
fn by_dependence(questions: Vec<&Question>) -> Vec<&Question> {
    let (mut first, mut then): (Vec<_>, Vec<_>) =
        questions.into_iter().partition(|q| q.base.is_none());
    first.append(&mut then);
    first
}

fn eligible(q: &Question, people: &[Response]) -> Vec<usize> {
    let meant = |p: &Response| q.base.as_ref().is_none_or(|c| p.fulfils(c));
    (0..people.len()).filter(|&i| meant(&people[i])).collect()
}

type Chosen<'a> = Vec<BTreeSet<&'a str>>;

/// The first `wanted` of a shuffle.
fn some(
    of: &[usize],
    wanted: usize,
    q: &Question,
    rng: &mut SimRng,
) -> Result<Vec<usize>, AnswersError> {
    if wanted > of.len() {
        return Err(AnswersError::TooMany { question: q.id.clone(), wanted, people: of.len() });
    }
    let mut pool = of.to_vec();
    pool.shuffle(rng);
    pool.truncate(wanted);
    Ok(pool)
}

fn single<'a>(
    q: &'a Question,
    m: &Margins,
    people: &[Response],
    rng: &mut SimRng,
) -> Result<Chosen<'a>, AnswersError> {
    let mut out = vec![BTreeSet::new(); people.len()];
    let mut counts: Vec<usize> =
        q.options.iter().map(|o| m.count(&q.id, &o.id).unwrap_or(0)).collect();
    counts.push(m.n.saturating_sub(counts.iter().sum()));
    let counts = apportion(&counts, m.n, people.len());
    let wanted = counts[..q.options.len()].iter().sum();
    let mut pool = some(&eligible(q, people), wanted, q, rng)?.into_iter();
    for (o, count) in q.options.iter().zip(counts) {
        for i in pool.by_ref().take(count) {
            out[i].insert(o.id.as_str());
        }
    }
    Ok(out)
}

/// `counts` of `whole` scaled to sum to `n` (Hamilton's largest remainders; unchanged if n = whole).
fn apportion(counts: &[usize], whole: usize, n: usize) -> Vec<usize> {
    let whole = whole.max(1);
    let mut out: Vec<usize> = counts.iter().map(|c| c * n / whole).collect();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(counts[i] * n % whole));
    let wanted = counts.iter().sum::<usize>() * n / whole;
    let missing = wanted.saturating_sub(out.iter().sum());
    for &i in order.iter().take(missing) {
        out[i] += 1;
    }
    out
}

fn multiple<'a>(
    q: &'a Question,
    m: &Margins,
    people: &[Response],
    rng: &mut SimRng,
) -> Result<Chosen<'a>, AnswersError> {
    let mut out: Chosen = vec![BTreeSet::new(); people.len()];
    let scaled = |option: &str| {
        let count = m.count(&q.id, option).unwrap_or(0);
        (2 * count * people.len() + m.n) / (2 * m.n.max(1))
    };
    let mut others = eligible(q, people);
    for o in q.options.iter().filter(|o| o.exclusive) {
        let chosen = some(&others, scaled(&o.id), q, rng)?;
        for &i in &chosen {
            out[i].insert(&o.id);
        }
        others.retain(|&i| out[i].is_empty());
    }
    for o in q.options.iter().filter(|o| !o.exclusive && o.parent.is_none()) {
        for i in some(&others, scaled(&o.id), q, rng)? {
            out[i].insert(&o.id);
        }
    }
    for o in &q.options {
        let Some(parent) = o.parent.as_deref() else { continue };
        let under: Vec<_> = others.iter().copied().filter(|&i| out[i].contains(parent)).collect();
        for i in some(&under, scaled(&o.id), q, rng)? {
            out[i].insert(&o.id);
        }
    }
    Ok(out)
}

/// Everybody who chose the option writes a number of at least 1; together they make the sum.
fn numbers(
    q: &Question,
    m: &Margins,
    people: &mut [Response],
    rng: &mut SimRng,
) -> Result<(), AnswersError> {
    let Some(target) = &q.number_of else { return Ok(()) };
    let (Some(sum), Some((question, option))) = (m.sum(target), target.split_once('.')) else {
        return Ok(());
    };
    let writers: Vec<_> =
        (0..people.len()).filter(|&i| people[i].chose(question, option)).collect();
    // Scaled as the writers are, so that the mean stays.
    let published = m.count(question, option).unwrap_or(0).max(1) as i64;
    let sum = (2 * sum * writers.len() as i64 + published) / (2 * published);
    let [low, high] = q.range.unwrap_or([1, i64::MAX]);
    let low = low.max(1);
    let mut values = vec![low; writers.len()];
    let mut left = sum - low * writers.len() as i64;
    if left < 0 || (writers.is_empty() && sum > 0) {
        return Err(AnswersError::Sum { question: q.id.clone(), people: writers.len(), sum });
    }
    while left > 0 {
        // In lumps, so that a few clinics have many cases as in life.
        let i = rng.random_range(0..values.len());
        let lump = rng.random_range(1..=4).min(left).min(high - values[i]);
        values[i] += lump;
        left -= lump;
        if values.iter().all(|v| *v >= high) && left > 0 {
            return Err(AnswersError::Sum { question: q.id.clone(), people: writers.len(), sum });
        }
    }
    for (i, v) in writers.into_iter().zip(values) {
        people[i].text.insert(q.id.clone(), v.to_string());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::apportion;

    #[test]
    fn apportion_keeps_the_published_counts_and_the_sum_of_others() {
        assert_eq!(apportion(&[6107, 1635, 458, 130], 8330, 8330), [6107, 1635, 458, 130]);
        let small = apportion(&[6107, 1635, 458, 130], 8330, 100);
        // 73.31, 19.63, 5.50, 1.56: the largest remainders are those of the second and the fourth.
        assert_eq!(small, [73, 20, 5, 2]);
    }
}
