// Answers to what recipes ask about versions, specs and URLs while they are loaded: the guest itself knows no rules.

import { formatSpec } from '../spec/format.ts'
import { printSpec } from '../spec/print.ts'
import { intersects, satisfies } from '../spec/satisfies.ts'
import { compareVersions, parseVersion } from '../spec/version.ts'
import {
  intersectsVersions,
  parseVersionList,
  preferredExact,
  printVersionList,
  satisfiesVersions,
} from '../spec/version-list.ts'
import { SpackError } from '../ui/error.ts'
import { specOf } from './constraint-text.ts'
import type { UrlBases } from './declaration.ts'
import type { JsonValue } from './json-value.ts'
import { candidateUrls } from './version-fetch.ts'
import { substituteVersion } from './version-url.ts'

export interface Question {
  ask: string
  arguments: readonly JsonValue[]
}

export type Answer = { value: JsonValue } | { error: string }

type Text = string

const text = (value: JsonValue | undefined): Text => String(value)

const answers: Readonly<Record<string, (...given: JsonValue[]) => JsonValue>> = {
  'compare-versions': (a, b) => compareVersions(parseVersion(text(a)), parseVersion(text(b))),
  'version-satisfies': (a, b) => satisfiesVersions(parseVersionList(text(a)), parseVersionList(text(b))),
  'version-intersects': (a, b) => intersectsVersions(parseVersionList(text(a)), parseVersionList(text(b))),
  'spec-satisfies': (a, b) => satisfies(specOf(text(a)), specOf(text(b))),
  'spec-intersects': (a, b) => intersects(specOf(text(a)), specOf(text(b))),
  'is-spec': (spec) => isSpec(text(spec)),
  'spec-print': (spec) => printSpec(specOf(text(spec))),
  'spec-format': (spec, format) => formatSpec(specOf(text(spec)), text(format)),
  'spec-part': (spec, part) => specPart(text(spec), text(part)),
  'substitute-version': (url, version) => substituteVersion(text(url), text(version)),
  'url-for-version': (facts, version, inUrls) => {
    const { own, ...bases } = facts as unknown as UrlBases & { own: [string, string][] }
    const [first] = candidateUrls(text(version), { text: text(inUrls), bases }, own)
    if (first === undefined) throw new SpackError('recipe', `no URL of the package leads to version ${text(version)}`)
    return first
  },
}

/** The answer to one question. A refusal is an answer too: the recipe gets it as an exception. */
export function answerQuestion(question: Question): Answer {
  const answer = answers[question.ask]
  if (!answer) return { error: `unknown question \`${question.ask}\`` }
  try {
    return { value: answer(...question.arguments) }
  } catch (error) {
    if (error instanceof SpackError) return { error: error.message }
    throw error
  }
}

function isSpec(given: Text): boolean {
  try {
    specOf(given)
    return true
  } catch (error) {
    if (error instanceof SpackError) return false
    throw error
  }
}

function specPart(specText: Text, part: Text): JsonValue {
  const spec = specOf(specText)
  switch (part) {
    case 'name':
      return spec.name
    case 'versions':
      return printVersionList(spec.versions)
    case 'version': {
      const version = preferredExact(spec.versions)
      if (!version) throw new SpackError('recipe', `\`${specText}\` has no single version`)
      return version.text
    }
    case 'variants': {
      const entries = [...spec.variants].map(([name, { kind, values }]): [string, JsonValue] => [
        name,
        kind === 'multi' ? [...values] : (values[0] ?? null),
      ])
      return Object.fromEntries(entries)
    }
    default:
      throw new SpackError('recipe', `a spec has no part \`${part}\``)
  }
}
