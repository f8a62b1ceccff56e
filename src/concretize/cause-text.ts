// Each cause in a sentence, in the words of Spack's users.

import { specName } from '../spec/characters.ts'
import { isSupported } from './build-encoding.ts'
import type { Cause, GraphRule, RequirementCause } from './cause.ts'
import { languages } from './encoding.ts'
import { enumerate, quote, type Statement, says, whenText, youAskFor } from './explanation.ts'
import { notBuildable, spokenLanguage } from './impossible.ts'
import { availableCompilers, type Knowledge, requestOf } from './knowledge.ts'
import { constraint } from './package-facts.ts'

export function statementsOf(cause: Cause, knowledge: Knowledge): readonly Statement[] {
  if (cause.kind === 'not-buildable') return notBuildable(knowledge, cause.package).statements
  return [statementOf(cause, knowledge)]
}

function statementOf(cause: Exclude<Cause, { kind: 'not-buildable' }>, knowledge: Knowledge): Statement {
  switch (cause.kind) {
    case 'request':
      return requestStatement(cause, knowledge)
    case 'supposition':
      return says('request', `suppose ${cause.isForbidden ? 'anything but ' : ''}${quote(suppositionText(cause))}`)
    case 'requirement':
      return says('setting', requirementText(cause), cause.origin.where)
    case 'dependency':
      return says('recipe', dependencyText(cause, knowledge))
    case 'conflict': {
      const message = messageOf(knowledge, cause.package, 'conflicts', cause.at)
      return says(
        'recipe',
        `${quote(cause.package)} conflicts with ${quote(cause.spec)}${whenText(cause.when)}${message}`,
      )
    }
    case 'directive': {
      const message = messageOf(knowledge, cause.package, 'requires', cause.at)
      return says('recipe', `${quote(cause.package)} requires ${choiceText(cause)}${whenText(cause.when)}${message}`)
    }
    case 'provision':
      return says('recipe', provisionText(cause, knowledge))
    case 'root-provider':
      return says(
        'fact',
        `${quote(cause.package)} is asked for by name and can provide ${quote(cause.virtual)}, so it does`,
      )
    case 'provided-together':
      return says('recipe', `${quote(cause.package)} provides ${enumerate(cause.virtuals.map(quote))} only together`)
    case 'conditional-variant':
      return says('recipe', conditionalVariantText(cause, knowledge))
    case 'conditional-value': {
      const value = valueText(cause.variant, cause.value)
      return says('recipe', `${quote(cause.package)} takes ${quote(value)} only when ${quote(cause.when)}`)
    }
    case 'sticky-variant': {
      const value = valueText(cause.variant, cause.value)
      return says(
        'recipe',
        `${quote(cause.package)} stays ${quote(value)} unless something else is asked for (the variant is sticky)`,
      )
    }
    case 'undeclared-versions':
      return says(
        'fact',
        `versions that the recipe of ${quote(cause.package)} does not declare can be reused but not built`,
      )
    case 'compiler-rule':
      return says('fact', `what ${quote(cause.compiler)} compiles needs ${quote(cause.spec)}`)
    case 'compiler-targets':
      return says('fact', compilerTargetsText(cause, knowledge))
    case 'one-compiler':
      return says('fact', `${quote(cause.package)} takes its C and C++ compilers from one package`)
    case 'one-provider': {
      const language = quote(cause.virtual)
      return says(
        'fact',
        `one compiler provides ${language} to all packages here: something that may be linked or run depends on ${language}, not only to be built`,
      )
    }
    case 'dependency-target':
      return says(
        'fact',
        `${quote(cause.dependency)} must run wherever ${quote(cause.package)} does, which depends on it`,
      )
    case 'closed-off':
      return says('fact', `nothing else that would help depends on ${enumerate(cause.packages.map(quote), 'or')}`)
    case 'graph':
      return says('fact', graphRules[cause.rule])
  }
}

function requestStatement({ origin }: Extract<Cause, { kind: 'request' }>, knowledge: Knowledge): Statement {
  const { text, where } = origin
  const concrete = requestOf(knowledge, origin)?.spec.concrete
  if (!concrete) return youAskFor(origin)
  return says('request', `${quote(text)} is concretized already, as \`/${concrete.hash.slice(0, 7)}\``, where)
}

export function suppositionText({ package: name, spec }: { package: string; spec: string }): string {
  return constraint(spec).name ? spec : `${name}${/^[\w%]/.test(spec) ? ' ' : ''}${spec}`
}

const graphRules: Readonly<Record<GraphRule, string>> = {
  'no-cycles': 'no package may depend on itself, not through others either',
  'all-needed': 'a package is there only if it is asked for or something depends on it',
  'one-of-each': 'what is linked or run together has only one of each package',
  'one-extended': 'packages that depend on each other and extend another one extend the same one',
  'mentions-below-root': 'what follows `^` must be something that the package depends on',
  'compiler-propagation': 'what a compiler asks of other compilers holds for all that is below it',
  'flags-passed-on':
    'flags that are passed on reach all that is linked or run, what is reused has them, and no two packages pass on other flags of a kind to one',
  'runtime-compiler': "a compiler's runtime library comes from a compiler that something is built with",
  'no-compiler-mixing': '`concretizer:compiler_mixing` asks for one compiler for all that is linked together',
}

export const valueText = (name: string, value: string): string =>
  value === 'true' ? `+${name}` : value === 'false' ? `~${name}` : `${name}=${value}`

function dependencyText(
  { package: name, spec, when }: Extract<Cause, { kind: 'dependency' }>,
  { world }: Knowledge,
): string {
  const child = specName(spec)
  if (languages.includes(spec)) return `${quote(name)} needs a ${spokenLanguage(spec)} compiler${whenText(when)}`
  const kind = world.isVirtual(child) ? 'the virtual ' : ''
  return `${quote(name)} depends on ${kind}${quote(spec)}${whenText(when)}`
}

function choiceText({ policy, specs }: { policy: 'one_of' | 'any_of'; specs: readonly string[] }): string {
  if (specs.length === 1) return quote(specs[0]!)
  return `${policy === 'one_of' ? 'one of' : 'at least one of'} ${enumerate(specs.map(quote))}`
}

function requirementText(cause: RequirementCause): string {
  const key = `\`packages:${cause.isDefault ? 'all' : cause.package}:${cause.section}\``
  const subject = cause.isDefault ? ` of ${quote(cause.package)}` : ''
  const message = cause.message ? `: "${cause.message}"` : ''
  if (cause.section === 'conflict')
    return `${key} forbids ${quote(cause.specs[0]!)}${subject}${whenText(cause.when)}${message}`
  return `${key} asks for ${choiceText(cause)}${subject}${whenText(cause.when)}${message}`
}

function messageOf({ world }: Knowledge, name: string, kind: 'conflicts' | 'requires', at: number): string {
  const message = world.texts?.(name)?.[kind]?.[at]
  return message ? `: "${message.replace(/\s+/g, ' ').trim()}"` : ''
}

function provisionText(
  { package: name, virtual }: Extract<Cause, { kind: 'provision' }>,
  { world }: Knowledge,
): string {
  const rows = (world.package(name)?.recipe.provides ?? []).filter(({ spec }) => specName(spec) === virtual)
  const bySpec = new Map<string, string[]>()
  for (const { spec, when } of rows) bySpec.set(spec, [...(bySpec.get(spec) ?? []), when])
  const ways = [...bySpec].map(([spec, conditions]) => {
    const isAlways = conditions.includes('')
    return isAlways ? quote(spec) : `${quote(spec)} only when ${enumerate(conditions.map(quote), 'or')}`
  })
  return `${quote(name)} provides ${enumerate(ways)}`
}

function conditionalVariantText(
  { package: name, variant }: Extract<Cause, { kind: 'conditional-variant' }>,
  knowledge: Knowledge,
): string {
  const conditions = (knowledge.facts(name)?.variants.get(variant)?.definitions ?? []).map(({ when }) => quote(when))
  return `${quote(name)} has the variant ${quote(variant)} only when ${enumerate(conditions, 'or')}`
}

function compilerTargetsText({ compiler }: CompilerTargets, knowledge: Knowledge): string {
  const found = availableCompilers(knowledge).find(({ text }) => text === compiler)
  const best = bestTarget(compiler, knowledge)
  const place = found?.where ? ` (${found.where})` : ''
  if (!best) return `${quote(compiler)}${place} cannot compile for any target of this machine`
  return `${quote(compiler)}${place} compiles for targets up to ${quote(best)}`
}

type CompilerTargets = Extract<Cause, { kind: 'compiler-targets' }>

/** The best target that a compiler has options for, among those that could be chosen. */
export function bestTarget(compiler: string, knowledge: Knowledge): string | undefined {
  const found = availableCompilers(knowledge).find(({ text }) => text === compiler)
  return found && knowledge.targets().find((target) => isSupported(found.spec, target))
}
