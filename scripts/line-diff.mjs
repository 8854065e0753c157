/**
 * The lines that two texts do not share, in order: `-` was there before, `+` is there now, and a
 * line with nothing but `…` stands for those they share.
 */
export function lineDiff(before, after) {
  const [left, right] = [before.split('\n'), after.split('\n')]
  const common = commonLengths(left, right)
  const diff = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    if (i < left.length && left[i] === right[j]) {
      if (diff.at(-1) !== '  …') diff.push('  …')
      i++
      j++
    } else if (j === right.length || (i < left.length && common[i + 1][j] >= common[i][j + 1])) {
      diff.push(`- ${left[i++]}`)
    } else {
      diff.push(`+ ${right[j++]}`)
    }
  }
  return diff.join('\n')
}

/** `[i][j]` is how many lines `left` from `i` on and `right` from `j` on have in common. */
function commonLengths(left, right) {
  const lengths = Array.from({ length: left.length + 1 }, () => Array(right.length + 1).fill(0))
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i][j] =
        left[i] === right[j]
          ? lengths[i + 1][j + 1] + 1
          : Math.max(lengths[i + 1][j], lengths[i][j + 1])
    }
  }
  return lengths
}
