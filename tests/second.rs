//! The second opinion against the rules alone, on the same pages: it must leave fewer answers to people and not
//! count more wrong ones. (How good it is, the figures in README.md say; these are 400 pages.)

#[path = "support/keyed.rs"]
mod keyed;

use faxtally::judge::Policy;
use faxtally::pipeline::Reader;
use faxtally::simulate::line::Profile;
use faxtally::simulate::{SimulateJob, run};
use keyed::{Outcome, form, form_dir, pages, read};

/// No page of it was among those that the trees were grown on.
const SEED: u64 = 9004;

#[test]
fn a_second_opinion_leaves_fewer_answers_to_people_and_counts_no_more_wrong_ones() {
    let dir = tempfile::tempdir().unwrap();
    let job = SimulateJob::new(vec![form_dir()], 400, SEED, dir.path().to_owned());
    run(&SimulateJob { profile: Profile::Mixed, ..job }).unwrap();
    let pages = pages(dir.path());
    let of =
        |policy| Outcome::of(&form(), &pages, &read(&Reader::new(vec![form()], policy), &pages));
    let rules = Policy {
        second_settles: 1.0,
        second_settles_moved: 1.0,
        second_doubts: 0.0,
        ..Policy::default()
    };
    let alone = of(rules.checked().unwrap());
    let both = of(Policy::default());
    let (before, after) = (alone.to_people(&form()), both.to_people(&form()));
    println!("to people: {before:.4} by the rules alone, {after:.4} with a second opinion");
    assert!(after <= 0.8 * before, "{after} of the answers go to people, {before} without it");
    let wrong = (alone.wrong_positions.len(), both.wrong_positions.len());
    assert!(wrong.1 <= wrong.0, "{:?}", both.wrong_positions);
}
