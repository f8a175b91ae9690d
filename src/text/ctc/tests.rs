use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn of(values: &[f32], symbols: usize) -> Frames {
    let mut out = Frames::new(symbols, FAINTEST);
    out.extend(values);
    out
}

/// Every way to spread symbols over the frames, added up by the text it reads.
fn all_texts(frames: &Frames) -> BTreeMap<Vec<usize>, f64> {
    let mut sums: BTreeMap<Vec<usize>, f64> = BTreeMap::new();
    let ways = frames.symbols().pow(frames.len() as u32);
    for way in 0..ways {
        let (mut rest, mut p, mut text, mut last) = (way, 1.0, Vec::new(), BLANK);
        for t in 0..frames.len() {
            let symbol = rest % frames.symbols();
            rest /= frames.symbols();
            p *= f64::from(frames.at(t, symbol));
            if symbol != BLANK && symbol != last {
                text.push(symbol);
            }
            last = symbol;
        }
        *sums.entry(text).or_default() += p;
    }
    sums
}

fn frames() -> impl Strategy<Value = Frames> {
    (1usize..6, 2usize..5).prop_flat_map(|(length, symbols)| {
        prop::collection::vec(0.01f32..1.0, length * symbols).prop_map(move |mut values| {
            for frame in values.chunks_mut(symbols) {
                let sum: f32 = frame.iter().sum();
                for v in frame.iter_mut() {
                    *v /= sum;
                }
            }
            of(&values, symbols)
        })
    })
}

/// Likes the first symbol, by so much each.
struct Likes(f32);

impl Language for Likes {
    type State = ();

    fn start(&self) {}

    fn next(&self, (): &(), symbol: usize) -> (f32, ()) {
        (if symbol == 1 { self.0 } else { 0.0 }, ())
    }
}

const WIDE: Width = Width { beam: 5000, symbols: 100 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_texts_score_is_the_sum_of_all_its_ways(frames in frames()) {
        for (text, p) in all_texts(&frames) {
            let ours = f64::from(forward(&frames, &text)).exp();
            prop_assert!((ours - p).abs() < 1e-4 * p.max(0.01), "{text:?}: {ours} {p}");
        }
    }

    #[test]
    fn a_wide_beam_finds_the_best_of_all_texts(frames in frames(), bonus in -2.0f32..2.0) {
        let best = all_texts(&frames).into_iter().map(|(text, p)| {
            let liked = text.iter().filter(|s| **s == 1).count() as f64;
            p.ln() + f64::from(bonus) * liked
        });
        let best = best.fold(f64::NEG_INFINITY, f64::max);
        let found = search(&frames, &Likes(bonus), &|_| true, WIDE);
        prop_assert!((f64::from(found[0].score()) - best).abs() < 1e-3, "{} {best}", found[0].score());
    }

    #[test]
    fn a_narrow_beam_never_claims_more_than_there_is(frames in frames()) {
        let narrow = Width { beam: 2, symbols: 2 };
        for found in search(&frames, &AnyText, &|_| true, narrow) {
            prop_assert!(found.seen <= forward(&frames, &found.text) + 1e-4);
        }
    }

    #[test]
    fn what_is_not_allowed_is_not_found(frames in frames()) {
        for found in search(&frames, &AnyText, &|s| s == 1, WIDE) {
            prop_assert!(found.text.iter().all(|s| *s == 1));
        }
    }

    #[test]
    fn spikes_stand_in_order_and_within_the_line(frames in frames()) {
        for (text, _) in all_texts(&frames) {
            let found = spikes(&frames, &text);
            prop_assert_eq!(found.len(), text.len());
            let mut end = 0;
            for ((at, p), symbol) in found.iter().zip(&text) {
                prop_assert!(at.start >= end && at.end > at.start && at.end <= frames.len());
                let most = at.clone().map(|t| frames.at(t, *symbol)).fold(0.0, f32::max);
                prop_assert!((*p - most).abs() < 1e-6);
                end = at.end;
            }
        }
    }
}

#[test]
fn no_frames_hold_nothing_but_the_empty_text() {
    let none = of(&[], 4);
    assert!(none.is_empty());
    assert!(forward(&none, &[]).abs() < 1e-6);
    assert!(forward(&none, &[1]).is_infinite());
    assert!(spikes(&none, &[1]).is_empty());
    assert_eq!(search(&none, &AnyText, &|_| true, WIDE)[0].text, Vec::<usize>::new());
}

#[test]
fn a_double_letter_needs_a_frame_between() {
    let two = of(&[0.1, 0.9, 0.1, 0.9], 2);
    assert!(forward(&two, &[1, 1]).is_infinite());
    assert!(spikes(&two, &[1, 1]).is_empty());
}

#[test]
fn what_is_no_probability_counts_as_zero() {
    let odd = of(&[f32::NAN, f32::INFINITY, -1.0, 0.5, 2.0, 0.1, 9.9], 3);
    assert_eq!(odd.len(), 2);
    let all: Vec<f32> = (0..6).map(|i| odd.at(i / 3, i % 3)).collect();
    assert_eq!(all, [0.0, 0.0, 0.0, 0.5, 1.0, 0.1]);
    assert!(odd.at(7, 0) + odd.at(0, 7) < 1e-9);
}
