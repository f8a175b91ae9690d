//! How many errors stand silently behind the published figures: what a blind sample of the answers that
//! the machine was sure of allows to say.

use serde::Serialize;

use crate::lang::Lang;

/// One-sided confidence of the bound; the usual one.
pub const CONFIDENCE: f64 = 0.95;

/// What the blind audit found so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct AuditFigure {
    /// Answers (of multiple choices: marks) that people looked at without knowing it.
    pub checked: u64,
    /// Of them, those that people decided otherwise. They are corrected in the figures.
    pub errors: u64,
    /// Of them, those that people could not tell; the bound takes them for errors.
    pub unclear: u64,
    /// Answers that the machine was sure of and nobody looked at.
    pub unseen: u64,
    /// Errors to expect among `unseen`.
    pub expected_errors: f64,
    /// With a confidence of 95 %, `unseen` holds no more errors than this (Clopper and Pearson 1934).
    pub at_most: f64,
}

impl AuditFigure {
    pub fn new(checked: u64, errors: u64, unclear: u64, unseen: u64) -> Self {
        let rate = if checked == 0 { 0.0 } else { errors as f64 / checked as f64 };
        let tenth = |v: f64| (v * 10.0).round() / 10.0;
        Self {
            checked,
            errors,
            unclear,
            unseen,
            expected_errors: tenth(rate * unseen as f64),
            at_most: (upper_bound(errors + unclear, checked) * unseen as f64).ceil(),
        }
    }
}

impl AuditFigure {
    /// The largest share of silent errors that the sample leaves likely, 0 to 1; what people could not
    /// tell is taken for errors.
    pub fn rate_at_most(&self) -> f64 {
        upper_bound(self.errors + self.unclear, self.checked)
    }
}

/// What may be said about silent errors, and that nobody has looked where nobody has.
pub fn audit_sentence(audit: Option<&AuditFigure>, lang: Lang) -> String {
    let Some(a) = audit.filter(|a| a.checked > 0) else {
        return lang
            .say(
                "抜き取り検査の記録がないため、誤読率の上限は言えません。",
                "No audit is on record: nothing can be said about silent errors.",
            )
            .to_owned();
    };
    let bound = a.rate_at_most() * 100.0;
    match lang {
        Lang::Ja => format!(
            "機械の誤読率の上限（信頼度95％）：{bound:.2} %（確信した印から抜き取った {} 件のうち誤り {} 件、判別できず {} 件）",
            a.checked, a.errors, a.unclear
        ),
        Lang::En => format!(
            "Silent errors of the machine, at most (95 % confidence): {bound:.2} % ({} sure marks checked              blindly, {} wrong, {} that nobody could tell)",
            a.checked, a.errors, a.unclear
        ),
    }
}

/// The largest share under which `k` or fewer of `n` are as likely as 5 %: the exact one-sided binomial
/// bound (Clopper and Pearson 1934). 1 where nothing was looked at.
pub fn upper_bound(k: u64, n: u64) -> f64 {
    if k >= n {
        return 1.0;
    }
    let (mut low, mut high) = (k as f64 / n as f64, 1.0);
    // 60 halvings leave less than a double can tell.
    for _ in 0..60 {
        let mid = f64::midpoint(low, high);
        if at_most(k, n, mid) > 1.0 - CONFIDENCE { low = mid } else { high = mid }
    }
    high
}

/// Probability of `k` or fewer successes of `n`, each with probability `p` (0 < p < 1).
fn at_most(k: u64, n: u64, p: f64) -> f64 {
    let (ln_p, ln_q) = (p.ln(), (-p).ln_1p());
    let mut ln_term = n as f64 * ln_q;
    let mut sum = ln_term.exp();
    for i in 0..k {
        // Each term from the one before: C(n, i+1) = C(n, i) (n - i) / (i + 1).
        ln_term += ((n - i) as f64 / (i + 1) as f64).ln() + ln_p - ln_q;
        sum += ln_term.exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_the_exact_one() {
        // n = 300 without an error: 1 - 0.05^(1/300); the others by bisection over the sum of exact
        // binomial terms in Python.
        for (k, n, expected) in
            [(0, 300, 0.009_936), (0, 1, 0.95), (1, 100, 0.046_560), (5, 200, 0.051_843)]
        {
            assert!((upper_bound(k, n) - expected).abs() < 2e-5, "{k}/{n}: {}", upper_bound(k, n));
        }
        assert!((upper_bound(3, 3) - 1.0).abs() < f64::EPSILON);
        assert!((upper_bound(0, 0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_figure_takes_the_unclear_for_errors_only_in_the_bound() {
        let f = AuditFigure::new(200, 1, 4, 10_000);
        assert!((f.expected_errors - 50.0).abs() < 1e-9);
        assert!((f.at_most - (upper_bound(5, 200) * 10_000.0).ceil()).abs() < 1e-9);
    }
}
