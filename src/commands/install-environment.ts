// `spack install` for many specs: what there is to do, make, and what became of it.

import { existsSync, rmSync, statSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { join } from 'node:path'
import { depfileGraph, depfileText, matchesIn, nodePrefixes } from '../depfile/depfile.ts'
import { shellWord } from '../depfile/escape.ts'
import { type DepfileGraph, type DepfileNode, dependenciesOnly, packagesOnly } from '../depfile/graph.ts'
import { type MakeOutcome, runMake } from '../depfile/make-run.ts'
import { defaultStampFolder, targetNames } from '../depfile/names.ts'
import type { Environment } from '../environment/environment.ts'
import type { Lockfile } from '../environment/lockfile.ts'
import { failureLog } from '../install/failure.ts'
import { programs } from '../program.ts'
import type { DagHash } from '../spec/spec.ts'
import { openStore } from '../store/configured-store.ts'
import { specFile } from '../store/prefix-metadata.ts'
import type { Store } from '../store/store.ts'
import { SpackError } from '../ui/error.ts'
import { configuration } from './configured.ts'
import type { PlanOptions } from './environment-plan.ts'
import { globalWords } from './global-words.ts'
import { buildPlans, installerFlags, planOf, thisProgram } from './install-only.ts'
import type { InstallRequest } from './install-request.ts'
import type { Invocation } from './invocation.ts'
import { configuredJobs } from './jobs.ts'
import { isForcedBy, isLocked, readLocked } from './locked.ts'
import { forgetUnreachableMirrors } from './mirrors.ts'

/** What is to be installed, and where each spec goes. */
interface Work {
  environment: Environment
  lockfile: Lockfile
  store: Store
  graph: DepfileGraph
  /** Those that shall be installed again. */
  again: ReadonlySet<DagHash>
  /** Whether a spec is in the store. */
  isThere: (node: DepfileNode) => boolean
}

export interface InstallContext {
  /** What is said to be installed. */
  title?: string
  /** How what is not concretized yet shall be. */
  concretizer?: PlanOptions
}

/** Installs what the request asks for; gives the exit code. Throws SpackError for what cannot be begun. */
export async function installEnvironment(
  invocation: Invocation,
  environment: Environment,
  request: InstallRequest,
  { title = `in the environment ${environment.name}`, concretizer = {} }: InstallContext = {},
): Promise<number> {
  if (!request.onlyConcrete) await lockFirst(invocation, environment, request, concretizer)
  const work = await planWork(invocation, environment, request)
  if (!work.graph.nodes.length) {
    invocation.print(`==> Nothing to install ${title}\n`)
    return 0
  }
  const wanted = await wantedNodes(invocation, work, request)
  if (!wanted) return 1
  invocation.print(`==> ${overview(work, wanted, title)}\n`)
  forgetFalseStamps(work)
  forgetUnreachableMirrors(await configuration(invocation))
  const startMs = Date.now()
  const outcome = await runMake({
    text: await depfileText(work.graph, work.lockfile, {
      environmentDir: environment.dir,
      // Relative, so that it does not matter what the environment is called.
      prefix: defaultStampFolder,
      store: work.store,
      jobserver: true,
      overview: false,
      programs: programs(),
    }),
    goals: [targetNames(environment.dir, defaultStampFolder).all],
    jobs: request.jobs,
    defaultJobs: await configuredJobs(invocation),
    keepGoing: !request.failFast,
    syncOutput: !request.verbose,
    variables: { SPACK_OVERWRITE: [...work.again].join(' ') },
    environ: makeEnvironment(invocation, request),
    cwd: environment.dir,
  })
  return await tellOutcome(invocation, work, wanted, { ...outcome, startMs })
}

/** Concretizes what the lockfile lacks, if anything, or all of it where that is asked for. */
async function lockFirst(
  invocation: Invocation,
  environment: Environment,
  { tests, jobs }: InstallRequest,
  options: PlanOptions,
): Promise<void> {
  const isForced = options.isForced || isForcedBy(await configuration(invocation))
  if (!isForced && (await isLocked(invocation, environment))) return
  const { concretizeAndLock, printPlan } = await import('./environment-concretize.ts')
  const plan = await concretizeAndLock(invocation, environment, {
    ...options,
    isForced,
    tests,
    jobs: jobs ?? (await configuredJobs(invocation)),
  })
  await printPlan(invocation, { flags: {}, positional: [], rest: [] }, plan)
}

async function planWork(invocation: Invocation, environment: Environment, request: InstallRequest): Promise<Work> {
  const lockfile = readLocked(environment)
  if (request.specs.length) await requireMatches(environment, lockfile, request.specs)
  const whole = await depfileGraph(lockfile, request.specs, request.cachePolicies, {
    allDependencies: request.includeBuildDependencies,
  })
  const graph = request.only === 'package' ? packagesOnly(whole) : request.only ? dependenciesOnly(whole) : whole
  const inGraph = new Set(graph.nodes.map(({ hash }) => hash))
  const store = openStore(await configuration(invocation))
  const prefixOf = await nodePrefixes(store, lockfile)
  return {
    environment,
    lockfile,
    store,
    graph,
    again: new Set(request.overwrite ? whole.roots.filter((hash) => inGraph.has(hash)) : []),
    isThere({ node }) {
      const prefix = prefixOf(node)
      return prefix !== null && existsSync(specFile(prefix))
    },
  }
}

/** Each spec that is asked for must be in the lockfile. Throws SpackError `no-match`. */
async function requireMatches(environment: Environment, lockfile: Lockfile, words: readonly string[]): Promise<void> {
  const missing = (await matchesIn(lockfile, words)).filter(({ hashes }) => !hashes.length)
  if (!missing.length) return
  const { printSpec } = await import('../spec/print.ts')
  const names = missing.map(({ spec }) => `\`${printSpec(spec)}\``).join(', ')
  throw new SpackError('no-match', `the lockfile of the environment \`${environment.name}\` has no ${names}`, {
    where: environment.lockFile,
    hint: 'only what is concretized can be installed; `spack find --show-concretized` lists it',
  })
}

/** The specs that something has to be done for; undefined when the user does not agree. */
async function wantedNodes(
  invocation: Invocation,
  work: Work,
  request: InstallRequest,
): Promise<DepfileNode[] | undefined> {
  const { graph, again, isThere } = work
  const present = graph.nodes.filter((node) => again.has(node.hash) && isThere(node))
  if (present.length && !request.assumeYes && !(await agreesToOverwrite(invocation, present))) return undefined
  return graph.nodes.filter((node) => again.has(node.hash) || (!node.node.external && !isThere(node)))
}

async function agreesToOverwrite(invocation: Invocation, nodes: readonly DepfileNode[]): Promise<boolean> {
  const [{ confirm }, { readNodes }] = await Promise.all([import('./installed.ts'), import('../spec/node.ts')])
  const shown = nodes.map(({ node }) => ({ ...node, dependencies: [], build_spec: undefined }))
  const agrees = await confirm(invocation, [...readNodes(shown).values()], 'reinstalled')
  if (!agrees) invocation.print('==> Aborting installation\n')
  return agrees
}

function overview({ graph }: Work, wanted: readonly DepfileNode[], title: string): string {
  const externals = graph.nodes.filter(({ node }) => node.external).length
  const toInstall = wanted.length
  const installed = graph.nodes.length - externals - toInstall
  const parts = [`${installed} installed`, `${externals} external`, `${toInstall} to install`]
  return `${counted(graph.nodes.length, 'spec')} ${title}: ${parts.join(', ')}`
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** A stamp that another program left, for a prefix that never was: a depfile trusts those, we can see better. */
function forgetFalseStamps({ environment, graph, isThere }: Work): void {
  const names = targetNames(environment.dir, defaultStampFolder)
  for (const node of graph.nodes) {
    if (!node.node.external && !isThere(node)) rmSync(join(environment.dir, names.install(node.hash)), { force: true })
  }
}

/** Settings of this command line reach installers through a `spack` with the same flags. */
function makeEnvironment(invocation: Invocation, request: InstallRequest): NodeJS.ProcessEnv {
  const { SPACK: _, SPACK_INSTALL: __, ...environ } = invocation.environ
  const hasSettings = globalWords(invocation.options).length > 0
  const inherited = environ.SPACK_INSTALL_FLAGS ? [environ.SPACK_INSTALL_FLAGS] : []
  return {
    ...environ,
    SPACK_INSTALL_FLAGS: [...inherited, ...installerFlags(request)].join(' '),
    ...(hasSettings ? { SPACK: thisProgram(invocation).map(shellWord).join(' ').replaceAll('$', '$$$$') } : {}),
  }
}

interface Ending extends MakeOutcome {
  startMs: number
}

async function tellOutcome(
  invocation: Invocation,
  work: Work,
  wanted: readonly DepfileNode[],
  ending: Ending,
): Promise<number> {
  const seconds = ((Date.now() - ending.startMs) / 1000).toFixed(1)
  if (ending.signal) {
    const installed = wanted.filter(work.isThere).length
    invocation.say(`==> Interrupted by ${ending.signal}: ${installed} of ${counted(wanted.length, 'spec')} installed\n`)
    return 128 + osConstants.signals[ending.signal]
  }
  // Make ends before that after a failure, and installers with settings of this command line leave it to us.
  const isLeftToUs = ending.code !== 0 || globalWords(invocation.options).length > 0
  const recorded = isLeftToUs ? await recordAll(invocation, work.environment) : 0
  if (ending.code === 0 && recorded !== 0) return recorded
  if (ending.code !== 0) {
    invocation.say(failureSummary(work, wanted, ending.startMs))
    return 1
  }
  const what = wanted.length ? `${counted(wanted.length, 'spec')} installed in ${seconds} s` : 'everything is installed'
  invocation.print(`==> ${what}\n`)
  return 0
}

/** Whatever was installed gets into the database and the views. Gives the exit code. */
async function recordAll(invocation: Invocation, environment: Environment): Promise<number> {
  const { runInstaller } = await import('../install/installer.ts')
  return await runInstaller(['-e', environment.dir, '--finish'], {
    environ: invocation.environ,
    openPlan: () => planOf(invocation, environment),
    openBuildPlan: buildPlans(invocation, environment),
    command: [...thisProgram(invocation), '-e', environment.dir, 'install'],
  })
}

function failureSummary({ environment, isThere }: Work, wanted: readonly DepfileNode[], startMs: number): string {
  const failed = wanted.flatMap((node) => {
    const log = failureLog({ name: node.node.name, version: node.node.version ?? '', hash: node.hash })
    return (statSync(log, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= startMs ? [{ node, log }] : []
  })
  const isFailed = new Set(failed.map(({ node }) => node))
  const untried = wanted.filter((node) => !isFailed.has(node) && !isThere(node)).length
  const rest = untried ? `, ${untried} not tried` : ''
  // What comes after the last spec can fail as well.
  if (failed.length === 0) return `==> Error: no spec failed, but make did: see above${rest}\n`
  const lines = [`==> Error: ${failed.length} of ${counted(wanted.length, 'spec')} failed${rest}`]
  for (const { node, log } of failed) {
    const { name, version } = node.node
    lines.push(`  ${name}@${version} /${node.hash.slice(0, 7)}  log: ${log}`)
    lines.push(`    to retry: spack -e ${shellWord(environment.dir)} install /${node.hash.slice(0, 7)}`)
  }
  return `${lines.join('\n')}\n`
}
