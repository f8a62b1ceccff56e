// depfile/NAME/CASE.json: what `spack -e NAME env depfile OPTIONS` makes, as a graph that make itself reads from our text;
// and what real makes install with it, by a stand-in that only logs.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { parseArguments } from '../../src/commands/arguments.ts'
import { envDepfile } from '../../src/commands/env-depfile.ts'
import type { Invocation } from '../../src/commands/invocation.ts'
import { noFlags } from '../support/invocation.ts'
import { isolated, runProgram } from '../support/program.ts'
import { scratch } from '../support/scratch.ts'
import type { Tally } from './tally.ts'

interface Graph {
  all_target: string
  clean_target: string
  env_target: string
  phony: string[]
  convenience_targets: boolean
  package_ids_variable: string
  package_ids: string[]
  roots: string[]
  recipe_has_plus: boolean
  nodes: Record<string, { deps: string[]; id: string; spec: string; flag: string }>
}

interface Case {
  options: string[]
  stderr?: string
  graph: Graph
  make?: Record<'first_run_installs' | 'second_run_installs' | 'after_clean_installs', string[]>
}

export async function run(folder: string, tally: Tally): Promise<void> {
  for (const name of readdirSync(join(folder, 'depfile')).sort()) {
    const environment = join(folder, 'depfile', name)
    if (!existsSync(join(environment, 'spack.lock'))) continue
    for (const file of readdirSync(environment).sort()) {
      if (file.endsWith('.json')) await runCase(environment, file, tally)
    }
  }
}

async function runCase(environment: string, file: string, tally: Tally): Promise<void> {
  const wanted: Case = JSON.parse(readFileSync(join(environment, file), 'utf8'))
  const id = `${basename(environment)}/${basename(file, '.json')}`
  const dir = join(scratch(), basename(environment))
  mkdirSync(dir)
  for (const name of ['spack.yaml', 'spack.lock']) copyFileSync(join(environment, name), join(dir, name))
  const placeholder = `/work-env/${basename(environment)}`
  const options = wanted.options.map((word) => word.replaceAll(placeholder, dir))
  const { printed, said } = await runCommand(dir, options)
  const output = options.includes('-o') ? join(dir, options[options.indexOf('-o') + 1]!) : join(dir, 'depfile.mk')
  if (!options.includes('-o')) writeFileSync(output, printed)
  else tally.check(`${id} stdout`, '', () => printed)
  tally.check(`${id} warns`, Boolean(wanted.stderr), () => said.includes('Warning'))
  // What is compared is put in one order; README: roots as a set, nodes by hash, what they need as sets.
  tally.check(id, normalized(wanted.graph), () => {
    const graph = readGraph(output, options)
    return JSON.parse(JSON.stringify(normalized(graph)).replaceAll(dir, placeholder))
  })
  if (wanted.make) tally.check(`${id} make`, wanted.make, () => runMakes(output, wanted.graph, dir))
}

async function runCommand(dir: string, words: readonly string[]): Promise<{ printed: string; said: string }> {
  let [printed, said] = ['', '']
  const invocation: Invocation = {
    options: { ...noFlags, environment: dir },
    environ: { ...isolated(scratch()), SPACK_DISABLE_LOCAL_CONFIG: '1' },
    cwd: dir,
    print: (text) => void (printed += text),
    say: (text) => void (said += text),
    stdoutHasColour: false,
    stdoutWidth: 80,
    stderrHasColour: false,
  }
  await envDepfile.run!(invocation, parseArguments(words, envDepfile.flags!, { path: 'spack env depfile' }))
  return { printed, said }
}

const normalized = (graph: Graph) => ({
  ...graph,
  phony: graph.phony.toSorted(),
  package_ids: graph.package_ids.toSorted(),
  roots: [...new Set(graph.roots)].sort(),
  nodes: Object.fromEntries(
    Object.entries(graph.nodes)
      .map(([hash, node]) => [hash, { ...node, deps: node.deps.toSorted() }] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ),
})

interface Target {
  needs: string[]
  isPhony: boolean
  recipe: string
  variables: Record<string, string>
}

/** The graph as make sees it: its own printed database, and a hook on each package as Spack's manual shows it. */
function readGraph(file: string, options: readonly string[]): Graph {
  const targets = printedTargets(make(file, ['-pnrR']))
  const all = [...targets.keys()].find((name) => /^(.*\/)?all$/.test(name) && targets.get(name)!.isPhony)!
  const env = targets.get(all)!.needs[0]!
  const prefix = env.slice(0, -'env'.length)
  const variable = options.some((word) => /^--make-(target-)?prefix/.test(word))
    ? `${prefix}SPACK_PACKAGE_IDS`
    : 'SPACK_PACKAGE_IDS'
  const hooks = hookedPackages(file, variable, prefix)
  const hashOf = (target: string) => basename(target)
  const deps = (hash: string) => {
    const [install, installDeps] = ['.install', '.install-deps'].map((kind) => targets.get(`${prefix}${kind}/${hash}`)!)
    if (!install!.needs.includes(`${prefix}.install-deps/${hash}`))
      throw new Error(`${hash} does not need its dependencies`)
    return installDeps!.needs.filter((need) => need.startsWith(`${prefix}.install/`)).map(hashOf)
  }
  const installs = [...targets.keys()].filter((name) => name.startsWith(`${prefix}.install/`))
  const byId = new Map(hooks.map((hook) => [hook.hash, hook]))
  return {
    all_target: all,
    clean_target: [...targets.keys()].find((name) => /^(.*\/)?clean$/.test(name))!,
    env_target: env,
    phony: [...targets]
      .filter(([name, { isPhony }]) => isPhony && /^(.*\/)?(all|clean)$/.test(name))
      .map(([name]) => name),
    convenience_targets:
      hooks.length > 0 &&
      hooks.every(({ id }) => targets.get(`install/${id}`)?.isPhony && targets.get(`install-deps/${id}`)?.isPhony),
    package_ids_variable: variable,
    package_ids: hooks.map(({ id }) => id),
    roots: targets
      .get(env)!
      .needs.filter((need) => need.startsWith(`${prefix}.install/`))
      .map(hashOf),
    recipe_has_plus: /\/plus = \S/.test(readFileSync(file, 'utf8')),
    nodes: Object.fromEntries(
      installs.map((target) => {
        const hash = hashOf(target)
        const { id, spec } = byId.get(hash)!
        return [hash, { deps: deps(hash), id, spec, flag: targets.get(target)!.variables.SPACK_BUILDCACHE_FLAG ?? '?' }]
      }),
    ),
  }
}

function make(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const done = runProgram('make', ['-f', file, ...args], {
    cwd: join(file, '..'),
    env: { ...isolated(scratch()), ...env },
  })
  if (done.code !== 0) throw new Error(`make ${args.join(' ')} ended with ${done.code}: ${done.stderr.slice(0, 500)}`)
  return done.stdout
}

/** The section `# Files` of `make -p`. */
function printedTargets(database: string): Map<string, Target> {
  const targets = new Map<string, Target>()
  const target = (name: string) => {
    const known = targets.get(name) ?? { needs: [], isPhony: false, recipe: '', variables: {} }
    targets.set(name, known)
    return known
  }
  let current: Target | undefined
  for (const line of database.slice(database.indexOf('\n# Files\n')).split('\n')) {
    const rule = /^([^\s#:][^:]*): ?(.*)$/.exec(line)
    if (rule) {
      current = target(rule[1]!)
      const variable = /^(\w+) :?= ?(.*)$/.exec(rule[2]!)
      if (variable) current.variables[variable[1]!] = variable[2]!
      else current.needs = rule[2]!.split(/[\s|]+/).filter(Boolean)
    } else if (line.startsWith('#  Phony target') && current) current.isPhony = true
    else if (line === '') current = undefined
  }
  return targets
}

function hookedPackages(file: string, variable: string, prefix: string): { id: string; hash: string; spec: string }[] {
  const hooks = join(scratch(), 'hooks.mk')
  writeFileSync(
    hooks,
    `include ${file}
hooks: $(addprefix ${prefix}hook/,$(${variable}))
${prefix}hook/%: ${prefix}install/%
	$(info hook|$*|$(HASH)|$(SPEC))
`,
  )
  const lines = make(hooks, ['-n', 'hooks']).split('\n')
  return lines.flatMap((line) => {
    const [word, id, hash, ...spec] = line.split('|')
    return word === 'hook' ? [{ id: id!, hash: hash!, spec: spec.join('|') }] : []
  })
}

function runMakes(file: string, graph: Graph, dir: string): Case['make'] {
  const log = join(dir, 'log')
  const spack = join(dir, 'stand-in')
  writeFileSync(spack, `#!/bin/sh\nfor word; do last=$word; done\necho "$last" >>'${log}'\n`)
  chmodSync(spack, 0o755)
  const installs = () => {
    make(file, ['-j4', graph.all_target], { SPACK: spack })
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []
    rmSync(log, { force: true })
    return lines.map((line) => line.slice(1)).sort()
  }
  const [first, second] = [installs(), installs()]
  make(file, [graph.clean_target])
  return { first_run_installs: first, second_run_installs: second, after_clean_installs: installs() }
}
