// The specs of a lockfile. Apart from `lockfile.ts` because most of what reads a lockfile needs nodes only, and specs
// bring the tables of targets and the grammar with them.

import { readNodes } from '../spec/node.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { allNodes, type LockedSpecs } from './lockfile.ts'

/** All specs of a lockfile, those of included environments among them. Throws as `readNodes`. */
export const lockfileSpecs = (lockfile: LockedSpecs): Map<DagHash, Spec> => readNodes(allNodes(lockfile).values())
