//! The simulated line does what its notes say: what is measured on the received page agrees with the
//! truth that registration will be judged by.

use faxtally::raster::Bitmap;
use faxtally::simulate::line::{BannerKind, LineNotes, Profile, Sheet, photocopy_pass, send};
use faxtally::units::{Mm, Px, Resolution};
use image::{GrayImage, Luma};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

const DPI: f32 = 200.0;
/// Small enough to leave paper between them, large enough to outlive a lost row.
const DOT_MM: f32 = 1.6;

/// An A4 sheet with a black dot every 30 mm.
fn dotted() -> (Sheet, Vec<(Mm, Mm)>) {
    let resolution = Resolution { x: DPI, y: DPI };
    let at: Vec<(Mm, Mm)> = (0..6)
        .flat_map(|i| (0..9).map(move |j| (Mm(30.0 + i as f32 * 30.0), Mm(25.0 + j as f32 * 30.0))))
        .collect();
    let size = (resolution.x_px(Mm(210.0)).0 as u32, resolution.y_px(Mm(297.0)).0 as u32);
    let mut grey = GrayImage::from_pixel(size.0, size.1, Luma([255]));
    let radius = resolution.x_px(Mm(DOT_MM / 2.0)).0;
    for (x, y) in &at {
        let (cx, cy) = (resolution.x_px(*x).0, resolution.y_px(*y).0);
        for py in (cy - radius) as u32..=(cy + radius) as u32 {
            for px in (cx - radius) as u32..=(cx + radius) as u32 {
                if (px as f32 + 0.5 - cx).hypot(py as f32 + 0.5 - cy) < radius {
                    grey.put_pixel(px, py, Luma([10]));
                }
            }
        }
    }
    (Sheet { grey, resolution }, at)
}

fn page(profile: Profile, seed: u64, sheet: &Sheet) -> (Bitmap, Resolution, LineNotes) {
    send(sheet, profile, &mut Pcg64Mcg::seed_from_u64(seed))
}

/// The middle of the ink within 1.5 mm of a received place.
fn ink_near(page: &Bitmap, resolution: Resolution, near: (Px, Px)) -> Option<(f32, f32)> {
    let (rx, ry) = (resolution.x_px(Mm(1.5)).0, resolution.y_px(Mm(1.5)).0);
    let (mut sum_x, mut sum_y, mut n) = (0.0, 0.0, 0.0);
    for y in (near.1.0 - ry) as usize..=(near.1.0 + ry) as usize {
        for x in (near.0.0 - rx) as usize..=(near.0.0 + rx) as usize {
            if page.get(x, y) {
                sum_x += x as f32 + 0.5;
                sum_y += y as f32 + 0.5;
                n += 1.0;
            }
        }
    }
    // A fifth of a dot's pixels must be there.
    (n * 5.0 > rx * ry).then(|| (sum_x / n, sum_y / n))
}

/// Distances in millimetres between where dots are and where the trace says; dots that are lost in
/// the line are left out.
fn misses(profile: Profile, seed: u64, sheet: &Sheet, dots: &[(Mm, Mm)]) -> Vec<f32> {
    let (page, resolution, notes) = page(profile, seed, sheet);
    let found = dots.iter().filter_map(|(x, y)| {
        let place = notes.trace.place(*x, *y)?;
        let (ix, iy) = ink_near(&page, resolution, place)?;
        let (dx, dy) = (Px(ix - place.0.0), Px(iy - place.1.0));
        Some(resolution.x_mm(dx).0.hypot(resolution.y_mm(dy).0))
    });
    found.collect()
}

#[test]
fn the_trace_says_where_every_point_went() {
    let (sheet, dots) = dotted();
    for (profile, worst) in [(Profile::Clean, 0.08), (Profile::Fine, 0.2), (Profile::Standard, 0.3)]
    {
        for seed in 0..4 {
            let mut misses = misses(profile, seed, &sheet, &dots);
            misses.sort_by(f32::total_cmp);
            assert!(misses.len() + 3 >= dots.len(), "{profile} {seed}: {} dots", misses.len());
            // A slip or a lost row may go through a dot or two.
            let far = misses[misses.len() * 9 / 10];
            assert!(far < worst, "{profile} {seed}: {far} mm");
        }
    }
}

#[test]
fn rough_pages_are_traced_too() {
    let (sheet, dots) = dotted();
    for seed in 0..8 {
        let (.., notes) = page(Profile::Rough, seed, &sheet);
        let mut misses = misses(Profile::Rough, seed, &sheet, &dots);
        misses.sort_by(f32::total_cmp);
        assert!(notes.cut.is_some() || misses.len() * 10 >= dots.len() * 8, "{seed}: {misses:?}");
        assert!(misses[misses.len() / 2] < 0.25, "{seed}: {misses:?}");
    }
}

#[test]
fn place_and_paper_at_are_inverse() {
    let (sheet, dots) = dotted();
    let (_, resolution, notes) = page(Profile::Rough, 5, &sheet);
    for (x, y) in dots {
        let Some((px, py)) = notes.trace.place(x, y) else { continue };
        let Some((bx, by)) = notes.trace.paper_at(px.0 as usize, py.0 as usize) else {
            panic!("{px:?} {py:?} shows no paper")
        };
        assert!((bx.0 - x.0).abs() < 25.4 / resolution.x, "{bx:?} {x:?}");
        // Half a millimetre around a slip, where the next row shows another part of the paper.
        assert!((by.0 - y.0).abs() < 0.5, "{by:?} {y:?}");
    }
}

#[test]
fn a_photocopied_dot_lies_where_the_pass_says() {
    let (sheet, dots) = dotted();
    for seed in 0..3 {
        let (copy, moved) = photocopy_pass(&sheet, &mut Pcg64Mcg::seed_from_u64(seed));
        assert_eq!(copy.grey.dimensions(), sheet.grey.dimensions());
        let page = Bitmap::from_luma(&copy.grey, 128);
        for (x, y) in &dots {
            let (mx, my) = moved.apply(f64::from(x.0), f64::from(y.0));
            let at = (copy.resolution.x_px(Mm(mx as f32)), copy.resolution.y_px(Mm(my as f32)));
            let (ix, iy) = ink_near(&page, copy.resolution, at).expect("dot is gone");
            let miss = (ix - at.0.0).hypot(iy - at.1.0) * 25.4 / DPI;
            assert!(miss < 0.1, "seed {seed}, dot at {x:?} {y:?}: {miss} mm off");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_page_and_another_another() {
    let (sheet, _) = dotted();
    let (a, _, notes_a) = page(Profile::Rough, 11, &sheet);
    let (b, _, notes_b) = page(Profile::Rough, 11, &sheet);
    assert!(a == b);
    assert_eq!(serde_json::to_string(&notes_a).unwrap(), serde_json::to_string(&notes_b).unwrap());
    assert!(page(Profile::Rough, 12, &sheet).0 != a);
}

#[test]
fn profiles_keep_to_what_they_promise() {
    // A small slip of paper: only the notes are looked at.
    let resolution = Resolution { x: 100.0, y: 100.0 };
    let sheet = Sheet { grey: GrayImage::from_pixel(100, 20, Luma([255])), resolution };
    let mut rough = Vec::new();
    for seed in 0..400 {
        let (.., clean) = page(Profile::Clean, seed, &sheet);
        assert!(clean.skew_deg.abs() <= 0.3 && clean.noise == 0.0 && clean.specks == 0);
        assert!(clean.lines_per_inch == 196 && clean.lost_rows == 0 && !clean.upside_down);
        let (.., fine) = page(Profile::Fine, seed, &sheet);
        assert!(fine.skew_deg.abs() <= 1.5 && fine.lines_per_inch == 196 && fine.lost_rows == 0);
        let (.., standard) = page(Profile::Standard, seed, &sheet);
        assert!(standard.skew_deg.abs() <= 2.5 && standard.lines_per_inch == 98);
        rough.push(page(Profile::Rough, seed, &sheet).2);
    }
    let share = |f: &dyn Fn(&LineNotes) -> bool| {
        rough.iter().filter(|n| f(n)).count() as f32 / rough.len() as f32
    };
    assert!(rough.iter().all(|n| n.skew_deg.abs() <= 5.0));
    assert!(rough.iter().all(|n| (0.965..=1.035).contains(&n.stretch_x)));
    assert!(rough.iter().any(|n| n.skew_deg.abs() > 3.5), "skew reaches its limits");
    assert!(rough.iter().any(|n| (n.stretch_y - 1.0).abs() > 0.025), "stretch too");
    assert!((0.4..0.6).contains(&share(&|n| n.lines_per_inch == 98)));
    assert!((0.002..0.05).contains(&share(&|n| n.upside_down)));
    assert!(share(&|n| n.cut.is_some()) < 0.02);
    assert!(share(&|n| n.banner == BannerKind::Over) > 0.2);
}

#[test]
fn mixed_draws_the_others_in_their_shares() {
    let resolution = Resolution { x: 100.0, y: 100.0 };
    let sheet = Sheet { grey: GrayImage::from_pixel(100, 20, Luma([255])), resolution };
    let drawn: Vec<Profile> =
        (0..300).map(|seed| page(Profile::Mixed, seed, &sheet).2.profile).collect();
    for (profile, share) in [
        (Profile::Clean, 0.2),
        (Profile::Fine, 0.35),
        (Profile::Standard, 0.25),
        (Profile::Rough, 0.2),
        (Profile::Mixed, 0.0),
    ] {
        let got = drawn.iter().filter(|p| **p == profile).count() as f32 / drawn.len() as f32;
        assert!((got - share).abs() <= 0.07, "{profile}: {got}");
    }
}

#[test]
fn a_banner_above_moves_the_page_and_one_over_it_does_not() {
    let (sheet, dots) = dotted();
    let (mut above, mut over, mut none) = (None, None, None);
    for seed in 0..40 {
        let (bitmap, _, notes) = page(Profile::Clean, seed, &sheet);
        let first = notes.trace.place(dots[0].0, dots[0].1).unwrap().1;
        let banner_ink: u32 =
            (0..32).flat_map(|y| bitmap.row(y)).map(|word| word.count_ones()).sum();
        match notes.banner {
            BannerKind::Above => above = Some((first, bitmap.height(), banner_ink)),
            BannerKind::Over => over = Some((first, bitmap.height(), banner_ink)),
            BannerKind::None => none = Some((first, bitmap.height(), banner_ink)),
        }
    }
    let (above, over, none) = (above.unwrap(), over.unwrap(), none.unwrap());
    // Offsets differ by 0.5 mm (4 rows) and stretch by 0.3 % (7 rows of the page) between pages.
    assert!((above.0.0 - none.0.0 - 32.0).abs() < 9.0, "{above:?} {none:?}");
    assert!((over.0.0 - none.0.0).abs() < 9.0, "{over:?} {none:?}");
    assert!(above.1 > none.1 + 16 && over.1 < none.1 + 16);
    assert!(above.2 > 1000 && over.2 > 1000 && none.2 == 0, "{above:?} {over:?} {none:?}");
}

#[test]
fn an_empty_or_tiny_sheet_does_no_harm() {
    let resolution = Resolution { x: 200.0, y: 200.0 };
    for (w, h) in [(0, 0), (1, 1), (0, 40), (40, 0), (3000, 2)] {
        let sheet = Sheet { grey: GrayImage::from_pixel(w, h, Luma([0])), resolution };
        for seed in 0..20 {
            let (bitmap, _, notes) = page(Profile::Rough, seed, &sheet);
            assert!(bitmap.height() <= 100, "{w}x{h} {seed}: {}", bitmap.height());
            assert!(notes.trace.place(Mm(100.0), Mm(100.0)).is_none());
        }
        let (copy, _) = photocopy_pass(&sheet, &mut Pcg64Mcg::seed_from_u64(1));
        assert_eq!(copy.grey.dimensions(), (w, h));
    }
}
