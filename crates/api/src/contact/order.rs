//! In which order the items of a batch are done: what an item needs goes before it. Pure.

/// Items of a batch need each other in a circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Circle {
    /// One item of the circle.
    pub(super) item: usize,
}

/// The order of work for items of which each needs at most one other: `needs[item]` is the item
/// that goes before. As far as that leaves a choice, items go in their own order, so that the same
/// batch is always done in the same order, also by the attempt after a crash.
pub(super) fn order(needs: &[Option<u32>]) -> Result<Vec<u32>, Circle> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Not,
        Waiting,
        Done,
    }
    let mut seen = vec![Seen::Not; needs.len()];
    let mut order = Vec::with_capacity(needs.len());
    let mut waiting = Vec::new();
    for start in 0..needs.len() {
        let mut item = start;
        while seen[item] == Seen::Not {
            seen[item] = Seen::Waiting;
            waiting.push(item as u32);
            match needs[item] {
                Some(next) if seen[next as usize] == Seen::Waiting => {
                    return Err(Circle { item: next as usize });
                }
                Some(next) => item = next as usize,
                None => break,
            }
        }
        while let Some(item) = waiting.pop() {
            seen[item as usize] = Seen::Done;
            order.push(item);
        }
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn children_before_their_parents_are_done_after_them() {
        assert_eq!(order(&[Some(1), None, Some(0), None]).unwrap(), [1, 0, 2, 3]);
        assert!(order(&[]).unwrap().is_empty());
        assert_eq!(order(&[None, None]).unwrap(), [0, 1]);
    }

    #[test]
    fn a_chain_of_any_length_needs_no_stack() {
        let needs: Vec<_> = (1..=200_000).map(|next| (next < 200_000).then_some(next)).collect();
        let order = order(&needs).unwrap();
        assert_eq!((order[0], order[199_999]), (199_999, 0));
    }

    proptest! {
        #[test]
        fn everything_is_done_once_and_after_what_it_needs(
            needs in prop::collection::vec(prop::option::of(0_u32..60), 1..60)
        ) {
            let length = needs.len() as u32;
            let needs: Vec<_> = needs.into_iter().map(|need| need.filter(|n| *n < length)).collect();
            // A walk that is longer than there are items goes in a circle.
            let circular = (0..needs.len()).any(|start| {
                let mut item = Some(start as u32);
                for _ in 0..=needs.len() {
                    item = item.and_then(|at| needs[at as usize]);
                }
                item.is_some()
            });
            match order(&needs) {
                Err(Circle { item }) => {
                    prop_assert!(circular);
                    let mut at = needs[item];
                    for _ in 0..needs.len() {
                        if at == Some(item as u32) {
                            break;
                        }
                        at = at.and_then(|next| needs[next as usize]);
                    }
                    prop_assert_eq!(at, Some(item as u32));
                }
                Ok(order) => {
                    prop_assert!(!circular);
                    let mut place = vec![usize::MAX; needs.len()];
                    for (at, item) in order.iter().enumerate() {
                        prop_assert_eq!(place[*item as usize], usize::MAX);
                        place[*item as usize] = at;
                    }
                    prop_assert_eq!(order.len(), needs.len());
                    for (item, need) in needs.iter().enumerate() {
                        if let Some(need) = need {
                            prop_assert!(place[*need as usize] < place[item]);
                        }
                    }
                }
            }
        }
    }
}
