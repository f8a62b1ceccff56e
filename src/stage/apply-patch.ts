// One patch applied to the sources, by the system's `patch` as in Spack.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { SpackError, systemErrorCode } from '../ui/error.ts'
import { digestOfFile } from './digest-file.ts'
import { digestOf } from './recipe-source.ts'
import type { PlannedPatch } from './source-plan.ts'

const shownHunkLines = 40

/**
 * Applies the patch that lies at `path`. Throws SpackError `patch-digest`, `patch-failed` with what was rejected, and
 * `no-tool` without a `patch`.
 */
export function applyPatch(patch: PlannedPatch, path: string, sources: string, shown: string): void {
  const { algorithm, hex } = digestOf(patch.sha256) ?? { algorithm: 'sha256', hex: patch.sha256 }
  const found = digestOfFile(path, algorithm)
  if (found !== hex) {
    throw new SpackError(
      'patch-digest',
      `the patch \`${path}\` of \`${shown}\` has changed: its ${algorithm} is ${found}`,
      {
        detail: `  \`${shown}\` was concretized with ${patch.sha256}`,
        hint: 'concretize again with `spack concretize --force`, or restore the patch',
      },
    )
  }
  const folder = resolve(sources, patch.workingDir)
  if (folder !== sources && !folder.startsWith(sources + sep)) {
    throw new SpackError(
      'patch-failed',
      `the patch \`${path}\` of \`${shown}\` is for \`${folder}\`, outside the sources`,
    )
  }
  const words = [
    '-s',
    '-p',
    String(patch.level),
    '-i',
    path,
    '-d',
    patch.workingDir,
    ...(patch.isReversed ? ['-R'] : []),
  ]
  // `patch` asks questions on the terminal, but for these words; without input it would take silence for "no" as well.
  const run = spawnSync('patch', words, { cwd: sources, encoding: 'utf8', input: '', env: environment() })
  if (systemErrorCode(run.error) === 'ENOENT') {
    throw statSync(sources, { throwIfNoEntry: false })
      ? new SpackError('no-tool', `\`${shown}\` has patches, and there is no \`patch\` to apply them`, {
          hint: 'install GNU patch',
        })
      : new SpackError('patch-failed', `\`${shown}\` has no sources in \`${sources}\` to patch`)
  }
  if (run.error) throw run.error
  if (run.status !== 0) throw doesNotApply(patch, { path, folder, sources, shown, output: run.stdout + run.stderr })
}

/** GNU patch answers its own questions when it is told to be POSIXly quiet about versions of files under other control. */
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, PATCH_GET: '0', LC_ALL: 'C' })

interface Failure {
  path: string
  folder: string
  sources: string
  shown: string
  output: string
}

function doesNotApply(patch: PlannedPatch, { path, sources, shown, output }: Failure): SpackError {
  const rejects = rejectedFiles(sources)
  const lines = [
    `  patch:  ${patch.shown}${patch.shown === path ? '' : ` (${path})`}`,
    ...output
      .trim()
      .split('\n')
      .slice(0, 20)
      .map((line) => `  ${line}`),
    ...rejects.slice(0, 1).flatMap((file) => {
      const hunk = readFileSync(file, 'utf8').split('\n').slice(0, shownHunkLines)
      return [`  rejected, in \`${file}\`:`, ...hunk.map((line) => `    ${line}`)]
    }),
    ...rejects.slice(1).map((file) => `  also rejected: \`${file}\``),
  ]
  return new SpackError(
    'patch-failed',
    `a patch of \`${shown}\` does not apply to \`${relative('/', sources) && sources}\``,
    {
      detail: lines.join('\n').trimEnd(),
      hint: 'the patch is not for these sources: look at the `when` of `patch()` in the recipe, or correct the patch',
    },
  )
}

/** Files that `patch` left with what it could not apply. */
function rejectedFiles(sources: string): string[] {
  const names = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.rej')).map((name) => join(sources, name))
}
