// `modules`: sets of module files.

import {
  either,
  flag,
  list,
  named,
  oneOf,
  projections,
  record,
  type Schema,
  specKeys,
  strict,
  text,
  texts,
  whole,
} from './base.ts'
import { environmentChanges } from './environment-changes.ts'

const dependencies = oneOf('none', 'run', 'direct', 'all')

const moduleFile = strict({
  filter: strict({ exclude_env_vars: texts }),
  template: text,
  autoload: dependencies,
  prerequisites: dependencies,
  conflict: texts,
  load: texts,
  suffixes: specKeys(text),
  environment: environmentChanges,
})

const shared = {
  verbose: flag,
  hash_length: whole(0),
  include: texts,
  exclude: texts,
  exclude_implicits: flag,
  defaults: texts,
  hide_implicits: flag,
  naming_scheme: text,
  projections,
  all: moduleFile,
}

const inspections = named(texts)

const moduleSet = strict({
  use_view: either(text, flag),
  arch_folder: flag,
  roots: record({ tcl: text, lmod: text }),
  enable: list(oneOf('tcl', 'lmod')),
  tcl: specKeys(moduleFile, shared),
  lmod: specKeys(moduleFile, {
    ...shared,
    core_compilers: texts,
    hierarchy: texts,
    core_specs: texts,
    filter_hierarchy_specs: specKeys(texts),
  }),
  prefix_inspections: inspections,
})

export const modulesSchema = (): Schema => named(moduleSet, { prefix_inspections: inspections })
