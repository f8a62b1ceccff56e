// `spack env view`: makes an environment's views anew, or changes whether there is one.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { writeAtomically } from '../config/edit.ts'
import { makeNode } from '../config/node.ts'
import type { YamlDocument } from '../config/yaml-document.ts'
import type { Environment } from '../environment/environment.ts'
import { environmentViews } from '../environment/manifest.ts'
import { removeView } from '../environment/view.ts'
import { defaultViewName, defaultViewRoot } from '../environment/view-descriptor.ts'
import { SpackError } from '../ui/error.ts'
import { didYouMean } from '../ui/suggestion.ts'
import type { Command } from './command.ts'
import { configurationOf, requireEnvironment } from './configured.ts'
import { updateViews } from './environment-update.ts'

const actions = ['regenerate', 'enable', 'disable'] as const

export const envView: Command = {
  name: 'view',
  summary: "manage the environment's view",
  description:
    'make the views anew (regenerate), or have the default view (enable), at a path if one is given, or not (disable)',
  positional: '{regenerate,enable,disable} [view_path]',
  run: async (invocation, args) => {
    const [action, path, ...others] = args.positional
    if (!actions.includes(action as (typeof actions)[number]) || others.length || (path && action !== 'enable')) {
      throw new SpackError('usage', '`spack env view` needs one of regenerate, enable and disable', {
        exitCode: 2,
        hint: didYouMean(action ?? '', actions),
      })
    }
    const environment = await requireEnvironment(invocation, 'spack env view')
    const views = environmentViews(environment, await configurationOf(invocation, environment))
    const current = views.get(defaultViewName)
    if (action === 'disable' && current) {
      await editManifest(environment, disableView)
      removeView(current.root)
    }
    if (action === 'enable') {
      const root = path === undefined ? undefined : resolve(environment.dir, path)
      if (!current || (root && root !== current.root)) {
        await editManifest(environment, (document) => enableView(document, environment, root))
        if (current) removeView(current.root)
      }
    }
    if (action !== 'disable') await updateViews(invocation, environment)
    return 0
  },
}

async function editManifest({ manifestFile }: Environment, edit: (document: YamlDocument) => void): Promise<void> {
  const { openYaml } = await import('../config/yaml-document.ts')
  const document = openYaml(readFileSync(manifestFile, 'utf8'), manifestFile)
  edit(document)
  writeAtomically(manifestFile, document.text)
}

const place = ['spack', 'view']

function disableView(document: YamlDocument): void {
  const setting = document.get(place)
  const isOneOfSeveral = setting?.kind === 'map' && setting.entries.size > 1
  if (isOneOfSeveral) document.remove([...place, defaultViewName])
  else document.set(place, makeNode(false, { file: '', line: 0 }))
}

/** Other views, and what else the default view's entry says, stay as they are. */
function enableView(document: YamlDocument, environment: Environment, root: string | undefined): void {
  const mark = { file: environment.manifestFile, line: 0 }
  const setting = document.get(place)
  const own = setting?.kind === 'map' ? setting.entries.get(defaultViewName)?.value : undefined
  if (own?.kind === 'map') document.set([...place, defaultViewName, 'root'], makeNode(root ?? '', mark))
  else if (setting?.kind === 'map') {
    const value = { root: root ?? defaultViewRoot(environment.dir) }
    document.set([...place, defaultViewName], makeNode(value, mark))
  } else document.set(place, makeNode(root ?? true, mark))
}
