// `packages`, and `compilers` and `toolchains`, which describe compilers.

import {
  anything,
  either,
  flag,
  list,
  matching,
  named,
  none,
  number,
  oneOf,
  record,
  type Schema,
  strict,
  text,
  textOrNone,
  textOrTexts,
  texts,
} from './base.ts'
import { environmentChanges } from './environment-changes.ts'

const permissions = strict({
  read: oneOf('user', 'group', 'world'),
  write: oneOf('user', 'group', 'world'),
  group: text,
})

const requirement = strict({ one_of: texts, any_of: texts, spec: text, message: text, when: text })
const preference = strict({ spec: text, message: text, when: text })

const flags = strict({
  cflags: textOrNone,
  cxxflags: textOrNone,
  fflags: textOrNone,
  cppflags: textOrNone,
  ldflags: textOrNone,
  ldlibs: textOrNone,
})
const implicitRpaths = either(texts, flag)

const dependency = record({ id: text, spec: text, deptypes: textOrTexts, virtuals: text })
const external = strict(
  {
    spec: text,
    prefix: text,
    modules: texts,
    id: text,
    extra_attributes: named(text, {
      compilers: matching(/^\w/, text),
      environment: environmentChanges,
      extra_rpaths: texts,
      implicit_rpaths: implicitRpaths,
      flags,
    }),
    dependencies: list(dependency),
  },
  ['spec'],
)

/** What may be said of a package and of `all`. */
const shared = {
  require: either(list(either(requirement, text)), text),
  prefer: list(either(preference, text)),
  conflict: list(either(preference, text)),
  buildable: flag,
  permissions,
  package_attributes: matching(/^[a-zA-Z_]\w*$/, anything),
  variants: textOrTexts,
}

export const packagesSchema = (): Schema =>
  named(strict({ ...shared, version: list(either(text, number)), externals: list(external) }), {
    all: strict({ ...shared, target: texts, compiler: texts, providers: named(texts) }),
  })

/** Before Spack 1.0 compilers were no packages. */
export const compilersSchema = (): Schema =>
  list(
    strict({
      compiler: strict(
        {
          paths: strict({ cc: textOrNone, cxx: textOrNone, f77: textOrNone, fc: textOrNone }, [
            'cc',
            'cxx',
            'f77',
            'fc',
          ]),
          flags,
          spec: text,
          operating_system: text,
          target: text,
          alias: textOrNone,
          modules: either(none, texts),
          implicit_rpaths: implicitRpaths,
          environment: environmentChanges,
          extra_rpaths: texts,
        },
        ['paths', 'spec', 'modules', 'operating_system'],
      ),
    }),
  )

export const toolchainsSchema = (): Schema => named(either(text, list(record({ spec: text, when: text }))))
