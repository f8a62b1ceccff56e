// What compilers ask of the nodes that use them, which only their running recipes can tell: a question to a guest. Answers
// are kept in the user's cache, as `runtimes/KEY.json`, where KEY stands for the recipe's files and the compiler, so that
// Python starts once for a compiler.

import { join } from 'node:path'
import { sha256Of } from '../digest.ts'
import { makeFolders } from '../folders.ts'
import { printSpec } from '../spec/print.ts'
import type { Spec } from '../spec/spec.ts'
import { traverseNodes } from '../spec/traverse.ts'
import { exactVersion } from '../spec/version-list.ts'
import { SpackError } from '../ui/error.ts'
import { readCached, writeWhole } from '../whole-file.ts'
import { guestHost, runInGuests } from './guest-process.ts'
import { packageFolder } from './repository.ts'
import type { Package, RepositoryPath } from './repository-path.ts'

/** A call that a recipe makes: what is asked of a package, or of all (`*`). */
export type RuntimeCall = { package: string; spec: string; when: string } & (
  | { call: 'depends_on'; type: 'build' | 'link' | 'run' }
  | { call: 'requires' }
  | { call: 'propagate' }
)

export interface RuntimeWorld {
  environ: NodeJS.ProcessEnv
  userCache: string
}

const timeoutMs = 60_000

/**
 * What the recipes of concrete compilers ask, in their order. Throws SpackError `recipe` when one fails, and `no-python`.
 */
export async function runtimeCalls(
  compilers: readonly Spec[],
  path: RepositoryPath,
  world: RuntimeWorld,
): Promise<RuntimeCall[][]> {
  const folder = join(world.userCache, 'runtimes')
  const asked = compilers.map((compiler) => {
    const found = path.find(compiler.name!)
    if (!found || !path.recipe(found).compiler) return { calls: [] }
    if ((path.recipe(found).compiler as { runtime_rules?: boolean }).runtime_rules !== true) return { calls: [] }
    const request = describe(compiler, found)
    const file = join(folder, `${keyOf(request, found)}.json`)
    const calls = readCalls(file)
    return calls ? { calls } : { request, file, found }
  })
  const open = asked.flatMap((each) => ('calls' in each ? [] : [each]))
  const answers = new Map<object, RuntimeCall[]>()
  await askRecipes(open, path, world, (job, calls) => {
    answers.set(job, calls)
    writeCalls(folder, job.file, calls)
  })
  return asked.map((each) => each.calls ?? answers.get(each)!)
}

interface Question {
  request: CompilerText
  file: string
  found: Package
}

interface CompilerText {
  text: string
  name: string
  version: string
  hash: string
  below: Record<string, CompilerText>
}

/** A compiler as recipes look at it: itself with its direct dependencies, and every node below it. */
function describe(compiler: Spec, found: Package): CompilerText {
  const nodes = traverseNodes([compiler], { root: false })
  return {
    ...describeNode(compiler),
    name: found.name,
    below: Object.fromEntries(nodes.map((node) => [node.name!, describeNode(node)])),
  }
}

function describeNode(spec: Spec): CompilerText {
  const own = (node: Spec): string => printSpec({ ...node, edges: [], concrete: null, abstractHash: null })
  const children = spec.edges.map(({ child }) => `%${own(child)}`)
  return {
    text: [own(spec), ...children].join(' '),
    name: spec.name!,
    version: exactVersion(spec.versions)!.text,
    hash: spec.concrete!.hash,
    below: {},
  }
}

function keyOf(request: CompilerText, { index, name }: Package): string {
  const { namespace } = index.repository
  return sha256Of(JSON.stringify([namespace, index.digest(name), request]))
    .toString('hex')
    .slice(0, 32)
}

type Answer = { calls: RuntimeCall[] } | { failed: string; message: string; where: string | null }

async function askRecipes(
  questions: readonly Question[],
  path: RepositoryPath,
  { environ }: RuntimeWorld,
  take: (job: Question, calls: RuntimeCall[]) => void,
): Promise<void> {
  const failures: SpackError[] = []
  const refuse = ({ found }: Question, message: string, where: string | null) =>
    failures.push(
      new SpackError('recipe', `the recipe of the compiler \`${found.name}\` does not tell its runtimes: ${message}`, {
        ...(where ? { where } : {}),
        hint: `correct its \`runtime_constraints\`: \`spack edit ${found.name}\``,
      }),
    )
  const repositories = path.indexes.map(({ repository: { namespace, root } }) => [namespace, root])
  const options = {
    repositories: Object.fromEntries(repositories),
    host: guestHost(),
    count: 1,
    python: environ.SPACK_PYTHON || 'python3',
    timeoutMs,
    environ,
  }
  await runInGuests<Question, Answer>(questions, options, {
    listLength: 1,
    request: ([job]) => ({
      runtimes_of: job!.request,
      namespace: job!.found.repository.namespace,
      folder: packageFolder(job!.found.name),
    }),
    take: (answer, job) => {
      if ('failed' in answer) refuse(job, answer.message, answer.where)
      else take(job, answer.calls)
    },
    fail: (job, message) => refuse(job, message, null),
  })
  if (failures[0]) throw failures[0]
}

function readCalls(file: string): RuntimeCall[] | undefined {
  const calls = readCached(file)
  return Array.isArray(calls) ? (calls as RuntimeCall[]) : undefined
}

function writeCalls(folder: string, file: string, calls: readonly RuntimeCall[]): void {
  makeFolders(folder)
  writeWhole(file, JSON.stringify(calls))
}
