//! The second opinion against the rules alone, and its network against its trees alone, on the same pages: each must
//! leave fewer answers to people and not count more wrong ones. (How good it is, the figures in README.md say; these
//! are 400 pages.)

#[path = "support/keyed.rs"]
mod keyed;

use faxtally::judge::Policy;
use faxtally::pipeline::Reader;
use faxtally::simulate::line::Profile;
use faxtally::simulate::{SimulateJob, run};
use keyed::{Outcome, form, form_dir, pages, read};

/// No page of it was among those that trees and network were grown on.
const SEED: u64 = 9004;

#[test]
fn a_second_opinion_leaves_fewer_answers_to_people_and_counts_no_more_wrong_ones() {
    let dir = tempfile::tempdir().unwrap();
    let job = SimulateJob::new(vec![form_dir()], 400, SEED, dir.path().to_owned());
    run(&SimulateJob { profile: Profile::Mixed, ..job }).unwrap();
    let pages = pages(dir.path());
    let of =
        |policy| Outcome::of(&form(), &pages, &read(&Reader::new(vec![form()], policy), &pages));
    let trees = Policy {
        sight_asked: 0.0,
        sight_explained: u32::MAX,
        sight_settles: 1.0,
        sight_settles_moved: 1.0,
        ..Policy::default()
    };
    let rules =
        Policy { second_settles: 1.0, second_settles_moved: 1.0, second_doubts: 0.0, ..trees };
    let [alone, trees, both] =
        [rules, trees, Policy::default()].map(|p| of(p.checked().expect("a policy")));
    let people = [&alone, &trees, &both].map(|o| o.to_people(&form()));
    println!(
        "to people: {:.4} by the rules alone, {:.4} with trees, {:.4} with a look",
        people[0], people[1], people[2]
    );
    assert!(people[1] <= 0.8 * people[0] && people[2] <= 0.8 * people[1], "{people:?}");
    let wrong = [&alone, &trees, &both].map(|o| o.wrong_positions.len());
    assert!(wrong[1] <= wrong[0] && wrong[2] <= wrong[1], "{:?}", both.wrong_positions);
}
