// What a node depends on, by the deptypes of its edges.

import type { NodeDependency, SpecNode } from './node.ts'
import type { DagHash, Deptype } from './spec.ts'

/** What must be there for a program to run. */
export const runtimeDeptypes: readonly Deptype[] = ['link', 'run']

/** The direct dependencies by one of some deptypes. */
export const dependenciesBy = (node: SpecNode, deptypes: readonly string[]): NodeDependency[] =>
  (node.dependencies ?? []).filter(({ parameters }) => parameters.deptypes.some((each) => deptypes.includes(each)))

/** The hashes of the direct dependencies by one of some deptypes. */
export const dependencyHashes = (node: SpecNode, deptypes: readonly string[]): DagHash[] =>
  dependenciesBy(node, deptypes).map(({ hash }) => hash as DagHash)
