// How long a search goes on before it starts anew.

/** 1 1 2 1 1 2 4 …: the restart sequence of Luby, Sinclair and Zuckerman (1993), from index 1. */
export function luby(index: number): number {
  let size = 1
  let exponent = 0
  while (size < index) {
    size = 2 * size + 1
    exponent++
  }
  let at = index
  while (size !== at) {
    size = (size - 1) >> 1
    exponent--
    if (at > size) at -= size
  }
  return 2 ** exponent
}
