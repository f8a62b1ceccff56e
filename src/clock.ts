/** Milliseconds since some moment. Not `performance.now()`, the first use of which loads a library for 1 ms. */
export const clockMs = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
