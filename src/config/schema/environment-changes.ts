// Changes to environment variables, as `env_vars`, externals and module files have them.

import { either, named, number, strict, text, texts } from './base.ts'

const values = named(either(text, number))

export const environmentChanges = strict({
  set: values,
  unset: texts,
  prepend_path: values,
  append_path: values,
  remove_path: values,
})
