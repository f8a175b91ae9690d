use faxtally::simulate::{SimulateJob, job};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let mut j = SimulateJob::new(
        vec![a[1].clone().into()],
        a[2].parse().unwrap(),
        a[3].parse().unwrap(),
        a[4].clone().into(),
    );
    if let Some(p) = a.get(5) {
        j.profile = p.parse().unwrap();
    }
    if let Some(p) = a.get(6) {
        j.answers = Some(p.clone().into());
    }
    if a.len() > 7 {
        j.duplicates = 0.1;
        j.strangers = 0.2;
    }
    j.jobs = 1;
    let t = std::time::Instant::now();
    println!("{:?} {:?}", job::run(&j).unwrap(), t.elapsed());
}
