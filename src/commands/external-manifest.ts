// `spack external read-cray-manifest`, which `spack external find` does as well where such manifests are.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { editableScope } from '../config/edit.ts'
import {
  type CrayManifest,
  crayManifestFolder,
  manifestCompilers,
  manifestNodes,
  readCrayManifest,
} from '../detection/cray-manifest.ts'
import { recordExternals } from '../detection/record-externals.ts'
import type { RepositoryPath } from '../recipes/repository-path.ts'
import { printJson } from '../spec/json.ts'
import type { SpecNode } from '../spec/node.ts'
import type { DagHash } from '../spec/spec.ts'
import { openStore } from '../store/configured-store.ts'
import { addRecord } from '../store/registration.ts'
import { changeDatabase } from '../store/transaction.ts'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { type Arguments, flagOn, flagText } from './command.ts'
import { configuration, forgetConfiguration } from './configured.ts'
import type { Invocation } from './invocation.ts'
import { withRecipes } from './recipes.ts'

export interface ManifestRequest {
  file?: string
  directory?: string
  ignoreDefault: boolean
  isDryRun: boolean
  failOnError: boolean
}

export async function readManifests(invocation: Invocation, args: Arguments): Promise<number> {
  const request: ManifestRequest = {
    file: flagText(args, 'file'),
    directory: flagText(args, 'directory'),
    ignoreDefault: flagOn(args, 'ignore-default-dir'),
    isDryRun: flagOn(args, 'dry-run'),
    failOnError: flagOn(args, 'fail-on-error'),
  }
  const files = manifestFiles(invocation, request)
  if (files.length === 0) {
    throw new SpackError('no-manifest', `no manifest was named, and there is none in \`${crayManifestFolder}\``, {
      hint: 'name one with `--file`, or a folder of them with `--directory`',
    })
  }
  await withRecipes(invocation, (recipes) => consumeManifests(invocation, recipes, files, request))
  return 0
}

/** What `spack external find` reads beforehand: what is wrong with a manifest is no reason not to go on. */
export async function readDefaultManifests(invocation: Invocation, recipes: RepositoryPath): Promise<void> {
  const request = { ignoreDefault: false, isDryRun: false, failOnError: false }
  if (existsSync(crayManifestFolder)) {
    await consumeManifests(invocation, recipes, manifestFiles(invocation, request), request)
  }
}

function manifestFiles({ cwd }: Invocation, { file, directory, ignoreDefault }: ManifestRequest): string[] {
  const folders = [
    ...(directory === undefined ? [] : [resolve(cwd, directory)]),
    ...(!ignoreDefault && existsSync(crayManifestFolder) ? [crayManifestFolder] : []),
  ]
  const listed = folders.flatMap((folder) => {
    const names = withWords(folder, () => readdirSync(folder))
    return names.filter((name) => name.endsWith('.json')).map((name) => join(folder, name))
  })
  return [...(file === undefined ? [] : [resolve(cwd, file)]), ...listed.sort()]
}

async function consumeManifests(
  invocation: Invocation,
  recipes: RepositoryPath,
  files: readonly string[],
  request: ManifestRequest,
): Promise<void> {
  for (const file of files) {
    try {
      const manifest = readCrayManifest(
        withWords(file, () => readFileSync(file, 'utf8')),
        file,
      )
      await consumeManifest(invocation, recipes, manifest, request)
    } catch (error) {
      // A file that was named and is not there is an error, whatever is said of manifests with faults.
      const isSkipped = error instanceof SpackError && error.code === 'cray-manifest' && !request.failOnError
      if (!isSkipped) throw error
      invocation.say(`==> Warning: the manifest \`${error.where ?? file}\` is passed over: ${error.message}\n`)
    }
  }
}

async function consumeManifest(
  invocation: Invocation,
  recipes: RepositoryPath,
  manifest: CrayManifest,
  { isDryRun }: ManifestRequest,
): Promise<void> {
  const nodes = manifestNodes(manifest, recipes)
  const { environ, cwd } = invocation
  const { found, warnings } = await manifestCompilers(manifest, recipes, { environ, cwd })
  for (const warning of warnings) invocation.say(`==> Warning: ${warning}\n`)
  if (isDryRun) {
    invocation.print(`==> ${nodes.size} specs and ${[...found.values()].flat().length} compilers would be added\n`)
    return
  }
  const made = await configuration(invocation)
  const recorded = await recordExternals(found, made, editableScope(made))
  for (const warning of recorded.warnings) invocation.say(`==> Warning: ${warning}\n`)
  forgetConfiguration(invocation)
  await addNodes(invocation, nodes)
}

/** Adds records of what is installed outside of the store; what has one already keeps it. */
async function addNodes(invocation: Invocation, nodes: ReadonlyMap<string, SpecNode>): Promise<void> {
  const sources = new Map([...nodes].map(([hash, node]) => [hash as DagHash, { node, text: printJson(node) }]))
  const timeSeconds = Date.now() / 1000
  const world = { prefixOf: () => null, isPublished: () => false, isUpstream: () => false }
  await changeDatabase(openStore(await configuration(invocation)), (database) => {
    for (const hash of sources.keys()) {
      if (database.has(hash)) continue
      addRecord(database, sources, hash, timeSeconds, world)
      database.change(hash, { origin: 'external-db' })
    }
  })
}

function withWords<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === undefined) throw error
    throw new SpackError('manifest-file', `\`${path}\` cannot be read (${code})`, { cause: error })
  }
}
