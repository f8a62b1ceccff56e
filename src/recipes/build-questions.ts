// Answers to what recipes ask about concrete specs while they build, in addition to those of `questions.ts`.

import { formatSpec, shortFormat } from '../spec/format.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { knownTarget } from '../spec/target.ts'
import { targetFlags } from '../spec/target-flags.ts'
import { SpackError } from '../ui/error.ts'
import { specOf } from './constraint-text.ts'
import type { JsonValue } from './json-value.ts'
import { type Answer, answerQuestion, type Question } from './questions.ts'

/** Slots of the jobserver that a program takes which cannot join it. */
export interface Slots {
  /** Takes at most so many that are free now; how many there were. */
  take: (most: number) => number
  give: (count: number) => void
}

const text = (value: JsonValue | undefined): string => String(value)

/** The one who answers about these specs. */
export function buildAnswerer(specs: ReadonlyMap<DagHash, Spec>, slots: Slots): (question: Question) => Answer {
  const node = (hash: JsonValue | undefined): Spec => {
    const spec = specs.get(text(hash) as DagHash)
    if (!spec) throw new SpackError('recipe', `no spec \`/${text(hash)}\` is part of this build`)
    return spec
  }
  // A text that begins with a slash is one of the specs themselves.
  const constraint = (given: JsonValue | undefined): Spec =>
    specs.get(text(given).slice(1) as DagHash) ?? specOf(text(given))
  const answers: Readonly<Record<string, (...given: JsonValue[]) => JsonValue>> = {
    'node-satisfies': (hash, other, what) => satisfies(node(hash), constraint(other), { nodeOnly: what === 'node' }),
    'node-format': (hash, format) => formatSpec(node(hash), text(format)),
    'node-print': (hash) => printSpec(node(hash)),
    'node-short': (hash) => formatSpec(node(hash), shortFormat),
    'target-facts': (name) => targetFacts(text(name)),
    'target-flags': (name, compiler, version) => flagsFor(text(name), text(compiler), text(version)),
    'take-slots': (most) => slots.take(Number(most)),
    'give-slots': (count) => {
      slots.give(Number(count))
      return null
    },
  }
  return (question) => {
    const answer = answers[question.ask]
    if (!answer) return answerQuestion(question)
    try {
      return { value: answer(...question.arguments) }
    } catch (error) {
      if (error instanceof SpackError) return { error: error.message }
      throw error
    }
  }
}

/** A name that is not known stands for itself. */
function targetFacts(name: string): JsonValue {
  const target = knownTarget(name)
  if (!target)
    return { vendor: 'generic', features: [], generation: 0, family: name, generic: name, parents: [], ancestors: [] }
  const { vendor, features, generation, family, generic, parents, ancestors } = target
  return {
    vendor,
    features: [...features],
    generation,
    family,
    generic,
    parents: [...parents],
    ancestors: [...ancestors],
  }
}

function flagsFor(name: string, compiler: string, version: string): JsonValue {
  const target = knownTarget(name)
  return target ? { ...targetFlags(target, compiler, version) } : { refusal: `\`${name}\` is not a known target` }
}
