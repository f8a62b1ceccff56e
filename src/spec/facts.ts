// What relations between specs need to know of packages: which names are virtual, and who provides them.

import type { Spec } from './spec.ts'

/** One `provides` of a recipe: under a condition on the provider, some virtuals, possibly with versions. */
export interface Provision {
  when: Spec
  virtuals: readonly Spec[]
}

/** All providers of one virtual, as it is provided: `mpi@3` by `mpich@3:`. */
export interface ProvidedBy {
  virtual: Spec
  providers: readonly Spec[]
}

export interface PackageFacts {
  isVirtual(name: string): boolean
  /** What a package provides; nothing for packages that are not known. */
  provides(name: string): readonly Provision[]
  providers(virtual: string): readonly ProvidedBy[]
}

export const isVirtualName = (name: string | null, facts: PackageFacts | undefined): boolean =>
  name !== null && facts?.isVirtual(name) === true
