//! Fax codes (ITU-T T.4 and T.6) to rows: strictly first; where that fails, leniently as libtiff does,
//! and then counting what was wrong.

use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode, decode};

use super::g4;
use super::rows::Rows;

/// How a strip is coded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coding {
    pub mode: EncodingMode,
    /// Each row starts at a byte (TIFF compression 2, PDF `/EncodedByteAlign`).
    pub aligned: bool,
}

/// What one strip gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub rows: usize,
    pub bad_rows: usize,
}

/// Undecoded bytes after the promised rows that mean "there is more": the longest end marker (six
/// end-of-lines with tags and byte fill, T.4 4.1.4) takes 12.
const LEFT_OVER: usize = 16;

/// Appends the rows of one strip to `out`. `expected` is the promised number of rows (`None`: until
/// the data end); with `grow` a promise that the data clearly exceed is not believed.
pub(super) fn decode_strip(
    data: &[u8],
    coding: Coding,
    expected: Option<usize>,
    grow: bool,
    out: &mut Rows,
) -> Outcome {
    let base = out.count();
    let (result, rows) = run(data, coding, expected, true, out);
    let Ok(used) = result else {
        if expected.is_none() && ends_after(data, coding, rows, out) {
            return Outcome { rows, bad_rows: 0 };
        }
        return lenient(data, coding, expected, base, out);
    };
    if grow && expected.is_some_and(|e| rows >= e) && data.len() > used + LEFT_OVER {
        out.set_count(base);
        let (result, longer) = run(data, coding, None, true, out);
        if result.is_ok() || ends_after(data, coding, longer, out) {
            return Outcome { rows: longer, bad_rows: 0 };
        }
        out.set_count(base + rows);
    }
    Outcome { rows, bad_rows: 0 }
}

/// Whether the data end with the last good row though no end marker says so: the bits that fill the
/// last byte cannot be a row, so asking for more rows failed.
fn ends_after(data: &[u8], coding: Coding, rows: usize, out: &mut Rows) -> bool {
    let base = out.count() - rows;
    out.set_count(base);
    let (result, again) = run(data, coding, Some(rows), true, out);
    // hayro-ccitt counts the byte it stopped in, so one byte may be left: pad to an even length.
    again == rows && result.is_ok_and(|used| rows > 0 && used + 1 >= data.len())
}

/// One pass. The error carries nothing that the rows do not say better.
fn run(
    data: &[u8],
    coding: Coding,
    expected: Option<usize>,
    strict: bool,
    out: &mut Rows,
) -> (Result<usize, ()>, usize) {
    let base = out.count();
    // Asking for one row more than fits lets the cap of `out` end a stream of endless rows.
    let most = out.cap() - base + 1;
    let most = expected.unwrap_or(most).min(most);
    if strict && !coding.aligned && coding.mode == EncodingMode::Group4 {
        if let Some(used) = g4::decode(data, most, out) {
            return (Ok(used), out.count() - base);
        }
        out.set_count(base);
    }
    let settings = DecodeSettings {
        columns: out.width() as u32,
        rows: most as u32,
        end_of_block: true,
        end_of_line: false,
        rows_are_byte_aligned: coding.aligned,
        encoding: coding.mode,
        strict,
    };
    let result = decode(data, out, &mut DecoderContext::new(settings)).map_err(|_| ());
    (result, out.count() - base)
}

/// After a strict failure whose good rows `out` still holds behind `base`.
fn lenient(
    data: &[u8],
    coding: Coding,
    expected: Option<usize>,
    base: usize,
    out: &mut Rows,
) -> Outcome {
    let good = out.count() - base;
    if let Some(outcome) = other_dimension(data, coding, expected, base, out) {
        return outcome;
    }
    out.set_count(base);
    let (_, rows) = run(data, coding, expected, false, out);
    let by_lines = (coding.mode != EncodingMode::Group4)
        .then(|| bad_lines(data, coding, out.width() as u32, rows))
        .flatten();
    // Without end-of-line codes every row after the first fault stands on it.
    let bad_rows = by_lines.unwrap_or_else(|| rows.saturating_sub(good)).max(1);
    Outcome { rows, bad_rows }
}

/// Some writers set the 2-D bit of `T4Options` wrongly. Only a flawless decode counts.
fn other_dimension(
    data: &[u8],
    coding: Coding,
    expected: Option<usize>,
    base: usize,
    out: &mut Rows,
) -> Option<Outcome> {
    let mode = match coding.mode {
        EncodingMode::Group3_1D => EncodingMode::Group3_2D,
        EncodingMode::Group3_2D => EncodingMode::Group3_1D,
        EncodingMode::Group4 => return None,
    };
    out.set_count(base);
    let (result, rows) = run(data, Coding { mode, ..coding }, expected, true, out);
    let whole = result.is_ok() && rows > 0 && expected.is_none_or(|e| rows >= e);
    whole.then_some(Outcome { rows, bad_rows: 0 })
}

/// Wrong rows of a Group 3 strip, `None` when it has no end-of-line codes to tell rows apart. A group
/// is a 1-D row with the 2-D rows that refer to it: from its first wrong row on it is counted as wrong,
/// as those rows repeat the fault.
fn bad_lines(data: &[u8], coding: Coding, width: u32, rows: usize) -> Option<usize> {
    let two_d = coding.mode == EncodingMode::Group3_2D;
    let mut starts = line_starts(data);
    if starts.len() < 2 {
        return None;
    }
    starts.push(data.len() * 8);
    let lines: Vec<(usize, usize)> = starts
        .windows(2)
        .map(|w| (w[0], w[1]))
        .filter(|(a, b)| b - a > EOL_BITS + 1)
        .take(rows)
        .collect();
    let is_first = |l: &(usize, usize)| !two_d || data[l.0 / 8] >> (7 - l.0 % 8) & 1 == 1;
    let mut bad = 0;
    let mut i = 0;
    while i < lines.len() {
        let n = 1 + lines[i + 1..].iter().take_while(|l| !is_first(l)).count();
        let bits = cut_bits(data, lines[i].0, lines[i + n - 1].1);
        let mut sink = Rows::new(width as usize, n);
        let settings = DecodeSettings {
            columns: width,
            rows: n as u32,
            end_of_block: false,
            end_of_line: true,
            rows_are_byte_aligned: false,
            encoding: coding.mode,
            strict: true,
        };
        let _ = decode(&bits, &mut sink, &mut DecoderContext::new(settings));
        bad += n - sink.count();
        i += n;
    }
    Some(bad)
}

/// T.4 4.1.2: eleven zeros (or more, as fill) and a one.
const EOL_BITS: usize = 12;

/// The bit after each end-of-line code, and bit 0 where the strip does not begin with one.
fn line_starts(data: &[u8]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut zeros = 0;
    for (i, byte) in data.iter().enumerate() {
        let lead = byte.leading_zeros() as usize;
        if *byte == 0 {
            zeros += 8;
            continue;
        }
        if zeros + lead >= EOL_BITS - 1 {
            let after = i * 8 + lead + 1;
            if starts.is_empty() && zeros + lead + 1 < after {
                starts.push(0);
            }
            starts.push(after);
        }
        zeros = byte.trailing_zeros() as usize;
    }
    starts
}

/// The bits `from..to` moved to the start of a byte, zeros behind them.
fn cut_bits(data: &[u8], from: usize, to: usize) -> Vec<u8> {
    let at = |i: usize| data.get(i).map_or(0, |b| u16::from(*b));
    let n = (to - from).div_ceil(8);
    let mut out: Vec<u8> = (from / 8..from / 8 + n)
        .map(|i| ((at(i) << 8 | at(i + 1)) << (from % 8) >> 8) as u8)
        .collect();
    if let Some(last) = out.last_mut() {
        *last &= 0xffu8 << (n * 8 - (to - from));
    }
    out
}
