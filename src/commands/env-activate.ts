// `spack env activate` and `deactivate`: commands for the shell, which evaluates them (templates/setup-env.*).

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { Configuration } from '../config/configuration.ts'
import {
  type Change,
  planStatically,
  planVariables,
  type Reversal,
  reversalsOf,
  variablesAfter,
} from '../environment/activation.ts'
import {
  changesInView,
  folderChanges,
  programChanges,
  readEnvVars,
  readInspections,
  recipesWithVariables,
  viewChanges,
} from '../environment/activation-changes.ts'
import { type Environment, environmentAt, isEnvironmentDir, isNamedEnvironment } from '../environment/environment.ts'
import { installedPrefix, placementRules } from '../environment/environment-views.ts'
import { environmentViews, readEnvironmentLockfile } from '../environment/manifest.ts'
import { activationText, deactivationText, leavingText, messageText } from '../environment/shell-text.ts'
import { defaultViewName, type ViewDescriptor } from '../environment/view-descriptor.ts'
import type { DagHash } from '../spec/spec.ts'
import { openStore } from '../store/configured-store.ts'
import { readDatabase } from '../store/transaction.ts'
import { renderError, SpackError } from '../ui/error.ts'
import { type Arguments, type Command, flagOn, flagText } from './command.ts'
import { configurationOf, environmentsRoot } from './configured.ts'
import { createFrom, keepRelativeFlag } from './env-create.ts'
import type { Invocation } from './invocation.ts'
import { chosenShell, explainSetup, shellFlags } from './shell-flags.ts'

export const envActivate: Command = {
  name: 'activate',
  summary: 'set the active environment',
  description:
    'print the commands that make an environment the active one; the shell function of setup-env.sh, .fish or .csh evaluates them',
  positional: '[env]',
  flags: [
    ...shellFlags,
    { name: 'with-view', short: 'v', kind: 'string', value: 'NAME', help: 'set variables for the view NAME' },
    { name: 'without-view', short: 'V', help: 'set no variables for a view' },
    { name: 'prompt', short: 'p', help: 'show the environment in the prompt' },
    { name: 'temp', help: 'create and activate an environment in a temporary directory' },
    { name: 'create', help: 'create the environment if it does not exist' },
    {
      name: 'envfile',
      kind: 'string',
      value: 'FILE',
      help: 'with `--create`: the manifest or lockfile to create it from',
    },
    keepRelativeFlag,
    { name: 'dir', short: 'd', help: 'the environment is a directory' },
    { name: 'static', help: 'print what can be kept in a file and sourced later, without Spack' },
  ],
  run: async (invocation, args) => {
    const shell = chosenShell(args)
    if (!shell) return explainSetup(invocation, 'spack env activate')
    refuseGlobalChoice(invocation, 'activate')
    const { environment, prompt, message } = await chooseEnvironment(invocation, args)
    const configuration = await configurationOf(invocation, environment)
    const view = chooseView(environment, configuration, args)
    const isStatic = flagOn(args, 'static')
    const left = isStatic ? undefined : await leave(invocation)
    // Scripts that recipes source may do nothing the second time.
    const afterwards = { ...invocation, environ: { ...variablesAfter(invocation.environ, left ?? []) } }
    const changes = await changesOf(afterwards, environment, configuration, view)
    invocation.print(
      (message ? messageText(shell, message) : '') +
        (left ? leavingText(shell) : '') +
        activationText(
          shell,
          { dir: environment.dir, view: view?.name, prompt: flagOn(args, 'prompt') ? prompt : undefined },
          isStatic ? planStatically(changes) : planVariables(invocation.environ, left ?? [], changes),
        ),
    )
    return 0
  },
}

export const envDeactivate: Command = {
  name: 'deactivate',
  summary: 'deactivate the active environment',
  description: 'print the commands that leave the active environment; the shell function evaluates them',
  flags: shellFlags,
  run: async (invocation, args) => {
    const shell = chosenShell(args)
    if (!shell) return explainSetup(invocation, 'spack env deactivate')
    refuseGlobalChoice(invocation, 'deactivate')
    const left = await leave(invocation)
    if (!left) throw new SpackError('no-environment', 'no environment is active')
    invocation.print(deactivationText(shell, planVariables(invocation.environ, left, [])))
    return 0
  },
}

function refuseGlobalChoice({ options }: Invocation, command: string): void {
  if (!options.environment && !options.environmentDir && !options.noEnvironment) return
  throw new SpackError('usage', `\`spack env ${command}\` cannot be combined with \`-e\`, \`-D\` or \`-E\``, {
    exitCode: 2,
  })
}

interface Chosen {
  environment: Environment
  /** What is shown in the prompt. */
  prompt: string
  /** To be said once the environment is active. */
  message?: string
}

async function chooseEnvironment(invocation: Invocation, args: Arguments): Promise<Chosen> {
  const [word, ...others] = args.positional
  if (others.length) throw new SpackError('usage', '`spack env activate` takes one environment', { exitCode: 2 })
  const root = await environmentsRoot(invocation)
  if (flagOn(args, 'temp')) return await makeTemporary(invocation, args, root)
  const quiet = { ...invocation, say: () => {} }
  if (word === undefined) {
    const dir = join(root, defaultName)
    const isThere = isEnvironmentDir(dir)
    if (!isThere) await createFrom(quiet, args, defaultName, undefined)
    const message = `==> ${isThere ? 'Activated' : 'Created and activated'} default environment in ${dir}`
    return { environment: environmentAt(dir, root), prompt: promptOf(defaultName), message }
  }
  const path = resolve(invocation.cwd, word)
  if (!flagOn(args, 'dir') && isNamedEnvironment(word, root)) {
    return { environment: environmentAt(join(root, word), root), prompt: promptOf(word) }
  }
  if (isEnvironmentDir(path)) return { environment: environmentAt(path, root), prompt: promptOf(basename(path)) }
  if (!flagOn(args, 'create')) {
    throw new SpackError('no-environment', `there is no environment \`${word}\``, {
      hint: '`spack env list` shows the named environments, `spack env activate --create` makes one',
    })
  }
  const dir = await createFrom(quiet, args, word, flagText(args, 'envfile'))
  return { environment: environmentAt(dir, root), prompt: promptOf(basename(dir)) }
}

const defaultName = 'default'

async function makeTemporary(invocation: Invocation, args: Arguments, root: string): Promise<Chosen> {
  const isOther = args.positional.length > 0 || flagOn(args, 'dir') || flagOn(args, 'keep-relative')
  if (isOther || flagText(args, 'with-view') !== undefined) {
    throw new SpackError('usage', '`--temp` takes no environment, `--with-view`, `--keep-relative` or `--dir`', {
      exitCode: 2,
    })
  }
  const { createEnvironment } = await import('../environment/create.ts')
  const dir = mkdtempSync(join(tmpdir(), 'spack-'))
  const environment = await createEnvironment(
    dir,
    { view: flagOn(args, 'without-view') ? false : undefined, keepRelative: false, includeConcrete: [] },
    {
      environ: invocation.environ,
      environmentsRoot: root,
      unify: true,
      configurationOf: (other) => configurationOf(invocation, other),
    },
  )
  const message = `==> Created and activated temporary environment in ${dir}`
  return { environment, prompt: promptOf(basename(dir)), message }
}

/** Shells expand what is in a prompt, so only what they leave alone goes in. */
const promptOf = (name: string): string => `[${name.replaceAll(/[^\w@.+:/-]/g, '_')}]`

function chooseView(
  environment: Environment,
  configuration: Configuration,
  args: Arguments,
): ViewDescriptor | undefined {
  const wanted = flagText(args, 'with-view')
  if (wanted !== undefined && flagOn(args, 'without-view')) {
    throw new SpackError('usage', '`--with-view` and `--without-view` exclude each other', { exitCode: 2 })
  }
  if (flagOn(args, 'without-view')) return undefined
  const views = environmentViews(environment, configuration)
  if (wanted === undefined) return views.get(defaultViewName)
  const found = views.get(wanted)
  if (found) return found
  throw new SpackError('no-view', `The environment does not have a view named '${wanted}'`, {
    hint: views.size ? `its views are ${[...views.keys()].join(', ')}` : 'it has no views at all',
  })
}

/** What an environment changes, with a view or without. */
async function changesOf(
  invocation: Invocation,
  environment: Environment,
  configuration: Configuration,
  view: ViewDescriptor | undefined,
  isLeaving = false,
): Promise<Change[]> {
  const changes = readEnvVars(configuration)
  if (!view) return changes
  const inspections = readInspections(configuration)
  changes.push(...viewChanges(view, inspections))
  const lockfile = readEnvironmentLockfile(environment)
  if (!lockfile) return changes
  const store = openStore(configuration)
  const open = await readDatabase(store)
  const substitute = (text: string) => configuration.substitute(text)
  const { placementOf } = await placementRules(view, { lockfile, store, open, substitute })
  const prefixOf = (hash: DagHash) => installedPrefix(open, hash)
  const places = { prefixOf, placementOf }
  changes.push(...folderChanges(view, lockfile, inspections, places))
  const { runChanges } = await import('./run-changes.ts')
  const ofRecipes = await runChanges(invocation, { configuration, store, lockfile, prefixOf, isLeaving })
  if (ofRecipes) return [...changes, ...changesInView(ofRecipes, view, lockfile, places)]
  const others = recipesWithVariables(lockfile, prefixOf)
  if (others.length) {
    invocation.say(`==> Warning: variables that these recipes set themselves are not set: ${others.join(', ')}\n`)
  }
  return [...changes, ...programChanges(view, lockfile, places)]
}

/** How the active environment is left; undefined when none is active. An environment that is gone can be left as well. */
async function leave(invocation: Invocation): Promise<Reversal[] | undefined> {
  const { SPACK_ENV: dir, SPACK_ENV_VIEW: viewName } = invocation.environ
  if (!dir) return undefined
  const environment = environmentAt(dir, await environmentsRoot(invocation))
  const quiet = { ...invocation, say: () => {} }
  try {
    const configuration = await configurationOf(invocation, environment)
    const view = viewName === undefined ? undefined : environmentViews(environment, configuration).get(viewName)
    const changes = await changesOf(quiet, environment, configuration, view, true)
    return [...reversalsOf(changes), ...(view ? belowRoot(view.root, changes) : [])]
  } catch (error) {
    if (!(error instanceof SpackError)) throw error
    const label = renderError(error, { colour: invocation.stderrHasColour, isWarning: true })
    invocation.say(`${label}\n==> Warning: only what is below \`${dir}\` is taken out of the variables\n`)
    const names = Object.keys(invocation.environ).filter((name) => /PATH$/.test(name))
    return names.map((name) => ({ kind: 'remove-below', name, root: dir }))
  }
}

/** Whatever of the view is left, for instance from packages that have been removed since. */
function belowRoot(root: string, changes: readonly Change[]): Reversal[] {
  const names = new Set(changes.filter(({ kind }) => kind === 'prepend').map(({ name }) => name))
  return [...names].map((name) => ({ kind: 'remove-below', name, root }))
}
