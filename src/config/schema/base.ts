// The pieces that the schemas of sections are made of. They follow Spack 1.2's JSON schemas: a `record` takes further
// keys and a `strict` one does not.

import * as z from 'zod/mini'
import { parseSpecs } from '../../spec/parser.ts'
import { SpackError } from '../../ui/error.ts'

export type Schema = z.ZodMiniType

// Each schema is used once a start at most: compiling it would cost more than it saves.
z.config({ jitless: true })

export const text = z.string()
export const flag = z.boolean()
export const number = z.number()
export const none = z.null()
export const texts = z.array(text)
export const anything = z.unknown()
export const textOrNone = z.union([text, none])
export const textOrTexts = z.union([text, texts])

/** A whole number; 2.0 is one. */
export const whole = (minimum: number): Schema =>
  z.number('a whole number').check(
    z.refine((value) => Number.isInteger(value), 'a whole number'),
    z.gte(minimum),
  )

export const oneOf = (...choices: [string, ...string[]]): Schema => z.enum(choices)
export const either = (...options: [Schema, Schema, ...Schema[]]): Schema => z.union(options)
export const startingWith = (start: string): Schema => z.string().check(z.startsWith(start))
export const list = (item: Schema): Schema => z.array(item)

type Shape = Readonly<Record<string, Schema>>

/** All keys of `shape` may be left out, but for those in `required`. */
function members(shape: Shape, required: readonly string[]): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(shape).map(([key, schema]) => [key, required.includes(key) ? schema : z.optional(schema)]),
  )
}

export const strict = (shape: Shape, required: readonly string[] = []): Schema =>
  z.strictObject(members(shape, required))
export const record = (shape: Shape, required: readonly string[] = []): Schema =>
  z.looseObject(members(shape, required))
/** Named entries of one kind beside the keys of `shape`. */
export const named = (entry: Schema, shape: Shape = {}): Schema => z.catchall(z.object(members(shape, [])), entry)

/** Named entries whose names fit a pattern. */
export const matching = (pattern: RegExp, entry: Schema): Schema => z.record(z.string().check(z.regex(pattern)), entry)
/** Entries whose names are specs, beside the keys of `shape`. */
export const specKeys = (entry: Schema, shape: Shape = {}): Schema =>
  named(entry, shape).check((context) => {
    for (const key of Object.keys(context.value as object)) {
      const fault = Object.hasOwn(shape, key) ? undefined : specFault(key)
      if (!fault) continue
      const message = `must be a spec: ${fault}`
      context.issues.push({ code: 'custom', input: context.value, path: [key], message, continue: true })
    }
  })

function specFault(text: string): string | undefined {
  try {
    parseSpecs(text)
    return undefined
  } catch (error) {
    if (error instanceof SpackError) return error.message
    throw error
  }
}

/** Paths below a prefix or a view, by spec. */
export const projections = specKeys(text, { all: text })

/** A further rule for an object, and what it demands: `must …`. */
export const demand = (schema: Schema, holds: (value: Record<string, unknown>) => boolean, must: string): Schema =>
  schema.check(z.refine((value) => holds(value as Record<string, unknown>), must))
