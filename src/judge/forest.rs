//! Boosted regression trees: J. H. Friedman, "Greedy function approximation: a gradient boosting machine"
//! (2001), grown by `LightGBM` (examples/second/fit.py) and written down as text. Here they are only asked.

use serde::Deserialize;

/// Trees whose values add up to the log of the odds.
#[derive(Debug, Deserialize)]
pub struct Forest {
    /// What each number of a sample is.
    pub features: Vec<String>,
    trees: Vec<Tree>,
}

/// A tree's inner nodes side by side, the root first.
#[derive(Debug, Deserialize)]
struct Tree {
    feature: Vec<usize>,
    /// A sample with more goes right.
    at_most: Vec<f32>,
    /// The next node, or, below zero, -1 - the leaf.
    left: Vec<isize>,
    right: Vec<isize>,
    leaf: Vec<f32>,
}

/// Trees that cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum ForestError {
    #[error("no forest: {0}")]
    Text(#[from] serde_json::Error),
    #[error("tree {tree} points at a node, a leaf or a feature that is not there")]
    Broken { tree: usize },
}

impl Forest {
    /// # Errors
    /// Text that is no forest, or one with nodes that lead nowhere or back.
    pub fn parse(text: &str) -> Result<Self, ForestError> {
        let forest: Self = serde_json::from_str(text)?;
        let whole = |t: &Tree| t.is_whole(forest.features.len());
        match forest.trees.iter().position(|t| !whole(t)) {
            Some(tree) => Err(ForestError::Broken { tree }),
            None => Ok(forest),
        }
    }

    /// The log of the odds of one sample; as many numbers as `features`.
    pub fn odds(&self, sample: &[f32]) -> f32 {
        self.trees.iter().map(|t| f64::from(t.value(sample))).sum::<f64>() as f32
    }
}

impl Tree {
    /// Every step leads to a later node or to a leaf: asking comes to an end.
    fn is_whole(&self, features: usize) -> bool {
        let nodes = self.feature.len();
        let leads = |(from, to): (usize, &isize)| match usize::try_from(*to) {
            Ok(node) => node > from && node < nodes,
            Err(_) => leaf_of(*to) < self.leaf.len(),
        };
        !self.leaf.is_empty()
            && [self.at_most.len(), self.left.len(), self.right.len()] == [nodes; 3]
            && self.feature.iter().all(|f| *f < features)
            && self.left.iter().enumerate().all(leads)
            && self.right.iter().enumerate().all(leads)
    }

    fn value(&self, sample: &[f32]) -> f32 {
        let mut at = if self.feature.is_empty() { -1 } else { 0 };
        while let Ok(node) = usize::try_from(at) {
            let goes_left = sample[self.feature[node]] <= self.at_most[node];
            at = if goes_left { self.left[node] } else { self.right[node] };
        }
        self.leaf[leaf_of(at)]
    }
}

/// The leaf that a step below zero leads to.
fn leaf_of(step: isize) -> usize {
    (-1 - step) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUMPS: &str = r#"{"features": ["ink", "ring"], "trees": [
        {"feature": [0, 1], "at_most": [0.5, 2.0], "left": [-1, -2], "right": [1, -3], "leaf": [-2.0, 0.5, 3.0]},
        {"feature": [], "at_most": [], "left": [], "right": [], "leaf": [0.25]}]}"#;

    #[test]
    fn values_of_all_trees_add_up() {
        let forest = Forest::parse(STUMPS).unwrap();
        let is = |ink, ring, odds: f32| {
            assert!((forest.odds(&[ink, ring]) - odds).abs() < 1e-6, "{ink} {ring}");
        };
        is(0.5, 9.0, -1.75);
        is(0.6, 2.0, 0.75);
        is(0.6, 2.1, 3.25);
    }

    #[test]
    fn trees_that_lead_nowhere_or_in_circles_are_refused() {
        for (from, to) in [("[-1, -2]", "[0, -2]"), ("-3]", "-9]"), ("[0, 1]", "[0, 7]")] {
            let text = STUMPS.replacen(from, to, 1);
            assert!(matches!(Forest::parse(&text), Err(ForestError::Broken { tree: 0 })), "{to}");
        }
    }
}
