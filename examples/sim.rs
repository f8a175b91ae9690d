use faxtally::simulate::{self, job::*};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut j = SimulateJob::new(
        vec![a[1].clone().into()],
        a[2].parse().unwrap(),
        a[3].parse().unwrap(),
        a[4].clone().into(),
    );
    j.profile = match a.get(5).map(|s| s.as_str()) {
        Some("clean") => simulate::line::Profile::Clean,
        Some("fine") => simulate::line::Profile::Fine,
        Some("standard") => simulate::line::Profile::Standard,
        Some("rough") => simulate::line::Profile::Rough,
        _ => simulate::line::Profile::Mixed,
    };
    if let Some(c) = a.get(6) {
        j.container = if c == "g4" { Container::TiffG4 } else { Container::Mixed };
    }
    if let Some(d) = a.get(7) {
        j.duplicates = d.parse().unwrap();
        j.strangers = j.duplicates;
    }
    let t = std::time::Instant::now();
    let s = simulate::job::run(&j).unwrap();
    println!("{s:?} {:.1}s", t.elapsed().as_secs_f64());
}
