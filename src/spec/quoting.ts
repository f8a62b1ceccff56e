// Quotes around values: of variants, flags and whatever else is written as `name=value`.

const needsNoQuotes = /^[a-zA-Z0-9,/_.\-[\]]+$/

/** A value as it stands in canonical text: in single quotes unless it is plain, in double quotes if it has a single one. */
export function quoteValue(value: string): string {
  if (needsNoQuotes.test(value)) return value
  return value.includes("'") ? asciiJson(value) : `'${value}'`
}

/** A quoted value without its quotes and without the backslashes in front of such quotes inside; others as they are. */
export function unquoteValue(text: string): string {
  const quote = text[0]
  if ((quote !== "'" && quote !== '"') || text.length < 2 || !text.endsWith(quote)) return text
  const value = text.slice(1, -1)
  return value.includes('\\') ? value.replaceAll(`\\${quote}`, quote) : value
}

/** A text without the quotes and blanks at both ends, however many. */
export function withoutOuterQuotes(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && ` '"`.includes(text.charAt(start))) start++
  while (end > start && ` '"`.includes(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

/** A JSON string with nothing but printable ASCII, as Python writes it. */
export const asciiJson = (value: string): string => escapeBeyondAscii(JSON.stringify(value))

const beyondAscii = /[\u007f-\uffff]/g

/** JSON text in which all other characters than printable ASCII are escapes. */
export function escapeBeyondAscii(json: string): string {
  return json.replace(beyondAscii, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const keyValueWord = /^([a-zA-Z_0-9][a-zA-Z_0-9\-.]*:?==?)(.*)$/s

/**
 * A word of the command line, from which the shell took the quotes: the value of `name=value` gets quotes again if it
 * needs them, as all of the rest is taken for the value. Other words are left alone.
 */
export function quoteArgument(argument: string): string {
  const parts = keyValueWord.exec(argument)
  return parts ? parts[1] + quoteValue(parts[2]!) : argument
}
