//! The vocabulary everyone shares: what was read on one page, and why a person is asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::raster::Bitmap;
use crate::units::{Px, Rect, Score};

/// Grows whenever the same page could be read differently; part of a reading's identity.
pub const READER_VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "+r10");

/// Why something needs a person, or why a page is not counted. Codes are part of the contract's
/// `reasons`: they are never translated, only their messages are (`lang`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    // One answer.
    /// Ink in the box between the marginal and the definite threshold.
    MarginalMark,
    /// More than one option of a single choice.
    Overvote,
    /// An exclusive option ("no trouble") together with others.
    ExclusiveConflict,
    /// A sub-option is marked, its parent is not.
    ChildWithoutParent,
    /// A mark that looks struck out, or a cancelled one.
    StruckOut,
    /// Ink that looks meant for a box but lies outside it.
    MarkOutsideBox,
    /// The place of this field on the page is not known well enough.
    PoorRegistration,
    /// Lost lines, streaks, black edges or missing paper over the field.
    DamagedField,
    /// The ink differs from the other marks of the same page (pen width, darkness).
    PenMismatch,
    /// Writing is there and no recogniser has read it.
    TextNotRead,
    /// The recogniser is not sure of the text.
    TextUnsure,
    /// Two recognisers read two different things.
    TextDisagrees,
    /// An ending is circled that what is written does not have.
    EndingDisagrees,
    /// Reading the text took longer than it may.
    TextTooSlow,
    /// The recogniser failed on this writing.
    TextFailed,
    // One page, waiting for a person.
    /// The form is on the page, but it could not be registered.
    NotRegistered,
    /// Part of the form is missing from the page.
    PageCut,
    /// The form came back without any mark or writing.
    NothingMarked,
    /// Nearly the same ink as another response: the same one sent again, or not.
    PossibleDuplicate,
    /// Lines were lost or wrong in transmission.
    LinesLost,
    /// The run was interrupted before its turn came.
    NotReadYet,
    /// Reading this page ended the program several times; it is kept for a person.
    Quarantined,
    // One page, not a response.
    /// No form of this survey is on the page.
    NoForm,
    BlankPage,
    BlackPage,
    NoisePage,
    /// The same bytes as another input.
    ByteCopy,
    /// The same response, transmitted again.
    Resent,
    // One input that gave no page.
    Empty,
    UnknownFormat,
    Truncated,
    DamagedFile,
    TooLarge,
    TooManyPages,
    Unsupported,
    Unreadable,
    ChangedWhileRead,
}

/// A reason with what was measured. `measured` is in the unit the code implies (share of a box,
/// pixels, rows); `about` names an option, a field or another response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub code: ReasonCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<f64>,
}

impl Reason {
    pub fn new(code: ReasonCode) -> Self {
        Self { code, about: None, measured: None }
    }

    #[must_use]
    pub fn about(mut self, what: impl Into<String>) -> Self {
        self.about = Some(what.into());
        self
    }

    #[must_use]
    pub fn measured(mut self, v: f64) -> Self {
        self.measured = Some(v);
        self
    }
}

/// A blank, an unread and a refused thing are never the same value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldState {
    Answered,
    Blank,
    Pending,
}

/// One choice question as the machine read it. `value` holds option ids in the form's order; of a
/// pending answer it is the best guess.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerReading {
    pub value: Vec<String>,
    pub state: FieldState,
    pub confidence: Score,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// One written field (free text or number) as the machine read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextReading {
    pub value: String,
    pub state: FieldState,
    pub confidence: Score,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// What led to the text of one field: for reviewers and measurements.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TextDetail {
    /// Every recogniser that was asked, the one whose text stands first.
    pub opinions: Vec<TextOpinion>,
}

/// One recogniser's view of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextOpinion {
    /// Name, version and the beginning of the model's hash.
    pub engine: String,
    pub text: String,
    pub confidence: Score,
    /// Character, left, top, width and height in pixels of the crop, confidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub symbols: Vec<(String, f32, f32, f32, f32, f32)>,
    /// Why it gave no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What the judge made of one box, for proofs and reviewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoxOutcome {
    Unmarked,
    Marked,
    Doubtful,
}

/// One box: where it was found on the page as it arrived, and what was made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoxReading {
    pub question: String,
    pub option: String,
    /// Upright rectangle on the page as decoded, before any correction; native pixels.
    pub place: Rect<Px>,
    pub ink: Score,
    pub outcome: BoxOutcome,
    /// Where the rules of a single box did not have the last word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overruled: Option<Overruled>,
}

/// What came after the rules of a single box and settled or disputed what they said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overruled {
    pub by: Overruler,
    /// What the rules said, and why they doubted it.
    pub rules: BoxOutcome,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<ReasonCode>,
    /// How likely it is marked by the second opinion, if that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marked: Option<Score>,
}

/// Who has a say in a box after its own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overruler {
    /// All of the box's evidence weighed at once.
    SecondOpinion,
    /// A single choice: struck out here, clearly marked there.
    Correction,
    /// A single choice: nearly all of the ink is at one option.
    SoleInk,
}

/// What a page is, as far as reading it alone can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// A filled-in form: answers are there.
    Response,
    /// A person must say what it is before it counts.
    Pending,
    /// Not a response of this survey.
    SetAside,
}

/// Added ink (what the respondent wrote), on a coarse grid in the form's own coordinates: tells the
/// same sheet sent twice from two sheets with the same ticks. See `resent`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InkMap {
    /// Base64url of the inked cells' gaps, row by row.
    pub cells: String,
    pub count: u32,
}

/// What somebody wrote into one field, cut out for recognisers and for people: added ink alone, in the
/// form's frame on the fine grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Writing {
    /// The question's id.
    pub field: String,
    pub ink: Bitmap,
    /// The form's pixel under the left top corner of `ink`.
    pub origin: (i32, i32),
    /// Rows are known to no better than two or three.
    pub rough: bool,
    /// It runs out of its frame: part of it may be missing, or be somebody else's.
    pub overflow: bool,
    /// A single stroke or cross: nothing to say.
    pub strike: bool,
    /// The endings printed beside it that are circled.
    pub circled: Vec<String>,
}

/// One page as the machine read it. Pure function of (page, forms, reader version, policy).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageReading {
    pub reader: String,
    pub kind: PageKind,
    pub form: Option<String>,
    pub form_hash: Option<String>,
    /// Clockwise degrees by which the page had to be turned to stand upright: 0, 90, 180, 270.
    pub orientation: u16,
    pub skew_deg: f32,
    pub residual_px: f32,
    /// Share of the form's anchors found in place.
    pub agreement: Score,
    pub reasons: Vec<Reason>,
    pub answers: BTreeMap<String, AnswerReading>,
    pub text: BTreeMap<String, TextReading>,
    pub boxes: Vec<BoxReading>,
    pub ink: InkMap,
    /// The fields with writing; kept apart from the reading.
    #[serde(skip)]
    pub writings: Vec<Writing>,
}
