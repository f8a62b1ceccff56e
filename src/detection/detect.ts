// Detection: which packages are installed outside of the store. Names of files decide which recipes are asked; those that
// are start Python.

import { availableParallelism } from 'node:os'
import { type GuestOptions, guestHost, runInGuests } from '../recipes/guest-process.ts'
import type { JsonObject } from '../recipes/json-value.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import { compareSpecs, equalSpecs } from '../spec/compare.ts'
import type { Spec } from '../spec/spec.ts'
import {
  type CandidateGroup,
  compilePatterns,
  type FolderFiles,
  groupPrograms,
  listFiles,
  matchingLibraries,
  matchingPrograms,
} from './candidates.ts'
import { readDetectedSpec } from './detected-spec.ts'
import { libraryFolders, pathList, programFolders } from './search-folders.ts'
import { type DetectablePackage, recipeOf } from './tagged-packages.ts'

/** An installation outside of the store. */
export interface DetectedExternal {
  spec: Spec
  prefix: string
  modules: readonly string[]
  extraAttributes: JsonObject
}

export interface DetectionWorld {
  environ: NodeJS.ProcessEnv
  cwd: string
  /** Look in these folders instead of `PATH` and those of the dynamic linker. */
  paths?: readonly string[]
  /** How many packages at once. */
  jobs?: number
  /** How long one program may take, and all of one package. */
  programSeconds?: number
  packageSeconds?: number
}

export interface Detection {
  /** By package, in the order in which the packages were given; those that were not found are left out. */
  found: ReadonlyMap<string, readonly DetectedExternal[]>
  /** What the user should know. */
  warnings: readonly string[]
  /** What only helps to find out why something was not detected. */
  notes: readonly string[]
}

const limits = { programSeconds: 20, packageSeconds: 60, jobs: 16 }

/** Looks for packages. Throws SpackError `no-python`. */
export async function detectPackages(
  packages: readonly DetectablePackage[],
  path: RepositoryPath,
  world: DetectionWorld,
): Promise<Detection> {
  const warnings: string[] = []
  return await detectJobs(findCandidates(packages, world, warnings), path, world, warnings)
}

/** What some programs are, of which the package is known. Throws as `detectPackages`. */
export async function detectPrograms(
  target: DetectablePackage,
  programs: readonly string[],
  path: RepositoryPath,
  world: DetectionWorld,
): Promise<Detection> {
  return await detectJobs([{ target, groups: groupPrograms(programs) }], path, world, [])
}

async function detectJobs(
  jobs: readonly Job[],
  path: RepositoryPath,
  world: DetectionWorld,
  warnings: string[],
): Promise<Detection> {
  const notes: string[] = []
  const found = new Map(jobs.map(({ target }) => [target.name, [] as DetectedExternal[]]))
  await runInGuests<Job, Answer>(jobs, guestOptions(path, world), {
    listLength: 1,
    request: ([job]) => request(job!, world),
    take: (answer, job) => {
      if ('failed' in answer) {
        warnings.push(`\`${job.target.name}\` cannot be detected: ${answer.message}`)
        return
      }
      warnings.push(...answer.warnings)
      notes.push(...answer.notes)
      found.get(job.target.name)!.push(...readAnswer(answer, job, path, warnings))
    },
    fail: (job, message) => warnings.push(`\`${job.target.name}\` cannot be detected: its recipe ${message}`),
  })
  return { found: new Map([...found].filter(([, list]) => list.length > 0)), warnings, notes }
}

interface Job {
  target: DetectablePackage
  groups: readonly CandidateGroup[]
}

/** The packages of which there are files. What is in the folders is looked up once for all. */
function findCandidates(packages: readonly DetectablePackage[], world: DetectionWorld, warnings: string[]): Job[] {
  const { paths, cwd, environ } = world
  let programs: FolderFiles[] | undefined
  let libraries: FolderFiles[] | undefined
  const groupsOf = ({ detect }: DetectablePackage, pattern: RegExp): CandidateGroup[] => {
    if (detect.executables) {
      programs ??= listFiles(programFolders(paths ?? pathList(environ.PATH), cwd))
      return matchingPrograms(programs, pattern)
    }
    libraries ??= listFiles(libraryFolders(paths, cwd, environ))
    return matchingLibraries(libraries, pattern)
  }
  return packages.flatMap((target) => {
    const patterns = target.detect.executables ?? target.detect.libraries ?? []
    const pattern = compilePatterns(patterns)
    if ('unknown' in pattern) {
      const shown = pattern.unknown.map((each) => `\`${each}\``).join(', ')
      warnings.push(`\`${target.name}\` cannot be detected: ${shown} cannot be understood as a pattern of file names`)
      return []
    }
    const groups = patterns.length > 0 ? groupsOf(target, pattern) : []
    return groups.length > 0 ? [{ target, groups }] : []
  })
}

interface Detected {
  group: number
  spec: string
  prefix: string | null
  modules: readonly string[]
  extra_attributes: JsonObject
}

type Answer =
  | { detected: readonly Detected[]; warnings: readonly string[]; notes: readonly string[] }
  | { failed: string; message: string }

function request({ target, groups }: Job, { programSeconds, jobs }: DetectionWorld): object {
  return {
    namespace: target.repository.namespace,
    folder: target.folder,
    groups: groups.map(({ folder, files }) => [folder, files]),
    seconds: programSeconds ?? limits.programSeconds,
    threads: jobs ?? atOnce(),
  }
}

const atOnce = (): number => Math.min(availableParallelism(), limits.jobs)

function guestOptions(path: RepositoryPath, { environ, jobs, packageSeconds }: DetectionWorld): GuestOptions {
  return {
    repositories: Object.fromEntries(path.indexes.map(({ repository: { namespace, root } }) => [namespace, root])),
    host: guestHost(),
    count: jobs ?? atOnce(),
    python: environ.SPACK_PYTHON || 'python3',
    timeoutMs: (packageSeconds ?? limits.packageSeconds) * 1000,
    environ,
  }
}

/** The specs of an answer, sorted within a folder, each once there. */
function readAnswer(
  answer: Extract<Answer, { detected: unknown }>,
  { target, groups }: Job,
  path: RepositoryPath,
  warnings: string[],
): DetectedExternal[] {
  return groups.flatMap(({ folder, prefix }, index) => {
    const inGroup: DetectedExternal[] = []
    for (const each of answer.detected.filter(({ group }) => group === index)) {
      const read = readDetectedSpec(each.spec, (name) => recipeOf(path, name))
      if ('refusal' in read) {
        warnings.push(`\`${target.name}\` in ${folder} is passed over: ${read.refusal}`)
        continue
      }
      const { spec } = read
      if (inGroup.some((other) => equalSpecs(other.spec, spec))) continue
      const { modules, extra_attributes: extraAttributes } = each
      inGroup.push({ spec, prefix: each.prefix ?? prefix, modules, extraAttributes })
    }
    return inGroup.sort((a, b) => compareSpecs(a.spec, b.spec))
  })
}
