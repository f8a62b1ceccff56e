// What the kit writes where a value would be but the input is refused: `{ "error_class": … }`.

export interface ExpectedError {
  error_class: string
}

export const isError = (value: unknown): value is ExpectedError =>
  typeof value === 'object' && value !== null && 'error_class' in value

/** A copy without some members: those that the project need not give, such as the reference's own class names. */
export function without<Record extends object>(record: Record, ...names: string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))
}
