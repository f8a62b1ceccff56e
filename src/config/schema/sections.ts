// The schema of each section, made when it is needed, and of the files that sections stand in.

import type { SectionName } from '../sections.ts'
import type { FileShape } from '../settings-file.ts'
import { record, type Schema, strict } from './base.ts'
import { cdashSchema, ciSchema } from './ci.ts'
import { concretizerSchema } from './concretizer.ts'
import { configSchema } from './config.ts'
import { definitionsSchema, developSchema, envVarsSchema, manifestKeys, viewSchema } from './environment.ts'
import { modulesSchema } from './modules.ts'
import { compilersSchema, packagesSchema, toolchainsSchema } from './packages.ts'
import { bootstrapSchema, includeSchema, mirrorsSchema, reposSchema, upstreamsSchema } from './sources.ts'

const makers: Readonly<Record<SectionName, () => Schema>> = {
  bootstrap: bootstrapSchema,
  cdash: cdashSchema,
  ci: ciSchema,
  compilers: compilersSchema,
  concretizer: concretizerSchema,
  config: configSchema,
  definitions: definitionsSchema,
  develop: developSchema,
  env_vars: envVarsSchema,
  include: includeSchema,
  mirrors: mirrorsSchema,
  modules: modulesSchema,
  packages: packagesSchema,
  repos: reposSchema,
  toolchains: toolchainsSchema,
  upstreams: upstreamsSchema,
  view: viewSchema,
}

const made = new Map<FileShape, Schema>()

/** The schema of a section: of what stands below its name. */
export const sectionSchema = (name: SectionName): Schema => makers[name]()

/** The schema of a whole file. */
export function fileSchema(shape: FileShape): Schema {
  const known = made.get(shape)
  if (known) return known
  const schema = makeFileSchema(shape)
  made.set(shape, schema)
  return schema
}

function makeFileSchema(shape: FileShape): Schema {
  if (shape !== 'any section' && shape !== 'manifest') return strict({ [shape]: sectionSchema(shape) })
  const sections = Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make()]))
  // `container` is for `spack containerize` and no section of its own.
  const all = { ...sections, container: record({}) }
  return shape === 'manifest' ? strict({ spack: strict({ ...all, ...manifestKeys() }) }) : strict(all)
}
