// `concretizer`: what is reused, what may differ, how long it may take.

import { anything, either, flag, list, named, oneOf, record, type Schema, strict, text, texts, whole } from './base.ts'

const source = record({
  type: oneOf('local', 'buildcache', 'external', 'environment'),
  path: text,
  include: texts,
  exclude: texts,
})

const splice = strict({ target: text, replacement: text, transitive: flag }, ['target', 'replacement'])

export const concretizerSchema = (): Schema =>
  strict({
    force: flag,
    reuse: either(
      flag,
      oneOf('dependencies'),
      record({ roots: flag, include: texts, exclude: texts, from: list(source) }),
    ),
    targets: record({ host_compatible: flag, granularity: oneOf('generic', 'microarchitectures') }),
    unify: either(flag, oneOf('when_possible')),
    compiler_mixing: either(flag, list(anything)),
    splice: strict({ explicit: list(splice), automatic: flag }),
    duplicates: record({ strategy: oneOf('none', 'minimal', 'full'), max_dupes: named(whole(1)) }),
    static_analysis: flag,
    timeout: whole(0),
    error_on_timeout: flag,
    os_compatible: named(list(anything)),
    concretization_cache: record({ enable: flag, url: text, entry_limit: whole(0) }),
    externals: record({ completion: oneOf('architecture_only', 'default_variants') }),
  })
