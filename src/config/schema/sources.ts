// Where things come from: `mirrors`, `repos`, `upstreams`, `bootstrap`, `include`.

import { demand, either, flag, list, named, record, type Schema, strict, text, textOrNone, texts } from './base.ts'

const connection = {
  url: text,
  view: text,
  access_pair: demand(
    record({ id: text, id_variable: text, secret_variable: text }, ['secret_variable']),
    (pair) => 'id' in pair !== 'id_variable' in pair,
    'must have either `id` or `id_variable`',
  ),
  profile: textOrNone,
  endpoint_url: textOrNone,
  access_token_variable: textOrNone,
}
const direction = either(text, strict(connection))
const mirror = demand(
  strict({
    source: flag,
    binary: flag,
    signed: flag,
    fetch: direction,
    push: direction,
    autopush: flag,
    ...connection,
  }),
  (entry) => 'url' in entry || 'fetch' in entry,
  'must have a `url` or a `fetch`',
)

export const mirrorsSchema = (): Schema => named(either(text, mirror))

const repository = strict({ git: text, branch: text, commit: text, tag: text, destination: text, paths: texts })

export const reposSchema = (): Schema => either(texts, named(either(text, repository)))

export const upstreamsSchema = (): Schema =>
  named(strict({ install_tree: text, modules: record({ tcl: text, lmod: text }) }))

export const bootstrapSchema = (): Schema =>
  record({
    enable: flag,
    root: text,
    sources: list(strict({ name: text, metadata: text }, ['name', 'metadata'])),
    trusted: named(flag),
  })

const conditional = { when: text, optional: flag }
const includedPath = strict(
  { ...conditional, name: text, path_override_env_var: text, path: text, sha256: text, prefer_modify: flag },
  ['path'],
)
const includedRepository = strict({ ...conditional, git: text, branch: text, commit: text, tag: text, paths: texts }, [
  'git',
  'paths',
])

export const includeSchema = (): Schema => list(either(text, includedPath, includedRepository))
