// `spack create`: a new recipe, as far as it can be guessed from the URL of an archive.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makeFolders } from '../folders.ts'
import { nameInUrl, simplifyName } from '../recipes/name-in-url.ts'
import { className, packageFolder } from '../recipes/repository.ts'
import { versionInUrl } from '../recipes/version-url.ts'
import { SpackError } from '../ui/error.ts'
import { archiveDigests, versionLines } from './archive-digests.ts'
import { type Arguments, type Command, flagOn, flagText } from './command.ts'
import { filesOf, type Guess, guessFrom } from './create-guess.ts'
import { recipeText } from './create-recipe.ts'
import { recipeTemplates } from './create-templates.ts'
import { chosenRepositories } from './edit.ts'
import { editFiles } from './editor.ts'
import type { Invocation } from './invocation.ts'
import { chooseVersions } from './question.ts'
import { findArchives, newestFirst } from './remote-versions.ts'

const exampleUrl = 'https://www.example.com/example-1.2.3.tar.gz'

export const create: Command = {
  name: 'create',
  summary: 'create a new package file',
  positional: '[url]',
  flags: [
    { name: 'keep-stage', help: 'accepted for compatibility; archives are not kept' },
    { name: 'name', short: 'n', kind: 'string', value: 'NAME', help: 'name of the package to create' },
    {
      name: 'template',
      short: 't',
      kind: 'string',
      value: 'TEMPLATE',
      choices: Object.keys(recipeTemplates),
      help: 'build system template to use',
    },
    {
      name: 'repo',
      short: 'r',
      kind: 'string',
      value: 'REPO',
      help: 'path to a repository where the package should be created',
    },
    {
      name: 'namespace',
      short: 'N',
      kind: 'string',
      value: 'NAMESPACE',
      help: 'namespace of the repository to create it in',
    },
    { name: 'force', short: 'f', help: 'overwrite any existing package file with the same name' },
    { name: 'skip-editor', help: 'skip the edit session for the package (e.g., automation)' },
    { name: 'batch', short: 'b', help: "don't ask which versions to checksum" },
  ],
  run: async (invocation, args) => {
    const [url, ...more] = args.positional
    if (more.length) throw new SpackError('usage', `\`${more[0]}\` is one word too many`, { exitCode: 2 })
    const [repository] = await chosenRepositories(invocation, args)
    const given = packageNameOf(invocation, args, url)
    const { versions, guess } = await versionsOf(invocation, args, given, url)
    const kind = templateName(invocation, args, url, guess)
    const template = recipeTemplates[kind]!
    const name = prefixed(invocation, given, template.prefix)
    invocation.print(`==> Created template for ${name} package\n`)
    const file = join(repository!.packages, packageFolder(name), 'package.py')
    if (existsSync(file) && !flagOn(args, 'force')) {
      throw new SpackError('exists', `\`${file}\` is there already`, { hint: 'write it anew: `spack create --force`' })
    }
    const { languages } = guess
    const text = recipeText({ name, className: className(name), template, url: url ?? exampleUrl, versions, languages })
    makeFolders(dirname(file))
    writeFileSync(file, text)
    invocation.print(`==> Created package file: ${file}\n`)
    if (!flagOn(args, 'skip-editor')) await editFiles(invocation, [file])
    return 0
  },
}

/** The name that is given, or the one in the URL. */
function packageNameOf(invocation: Invocation, args: Arguments, url: string | undefined): string {
  const given = flagText(args, 'name')
  if (given !== undefined) invocation.print(`==> Using specified package name: '${given}'\n`)
  const guessed = given === undefined && url !== undefined ? nameInUrl(url) : undefined
  if (guessed === null) {
    throw new SpackError('no-name', `there is no name of a package in \`${url}\``, {
      hint: `give it: \`spack create --name NAME ${url}\``,
    })
  }
  if (guessed !== undefined) {
    invocation.print(`==> This looks like a ${guessed === url ? 'package name' : 'URL'} for ${guessed}\n`)
  }
  const name = simplifyName(given ?? guessed ?? 'example')
  if (/^[a-z0-9-]+$/.test(name)) return name
  throw new SpackError('no-name', `\`${name}\` cannot be the name of a package`, {
    hint: 'names have small letters, digits and dashes: give one with `--name`',
  })
}

/** The lines of versions, and what their newest archive says. */
async function versionsOf(
  invocation: Invocation,
  args: Arguments,
  name: string,
  url: string | undefined,
): Promise<{ versions: readonly string[]; guess: Guess }> {
  const nothing = { buildSystem: undefined, languages: [] }
  const open = ['# FIXME: add versions', '# version("1.2.4")']
  if (url === undefined || flagText(args, 'template') === 'bundle' || !/^\w+:\/\//.test(url)) {
    return { versions: open, guess: nothing }
  }
  const own = versionInUrl(url)
  if (own === null) {
    invocation.say(`==> Warning: there is no version in ${url}\n`)
    const lines = ['# FIXME: add versions and their digests', `# version("1.2.3", sha256="${'0'.repeat(64)}")`]
    return { versions: lines, guess: nothing }
  }
  const urls = await archiveUrls(invocation, args, name, own, url)
  const folder = mkdtempSync(join(tmpdir(), 'spack-create-'))
  try {
    const keepFirst = join(folder, 'archive')
    const jobs = availableParallelism()
    const digests = await archiveDigests(invocation, name, urls, { jobs, keepFirst })
    const isThere = digests.has(urls[0]![0])
    const files = isThere ? await filesOf(keepFirst, urls[0]![1], invocation.say) : []
    return { versions: versionLines(digests).map((line) => line.trim()), guess: guessFrom(url, files) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function archiveUrls(
  invocation: Invocation,
  args: Arguments,
  name: string,
  own: string,
  url: string,
): Promise<(readonly [version: string, url: string])[]> {
  // In a folder of this machine other versions are not looked for.
  if (url.startsWith('file:')) return [[own, url]]
  const found = newestFirst(await findArchives(invocation, [url], { jobs: 32 }))
  if (found.length === 0) return [[own, url]]
  const chosen = found.length > 1 && !flagOn(args, 'batch') ? await chooseVersions(invocation, name, found) : undefined
  return chosen ?? found
}

function templateName(invocation: Invocation, args: Arguments, url: string | undefined, guess: Guess): string {
  const given = flagText(args, 'template')
  if (given !== undefined) {
    invocation.print(`==> Using specified package template: '${given}'\n`)
    return given
  }
  if (url === undefined) return 'generic'
  if (guess.buildSystem === undefined) {
    invocation.say('==> Warning: Unable to detect a build system. Using a generic package template.\n')
    return 'generic'
  }
  invocation.print(`==> This package looks like it uses the ${guess.buildSystem} build system\n`)
  return guess.buildSystem
}

function prefixed(invocation: Invocation, name: string, prefix = ''): string {
  if (name.startsWith(prefix)) return name
  invocation.print(`==> Changing package name from ${name} to ${prefix}${name}\n`)
  return prefix + name
}
