//! What one page is like: its pen, its dirt, the jitter of its lines. What is a mark on one page is none on
//! another.

use super::look::{Look, Mark};
use super::policy::Policy;
use crate::marks::Evidence;

/// One box in eight with specks is dirt: a faint pen leaves them in boxes that it marked, and these are
/// fewer on most pages.
const SPECKED: usize = 8;

/// What this page's own pen is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PagePen {
    /// Median inner ink of the marks inside boxes; 0 if there are none.
    pub inner: f32,
    /// Median ink near box and label of all clear marks, in px; 0 without marks.
    pub near: u32,
}

impl PagePen {
    pub fn of(boxes: &[Evidence], looks: &[Look]) -> Self {
        let marked = |m: Mark| {
            boxes.iter().zip(looks).filter(move |(_, l)| l.mark == Some(m)).map(|(e, _)| e)
        };
        let mut inner: Vec<f32> = marked(Mark::Inside).map(|e| e.inner).collect();
        inner.sort_by(f32::total_cmp);
        let drawn = marked(Mark::Inside).chain(marked(Mark::Circled));
        let mut near: Vec<u32> = drawn.map(|e| e.near).collect();
        near.sort_unstable();
        Self {
            inner: inner.get(inner.len() / 2).copied().unwrap_or(0.0),
            near: near.get(near.len() / 2).copied().unwrap_or(0),
        }
    }
}

/// Are there specks inside many of this page's unmarked boxes?
pub fn specked(boxes: &[Evidence], looks: &[Look], policy: &Policy) -> bool {
    let unmarked = boxes.iter().zip(looks).filter(|(_, l)| l.mark.is_none());
    let (mut with, mut all) = (0, 0);
    for (e, _) in unmarked {
        all += 1;
        with += usize::from(e.specks >= policy.specks);
    }
    SPECKED * with > all
}

/// The jitter of this page's lines: ink within those of its rougher unmarked boxes.
pub fn jitter(boxes: &[Evidence], looks: &[Look]) -> u32 {
    let unmarked = boxes.iter().zip(looks).filter(|(_, l)| l.mark.is_none());
    let mut framed: Vec<u32> = unmarked.filter_map(|(e, _)| e.framed.map(|f| f.inner)).collect();
    framed.sort_unstable();
    framed.get(framed.len() * 17 / 20).copied().unwrap_or(0)
}

/// The same of the ink beside the lines.
pub fn beside_lines(boxes: &[Evidence], looks: &[Look]) -> u32 {
    let unmarked = boxes.iter().zip(looks).filter(|(_, l)| l.mark.is_none());
    let mut flank: Vec<u32> = unmarked.filter_map(|(e, _)| e.framed?.flank).collect();
    flank.sort_unstable();
    flank.get(flank.len() * 17 / 20).copied().unwrap_or(0)
}

/// Does this page circle what it chooses?
pub fn circles(boxes: &[Evidence], looks: &[Look], policy: &Policy) -> bool {
    let count = |is: &dyn Fn(&Evidence, &Look) -> bool| {
        boxes.iter().zip(looks).filter(|(e, l)| is(e, l)).count()
    };
    let circled = count(&|_, l| l.mark == Some(Mark::Circled));
    let others = count(&|e, l| l.mark == Some(Mark::Inside) && e.inner >= policy.definite);
    circled > 2 * others
}

/// How much ink near an unmarked box stands out on this page: that of a box dirtier than most five
/// times over (faint circles that were not found may be around a third of them), and more where its own
/// marks are dark.
pub fn dirt(boxes: &[Evidence], looks: &[Look], pen: PagePen, policy: &Policy) -> u32 {
    let unmarked = |l: &Look| l.mark.is_none() && l.inner < policy.marginal;
    let all = boxes.iter().zip(looks);
    let mut near: Vec<u32> = all.filter(|(_, l)| unmarked(l)).map(|(e, _)| e.close).collect();
    near.sort_unstable();
    let dirty = near.get(near.len() * 12 / 20).copied().unwrap_or(0);
    let faint = (pen.near as f32 * policy.near_share) as u32;
    faint.clamp(policy.near_least, policy.near_most) + 5 * dirty
}
