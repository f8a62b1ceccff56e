// What can never be, whatever else is chosen: packages, versions, variants, values and targets that there are not.

import { printNode } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { Spec, Variant } from '../spec/spec.ts'
import { targetNames } from '../spec/target.ts'
import { intersectTargets } from '../spec/target-range.ts'
import { parseConcreteVersion } from '../spec/version.ts'
import { isAnyVersion, printVersionList, satisfiesVersions } from '../spec/version-list.ts'
import { closestFew, didYouMean } from '../ui/suggestion.ts'
import { isCompiler, languages } from './encoding.ts'
import { enumerate, enumerateFew, quote, type Statement, says } from './explanation.ts'
import { type AvailableCompiler, availableCompilers, buildability, installed, type Knowledge } from './knowledge.ts'
import { type PackageFacts, type VariantFacts, valueKey } from './package-facts.ts'

/** Something that can never be, in a sentence, and what to do about it. */
export interface Impossibility {
  code: string
  statements: readonly Statement[]
  remedies: readonly string[]
}

/** What a constraint says of a package and cannot be. */
export function impossibleParts(knowledge: Knowledge, name: string, spec: Spec): Impossibility[] {
  if (knowledge.world.isVirtual(name)) return impossibleVirtual(knowledge, name)
  const facts = knowledge.facts(name)
  if (!facts) return [unknownPackage(knowledge, spec.namespace ? `${spec.namespace}.${name}` : name)]
  const own = [
    ...impossibleVersion(knowledge, facts, spec),
    ...[...spec.variants].flatMap(([variant, asked]) => impossibleVariant(facts, variant, asked)),
    ...impossibleTarget(knowledge, spec),
    ...impossiblePlatform(knowledge, spec),
  ]
  return own.length ? own : notThere(knowledge, name, spec)
}

function never(
  code: string,
  text: string,
  remedies: readonly (string | undefined)[],
  more: { where?: string | null; also?: readonly Statement[] } = {},
): Impossibility {
  const first = says(more.where ? 'setting' : 'fact', text, more.where)
  return { code, statements: [first, ...(more.also ?? [])], remedies: remedies.filter((each) => each !== undefined) }
}

function unknownPackage({ world }: Knowledge, name: string): Impossibility {
  const told = world.unknown?.(name)
  if (told) return never(told.code, told.message, [told.hint])
  const near = closestFew(name, [...(world.names?.() ?? [])])
  const suggestion = near.length ? `did you mean ${enumerate(near.map(quote), 'or')}?` : undefined
  return never('unknown-package', `there is no package ${quote(name)} in the repositories that are used`, [
    suggestion ?? `\`spack list ${name}\` looks for packages, \`spack repo list\` shows the repositories`,
  ])
}

// --- versions -----------------------------------------------------------------------------------------------------------

const listedVersions = 5

function impossibleVersion(knowledge: Knowledge, facts: PackageFacts, { versions }: Spec): Impossibility[] {
  if (isAnyVersion(versions))
    return facts.package.recipe.versions.length || facts.versions.length ? [] : [noVersion(facts)]
  if (facts.versions.some(({ version }) => satisfiesVersions([version], versions))) return []
  const asked = `${facts.name}@${printVersionList(versions)}`
  const deprecated = facts.package.recipe.versions
    .filter((row) => row.deprecated && satisfiesVersions([parseConcreteVersion(row.version)], versions))
    .map((row) => row.version)
  if (deprecated.length && !knowledge.world.settings.allowDeprecated) {
    const which =
      deprecated.length === 1 ? `${quote(`${facts.name}@${deprecated[0]}`)} is` : `all versions ${quote(asked)} are`
    return [
      never('deprecated-version', `${which} deprecated, and deprecated versions are left out`, [
        'allow them with `--deprecated`, or for good with `spack config add config:deprecated:true`',
        `ask for one of ${versionsOf(facts)}`,
      ]),
    ]
  }
  return [
    never('unknown-version', `there is no ${quote(asked)}: ${facts.name} has ${versionsOf(facts)}`, [
      `ask for a version that there is; \`spack info ${facts.name}\` lists them`,
    ]),
  ]
}

/** Recipes of what is only ever found on a machine declare no versions. */
const noVersion = ({ name }: PackageFacts): Impossibility =>
  never('no-version', `${quote(name)} declares no version that could be built, and none is installed or an external`, [
    `declare one that is installed: \`spack external find ${name}\``,
  ])

const versionsOf = ({ versions }: PackageFacts): string =>
  versions.length
    ? enumerateFew(
        versions.map(({ version }) => version.text),
        listedVersions,
      )
    : 'no versions'

// --- variants -----------------------------------------------------------------------------------------------------------

/** Variants that no recipe defines, and any spec may have. */
const reservedVariants: ReadonlySet<string> = new Set(['branch', 'commit', 'dev_path', 'patches', 'ref', 'tag'])

function impossibleVariant(facts: PackageFacts, name: string, asked: Variant): Impossibility[] {
  if (reservedVariants.has(name) || asked.propagate) return []
  const variant = facts.variants.get(name)
  const isReused = facts.candidates.some((spec) => spec.variants.has(name))
  if (!variant) return isReused ? [] : [unknownVariant(facts, name)]
  if (isReused) return []
  const values = asked.values.map(valueKey)
  const wrong = values.find((value) => !accepts(variant, value))
  if (wrong !== undefined) return [wrongValue(facts, variant, wrong, asked)]
  const takesOne = variant.definitions.every(({ kind }) => kind !== 'multi')
  if (takesOne && values.length > 1) {
    const text = `the variant ${quote(name)} of ${quote(facts.name)} has one value, and ${enumerate(values.map(quote))} are two`
    return [never('variant-single', text, ['ask for one of them'])]
  }
  return []
}

const accepts = ({ definitions }: VariantFacts, value: string): boolean =>
  definitions.some(
    ({ penalties, never, sets, validate }) =>
      (penalties.has(value) && !never.has(value)) || sets.has(value) || validate?.(value),
  )

function unknownVariant(facts: PackageFacts, name: string): Impossibility {
  const names = [...facts.variants.keys()]
  const known = names.length ? undefined : `${quote(facts.name)} has no variants at all`
  return never('unknown-variant', `${quote(facts.name)} has no variant ${quote(name)}`, [
    didYouMean(name, names) ?? known ?? `\`spack info ${facts.name}\` lists its variants`,
  ])
}

function wrongValue(facts: PackageFacts, variant: VariantFacts, value: string, asked: Variant): Impossibility {
  const values = [
    ...new Set(
      variant.definitions.flatMap(({ penalties, never }) => [...penalties.keys()].filter((each) => !never.has(each))),
    ),
  ]
  const isBool = variant.definitions.every(({ kind }) => kind === 'bool')
  const spelled = isBool ? [`+${variant.name}`, `~${variant.name}`] : values.map((each) => `${variant.name}=${each}`)
  const written = asked.kind === 'bool' ? `${value === 'true' ? '+' : '~'}${variant.name}` : `${variant.name}=${value}`
  const listed =
    spelled.length > 12 ? `${spelled.slice(0, 12).map(quote).join(', ')}, …` : enumerate(spelled.map(quote), 'or')
  return never('unknown-value', `${quote(facts.name)} knows no ${quote(written)}`, [
    asked.kind === 'bool' ? undefined : didYouMean(value, values),
    spelled.length ? `it takes ${listed}` : undefined,
  ])
}

// --- machines -----------------------------------------------------------------------------------------------------------

function impossibleTarget(knowledge: Knowledge, { arch }: Spec): Impossibility[] {
  const target = arch?.target
  if (!target || target === '*') return []
  const targets = knowledge.targets()
  if (targets.some((name) => intersectTargets(name, target).length > 0)) return []
  const { host, settings } = knowledge.world
  if (isTargetName(target) && !targetNames.includes(target)) {
    return [
      never('unknown-target', `there is no target ${quote(target)}`, [
        didYouMean(target, targetNames) ?? '`spack arch --known-targets` lists targets',
      ]),
    ]
  }
  return [
    never('unknown-target', `this machine is of target ${quote(host.target)} and cannot run ${quote(target)}`, [
      settings.isHostCompatible
        ? 'to concretize for other machines: `spack config add concretizer:targets:host_compatible:false`'
        : '`spack arch --known-targets` lists targets',
      `ask for ${quote(`target=${host.target}`)} or one below it`,
    ]),
  ]
}

/** One target, and not a range or a list of them. */
const isTargetName = (text: string): boolean => !/[:,]/.test(text)

function impossiblePlatform({ world }: Knowledge, { arch }: Spec): Impossibility[] {
  const platform = arch?.platform
  if (!platform || platform === '*' || platform === world.host.platform) return []
  return [
    never('impossible-platform', `this machine is of platform ${quote(world.host.platform)}, not ${quote(platform)}`, [
      'leave the platform out',
    ]),
  ]
}

// --- what may not be built ------------------------------------------------------------------------------------------------

/** That a package may not be built and nothing that is there is as asked. */
function notThere(knowledge: Knowledge, name: string, spec: Spec): Impossibility[] {
  if (buildability(knowledge, name).isBuildable) return []
  const there = installed(knowledge, name)
  const fits = there.filter((each) => satisfies(each.spec, { ...spec, name: null, edges: [] }))
  if (fits.length) return []
  return [notBuildable(knowledge, name)]
}

/** That a package may not be built, and what there is of it. */
export function notBuildable(knowledge: Knowledge, name: string): Impossibility {
  const { where } = buildability(knowledge, name)
  const there = installed(knowledge, name)
  const also = there.slice(0, 5).map(({ text, where: at }) => says('fact', `there is ${quote(text)}`, at))
  if (!also.length) also.push(says('fact', `no ${quote(name)} is installed or declared as external`))
  return never(
    'not-buildable',
    `${quote(name)} may not be built (\`buildable: false\`)`,
    [
      `declare one that is installed: \`spack external find ${name}\``,
      `let it be built: drop \`buildable: false\`${where ? ` at ${where}` : ''}`,
    ],
    { where, also },
  )
}

/** A virtual that nothing can provide, or a language that no compiler has. */
export function impossibleVirtual(knowledge: Knowledge, virtual: string): Impossibility[] {
  if (languages.includes(virtual)) return missingLanguage(knowledge, virtual)
  const { world } = knowledge
  const providers = world.providers(virtual).filter((name) => world.package(name))
  if (!providers.length) {
    return [never('no-provider', `no package provides ${quote(virtual)}`, ['`spack repo list` shows the repositories'])]
  }
  const excluded = providers.filter(
    (name) => !buildability(knowledge, name).isBuildable && !installed(knowledge, name).length,
  )
  return excluded.length === providers.length ? [noProviderLeft(knowledge, virtual, excluded)] : []
}

const listedProviders = 6

/** Providers that may not be built and are not there. */
export function noProviderLeft(knowledge: Knowledge, virtual: string, providers: readonly string[]): Impossibility {
  const { where } = buildability(knowledge, providers[0]!)
  const state = providers.length === 1 ? 'is' : 'are'
  return never(
    'no-provider',
    `${quote(virtual)} is provided by ${enumerateFew(providers, listedProviders)}, which may not be built (\`buildable: false\`) and ${state} not there as external`,
    [
      `declare one that is installed: \`spack external find ${providers[0]}\``,
      `let one of them be built: drop \`buildable: false\`${where ? ` at ${where}` : ''}`,
    ],
    { where },
  )
}

function missingLanguage(knowledge: Knowledge, language: string): Impossibility[] {
  const compilers = availableCompilers(knowledge)
  if (compilers.some((each) => each.languages.includes(language))) return []
  const text = compilers.length
    ? `no compiler that is configured compiles ${spokenLanguage(language)}`
    : 'no compiler is configured'
  const remedies = [
    'find compilers with `spack compiler find`',
    `declare one that has ${quote(language)} as an external in \`packages.yaml\`, with its path under \`extra_attributes:compilers\``,
  ]
  return [never('no-compiler', text, remedies, { also: compilerStatements(compilers) })]
}

const spokenLanguages: Readonly<Record<string, string>> = { c: 'C', cxx: 'C++', fortran: 'Fortran' }
export const spokenLanguage = (language: string): string => spokenLanguages[language] ?? language

/** What each compiler compiles. */
const compilerStatements = (compilers: readonly AvailableCompiler[]): Statement[] =>
  compilers.map(({ text, where, languages: own }) =>
    says('setting', `${quote(text)} compiles ${enumerate(own.map(spokenLanguage)) || 'nothing that is known'}`, where),
  )

/** That there is no such compiler. */
export function missingCompiler(knowledge: Knowledge, spec: Spec): Impossibility[] {
  if (!isCompiler(knowledge.world, spec.name!)) return []
  const all = availableCompilers(knowledge)
  if (all.some((each) => satisfies(each.spec, { ...spec, edges: [] }))) return []
  const remedies = [
    all.length ? `ask for one that is configured, such as ${quote(`%${all[0]!.text}`)}` : undefined,
    'find compilers with `spack compiler find`',
  ]
  return [
    never('no-compiler', `there is no compiler ${quote(printNode(spec))}`, remedies, { also: compilerStatements(all) }),
  ]
}
