//! Boosted regression trees: J. H. Friedman, "Greedy function approximation: a gradient boosting machine"
//! (2001), grown by `LightGBM` (examples/second/fit.py) and written down as text. Here they are only asked,
//! feature by feature instead of tree by tree: C. Lucchese et al., "`QuickScorer`: a fast algorithm to rank
//! documents with additive ensembles of regression trees" (2015). A node that a sample goes right of rules out
//! the leaves to its left; the first leaf that is left is the tree's.

use serde::Deserialize;

/// A bit for each leaf of a tree, the leftmost first.
type Leaves = u16;

/// Trees whose values add up to the log of the odds.
#[derive(Debug)]
pub struct Forest {
    /// What each number of a sample is.
    pub features: Vec<String>,
    /// For each feature its nodes in all trees, the lowest limit first.
    nodes: Vec<Vec<Node>>,
    /// For each tree the values of its leaves from left to right.
    values: Vec<[f32; Leaves::BITS as usize]>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    /// A sample with more goes right ...
    at_most: f32,
    tree: u16,
    /// ... and comes to one of these leaves, or to one out of its reach.
    right: Leaves,
}

/// As they are written down.
#[derive(Debug, Deserialize)]
struct Written {
    features: Vec<String>,
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
    #[error(
        "tree {tree} points at a node, a leaf or a feature that is not there, or has over 16 leaves"
    )]
    Broken { tree: usize },
}

impl Forest {
    /// # Errors
    /// Text that is no forest, or one with nodes that lead nowhere or back or with more than 16 leaves.
    pub fn parse(text: &str) -> Result<Self, ForestError> {
        let Written { features, trees } = serde_json::from_str(text)?;
        let mut forest =
            Self { nodes: vec![Vec::new(); features.len()], values: Vec::new(), features };
        for (tree, t) in trees.iter().enumerate() {
            forest.plant(t).ok_or(ForestError::Broken { tree })?;
        }
        for nodes in &mut forest.nodes {
            nodes.sort_by(|a, b| a.at_most.total_cmp(&b.at_most));
        }
        Ok(forest)
    }

    /// `None` if the tree is not whole.
    fn plant(&mut self, t: &Tree) -> Option<()> {
        if !t.is_whole(self.features.len()) {
            return None;
        }
        let tree = u16::try_from(self.values.len()).ok()?;
        let mut values = Vec::new();
        let mut nodes = Vec::new();
        t.walk(t.root(), &mut values, &mut nodes)?;
        for (feature, at_most, right) in nodes {
            self.nodes[feature].push(Node { at_most, tree, right });
        }
        let mut all = [0.0; Leaves::BITS as usize];
        all.get_mut(..values.len())?.copy_from_slice(&values);
        self.values.push(all);
        Some(())
    }

    /// The log of the odds of one sample; as many numbers as `features`.
    pub fn odds(&self, sample: &[f32]) -> f32 {
        let mut left = vec![Leaves::MAX; self.values.len()];
        for (nodes, v) in self.nodes.iter().zip(sample) {
            for node in nodes.iter().take_while(|n| *v > n.at_most) {
                left[usize::from(node.tree)] &= node.right;
            }
        }
        let reached = self.values.iter().zip(left);
        reached
            .map(|(values, l)| f64::from(values[l.trailing_zeros() as usize % values.len()]))
            .sum::<f64>() as f32
    }
}

impl Tree {
    fn root(&self) -> isize {
        if self.feature.is_empty() { -1 } else { 0 }
    }

    /// Every step leads to a later node or to a leaf: walking comes to an end.
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

    /// Leaves from left to right, and each node's feature, limit and which leaves stay to its right or are not below
    /// it. `None` if there are too many.
    fn walk(
        &self,
        at: isize,
        values: &mut Vec<f32>,
        nodes: &mut Vec<(usize, f32, Leaves)>,
    ) -> Option<()> {
        let Ok(node) = usize::try_from(at) else {
            values.push(self.leaf[leaf_of(at)]);
            return (values.len() <= Leaves::BITS as usize).then_some(());
        };
        let first = values.len();
        self.walk(self.left[node], values, nodes)?;
        let below = (first..values.len()).fold(0, |all: Leaves, leaf| all | 1 << leaf);
        nodes.push((self.feature[node], self.at_most[node], !below));
        self.walk(self.right[node], values, nodes)
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

    /// A tree of so many leaves, 0, 1, 2 ... from left to right, that all hang on one branch: a sample comes to
    /// leaf v if it is above the limits of v of its nodes.
    fn branch(leaves: isize, to_the_right: bool) -> Result<Forest, ForestError> {
        let nodes = leaves - 1;
        let own = |i: isize| if to_the_right { i } else { nodes - 1 - i };
        let next = |i: isize, last: isize| if i + 1 < nodes { i + 1 } else { -1 - last };
        let all = |f: &dyn Fn(isize) -> isize| (0..nodes).map(f).collect::<Vec<_>>();
        let (left, right) = if to_the_right {
            (all(&|i| -1 - i), all(&|i| next(i, nodes)))
        } else {
            (all(&|i| next(i, 0)), all(&|i| -1 - (nodes - i)))
        };
        let (limits, zeros) = (all(&own), all(&|_| 0));
        let leaf: Vec<isize> = (0..leaves).collect();
        Forest::parse(&format!(
            r#"{{"features": ["ink"], "trees": [{{"feature": {zeros:?}, "at_most": {limits:?},
            "left": {left:?}, "right": {right:?}, "leaf": {leaf:?}}}]}}"#
        ))
    }

    #[test]
    fn every_leaf_of_a_long_branch_is_reached_and_more_leaves_than_bits_are_refused() {
        for to_the_right in [true, false] {
            let forest = branch(16, to_the_right).unwrap();
            for leaf in 0..16u8 {
                let odds = forest.odds(&[f32::from(leaf) - 0.5]);
                assert!((odds - f32::from(leaf)).abs() < 1e-6, "{to_the_right} {leaf}: {odds}");
            }
            assert!(matches!(branch(17, to_the_right), Err(ForestError::Broken { tree: 0 })));
        }
    }

    #[test]
    fn trees_that_lead_nowhere_or_in_circles_are_refused() {
        for (from, to) in [("[-1, -2]", "[0, -2]"), ("-3]", "-9]"), ("[0, 1]", "[0, 7]")] {
            let text = STUMPS.replacen(from, to, 1);
            assert!(matches!(Forest::parse(&text), Err(ForestError::Broken { tree: 0 })), "{to}");
        }
    }
}
