use super::network::SIDE;
use super::*;
use crate::raster::Bitmap;
use crate::reading::Writing;

const NUMBER: FieldKind = FieldKind::Integer { min: 1, max: 9999 };

/// Strokes of a pen of 4 px.
fn drawn(strokes: &[&[(f32, f32)]]) -> Crop {
    let mut ink = Bitmap::new(260, 60);
    for pair in strokes.iter().flat_map(|s| s.windows(2)) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        for i in 0..=200 {
            let t = i as f32 / 200.0;
            let (x, y) = (x0 + t * (x1 - x0), y0 + t * (y1 - y0));
            for (dx, dy) in (0..4).flat_map(|dx| (0..4).map(move |dy| (dx, dy))) {
                ink.set(x as usize + dx, y as usize + dy, true);
            }
        }
    }
    let (field, origin, circled) = ("q".to_owned(), (0, 0), Vec::new());
    let (rough, overflow, strike) = (false, false, false);
    Crop::of(&Writing { field, ink, origin, rough, overflow, strike, circled })
}

fn read(strokes: &[&[(f32, f32)]]) -> (String, f32) {
    let mut reader = Digits::default().reader().unwrap();
    let ask = FieldAsk { id: "q", kind: NUMBER, words: &[], until: None };
    let r = reader.read(&drawn(strokes), &ask).unwrap();
    (r.text, r.confidence.get())
}

const ONE: &[(f32, f32)] = &[(20.0, 10.0), (19.0, 44.0)];
const SEVEN: &[(f32, f32)] = &[(40.0, 18.0), (40.0, 10.0), (60.0, 10.0), (50.0, 44.0)];
const FOUR: [&[(f32, f32)]; 2] =
    [&[(86.0, 10.0), (74.0, 32.0), (98.0, 32.0)], &[(91.0, 22.0), (91.0, 44.0)]];

#[test]
fn plain_digits_are_read_one_by_one() {
    let (text, sure) = read(&[ONE, SEVEN, FOUR[0], FOUR[1]]);
    assert_eq!(text, "174");
    assert!(sure > 0.5, "{sure}");
}

#[test]
fn what_is_no_digit_spoils_the_number() {
    // Far enough from the rest to touch nothing: 17-4, 17.4, and a line through all of it.
    let four = FOUR.map(|s| s.iter().map(|(x, y)| (x + 26.0, *y)).collect::<Vec<_>>());
    let dash: &[(f32, f32)] = &[(72.0, 27.0), (86.0, 27.0)];
    let point: &[(f32, f32)] = &[(76.0, 42.0), (77.0, 43.0)];
    let struck: &[(f32, f32)] = &[(10.0, 30.0), (130.0, 24.0)];
    for (what, spoilt) in [("dash", dash), ("point", point), ("struck", struck)] {
        let (text, sure) = read(&[ONE, SEVEN, spoilt, &four[0], &four[1]]);
        assert!(sure < 0.3, "{what}: {text} {sure}");
    }
}

#[test]
fn odd_crops_have_no_number_and_take_no_time() {
    let full = |w: usize, h: usize| {
        let mut ink = Bitmap::new(w, h);
        (0..w * h).for_each(|i| ink.set(i % w, i / w, true));
        ink
    };
    let noise = |w: usize, h: usize| {
        let mut ink = Bitmap::new(w, h);
        (0..w * h).for_each(|i| {
            ink.set(i % w, i / w, (i.wrapping_mul(2_654_435_761) >> 7).is_multiple_of(4));
        });
        ink
    };
    let mut reader = Digits::default().reader().unwrap();
    let ask = FieldAsk { id: "q", kind: NUMBER, words: &[], until: None };
    for ink in [full(1, 1), full(150, 45), noise(150, 45), Bitmap::new(9, 9), noise(1500, 200)] {
        let (field, origin, circled) = ("q".to_owned(), (0, 0), Vec::new());
        let (rough, overflow, strike) = (false, false, false);
        let w = Writing { field, ink, origin, rough, overflow, strike, circled };
        let r = reader.read(&Crop::of(&w), &ask).unwrap();
        assert!(r.confidence.get() < 0.1, "{} {}", r.text, r.confidence.get());
    }
}

#[test]
fn other_weights_than_the_networks_are_no_network() {
    let whole = network::weights();
    assert!(Network::new(whole).is_some());
    assert!(Network::new(&whole[..whole.len() - 1]).is_none());
    assert!(Network::new(&[whole, &[0]].concat()).is_none());
}

#[test]
fn chances_add_up_to_one() {
    let network = Network::new(network::weights()).unwrap();
    let all: f32 = network.classes(&vec![0.3; SIDE * SIDE]).iter().sum();
    assert!((all - 1.0).abs() < 1e-4, "{all}");
}
