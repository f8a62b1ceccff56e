// V8 as programs need it that live for a moment, or have a small share of memory.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { findFunction } from './koffi.ts'

let setFlagHere: ((flag: string) => void) | undefined

/** Sets a flag of V8 by `v8::V8::SetFlagsFromString(const char *)` itself, where it can be had: `node:v8` takes 2 ms to load. */
function setFlag(flag: string): void {
  setFlagHere ??= findFunction('void _ZN2v82V818SetFlagsFromStringEPKc(const char *)') ?? setFlagsFromString
  setFlagHere(flag)
}

type Flags = Readonly<Record<string, readonly string[]>>

const v8Number = process.versions.v8.split('.')[0]!

/** By the first number of V8's version; flags that it does not know it complains about. Node 20 has 11.3. */
function setFlagsOf(flags: Flags): void {
  for (const flag of flags[v8Number] ?? []) setFlag(flag)
}

const compilingFlags: Flags = { 11: ['--interrupt-budget=700000'] }

/**
 * Optimizes only what runs ten times as long as usual. In so short a life that takes more time than it saves: a quarter of all
 * that unpacking 3000 files costs, or writing a depfile of 800 specs. To be called when all libraries of Node that are needed
 * are loaded: under other flags, their cached code is refused.
 */
export const compileSparingly = (): void => setFlagsOf(compilingFlags)

const collectingFlags: Flags = { 11: ['--no-incremental-marking', '--semi-space-growth-factor=1'] }

/** What V8 calls `PERFORMANCE_LOAD`: for its first seven seconds, a program's memory may grow by a lot before all of it is looked through. */
const loadMode = 3

function startInLoadMode(): void {
  const current = findFunction<() => unknown>('void *_ZN2v87Isolate10GetCurrentEv()')
  const setMode = findFunction<(isolate: unknown, mode: number) => void>(
    'void _ZN2v87Isolate11SetRAILModeENS_8RAILModeE(void *, int)',
  )
  if (current && setMode) setMode(current(), loadMode)
}

/**
 * Has no garbage be looked for among what has lived long: what a program builds that it needs until it ends is not garbage.
 * What is new gets no more room than it has: memory that was never used before is slower than looking through less of it
 * more often. To be called when `compileSparingly` is.
 */
export function collectSparingly(): void {
  setFlagsOf(collectingFlags)
  if (collectingFlags[v8Number]) startInLoadMode()
}

let collect: ((options: { type: 'minor' }) => void) | undefined

/**
 * Frees buffers that nobody needs any more. V8 by itself lets 32 MB of them pile up before it looks. Takes half a
 * millisecond, the first time one more.
 */
export function collectYoung(): void {
  if (!collect) {
    setFlag('--expose-gc')
    collect = runInNewContext('gc') as (options: { type: 'minor' }) => void
  }
  collect({ type: 'minor' })
}
