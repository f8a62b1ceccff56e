// From a concrete spec and what configuration says to the job that the guest gets.

import type { BuildJob, BuildNode, GuestOptions } from '../recipes/build-protocol.ts'
import { packageFolder } from '../recipes/repository.ts'
import { deptypeNames, type Spec } from '../spec/spec.ts'
import type { BuildSettings } from './build-plan.ts'
import { isPublished } from './publish.ts'

export interface JobParts {
  spec: Spec
  /** The spec and all that it depends on. */
  specs: Iterable<Spec>
  /** Where a spec is or will be; not asked for externals. */
  prefixOf: (hash: string) => string | undefined
  settings: BuildSettings
  options: GuestOptions
  stage: BuildJob['stage']
  environ: NodeJS.ProcessEnv
  jobs: BuildJob['jobs']
}

export function buildJob({ spec, specs, prefixOf, settings, options, stage, environ, jobs }: JobParts): BuildJob {
  const { repositories, jobs: _, dirty: __, ...facts } = settings
  const namespace = spec.namespace ?? 'builtin'
  return {
    hash: spec.concrete!.hash,
    environ,
    nodes: Array.from(specs, (each) => buildNode(each, prefixOf)),
    repositories: Object.fromEntries(Object.entries(repositories).map(([name, { root }]) => [name, root])),
    settings: { ...facts, repository: { namespace, api: repositories[namespace]?.api ?? 'v2.0' } },
    ...{ options, stage, jobs },
  }
}

function buildNode(spec: Spec, prefixOf: JobParts['prefixOf']): BuildNode {
  const concrete = spec.concrete!
  const [version] = spec.versions
  const variants = [...spec.variants].map(([name, { kind, values }]) => {
    return [name, kind === 'multi' ? [...values] : (values[0] ?? '')] as const
  })
  const { external } = concrete
  const prefix = external ? external.path : (prefixOf(concrete.hash) ?? null)
  return {
    hash: concrete.hash,
    name: spec.name!,
    version: version && 'text' in version ? version.text : '',
    namespace: spec.namespace ?? 'builtin',
    folder: packageFolder(spec.name!),
    platform: spec.arch?.platform ?? '',
    os: spec.arch?.os ?? '',
    target: spec.arch?.target ?? '',
    variants: Object.fromEntries(variants),
    flags: Object.fromEntries([...spec.flags].map(([kind, flags]) => [kind, flags.map(({ flag }) => flag)])),
    patches: [...concrete.patches],
    external: external && {
      path: external.path,
      modules: external.modules ? [...external.modules] : null,
      extra_attributes: JSON.parse(JSON.stringify(external.extraAttributes)),
    },
    prefix,
    installed: external !== null || (prefix !== null && isPublished(prefix)),
    edges: spec.edges.map(({ child, deptypes, virtuals, direct }) => ({
      hash: child.concrete!.hash,
      deptypes: deptypeNames(deptypes),
      virtuals,
      direct,
    })),
  }
}
