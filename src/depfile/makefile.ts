// Rules → the text of a depfile. The parts that do not depend on the graph are in `templates/depfile.mk`.

import type { Programs } from '../program.ts'
import type { DagHash } from '../spec/spec.ts'
import { isPlainFile, rawText, type Spelling, shellWord, spellingBelow } from './escape.ts'
import type { CachePolicy, DepfileGraph, DepfileNode } from './graph.ts'
import { markFolder, printable, refuseUnwritable, stampFolders, type TargetNames } from './names.ts'
import type { Recipe, Rule } from './rules.ts'

/** What is written about a spec beside its targets. */
export interface SpecText {
  /** For people. */
  spec: string
  /** Absolute; null for an external without a path. */
  prefix: string | null
}

export interface MakefileOptions {
  /** Text of `templates/depfile.mk`. */
  template: string
  environmentDir: string
  storeRoot: string
  specText: (hash: DagHash) => SpecText
  /** Whether the installer is connected to the jobserver of make. */
  jobserver: boolean
  /** Whether make says how much there is to do before it begins. */
  overview: boolean
  programs: Programs
}

/** What the writing of all parts needs. */
interface Writer {
  graph: DepfileGraph
  rules: readonly Rule[]
  names: TargetNames
  spelling: Spelling
  /** The beginning of the depfile's own variables. */
  k: string
}

/** The text of a depfile for GNU Make 4.0 and later. */
export function makefileText(
  graph: DepfileGraph,
  rules: readonly Rule[],
  names: TargetNames,
  options: MakefileOptions,
): string {
  for (const path of [options.environmentDir, options.storeRoot]) refuseUnwritable(path)
  const writer = { graph, rules, names, spelling: spellingBelow(names.prefix), k: names.variablePrefix }
  const values = { ...fixedParts(writer, options), ...graphParts(writer, options) }
  return options.template.replace(/\{\{(\w+)\}\}/g, (_, key: string) => values[key]!)
}

function fixedParts({ names, k, spelling }: Writer, options: MakefileOptions): Record<string, string> {
  const dir = folderInShell(names.prefix)
  const { node, spack, install } = options.programs
  return {
    k,
    title: printable(options.environmentDir),
    all: names.all,
    clean: names.clean,
    install: names.hasShortNames ? 'install' : names.below('install'),
    envDeps: names.hasShortNames ? 'env-deps' : names.envDeps,
    spack: rawText(`${shellWord(node)} ${shellWord(spack)}`),
    program: rawText(spack),
    installer: rawText(`${shellWord(node)} ${shellWord(install)}`),
    idsVariable: names.idsVariable,
    environment: rawText(shellWord(options.environmentDir)),
    dir: rawText(dir),
    target: spelling.target(names.below('')),
    need: spelling.need(names.below('')),
    folders: [...stampFolders.map(({ folder }) => folder), markFolder].join(' '),
    markFolder,
    missing: spelling.need(names.missing),
    overview: options.overview ? `$(${k}/overview)` : '',
    store: rawText(options.storeRoot),
    plus: options.jobserver ? `$(if $(${k}/idle),,+)` : '',
    touch: isPlainFile(dir) ? `$(if $(${k}/idle),,$(file >$1,))` : `: >$(call ${k}/quote,$1);`,
  }
}

function graphParts(writer: Writer, options: MakefileOptions): Record<string, string> {
  const { graph, rules, names, spelling, k } = writer
  const phony = rules.filter(({ recipe }) => recipe === 'none' || recipe === 'clean').map(({ target }) => target)
  const ofSpecs = (line: (node: DepfileNode) => string) => graph.nodes.map(line).join('\n')
  return {
    ids: graph.nodes.map(({ id }) => id).join(' '),
    hashes: graph.nodes.map(({ hash }) => hash).join(' '),
    externals: graph.nodes.flatMap(({ hash, node }) => (node.external ? [hash] : [])).join(' '),
    phony: [...phony, names.missing].map(spelling.need).join(' '),
    dependencies: rules.map((rule) => dependencyLine(rule, writer)).join('\n'),
    recipes: recipeText(writer),
    installerVariables: installerVariables(writer).join('\n'),
    shortNames: names.hasShortNames ? shortNameLines(writer).join('\n') : '',
    specs: ofSpecs((node) => specLines(node, k, options)),
    hooks: ofSpecs((node) => hookLines(node, k, options)),
  }
}

/** The folder of all targets as a shell takes it: `cd -x` would read an option. */
const folderInShell = (prefix: string): string =>
  prefix === '' ? '.' : prefix.startsWith('-') ? `./${prefix}` : prefix

function dependencyLine({ target, needs, after, recipe, vanishing }: Rule, writer: Writer): string {
  const { spelling, k } = writer
  let line = `${spelling.target(target)}:`
  if (needs.length) line += ` ${words(needs, 'need', writer)}`
  if (vanishing) line += ` $(call ${k}/gone,${vanishing})`
  if (recipe === 'dirs') line += ` $(${k}/absent)`
  return after.length ? `${line} | ${words(after, 'need', writer)}` : line
}

/** Targets or prerequisites, one after the other; where all specs are among them, by their list. */
function words(targets: readonly string[], role: keyof Spelling, writer: Writer): string {
  const { graph, names, spelling, k } = writer
  if (!graph.nodes.length || targets.length < graph.nodes.length) return targets.map(spelling[role]).join(' ')
  const lists: string[] = []
  let left = targets
  for (const { folder, by } of stampFolders) {
    const start = names.below(`${folder}/`)
    const others = left.filter((target) => !target.startsWith(start))
    if (left.length - others.length !== graph.nodes.length) continue
    lists.push(`$(addprefix $(${k}/${role})${folder}/,$(${listOf(by, writer)}))`)
    left = others
  }
  return [...left.map(spelling[role]), ...lists].join(' ')
}

/** The variable that lists all specs. */
const listOf = (by: 'hash' | 'id', { names, k }: Writer): string => (by === 'hash' ? `${k}/hashes` : names.idsVariable)

const recipeKinds: readonly Recipe[] = ['dirs', 'install', 'stamp', 'record', 'clean']

function recipeText(writer: Writer): string {
  const { rules } = writer
  const blocks = recipeKinds.flatMap((recipe) => {
    const targets = rules.filter((rule) => rule.recipe === recipe).map(({ target }) => target)
    if (!targets.length) return []
    const lines = recipeLines(recipe, writer).map((line) => `\t${line}`)
    return [[`${words(targets, 'target', writer)}:`, ...lines].join('\n')]
  })
  return [...blocks, cacheFlagLines(writer).join('\n')].join('\n\n')
}

function recipeLines(recipe: Recipe, writer: Writer): string[] {
  const { k } = writer
  switch (recipe) {
    case 'none':
      return []
    case 'install':
      // Two lines, so that make starts the installer itself: a shell between them would die of SIGTERM alone. Both are
      // expanded before the first runs, but somebody else may install the spec in between: it is decided once.
      return [
        `@$(eval ${k}/runs := $(if $(call ${k}/done,$(${k}/hash)),,yes))$(call ${k}/$(if $(${k}/runs),install,stamp),$(${k}/hash))`,
        `@$(if $(${k}/runs),$(call ${k}/seal,$(${k}/hash)))`,
      ]
    case 'stamp':
      return [`@$(call ${k}/touch,$@)`]
    case 'dirs':
      return [
        `@mkdir -p -- $(foreach folder,$(${k}/folders),$(call ${k}/quote,$(${k}/dir)/$(folder))) && : >$(call ${k}/quote,$@)`,
      ]
    case 'record':
      return [`@$(if $(${k}/other),$(${k}/views),$(${k}/record))`, `@: >$(call ${k}/quote,$@)`]
    case 'clean':
      return cleanLines(writer)
  }
}

/** Linux allows 128 KiB for the whole of a shell's command line. */
const cleanedAtOnce = 100

function cleanLines(writer: Writer): string[] {
  const { graph, k } = writer
  const dir = `$(call ${k}/quote,$(${k}/dir))`
  const inFolder = (command: string) => `@! test -d ${dir} || { cd ${dir} && ${command}; }`
  const lines = [inFolder('rm -f env env-deps .recorded .views dirs')]
  for (let first = 1; first <= graph.nodes.length; first += cleanedAtOnce) {
    const range = `${first},${first + cleanedAtOnce - 1}`
    const files = [...stampFolders, { folder: markFolder, by: 'hash' } as const].map(
      ({ folder, by }) => `$(addprefix ${folder}/,$(wordlist ${range},$(${listOf(by, writer)})))`,
    )
    lines.push(inFolder(`rm -f ${files.join(' ')}`))
  }
  return lines
}

const flagOf: Readonly<Record<CachePolicy, string>> = {
  auto: '',
  only: '--use-buildcache=only',
  never: '--use-buildcache=never',
}

function cacheFlagLines(writer: Writer): string[] {
  const { graph, names } = writer
  const policies = [...new Set(graph.nodes.map(({ cachePolicy }) => cachePolicy))]
  return policies.map((policy) => {
    const targets = graph.nodes
      .filter(({ cachePolicy }) => cachePolicy === policy)
      .map(({ hash }) => names.install(hash))
    // An empty value counts as well: targets take variables over from those that need them.
    return `${words(targets, 'target', writer)}: SPACK_BUILDCACHE_FLAG := ${flagOf[policy]}`
  })
}

/**
 * Variables of what installers start with. Under another SPACK that is this program after all, as a script, it leaves a
 * file where SPACK_VIEWS_LATER says, and views to the end. NODE_EXTRA_CA_CERTS doubles the start of Node; the installer
 * reads the other variable, and only when it downloads.
 */
function installerVariables(writer: Writer): string[] {
  const starting = writer.rules.filter(({ recipe }) => recipe === 'install' || recipe === 'record')
  const targets = words(
    starting.map(({ target }) => target),
    'target',
    writer,
  )
  return [
    `${targets}: export SPACK_VIEWS_LATER := $(${writer.k}/dir)/.views`,
    'ifdef NODE_EXTRA_CA_CERTS',
    `${targets}: export SPACK_EXTRA_CA_CERTS := $(NODE_EXTRA_CA_CERTS)`,
    `${targets}: export NODE_EXTRA_CA_CERTS :=`,
    'endif',
  ]
}

/** For typing: targets that lie in the environment's folder have names without that folder, too. */
function shortNameLines(writer: Writer): string[] {
  const { k, names, spelling } = writer
  const ofSpecs = stampFolders.flatMap(({ folder, by }) => {
    const targets = `$(addprefix ${folder}/,$(${listOf(by, writer)}))`
    return [`.PHONY: ${targets}`, `${targets}: ${folder}/%: $(${k}/target)${folder}/%`]
  })
  return ['.PHONY: env-deps', `env-deps: ${spelling.need(names.envDeps)}`, ...ofSpecs]
}

function specLines({ hash, node }: DepfileNode, k: string, options: MakefileOptions): string {
  const { spec, prefix } = options.specText(hash)
  // Externals are not looked for.
  const place = node.external || prefix === null ? '' : placeText(prefix, k, options)
  return `${k}/prefix/${hash} := ${place}\n${k}/spec/${hash} := ${rawText(printable(spec))}`
}

/** A prefix, the root of the store by its variable: padded roots have thousands of characters. */
function placeText(prefix: string, k: string, { storeRoot }: MakefileOptions): string {
  const isHere = prefix.startsWith(`${storeRoot}/`)
  return isHere ? `$(${k}/store)${rawText(prefix.slice(storeRoot.length))}` : rawText(prefix)
}

function hookLines({ hash, id, node }: DepfileNode, k: string, options: MakefileOptions): string {
  const place = node.external ? rawText(options.specText(hash).prefix ?? '') : `$(${k}/prefix/${hash})`
  return `%/${id}: HASH = ${hash}\n%/${id}: SPEC = $(${k}/spec/${hash})\n%/${id}: SPACK_PREFIX = ${place}`
}
