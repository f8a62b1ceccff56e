// The stack of scopes: the standard ones, what each includes, and which of them an `include::` switches off.

import { existsSync, realpathSync } from 'node:fs'
import { SpackError } from '../ui/error.ts'
import { builtInDefaults, fallbackDefaults } from './defaults.ts'
import { type IncludeWorld, includedScopes } from './include.ts'
import type { SpackPaths } from './paths.ts'
import { readScope, type Scope, type ScopeSource } from './scope.ts'

/** A scope and what it includes when it does not say so itself. */
export interface StackedScope {
  scope: Scope | ScopeSource
  includes?: readonly ScopeSource[]
}

/** Built-in or installed defaults, then the root's own settings, which include the system's, the site's and the user's. */
export async function standardScopes(paths: SpackPaths): Promise<StackedScope[]> {
  const installed = await readScope(folder('defaults', 'defaults', paths.defaultsConfig), paths.userCache)
  const user = { ...folder('user', 'files', paths.userConfig), prefersEdits: true }
  const site = folder('site', 'files', paths.siteConfig)
  const system = folder('system', 'files', paths.systemConfig)
  return [
    ...(installed.exists ? [{ scope: fallbackDefaults() }, { scope: installed }] : [{ scope: builtInDefaults() }]),
    {
      scope: folder('spack', 'files', paths.etc),
      includes: paths.isLocalConfigDisabled ? [site] : [user, site, system],
    },
  ]
}

const folder = (name: string, level: ScopeSource['level'], path: string): ScopeSource => ({
  name,
  level,
  kind: 'folder',
  path,
  isWritable: true,
})

/** All scopes, weakest first, with those that they include. Throws SpackError for what is wrong with an `include`. */
export async function collectScopes(
  sources: readonly StackedScope[],
  world: IncludeWorld,
): Promise<{ scopes: Scope[]; warnings: string[] }> {
  const stack: ScopeStack = { scopes: new Map(), warnings: [], world }
  for (const { scope, includes } of sources) {
    await pushScope(stack, 'section' in scope ? scope : await readScope(scope, world.cacheDir), [], includes)
  }
  return { scopes: [...stack.scopes.values()], warnings: stack.warnings }
}

interface ScopeStack {
  scopes: Map<string, Scope>
  warnings: string[]
  world: IncludeWorld
}

/** Adds what a scope includes, strongest last, and then the scope. `otherwise` is included when it has no such section. */
async function pushScope(
  stack: ScopeStack,
  scope: Scope,
  chain: readonly Scope[],
  otherwise: readonly ScopeSource[] = [],
): Promise<void> {
  const includes = scope.exists ? scope.section('include') : undefined
  const seen = new Set<string>()
  for (const source of includes ? await includedScopes(scope, includes, stack.world) : otherwise) {
    if (seen.has(source.name)) {
      stack.warnings.push(`the scope \`${source.name}\` is included twice by \`${scope.name}\`; the second is ignored`)
      continue
    }
    seen.add(source.name)
    if (includes && [...chain, scope].some((outer) => isSamePlace(outer, source))) {
      const { file, line } = includes.mark
      const message = `\`${source.path}\` is included inside of itself`
      throw new SpackError('include-cycle', message, { where: `${file}:${line}` })
    }
    scope.includes.push(await readScope(source, stack.world.cacheDir))
  }
  for (const included of scope.includes.toReversed()) await pushScope(stack, included, [...chain, scope])
  stack.scopes.delete(scope.name)
  stack.scopes.set(scope.name, scope)
}

function isSamePlace(scope: Scope, source: ScopeSource): boolean {
  if (scope.path === undefined || scope.kind !== source.kind) return false
  return scope.path === source.path || (scope.exists && existsSync(source.path) && isSameFile(scope.path, source.path))
}

const isSameFile = (a: string, b: string): boolean => realpathSync(a) === realpathSync(b)

/** Leaves out what a scope with `include::` switches off: the weaker scopes, but for defaults and what it includes. */
export function withoutOverridden(scopes: readonly Scope[]): Scope[] {
  const at = scopes.findLastIndex((scope) => scope.exists && overridesIncludes(scope))
  if (at < 0) return [...scopes]
  const kept = new Set(includedBy(scopes[at]!))
  return scopes.filter((scope, i) => i >= at || scope.level === 'defaults' || kept.has(scope))
}

const overridesIncludes = (scope: Scope): boolean => scope.section('include')?.strategy === 'override'

const includedBy = (scope: Scope): Scope[] => scope.includes.flatMap((included) => [included, ...includedBy(included)])
