// Clauses in one array of numbers, and by literal those that watch it: the first two literals of a clause are watched.
//
//   arena   size, glue (0: not learnt, else glue + 1), literals; a clause is known by where its size stands

import { enlargedInt32, IntLists } from './growing.ts'
import type { Lit } from './literal.ts'

/** How many numbers stand before the literals of a clause. */
export const headerSize = 2

export class ClauseStore {
  arena: Int32Array<ArrayBuffer>
  /** Where the next clause will stand. */
  end = 0
  /** By literal: pairs of clause and a literal that, when true, spares looking at the clause. */
  readonly watches: IntLists
  #waste = 0

  /** A store with room for clauses over so many literals, of a few literals each. */
  constructor(literals: number) {
    this.arena = new Int32Array(literals * 8)
    this.watches = new IntLists(literals)
  }

  /** Makes room for the arena to end at `end`; `arena` is then another. */
  reserve(end: number): void {
    if (end > this.arena.length) this.arena = enlargedInt32(this.arena, Math.max(end, this.arena.length * 2))
  }

  /** Takes in what was written behind the header at `end`, up to `end` from now on; nobody watches it yet. */
  take(end: number, glue: number): number {
    const ref = this.end
    this.arena[ref] = end - ref - headerSize
    this.arena[ref + 1] = glue
    this.end = end
    return ref
  }

  /** Adds a clause that nobody watches yet. */
  add(clause: readonly Lit[], glue: number): number {
    const start = this.end + headerSize
    this.reserve(start + clause.length)
    for (let at = 0; at < clause.length; at++) this.arena[start + at] = clause[at]!
    return this.take(start + clause.length, glue)
  }

  /** Adds a clause of two literals that both watch it; returns it. */
  addPair(first: Lit, second: Lit): number {
    const start = this.end + headerSize
    this.reserve(start + 2)
    this.arena[start] = first
    this.arena[start + 1] = second
    const ref = this.take(start + 2, 0)
    this.watches.pushPair(first, ref, second)
    this.watches.pushPair(second, ref, first)
    return ref
  }

  /** Has the first two literals of a clause watch it. */
  watch(ref: number): void {
    const first = this.arena[ref + headerSize]!
    const second = this.arena[ref + headerSize + 1]!
    this.watches.pushPair(first, ref, second)
    this.watches.pushPair(second, ref, first)
  }

  glueOf(ref: number): number {
    return this.arena[ref + 1]! - 1
  }

  /** The clauses that were not learnt. */
  given(): Lit[][] {
    const clauses: Lit[][] = []
    for (let ref = 0; ref < this.end; ref += headerSize + this.arena[ref]!) {
      const start = ref + headerSize
      if (this.arena[ref + 1] === 0)
        clauses.push(Array.from(this.arena.subarray(start, start + this.arena[ref]!)) as Lit[])
    }
    return clauses
  }

  /** Has nobody watch these clauses. */
  drop(dropped: ReadonlySet<number>): void {
    for (let literal = 0; literal < this.watches.count; literal++) dropWatches(this.watches, literal, dropped)
    for (const ref of dropped) this.#waste += headerSize + this.arena[ref]!
  }

  /**
   * Leaves out, where they take half of the arena, the clauses that nobody watches and that are not `kept`. Returns where the
   * others stand now, or undefined when nothing has moved.
   */
  compact(kept: readonly number[]): ReadonlyMap<number, number> | undefined {
    if (this.#waste * 2 <= this.end) return undefined
    const { start, length: lengths, data } = this.watches
    const live = new Set(kept)
    for (let literal = 0; literal < this.watches.count; literal++) {
      for (let i = start[literal]!; i < start[literal]! + lengths[literal]!; i += 2) live.add(data[i]!)
    }
    const moved = this.#moveTogether([...live].sort((a, b) => a - b))
    for (let literal = 0; literal < this.watches.count; literal++) {
      for (let i = start[literal]!; i < start[literal]! + lengths[literal]!; i += 2) data[i] = moved.get(data[i]!)!
    }
    return moved
  }

  #moveTogether(refs: readonly number[]): Map<number, number> {
    const moved = new Map<number, number>()
    let end = 0
    for (const ref of refs) {
      const size = headerSize + this.arena[ref]!
      this.arena.copyWithin(end, ref, ref + size)
      moved.set(ref, end)
      end += size
    }
    this.end = end
    this.#waste = 0
    return moved
  }
}

function dropWatches(watches: IntLists, literal: number, dropped: ReadonlySet<number>): void {
  const { data } = watches
  const start = watches.start[literal]!
  const end = start + watches.length[literal]!
  let kept = start
  for (let i = start; i < end; i += 2) {
    if (dropped.has(data[i]!)) continue
    data[kept++] = data[i]!
    data[kept++] = data[i + 1]!
  }
  watches.length[literal] = kept - start
}
