//! The two byte compressions of bilevel TIFF: `PackBits` (TIFF 6.0 section 9) and LZW (section 13).
//! Both stop at `most` bytes, so that a few bytes of input cannot fill the memory, and both return what
//! they had when the data went wrong.

pub(super) fn pack_bits(data: &[u8], most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = data;
    while let [head, tail @ ..] = rest
        && out.len() < most
    {
        let n = usize::from(*head);
        rest = match n {
            128 => tail,
            0..128 => {
                let literal = &tail[..tail.len().min(n + 1)];
                out.extend_from_slice(literal);
                &tail[literal.len()..]
            }
            _ => {
                let Some((byte, tail)) = tail.split_first() else { break };
                out.resize(out.len() + 257 - n, *byte);
                tail
            }
        };
    }
    out.truncate(most);
    out
}

const CLEAR: u16 = 256;
/// The first code of the table; 257 ends the data.
const FIRST: usize = 258;
/// Codes have at most 12 bits.
const TABLE: usize = 4096;

/// The strings of the code table as (place of the copy in the output, length): a new string is always
/// what was written last plus one byte, so it needs no storage of its own.
struct Table {
    entries: Vec<(usize, usize)>,
}

impl Table {
    /// TIFF changes the code width one code early (section 13, "early change").
    fn width(&self) -> u32 {
        match self.entries.len() + FIRST + 1 {
            0..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        }
    }
}

/// The codes of a stream, most significant bit first.
struct Codes<'a> {
    bytes: std::slice::Iter<'a, u8>,
    acc: u32,
    bits: u32,
}

impl Codes<'_> {
    fn next(&mut self, width: u32) -> Option<u16> {
        while self.bits < width {
            self.acc = self.acc << 8 | u32::from(*self.bytes.next()?);
            self.bits += 8;
        }
        self.bits -= width;
        Some((self.acc >> self.bits & ((1 << width) - 1)) as u16)
    }
}

pub(super) fn lzw(data: &[u8], most: usize) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    let mut table = Table { entries: Vec::new() };
    let mut last: Option<(usize, usize)> = None;
    let mut codes = Codes { bytes: data.iter(), acc: 0, bits: 0 };
    while out.len() < most
        && let Some(code) = codes.next(table.width())
    {
        if code == CLEAR {
            table.entries.clear();
            last = None;
            continue;
        }
        let start = out.len();
        match table.entries.get(usize::from(code).wrapping_sub(FIRST)) {
            _ if code < CLEAR => out.push(code as u8),
            Some((at, n)) => out.extend_from_within(*at..at + n),
            // The entry that is only made now: the last string and its own first byte.
            None if usize::from(code) == table.entries.len() + FIRST => {
                let Some((at, n)) = last else { break };
                out.extend_from_within(at..at + n);
                out.push(out[at]);
            }
            // The end code, or one that cannot be.
            None => break,
        }
        // What the previous code wrote and the first byte of this one stand together in the output.
        if let Some((at, n)) = last
            && table.entries.len() + FIRST < TABLE
        {
            table.entries.push((at, n + 1));
        }
        last = Some((start, out.len() - start));
    }
    out.truncate(most);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pack_bits_as_in_the_specification() {
        // Apple TN1023's example, the one everyone uses.
        let packed = [
            0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7,
            0xaa,
        ];
        let plain = [
            0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22,
            0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
        ];
        assert_eq!(pack_bits(&packed, 1000), plain);
        assert_eq!(pack_bits(&packed, 5), plain[..5]);
    }

    #[test]
    fn lzw_as_in_the_specification() {
        // TIFF 6.0 page 60: 7 7 7 8 8 7 7 6 6 -> 256 7 258 8 8 258 6 6 257 as 9-bit codes.
        let codes = [256u32, 7, 258, 8, 8, 258, 6, 6, 257];
        let mut bits: Vec<u8> =
            codes.iter().flat_map(|c| (0..9).rev().map(move |i| (c >> i & 1) as u8)).collect();
        bits.resize(bits.len().next_multiple_of(8), 0);
        let data: Vec<u8> = bits.chunks(8).map(|c| c.iter().fold(0, |a, b| a << 1 | b)).collect();
        assert_eq!(lzw(&data, 1000), [7, 7, 7, 8, 8, 7, 7, 6, 6]);
    }
}
