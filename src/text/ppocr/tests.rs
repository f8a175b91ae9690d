use super::*;

#[test]
fn a_model_that_is_cut_or_missing_is_told() {
    let dir = tempfile::TempDir::new().unwrap();
    let told = |folder: &Path| PpOcr::at(folder).err().unwrap();
    assert!(matches!(told(dir.path()), TextError::Missing { .. }));
    std::fs::write(dir.path().join(MODEL.0), b"RTEN").unwrap();
    let error = told(dir.path());
    assert!(matches!(error, TextError::Model { .. }) && error.to_string().contains("b6eef947"));
}

#[test]
fn a_line_is_ink_on_white_at_the_networks_height() {
    let mut ink = Bitmap::new(100, 32);
    ink.set(50, 16, true);
    let (values, width) = input(&ink);
    assert_eq!((values.len(), width), (3 * 48 * 132, 132));
    assert!(values.iter().all(|v| (-1.0..=1.0).contains(v)));
    let dark: Vec<usize> = (0..48 * 132).filter(|i| values[*i] < 0.0).collect();
    assert_eq!(dark, [24 * 132 + 66, 24 * 132 + 67, 25 * 132 + 66, 25 * 132 + 67]);
    assert_eq!(values[..48 * 132], values[2 * 48 * 132..]);
}

#[test]
fn odd_crops_become_inputs_of_bounded_size() {
    for (w, h) in [(1, 1), (0, 0), (1, 900), (20_000, 2), (1700, 60)] {
        let (values, width) = input(&Bitmap::new(w, h));
        assert!((NARROWEST..=WIDEST).contains(&width) && values.len() == 3 * 48 * width);
    }
}

#[test]
fn letters_come_back_to_their_line() {
    let line = |y: f32| Line {
        ink: Bitmap::new(168, 32),
        place: Rect { x: Px(10.0), y: Px(y), w: Px(168.0), h: Px(32.0) },
    };
    let mut twenty = Frames::new(2, 0.0);
    twenty.extend(&[0.5; 40]);
    let frames = [twenty.clone(), twenty];
    let letters = vec![('a', 2..3, 0.9), ('b', 31..32, 0.8)];
    let decoded = Decoded { text: "ab".into(), confidence: Score::new(1.0), letters };
    let symbols = place(&decoded, &frames, &[line(0.0), line(50.0)]);
    assert_eq!((symbols[0].place.y.0, symbols[1].place.y.0), (0.0, 50.0));
    // Frame 10 of 20 is the middle of the second line.
    let b = symbols[1].place;
    assert!((b.x.0 + b.w.0 / 2.0 - 94.0).abs() < 6.0, "{b:?}");
}

/// With the model installed: black, noise and specks are read in time and are no text to count on.
#[test]
fn hostile_crops_are_no_crash() {
    let Ok(engine) = PpOcr::find() else { return };
    let mut reader = engine.reader().unwrap();
    let mut noise = Bitmap::new(300, 60);
    let mut black = Bitmap::new(300, 60);
    for i in 0..300 * 60 {
        noise.set(i % 300, i / 300, (i * i * 7919 + i * 13) % 97 < 40);
        black.set(i % 300, i / 300, true);
    }
    let ask = FieldAsk { id: "q", kind: FieldKind::Free, words: &[], until: None };
    for ink in [noise, black, Bitmap::new(1, 1)] {
        let place = Rect { x: Px(0.0), y: Px(0.0), w: Px(300.0), h: Px(60.0) };
        let lines = vec![Line { ink: ink.clone(), place }];
        let crop = Crop { ink, origin: (Px(0.0), Px(0.0)), rough: false, lines };
        let got = reader.read(&crop, &ask).unwrap();
        assert!(got.confidence.get() < 0.9, "{got:?}");
    }
}

/// With the model installed: the first layers see the same part by part as all at once.
#[test]
fn a_long_line_is_the_same_part_by_part() {
    let Ok(engine) = PpOcr::find() else { return };
    let pool = Arc::new(ThreadPool::with_num_threads(1));
    let reader = Reader { loaded: engine.load().unwrap(), pool };
    let mut ink = Bitmap::new(1310, 32);
    for i in 0..1310 * 32 {
        ink.set(i % 1310, i / 1310, (i * i * 7919 + i * 13) % 97 < 20);
    }
    let (values, width) = input(&ink);
    assert!(width > 2 * PART && !width.is_multiple_of(FOURTH), "{width}");
    let line = NdTensor::from_data([1, 3, HEIGHT, width], values);
    let nodes = &reader.loaded.nodes;
    let whole: NdTensor<f32, 4> = reader.run(nodes.input, line.view().into(), nodes.stem).unwrap();
    assert_eq!(reader.stem(&line).unwrap(), whole);
}

#[test]
fn a_number_is_as_sure_as_at_its_less_sure_look() {
    let said = |text: &str, sure: f32| Recognised {
        text: text.into(),
        confidence: Score::new(sure),
        symbols: Vec::new(),
    };
    assert_eq!(agreed(&said("7", 0.99), &said("7", 0.9)), Score::new(0.9));
    assert!(agreed(&said("7", 0.99), &said("1", 0.2)).get() < 0.5);
    assert!(agreed(&said("7", 0.99), &said("1", 0.9)).get() < 0.1);
}
