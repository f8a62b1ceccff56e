// The parts of a view's rules that need whole specs: `select`, `exclude` and `projections`. Loaded for views that have them.

import { parseSpec } from '../spec/parser.ts'
import { formatPath, selectProjection } from '../spec/projection.ts'
import { satisfies } from '../spec/satisfies.ts'
import type { DagHash, Spec } from '../spec/spec.ts'
import { SpackError } from '../ui/error.ts'
import type { ViewDescriptor } from './view-descriptor.ts'

export interface ViewRules {
  isSelected: (hash: DagHash) => boolean
  /** Place below the root, empty for the root itself. */
  placementOf: (hash: DagHash) => string
}

/**
 * The rules of a view. `extendeeOf` gives the spec that a spec extends, whose place it shares. `substitute` replaces
 * variables in projections. Throws SpackError for specs and templates that cannot be read, and `view-projection` for
 * places outside of the view.
 */
export function viewRules(
  view: ViewDescriptor,
  specOf: (hash: DagHash) => Spec,
  extendeeOf: (hash: DagHash) => DagHash | undefined,
  substitute: (text: string) => string,
): ViewRules {
  const [select, exclude] = [view.select, view.exclude].map((texts) => texts.map((text) => parseSpec(text)))
  return {
    isSelected: (hash) => {
      if (!select!.length && !exclude!.length) return true
      const spec = specOf(hash)
      const isWanted = select!.length === 0 || select!.some((asked) => satisfies(spec, asked))
      return isWanted && !exclude!.some((refused) => satisfies(spec, refused))
    },
    placementOf: (hash) => {
      if (Object.keys(view.projections).length === 0) return ''
      const spec = specOf(extendeeOf(hash) ?? hash)
      const template = selectProjection(view.projections, spec)
      return template === null ? '' : checkPlacement(view, formatPath(spec, substitute(template)))
    },
  }
}

function checkPlacement(view: ViewDescriptor, path: string): string {
  if (path.startsWith('/') || path.split('/').includes('..')) {
    throw new SpackError('view-projection', `a projection of the view \`${view.name}\` leads out of it: \`${path}\``, {
      hint: 'places are relative to the root of the view',
    })
  }
  return path === '.' ? '' : path
}
