/**
 * How well one can tell two samples apart by their size alone: the probability that a value of the one is larger than a
 * value of the other, ties counting half (the area under the ROC curve, from the rank sum of Mann and Whitney). 0.5: not at all.
 */
export function probabilityLarger(ones: number[], others: number[]): number {
  const all = [
    ...ones.map((value) => ({ value, one: true })),
    ...others.map((value) => ({ value, one: false })),
  ]
  all.sort((a, b) => a.value - b.value)
  let ranks = 0
  for (let from = 0; from < all.length; ) {
    let to = from
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1
    const middle = (from + 1 + to) / 2
    for (let n = from; n < to; n += 1) if (all[n]?.one) ranks += middle
    from = to
  }
  const wins = ranks - (ones.length * (ones.length + 1)) / 2
  return wins / (ones.length * others.length)
}
