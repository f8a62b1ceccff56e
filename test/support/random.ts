// Numbers that look random and are the same in every run.

/** A source seeded by a text: `random(n)` is a whole number from 0 to n - 1. */
export function randomFrom(seed: string): (below: number) => number {
  let state = 0x811c9dc5
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193)
  return (below) => {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
