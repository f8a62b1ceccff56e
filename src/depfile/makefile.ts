// Rules → the text of a depfile. The parts that do not depend on the graph are in `templates/depfile.mk`.

import type { DagHash } from '../spec/spec.ts'
import { isPlainFile, rawText, type Spelling, shellWord, spellingBelow } from './escape.ts'
import type { CachePolicy, DepfileGraph } from './graph.ts'
import { packageId, printable, refuseUnwritable, stampFolders, type TargetNames } from './names.ts'
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
  programs: { node: string; spack: string; install: string }
}

/** The text of a depfile for GNU Make 4.0 and later. */
export function makefileText(
  graph: DepfileGraph,
  rules: readonly Rule[],
  names: TargetNames,
  options: MakefileOptions,
): string {
  for (const path of [options.environmentDir, options.storeRoot]) refuseUnwritable(path)
  const k = names.variablePrefix
  const dir = folderInShell(names.prefix)
  const spelling = spellingBelow(names.prefix)
  const { node, spack, install } = options.programs
  const values: Record<string, string> = {
    k,
    title: printable(options.environmentDir),
    all: names.all,
    clean: names.clean,
    install: names.hasShortNames ? 'install' : names.installId('').replace(/\/$/, ''),
    spack: rawText(`${shellWord(node)} ${shellWord(spack)}`),
    program: rawText(spack),
    installer: rawText(`${shellWord(node)} ${shellWord(install)}`),
    idsVariable: names.idsVariable,
    ids: graph.nodes.map(({ hash, node }) => packageId(hash, node)).join(' '),
    hashes: graph.nodes.map(({ hash }) => hash).join(' '),
    externals: graph.nodes.flatMap(({ hash, node }) => (node.external ? [hash] : [])).join(' '),
    environment: rawText(shellWord(options.environmentDir)),
    dir: rawText(dir),
    missing: spelling.need(names.missing),
    store: rawText(options.storeRoot),
    plus: options.jobserver ? `$(if $(${k}/idle),,+)` : '',
    touch: isPlainFile(dir) ? `$(if $(${k}/idle),,$(file >$1,))` : `: >$(call ${k}/quote,$1);`,
    phony: [...rules.filter(isPhony).map(({ target }) => target), names.missing].map(spelling.need).join(' '),
    rules: ruleLines(graph, rules, names, spelling).join('\n'),
    specs: graph.nodes
      .flatMap(({ hash, node }) => specLines(hash, packageId(hash, node), !!node.external, k, options))
      .join('\n'),
  }
  return options.template.replace(/\{\{(\w+)\}\}/g, (_, key: string) => values[key]!)
}

const isPhony = ({ recipe }: Rule): boolean => recipe === 'alias' || recipe === 'clean'

/** The folder of all targets as a shell takes it: `cd -x` would read an option. */
const folderInShell = (prefix: string): string =>
  prefix === '' ? '.' : prefix.startsWith('-') ? `./${prefix}` : prefix

function ruleLines(graph: DepfileGraph, rules: readonly Rule[], names: TargetNames, spelling: Spelling): string[] {
  const k = names.variablePrefix
  const needWords = (paths: readonly string[]) => paths.map(spelling.need).join(' ')
  const dependencies = rules.map((rule) => {
    const gone = rule.vanishing ? ` $(call ${k}/gone,${rule.vanishing})` : ''
    const absent = rule.recipe === 'dirs' ? ` ${absentFolders(k)}` : ''
    const needs = rule.needs.length ? ` ${needWords(rule.needs)}` : ''
    const after = rule.after.length ? ` | ${needWords(rule.after)}` : ''
    return `${spelling.target(rule.target)}:${needs}${gone}${absent}${after}`
  })
  const recipes = (['dirs', 'install', 'stamp', 'record', 'clean'] as const).flatMap((recipe) => {
    const targets = rules.filter((rule) => rule.recipe === recipe).map(({ target }) => spelling.target(target))
    return targets.length
      ? [`\n${targets.join(' ')}:`, ...recipeLines(recipe, graph, k).map((line) => `\t${line}`)]
      : []
  })
  return [...dependencies, ...recipes, ...cacheFlagLines(graph, names, spelling), ...shortHashLines(names, spelling)]
}

const absentFolders = (k: string): string =>
  `$(foreach folder,${stampFolders.join(' ')},$(if $(wildcard $(call ${k}/glob,$(${k}/dir))/$(folder)),,$(${k}/missing)))`

function recipeLines(recipe: Recipe, graph: DepfileGraph, k: string): string[] {
  // No blank is in a hash, but there may be some in the folder, so that $(notdir) cannot be used.
  const hash = '$(lastword $(subst /, ,$@))'
  switch (recipe) {
    case 'alias':
      return []
    case 'install':
      // Two lines, so that make starts the installer itself: a shell between them would die of SIGTERM alone.
      return [
        `@$(if $(call ${k}/done,${hash}),$(call ${k}/stamp,${hash}),$(call ${k}/install,${hash}))`,
        `@$(if $(call ${k}/done,${hash}),,$(call ${k}/seal,${hash}))`,
      ]
    case 'stamp':
      return [`@$(call ${k}/touch,$@)`]
    case 'dirs': {
      const folders = stampFolders.map((folder) => `$(call ${k}/quote,$(${k}/dir)/${folder})`)
      return [`@mkdir -p -- ${folders.join(' ')} && : >$(call ${k}/quote,$@)`]
    }
    case 'record':
      return [`@$(if $(${k}/other),,$(${k}/installer) -e $(${k}/environment) --finish)`, `@: >$(call ${k}/quote,$@)`]
    case 'clean':
      return cleanLines(graph, k)
  }
}

/** Linux allows 128 KiB for the whole of a shell's command line. */
const longestCleanLine = 60_000

function cleanLines(graph: DepfileGraph, k: string): string[] {
  const files = graph.nodes.flatMap(({ hash, node }) => {
    const id = packageId(hash, node)
    return stampFolders.map((folder) => `${folder}/${folder.startsWith('.') ? hash : id}`)
  })
  const inFolder = (command: string) =>
    `@! test -d $(call ${k}/quote,$(${k}/dir)) || { cd $(call ${k}/quote,$(${k}/dir)) && ${command}; }`
  const lines: string[][] = [['env', '.recorded', 'dirs']]
  let length = 0
  for (const file of files) {
    length += file.length + 1
    if (length > longestCleanLine) {
      lines.push([])
      length = file.length
    }
    lines.at(-1)!.push(file)
  }
  return lines.map((names) => inFolder(`rm -f ${names.join(' ')}`))
}

const flagOf: Readonly<Record<CachePolicy, string>> = {
  auto: '',
  only: '--use-buildcache=only',
  never: '--use-buildcache=never',
}

function cacheFlagLines(graph: DepfileGraph, names: TargetNames, spelling: Spelling): string[] {
  const policies = [...new Set(graph.nodes.map(({ cachePolicy }) => cachePolicy))]
  return policies.map((policy) => {
    const targets = graph.nodes
      .filter(({ cachePolicy }) => cachePolicy === policy)
      .map(({ hash }) => names.install(hash))
    // An empty value counts as well: targets take variables over from those that need them.
    return `${targets.map(spelling.target).join(' ')}: SPACK_BUILDCACHE_FLAG := ${flagOf[policy]}`
  })
}

/**
 * `.install/HASH` for typing, where targets lie in the environment's folder. A pattern does for names that no one
 * completes; make 4.0 to 4.4 have no spelling for a second `%` in one.
 */
function shortHashLines(names: TargetNames, spelling: Spelling): string[] {
  if (!names.hasShortNames || names.prefix.includes('%')) return []
  const line = (folder: string) => `${folder}/%: ${spelling.need(names.prefix)}/${folder}/% ; @:`
  return ['.install', '.install-deps'].map(line)
}

function specLines(hash: DagHash, id: string, isExternal: boolean, k: string, options: MakefileOptions): string[] {
  const { spec, prefix } = options.specText(hash)
  const inStore = prefix !== null && !isExternal
  const root = `${options.storeRoot}/`
  const place = !inStore
    ? ''
    : prefix.startsWith(root)
      ? `$(${k}/store)/${rawText(prefix.slice(root.length))}`
      : rawText(prefix)
  return [
    `${k}/prefix/${hash} := ${place}`,
    `${k}/spec/${hash} := ${rawText(printable(spec))}`,
    `%/${id}: HASH = ${hash}`,
    `%/${id}: SPEC = $(${k}/spec/${hash})`,
    `%/${id}: SPACK_PREFIX = ${inStore ? `$(${k}/prefix/${hash})` : rawText(prefix ?? '')}`,
  ]
}
