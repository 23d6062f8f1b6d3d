use super::*;

fn elect(labels: &[Vec<u32>], clusters: usize) -> Consensus {
    let mut ballot = Ballot::default();
    labels.iter().for_each(|one| ballot.add(one.clone()));
    ballot.elect(clusters, &CancelToken::new()).unwrap()
}

#[test]
fn the_one_that_others_agree_with_is_chosen_and_names_are_matched() {
    let labels = [
        vec![0, 1, 0, 1, 0, 1],
        vec![0, 0, 0, 1, 1, 1],
        // The same with other names, and with one sample elsewhere.
        vec![1, 1, 1, 0, 0, 0],
        vec![1, 1, 0, 0, 0, 0],
    ];
    let consensus = elect(&labels, 2);
    assert_eq!(consensus.likeness(&labels), [1, 2, 3, 0]);
    assert_eq!(consensus.labels, labels[1]);
    assert_eq!(consensus.votes.row(0).to_vec(), [1.0, 0.0]);
    let doubt = disagreement(consensus.votes.view(), &consensus.labels);
    assert_eq!(doubt, [0.0, 0.25, 0.25, 0.0, 0.25, 0.0]);
}

#[test]
fn clusters_that_are_split_differently_do_not_vote_at_random() {
    // Everyone finds one group whole, and cuts the other into two, not everyone at the same place.
    let cut = |at: usize| -> Vec<u32> {
        let other = (0..8).map(|i| if i < at { 1 } else { 2 });
        [0; 4].into_iter().chain(other).collect()
    };
    let labels: Vec<Vec<u32>> = [3, 4, 4, 5, 5, 6].map(cut).into();
    let consensus = elect(&labels, 3);
    assert!(labels.contains(&consensus.labels));
    for row in consensus.support.rows() {
        assert!((row.sum() - 1.0).abs() < 1e-6);
    }
    // What all agree on is certain, what is cut at many places is not.
    assert_eq!(consensus.support[[0, 0]], 1.0);
    let middle = consensus.support.row(8);
    assert!(middle.iter().all(|&share| share < 0.9), "{middle}");
    assert!(consensus.agreement.unwrap() < 1.0);
}

#[test]
fn halves_of_the_votes_tell_whether_another_draw_elects_the_same() {
    let cut = |at: usize| -> Vec<u32> { (0..60).map(|i| u32::from(i >= at)).collect() };
    let halves = |labels: Vec<Vec<u32>>| elect(&labels, 2).halves;
    // All cut near the middle: few samples go elsewhere.
    let near = halves((0..24).map(|vote| cut(29 + vote % 3)).collect()).unwrap();
    // By the place, or by whether the number is even, in turn.
    let other: Vec<u32> = (0..60).map(|i| i % 2).collect();
    let torn = (0..24).map(|vote| {
        if vote % 2 == 0 {
            cut(30)
        } else {
            other.clone()
        }
    });
    let torn = halves(torn.collect()).unwrap();
    assert!(near > 0.9 && torn < 0.7, "{near}, {torn}");
    assert_eq!(halves(vec![cut(30); 24]), Some(1.0));
    assert_eq!(halves(vec![cut(30); 6]), None);
}

#[test]
fn no_cluster_is_voted_away() {
    // The first is like the others, and is the only one with a third cluster that holds a sample of its own.
    let with = |cut: usize, alone: usize| -> Vec<u32> {
        let of = |i: usize| if i == alone { 2 } else { u32::from(i >= cut) };
        (0..12).map(of).collect()
    };
    let labels = [with(6, 11), with(6, 10), with(6, 9), with(6, 8), with(6, 7)];
    let consensus = elect(&labels, 3);
    assert!(labels.contains(&consensus.labels));
    let two = elect(&[with(6, 99), with(6, 99)], 3);
    assert_eq!(two.labels, with(6, 99));
}

#[test]
fn a_cluster_of_one_does_not_take_a_large_one() {
    // The first sets the last sample apart; the others have it in the large cluster, and cut that in two.
    let with = |cut: u32| -> Vec<u32> { (0..40).map(|i| u32::from(i >= cut)).collect() };
    let mut first = with(20);
    first[39] = 2;
    let mut labels = vec![first.clone(), first];
    labels.extend([with(20), with(20), with(20)]);
    let consensus = elect(&labels, 3);
    let found = sizes(&consensus.labels, 3);
    assert_eq!(found[0], 20);
    assert!(found[1] >= 19 && found[2] <= 1, "{found:?}");
}

#[test]
fn what_few_looks_find_weighs_little() {
    // Three agree on one cut. Four agree on nothing, but each has the same sample elsewhere.
    let cut = |at: usize| -> Vec<u32> { (0..60).map(|i| u32::from(i >= at)).collect() };
    let mut labels = vec![cut(30); 3];
    for step in [2, 3, 5, 7] {
        let mut odd: Vec<u32> = (0..60).map(|i| (i / step) % 2).collect();
        (odd[0], odd[59]) = (1, 1);
        labels.push(odd);
    }
    let mut ballot = Ballot::default();
    labels.iter().for_each(|one| ballot.add_look(one.clone()));
    let weighed = ballot.elect(2, &CancelToken::new()).unwrap();
    let alike = elect(&labels, 2);
    assert_eq!(weighed.labels, labels[0]);
    let sure = |consensus: &Consensus| consensus.votes[[10, 0]].max(consensus.votes[[10, 1]]);
    assert!(sure(&weighed) > 0.99 && sure(&alike) < 0.99, "{weighed:?}");
}

#[test]
fn looks_judge_those_that_all_look_at_the_same() {
    // Nine that agree with each other, and four looks that agree with none of them.
    let halves: Vec<u32> = (0..60).map(|i| u32::from(i >= 30)).collect();
    let odd: Vec<u32> = (0..60).map(|i| i % 2).collect();
    let mut ballot = Ballot::default();
    (0..9).for_each(|_| ballot.add(odd.clone()));
    assert_eq!(ballot.agreement(), Some(1.0));
    for moved in 0..4 {
        let mut look = halves.clone();
        look[10 * moved] ^= 1;
        ballot.add_look(look);
    }
    let consensus = ballot.elect(2, &CancelToken::new()).unwrap();
    assert_eq!(consensus.labels, halves);
    let agreement = consensus.agreement.unwrap();
    assert!(agreement > 0.8 && agreement < 0.95, "{agreement}");
}

#[test]
fn agreement_is_the_mean_over_pairs() {
    let labels = [vec![0, 0, 1, 1], vec![1, 1, 0, 0], vec![0, 1, 0, 1]];
    let mut ballot = Ballot::default();
    assert_eq!(ballot.agreement(), None);
    for one in &labels {
        ballot.add(one.clone());
    }
    let pair = |a: usize, b: usize| scores::adjusted_rand_index(&labels[a], &labels[b]);
    let mean = (pair(0, 1) + pair(0, 2) + pair(1, 2)) / 3.0;
    assert!((ballot.agreement().unwrap() - mean).abs() < 1e-12);
}

#[test]
fn as_many_clusters_as_samples_are_no_agreement() {
    let mut ballot = Ballot::default();
    ballot.add(vec![0, 1, 2]);
    ballot.add(vec![2, 0, 1]);
    assert_eq!(ballot.agreement(), None);
    ballot.add(vec![2, 0, 0]);
    assert!(ballot.agreement().is_some());
}

#[test]
fn a_single_clustering_agrees_with_itself() {
    let consensus = elect(&[vec![0, 2, 1]], 3);
    assert_eq!(consensus.agreement, None);
    assert_eq!(consensus.votes.diag().to_vec(), [1.0, 0.0, 0.0]);
}

#[test]
fn each_kind_of_vote_is_told_by_itself() {
    let mut ballot = Ballot::default();
    let (halves, pairs) = (vec![0, 0, 0, 1, 1, 1], vec![1, 0, 1, 0, 1, 0]);
    ballot.add(pairs.clone());
    assert!(
        ballot
            .elect(2, &CancelToken::new())
            .unwrap()
            .kinds
            .is_empty()
    );
    let one_off = vec![1, 1, 0, 0, 0, 0];
    for look in [&halves, &halves, &one_off] {
        ballot.add_look(look.clone());
    }
    let consensus = ballot.elect(2, &CancelToken::new()).unwrap();
    assert_eq!(consensus.labels, halves);
    let [starts, looks] = consensus.kinds.as_slice() else {
        panic!("two kinds")
    };
    assert_eq!((starts.voter, looks.voter), (Voter::Starts, Voter::Looks));
    let ari = |labels: &[u32]| scores::adjusted_rand_index(labels, &halves);
    assert!((starts.agreement - ari(&pairs)).abs() < 1e-9);
    assert!((looks.agreement - (2.0 + ari(&one_off)) / 3.0).abs() < 1e-9);
    // All weigh alike among their kind.
    let doubt = disagreement(looks.votes.view(), &consensus.labels);
    assert!(
        (doubt[2] - 1.0 / 3.0).abs() < 1e-6 && doubt[0] < 1e-6,
        "{doubt:?}"
    );
    let doubt = disagreement(starts.votes.view(), &consensus.labels);
    assert!(doubt.iter().all(|&share| share == 0.0 || share == 1.0));
}
