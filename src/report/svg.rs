//! A picture as SVG: by itself, with its letters as outlines so that it looks the same everywhere, or
//! inside a page, with text that can be searched and copied.

use std::fmt::Write as _;

use super::font::{Curve, Face};
use super::picture::{
    Anchor, DOT, Fill, INK, OUTLINE, Picture, STRIPE, STRIPES, Shape, slice_points,
};

/// How letters are written down.
#[derive(Clone, Copy)]
pub enum Letters<'a> {
    /// As outlines of this font.
    Outlines(&'a Face),
    /// As text in the page's own font.
    Text,
}

/// The picture as an `<svg>` element; `id` keeps its patterns apart from those of others on a page.
pub fn svg(picture: &Picture, id: &str, letters: Letters) -> String {
    let Picture { width, height, .. } = picture;
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\n\
         <title id=\"{id}-t\">{}</title>\n<desc id=\"{id}-d\">{}</desc>\n",
        escaped(&picture.title),
        escaped(&picture.description),
    );
    defs(&mut out, picture, id);
    let _ = writeln!(out, "<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>");
    for shape in &picture.shapes {
        element(&mut out, shape, id, letters);
    }
    out.push_str("</svg>\n");
    out
}

/// `#12263f`.
fn ink() -> String {
    let [r, g, b] = INK;
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn word(fill: Fill) -> &'static str {
    match fill {
        Fill::Ink => "ink",
        Fill::White => "white",
        Fill::Rising => "rising",
        Fill::Falling => "falling",
        Fill::Dots => "dots",
        Fill::Level => "level",
        Fill::Upright => "upright",
        Fill::Grid => "grid",
    }
}

fn paint(fill: Fill, id: &str) -> String {
    match fill {
        Fill::Ink => ink(),
        Fill::White => "#fff".to_owned(),
        other => format!("url(#{id}-{})", word(other)),
    }
}

/// The patterns that this picture uses.
fn defs(out: &mut String, picture: &Picture, id: &str) {
    let mut used: Vec<Fill> = Vec::new();
    for shape in &picture.shapes {
        if let Shape::Bar { fill, .. } | Shape::Slice { fill, .. } = shape
            && !used.contains(fill)
        {
            used.push(*fill);
        }
    }
    out.push_str("<defs>");
    for fill in used {
        pattern(out, fill, id);
    }
    out.push_str("</defs>\n");
}

fn pattern(out: &mut String, fill: Fill, id: &str) {
    let (turn, lines) = match fill {
        Fill::Ink | Fill::White => return,
        Fill::Rising => (-45, "h"),
        Fill::Falling => (45, "h"),
        Fill::Level => (0, "h"),
        Fill::Upright => (90, "h"),
        Fill::Grid => (0, "hv"),
        Fill::Dots => (0, "o"),
    };
    let (ink, middle) = (ink(), STRIPES / 2.0);
    let rect = |w: f32, h: f32, fill: &str| {
        format!("<rect width=\"{w}\" height=\"{h}\" fill=\"{fill}\"/>")
    };
    let _ = write!(
        out,
        "<pattern id=\"{id}-{}\" width=\"{STRIPES}\" height=\"{STRIPES}\" \
         patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate({turn})\">{}",
        word(fill),
        rect(STRIPES, STRIPES, "#fff"),
    );
    for line in lines.chars() {
        let mark = match line {
            'h' => rect(STRIPES, STRIPE, &ink),
            'v' => rect(STRIPE, STRIPES, &ink),
            _ => {
                format!("<circle cx=\"{middle}\" cy=\"{middle}\" r=\"{DOT}\" fill=\"{ink}\"/>")
            }
        };
        out.push_str(&mark);
    }
    out.push_str("</pattern>");
}

fn element(out: &mut String, shape: &Shape, id: &str, letters: Letters) {
    let outline = format!("stroke=\"{}\" stroke-width=\"{OUTLINE}\"", ink());
    let rect = |x: f32, y: f32, w: f32, h: f32, rest: &str| {
        format!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" {rest}/>")
    };
    let drawn = match shape {
        Shape::Bar { x, y, w, h, fill } => {
            rect(*x, *y, *w, *h, &format!("fill=\"{}\" {outline}", paint(*fill, id)))
        }
        Shape::White { x, y, w, h } => rect(*x, *y, *w, *h, "fill=\"#fff\""),
        Shape::Line { x, y, to_x, to_y } => format!(
            "<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{to_x:.1}\" y2=\"{to_y:.1}\" {outline}/>"
        ),
        Shape::Slice { x, y, r, from, to, fill } => {
            let points = slice_points(*x, *y, *r, *from, *to);
            let points: Vec<String> =
                points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            let (points, fill) = (points.join(" "), paint(*fill, id));
            format!(
                "<polygon points=\"{points}\" fill=\"{fill}\" stroke-linejoin=\"round\" {outline}/>"
            )
        }
        Shape::Text { x, y, size, anchor, text } => {
            lettering((*x, *y), *size, *anchor, text, letters)
        }
    };
    out.push_str(&drawn);
    out.push('\n');
}

fn lettering(
    (x, y): (f32, f32),
    size: f32,
    anchor: Anchor,
    text: &str,
    letters: Letters,
) -> String {
    let ink = ink();
    let word = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    match letters {
        Letters::Text => format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{word}\" \
             fill=\"{ink}\">{}</text>",
            escaped(text)
        ),
        Letters::Outlines(face) => {
            let left = x - shift(anchor) * face.width(text, size);
            let path = path(&face.outlines(text, left, y, size));
            format!("<path d=\"{path}\" fill=\"{ink}\"/>")
        }
    }
}

/// What of a text's width lies left of its anchor.
pub fn shift(anchor: Anchor) -> f32 {
    match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => 0.5,
        Anchor::End => 1.0,
    }
}

/// Outlines as one path. Each contour begins where the last curve did not end.
fn path(curves: &[Curve]) -> String {
    let mut out = String::new();
    let mut pen = None;
    for curve in curves {
        let (first, rest): ((f32, f32), &[(f32, f32)]) = match curve {
            Curve::Line(p) => (p[0], &p[1..]),
            Curve::Quad(p) => (p[0], &p[1..]),
            Curve::Cubic(p) => (p[0], &p[1..]),
        };
        if pen != Some(first) {
            let _ = write!(out, "M{:.2} {:.2}", first.0, first.1);
        }
        out.push(match rest.len() {
            1 => 'L',
            2 => 'Q',
            _ => 'C',
        });
        let points: Vec<String> = rest.iter().map(|(x, y)| format!("{x:.2} {y:.2}")).collect();
        out.push_str(&points.join(" "));
        pen = rest.last().copied();
    }
    out
}

/// Text inside markup.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
