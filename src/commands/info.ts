// `spack info`: what a recipe says about its package.

import type { Recipe, RecipeTexts, RecipeVersion } from '../recipes/recipe.ts'
import type { Package, RepositoryPath } from '../recipes/repository-path.ts'
import { preferredVersion, versionSource } from '../recipes/versions.ts'
import { specName } from '../spec/characters.ts'
import { colourize, escapeColour } from '../spec/colour.ts'
import { compareSpecs } from '../spec/compare.ts'
import { parseSpec } from '../spec/parser.ts'
import { printSpec } from '../spec/print.ts'
import { satisfies } from '../spec/satisfies.ts'
import { emptySpec, type Spec, setVariant } from '../spec/spec.ts'
import { boolVariant } from '../spec/variant-text.ts'
import { compareVersions, parseVersion } from '../spec/version.ts'
import { intersectsVersions } from '../spec/version-list.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import { wrapText } from '../ui/wrap.ts'
import type { Arguments, Command } from './command.ts'
import { flagOn } from './command.ts'
import { mayMeet } from './info-conditions.ts'
import { dependencyDefinitions, licenseDefinitions, listDefinitions, variantDefinitions } from './info-definitions.ts'
import type { Invocation } from './invocation.ts'
import { fullName, inColumns, lineWidth, oneSpec, withRecipes } from './recipes.ts'

interface Shown {
  invocation: Invocation
  args: Arguments
  path: RepositoryPath
  found: Package
  recipe: Recipe
  texts: RecipeTexts
  /** What the user asked for: constrains what is shown. */
  spec: Spec
  byName: boolean
  /** Prints a line with colour escapes. */
  line: (text: string) => void
}

/** In the order of the output. `unless`: shown without being asked for, as long as that flag is not given. */
const sections: readonly { flag?: string; unless?: string; show: (shown: Shown) => void }[] = [
  { flag: 'maintainers', show: showMaintainers },
  { flag: 'namespace', show: showNamespace },
  { flag: 'detectable', show: showDetectable },
  { flag: 'tags', show: showTags },
  { unless: 'no-versions', show: showVersions },
  { unless: 'no-variants', show: showVariants },
  { flag: 'phases', show: showPhases },
  { unless: 'no-dependencies', show: showDependencies },
  { flag: 'virtuals', show: showVirtuals },
  { flag: 'tests', show: showTests },
  { show: showLicenses },
]

export const info: Command = {
  name: 'info',
  summary: 'get detailed information on a particular package',
  positional: 'spec',
  flags: [
    { name: 'all', short: 'a', help: 'output all package information' },
    {
      name: 'by-name',
      aliases: ['variants-by-name'],
      help: 'list variants, dependencies, etc. in name order, then by when condition (default)',
    },
    { name: 'by-when', help: 'group variants, dependencies, etc. first by when condition, then by name' },
    { name: 'detectable', help: 'output information on external detection' },
    { name: 'maintainers', help: 'output package maintainers' },
    { name: 'namespace', help: 'output package namespace' },
    { name: 'no-dependencies', help: 'do not output build, link, and run package dependencies' },
    { name: 'no-variants', help: 'do not output variants' },
    { name: 'no-versions', help: 'do not output versions' },
    { name: 'phases', help: 'output installation phases' },
    { name: 'tags', help: 'output package tags' },
    { name: 'tests', help: 'output relevant build-time and stand-alone tests' },
    { name: 'virtuals', help: 'output virtual packages' },
  ],
  run: async (invocation, args) => {
    if (flagOn(args, 'by-name') && flagOn(args, 'by-when')) {
      throw new SpackError('usage', '`--by-name` and `--by-when` exclude each other', { exitCode: 2 })
    }
    const spec = oneSpec(args, 'spack info')
    return await withRecipes(invocation, (path) => {
      const found = path.require(fullName(spec))
      const [recipe, texts] = [path.recipe(found), path.texts(found)]
      checkVariants(spec, recipe)
      const line = (text: string) => invocation.print(`${colourize(text, invocation.stdoutHasColour)}\n`)
      const byName = !flagOn(args, 'by-when')
      show({ invocation, args, path, found, recipe, texts, spec, byName, line })
      return 0
    })
  },
}

/** Variants that Spack itself gives to specs. */
const ownVariants = ['commit', 'dev_path', 'patches']

function checkVariants(spec: Spec, { name, variants }: Recipe): void {
  const known = new Set(variants.map((each) => each.name))
  const unknown = [...spec.variants.keys()].find((each) => !known.has(each) && !ownVariants.includes(each))
  if (unknown === undefined) return
  const hint = didYouMean(unknown, known)
  throw new SpackError('unknown-variant', `\`${name}\` has no variant \`${unknown}\``, hint ? { hint } : {})
}

const title = (text: string): string => `@*b${text}@.`

function show(shown: Shown): void {
  const { args, recipe, texts, line } = shown
  line(`${title(`${recipe.build_system_class}:   `)}${recipe.name}`)
  line('')
  line(title('Description:'))
  const description = (texts.description ?? '').replace(/\s+/g, ' ')
  if (description) {
    for (const each of wrapText(description, { width: 72 })) line(`    ${escapeColour(each)}`)
    line('')
  } else line('    None')
  if (texts.homepage) line(`${title('Homepage: ')}${escapeColour(texts.homepage)}`)
  for (const { flag, unless, show } of sections) {
    const isShown = flag ? flagOn(args, flag) : !(unless && flagOn(args, unless))
    if (isShown || flagOn(args, 'all')) show(shown)
  }
  suggestSimpler(shown)
  line('')
}

function showMaintainers({ texts, line }: Shown): void {
  if (!texts.maintainers?.length) return
  line('')
  line(`${title('Maintainers: ')}${texts.maintainers.map((name) => `@@${escapeColour(name)}`).join(' ')}`)
}

function showNamespace({ found, line }: Shown): void {
  line('')
  line(title('Namespace:'))
  line(`    @c{${found.repository.namespace}} at ${escapeColour(found.repository.root)}`)
}

function showDetectable({ recipe, texts, line }: Shown): void {
  line('')
  line(title('Externally Detectable:'))
  const found = texts.detects?.length ? ` (${texts.detects.join(', ')})` : ''
  line(recipe.detect ? `    True${found}` : '    False')
}

function showTags({ invocation, recipe, line }: Shown): void {
  const tags = [...(recipe.tags as string[])].sort()
  line('')
  line(title('Tags: '))
  invocation.print(tags.length ? inColumns(invocation, tags, 4) : '    None\n')
}

function showVersions({ invocation, recipe, spec, line }: Shown): void {
  const versions = recipe.versions.filter(({ version }) => intersectsVersions([parseVersion(version)], spec.versions))
  const width = Math.max(0, ...versions.map(({ version }) => version.length)) + 4
  const list = (heading: string, rows: readonly RecipeVersion[]) => {
    line('')
    line(title(`${heading} version${heading === 'Preferred' ? '' : 's'}:  `))
    for (const row of rows)
      line(`@c    ${row.version.padEnd(width)}@.${escapeColour(versionSource(recipe, row, invocation.cwd))}`)
    if (!rows.length) line('@c    None@.')
  }
  const newestFirst = [...versions]
    .sort((a, b) => compareVersions(parseVersion(a.version), parseVersion(b.version)))
    .reverse()
  const preferred = versions.length ? preferredVersion(recipe) : undefined
  list('Preferred', preferred ? [preferred] : [])
  list(
    'Safe',
    newestFirst.filter(({ deprecated }) => !deprecated),
  )
  list(
    'Deprecated',
    newestFirst.filter(({ deprecated }) => deprecated),
  )
}

const listingOf = ({ invocation, recipe, spec, byName }: Shown) => ({
  byName,
  width: lineWidth(invocation),
  colour: invocation.stdoutHasColour,
  holds: (when: string) => mayMeet(recipe, spec, when),
})

function showVariants(shown: Shown): void {
  shown.line('')
  shown.line(title('Variants:'))
  shown.invocation.print(listDefinitions(variantDefinitions(shown.recipe, shown.texts), listingOf(shown)))
}

function showPhases({ recipe, texts, spec, line }: Shown): void {
  const buildSystem = spec.variants.get('build_system')?.values[0] ?? recipe.default_build_system
  const phases = texts.phases?.[String(buildSystem)]
  if (!phases?.length) return
  line('')
  line(title('Installation Phases:'))
  line(phases.map((phase) => `    ${phase}`).join(''))
}

function showDependencies(shown: Shown): void {
  shown.line('')
  shown.line(title('Dependencies:'))
  shown.invocation.print(listDefinitions(dependencyDefinitions(shown.recipe), listingOf(shown)))
}

function showLicenses(shown: Shown): void {
  shown.line('')
  shown.line(title('Licenses:'))
  shown.invocation.print(listDefinitions(licenseDefinitions(shown.recipe), listingOf(shown)))
}

function showVirtuals({ recipe, line }: Shown): void {
  line('')
  line(title('Virtual Packages: '))
  const byWhen = new Map<string, string[]>()
  for (const { spec, when } of recipe.provides) byWhen.set(when, [...(byWhen.get(when) ?? []), spec])
  const rows = [...byWhen].map(([when, specs]) => ({ when: parseWhen(when), specs }))
  rows.sort((a, b) => compareSpecs(b.when, a.when))
  for (const { when, specs } of rows) line(escapeColour(`    ${printSpec(when)} provides ${specs.join(', ')}`))
  if (!rows.length) line('    None')
}

const parseWhen = (when: string): Spec => (when ? parseSpec(when) : emptySpec())

function showTests({ invocation, path, recipe, texts, spec, line }: Shown): void {
  const list = (heading: string, names: readonly string[]) => {
    line('')
    line(title(heading))
    invocation.print(names.length ? inColumns(invocation, names, 4) : '    None\n')
  }
  list('Available Build Phase Test Methods:', texts.tests?.build ?? [])
  list('Available Install Phase Test Methods:', texts.tests?.install ?? [])
  const provided = recipe.provides.filter(({ when }) => satisfies(spec, parseWhen(when)))
  const virtuals = new Set(provided.map((each) => specName(each.spec)))
  const inherited = [...virtuals].flatMap((name) => {
    const found = path.find(name)
    return found ? (path.texts(found).tests?.alone ?? []) : []
  })
  list('Stand-Alone/Smoke Test Methods:', [...(texts.tests?.alone ?? []), ...inherited].sort())
}

/** From so many conditions on one variant a list is hard to read. */
const manyConditions = 20

/** Names the variants that, switched off, would make the list of dependencies much shorter. */
function suggestSimpler({ invocation, recipe, spec, line }: Shown): void {
  const counts = new Map<string, number>()
  for (const when of new Set(recipe.dependencies.map((each) => each.when))) {
    if (!when) continue
    for (const [name, variant] of parseSpec(when).variants) {
      if (variant.kind !== 'bool') continue
      const key = `${name}\0${variant.values[0]}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  const simpler = parseSpec(fullName(spec))
  const many = [...counts]
    .filter(([, count]) => count >= manyConditions)
    .sort(([a, m], [b, n]) => n - m || (a < b ? 1 : -1))
  for (const [key] of many) {
    const [name, value] = key.split('\0') as [string, string]
    if (!spec.variants.has(name) && !simpler.variants.has(name))
      setVariant(simpler, name, boolVariant(value !== 'true'))
  }
  if (simpler.variants.size === 0) return
  for (const [name, variant] of spec.variants) setVariant(simpler, name, variant)
  simpler.versions = spec.versions
  line('')
  line(`@*y==>@. ${recipe.name} has many complex dependencies; consider this for a simpler view:`)
  invocation.print(`  spack info ${printSpec(simpler)}\n`)
}
