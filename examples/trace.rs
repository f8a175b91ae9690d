use faxtally::{decode::*, form::Form, judge::Policy, pipeline::Reader};
use std::path::Path;
fn main() {
    let mut forms = vec![];
    let mut files = vec![];
    let mut out = None;
    let mut verbose = false;
    let mut it = std::env::args().skip(1);
    while let Some(a) = it.next() {
        match a.as_str() {
            "-f" => forms.push(Form::open(Path::new(&it.next().unwrap())).unwrap()),
            "-o" => out = it.next(),
            "-v" => verbose = true,
            _ => files.push(a),
        }
    }
    let r = Reader::new(forms, Policy::default());
    let mut n = 0;
    let t0 = std::time::Instant::now();
    let mut td = 0.0;
    for f in &files {
        let b = std::fs::read(f).unwrap();
        let t = std::time::Instant::now();
        let d = match Document::open(b, &Limits::default()) {
            Ok(d) => d,
            Err(e) => {
                println!("{f} ERR {e:?}");
                continue;
            }
        };
        for i in 0..d.page_count() {
            let p = d.page(i).unwrap();
            td += t.elapsed().as_secs_f64();
            n += 1;
            let t1 = std::time::Instant::now();
            let tr = r.trace(&p);
            let us = t1.elapsed().as_micros();
            let g = &tr.reading;
            println!(
                "{f}#{i} {:?} form {:?} turn {} skew {} resid {} agree {:.2} {:?} {}us {}x{} {:?}",
                g.kind,
                g.form,
                g.orientation,
                g.skew_deg,
                g.residual_px,
                g.agreement.get(),
                g.reasons.iter().map(|r| (r.code, r.measured)).collect::<Vec<_>>(),
                us,
                p.bitmap.width(),
                p.bitmap.height(),
                p.resolution
            );
            for (q, a) in &g.answers {
                if verbose || a.state == faxtally::reading::FieldState::Pending {
                    println!(
                        "   {q} {:?} {:?} {:.5} {:?}",
                        a.state,
                        a.value,
                        a.confidence.get(),
                        a.reasons
                            .iter()
                            .map(|r| (r.code, r.about.clone(), r.measured))
                            .collect::<Vec<_>>()
                    );
                }
            }
            if let (Some(o), Some(rd)) = (&out, &tr.read) {
                let t = r.template(rd.form);
                let mut im = image::RgbImage::from_fn(
                    rd.sheet.width() as u32,
                    rd.sheet.height() as u32,
                    |x, y| {
                        let a = rd.marks.added.get(x as usize, y as usize);
                        let s = rd.sheet.get(x as usize, y as usize);
                        image::Rgb(if a {
                            [200, 0, 0]
                        } else if s {
                            [90, 90, 90]
                        } else {
                            [255, 255, 255]
                        })
                    },
                );
                for (e, v) in rd.marks.boxes.iter().zip(&rd.judged.verdicts) {
                    let b = &t.boxes[e.index];
                    use faxtally::reading::BoxOutcome::*;
                    let c = image::Rgb(match v.outcome {
                        Marked => [0, 160, 0],
                        Doubtful => [255, 120, 0],
                        Unmarked => [120, 160, 255],
                    });
                    for k in 0..3 {
                        let r = imageproc::rect::Rect::at(
                            (b.px.x.0 + e.shift.0) as i32 - 3 - k,
                            (b.px.y.0 + e.shift.1) as i32 - 3 - k,
                        )
                        .of_size(
                            b.px.w.0 as u32 + 6 + 2 * k as u32,
                            b.px.h.0 as u32 + 6 + 2 * k as u32,
                        );
                        imageproc::drawing::draw_hollow_rect_mut(&mut im, r, c);
                    }
                }
                let name =
                    format!("{o}/{}_{i}.png", Path::new(f).file_stem().unwrap().to_string_lossy());
                im.save(name).unwrap();
            }
            if verbose {
                if let Some(rd) = &tr.read {
                    let t = r.template(rd.form);
                    for (e, v) in rd.marks.boxes.iter().zip(&rd.judged.verdicts) {
                        println!(
                            "      {}.{} {:?} inner {:.3} foreign {:.2} miss {:.2} shift {:.1},{:.1} box {:.2}/{:.2} lab {:?} both {:?} strike {:.2} lost {:.2} strays {}",
                            t.question(&t.boxes[e.index]).id,
                            t.option(&t.boxes[e.index]).id,
                            v.outcome,
                            e.inner,
                            e.foreign,
                            e.missing,
                            e.shift.0,
                            e.shift.1,
                            e.around_box.mean(),
                            e.around_box.core,
                            e.around_label.map(|a| a.mean()),
                            e.around_both.map(|a| a.mean()),
                            e.strike,
                            e.lost,
                            e.strays.len()
                        );
                    }
                    if std::env::var("JS").is_ok() {
                        for e in &rd.marks.boxes {
                            let b = &t.boxes[e.index];
                            let c = |a: &faxtally::marks::Enclosure| serde_json::json!({"s":a.sides,"core":a.core});
                            println!(
                                "{}",
                                serde_json::json!({"f":f.rsplit('/').next(),"q":t.question(b).id,"o":t.option(b).id,"inner":e.inner,"foreign":e.foreign,"miss":e.missing,"shift":[e.shift.0,e.shift.1],"box":c(&e.around_box),"lab":e.around_label.as_ref().map(c),"both":e.around_both.as_ref().map(c),"strike":e.strike,"near":e.near,"lost":e.lost,"strays":e.strays.iter().map(|s|(s.ink,s.dx,s.dy,s.bounds.width(),s.bounds.height())).collect::<Vec<_>>(),"stroke":e.stroke.as_ref().map(|s|(s.ink,s.inside.clone(),s.bounds.width(),s.bounds.height()))})
                            );
                        }
                    }
                    println!("      fields {:?}", rd.marks.fields);
                }
            }
        }
    }
    eprintln!(
        "{n} pages {:.2} ms/page, decode {:.2}",
        t0.elapsed().as_secs_f64() * 1e3 / n as f64,
        td * 1e3 / n as f64
    );
}
