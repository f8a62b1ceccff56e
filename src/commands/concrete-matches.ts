// Concrete specs by words, for commands that compare and draw what is there: files, specs of the active environment, and
// installed ones. Nothing is concretized.

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { meantSpecs } from '../environment/locked-specs.ts'
import { parseOptions } from '../environment/spec-reader.ts'
import { formatSpec } from '../spec/format.ts'
import { parseSpecArguments } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec } from '../spec/spec.ts'
import { specFileReader } from '../spec/spec-file.ts'
import { SpackError } from '../ui/error.ts'
import { activeEnvironment, configuration } from './configured.ts'
import { openInstalled } from './installed.ts'
import type { Invocation } from './invocation.ts'
import { readLocked } from './locked.ts'

/** Reads words as specs; files of specs (`spec.json`, `spec.yaml`) may stand among them. */
export async function readSpecWords(invocation: Invocation, words: readonly string[]): Promise<Spec[]> {
  const readText = (path: string) => {
    const file = resolve(invocation.cwd, path)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }
  const readSpecFile = await specFileReader(words, readText)
  return parseSpecArguments(words, { ...parseOptions(await configuration(invocation)), readSpecFile })
}

/** What abstract specs, all of which are in `queries`, match in the active environment, and in the store; each spec once, those of the environment first. */
export async function knownSpecs(invocation: Invocation, queries: readonly Spec[]): Promise<(asked: Spec) => Spec[]> {
  const environment = await activeEnvironment(invocation)
  const locked = environment ? meantSpecs(readLocked(environment)) : () => []
  const { installed, facts } = await openInstalled(invocation, queries)
  return (asked) => {
    if (asked.concrete) return [asked]
    const stored = installed.find({ spec: asked }).map(({ spec }) => spec)
    const all = [...locked(asked).filter((spec) => satisfies(spec, asked, { facts })), ...stored]
    return [...new Map(all.map((spec) => [spec.concrete!.hash, spec])).values()]
  }
}

/**
 * The one spec that an abstract one means, or with `first` the first of several. Throws SpackError `no-match` or
 * `ambiguous`.
 */
export function onlyMatch(asked: Spec, matches: readonly Spec[], { first = false } = {}): Spec {
  const [found] = matches
  if (!found) {
    throw new SpackError('no-match', `\`${printSpec(asked)}\` is neither in the active environment nor installed`, {
      hint: 'see `spack find -l`; in an environment `spack -e DIR find -cl`',
    })
  }
  if (matches.length === 1 || first) return found
  const choices = matches.map((spec) => `    ${formatSpec(spec, '{hash:7} {name}{@version}{ arch=architecture}')}`)
  throw new SpackError('ambiguous', `\`${printSpec(asked)}\` matches ${matches.length} specs:`, {
    detail: choices.join('\n'),
    hint: 'choose one by its hash, `/abcdefg`, or take the first with `--first`',
  })
}
