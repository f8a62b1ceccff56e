// JSON as it goes between host and guest, and into the index: plain objects, numbers without meaning to their spelling.

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

export interface JsonObject {
  readonly [name: string]: JsonValue
}
