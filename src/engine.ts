// V8 as programs need it that live for a moment, or have a small share of memory.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** By the first number of V8's version; a flag that it does not know it complains about. Node 20 has 11.3. */
const sparingFlags: Readonly<Record<string, string>> = { 11: '--interrupt-budget=700000' }

/**
 * Optimizes only what runs ten times as long as usual. In so short a life that takes more time than it saves: a quarter of all
 * that unpacking 3000 files costs, or writing a depfile of 800 specs. To be called when all libraries of Node that are needed
 * are loaded: under other flags, their cached code is refused.
 */
export function compileSparingly(): void {
  const flag = sparingFlags[process.versions.v8.split('.')[0]!]
  if (flag) setFlagsFromString(flag)
}

const heapFlags: Readonly<Record<string, string>> = { 11: '--no-incremental-marking' }

/**
 * Has no garbage be looked for among what has lived long: what a program builds that it needs until it ends is not garbage.
 * To be called when `compileSparingly` is.
 */
export function collectSparingly(): void {
  const flag = heapFlags[process.versions.v8.split('.')[0]!]
  if (flag) setFlagsFromString(flag)
}

let collect: ((options: { type: 'minor' }) => void) | undefined

/**
 * Frees buffers that nobody needs any more. V8 by itself lets 32 MB of them pile up before it looks. Takes half a
 * millisecond, the first time one more.
 */
export function collectYoung(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as (options: { type: 'minor' }) => void
  }
  collect({ type: 'minor' })
}
