// Looking into schemas: which keys a place knows, and whether it takes a list.

import type * as z from 'zod/mini'
import type { Schema } from './base.ts'

/** The parts of zod's own description of a schema that are looked at here. */
type Definition =
  | { type: 'object'; shape: Record<string, Schema>; catchall?: Schema }
  | { type: 'optional'; innerType: Schema }
  | { type: 'union'; options: readonly Schema[] }
  | { type: 'array'; element: Schema }
  | { type: 'record'; valueType: Schema }
  | { type: 'string' | 'number' | 'boolean' | 'null' | 'unknown' | 'never' | 'enum' }

const definition = (schema: Schema): Definition => (schema as z.ZodMiniType)._zod.def as unknown as Definition

/** What a schema may be: the options of a union, in their order. */
function alternatives(schema: Schema): Schema[] {
  const own = definition(schema)
  if (own.type === 'optional') return alternatives(own.innerType)
  return own.type === 'union' ? own.options.flatMap(alternatives) : [schema]
}

/** The schemas that a value below `schema` may follow; empty where nothing is known of the place. */
function schemasAt(schema: Schema, path: readonly (string | number)[]): Schema[] {
  let places = alternatives(schema)
  for (const key of path) places = places.flatMap((place) => below(place, key)).flatMap(alternatives)
  return places
}

function below(schema: Schema, key: string | number): Schema[] {
  const own = definition(schema)
  if (own.type === 'array') return typeof key === 'number' ? [own.element] : []
  if (own.type === 'record') return [own.valueType]
  if (own.type !== 'object') return []
  const member = Object.hasOwn(own.shape, key) ? own.shape[key] : own.catchall
  return member ? [member] : []
}

/** The keys that are known by name at a place. */
export function knownKeys(schema: Schema, path: readonly (string | number)[]): string[] {
  return schemasAt(schema, path).flatMap((place) => {
    const own = definition(place)
    return own.type === 'object' ? Object.keys(own.shape) : []
  })
}

/** Whether a value on its own stands for a list of one there: the first that the schema names is a list. */
export function takesList(schema: Schema, path: readonly (string | number)[]): boolean {
  const [first] = schemasAt(schema, path)
  return first !== undefined && definition(first).type === 'array'
}
