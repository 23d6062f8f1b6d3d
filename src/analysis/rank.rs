//! Rank statistics. Ties share the mean of the ranks they span.

/// The rank of each value from 1 up; ties share their mean rank.
fn mean_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = first as f64 + (tied.len() as f64 + 1.0) / 2.0;
        for &index in tied {
            ranks[index] = rank;
        }
        first += tied.len();
    }
    ranks
}

/// Spearman's rank correlation of two equally long slices, -1 to 1.
///
/// `None` with unequal lengths, fewer than two values, NaN among them, or a side that is constant.
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let nan = |values: &[f64]| values.iter().any(|x| x.is_nan());
    if a.len() != b.len() || a.len() < 2 || nan(a) || nan(b) {
        return None;
    }
    // Ranks 1..=n have this mean with ties too.
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let (mut covariance, mut variance_a, mut variance_b) = (0.0, 0.0, 0.0);
    for (x, y) in mean_ranks(a).into_iter().zip(mean_ranks(b)) {
        covariance += (x - mean) * (y - mean);
        variance_a += (x - mean).powi(2);
        variance_b += (y - mean).powi(2);
    }
    (variance_a > 0.0 && variance_b > 0.0)
        .then(|| (covariance / (variance_a * variance_b).sqrt()).clamp(-1.0, 1.0))
}

/// The area under the ROC curve: the chance that a positive scores higher than a negative, ties
/// counting half (Mann-Whitney U).
///
/// `None` with unequal lengths, NaN among the scores, or when one of the two groups is empty.
pub fn auroc(scores: &[f64], positive: &[bool]) -> Option<f64> {
    if scores.len() != positive.len() || scores.iter().any(|x| x.is_nan()) {
        return None;
    }
    let positives = positive.iter().filter(|&&p| p).count() as f64;
    let negatives = scores.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    let ranks = mean_ranks(scores).into_iter().zip(positive);
    let sum: f64 = ranks.filter(|&(_, &p)| p).map(|(rank, _)| rank).sum();
    Some((sum - positives * (positives + 1.0) / 2.0) / (positives * negatives))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_mean_rank() {
        assert_eq!(mean_ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(mean_ranks(&[0.0, -0.0]), [1.5, 1.5]);
    }

    #[test]
    fn spearman_sees_any_monotone_relation() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(spearman(&x, &x.map(f64::exp)), Some(1.0));
        assert_eq!(spearman(&x, &x.map(|x| -x.powi(3))), Some(-1.0));
        // scipy.stats.spearmanr([1, 2, 3, 4, 5], [2, 1, 4, 4, 3])
        let tied = spearman(&x, &[2.0, 1.0, 4.0, 4.0, 3.0]).unwrap();
        assert!((tied - 0.564_288_093_646_834_7).abs() < 1e-9, "{tied}");
    }

    #[test]
    fn auroc_counts_pairs() {
        let positive = [false, false, true, true];
        assert_eq!(auroc(&[0.1, 0.4, 0.35, 0.8], &positive), Some(0.75));
        assert_eq!(auroc(&[1.0; 4], &positive), Some(0.5));
    }

    #[test]
    fn undefined_is_none() {
        assert_eq!(spearman(&[1.0, 2.0], &[1.0]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[3.0, 3.0]), None);
        assert_eq!(spearman(&[1.0, f64::NAN], &[3.0, 4.0]), None);
        assert_eq!(auroc(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(auroc(&[f64::NAN, 2.0], &[true, false]), None);
        assert_eq!(auroc(&[], &[]), None);
    }
}
