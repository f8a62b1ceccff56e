/* The library of the example: one greeting, and where the library lies now. */
#include "greetlib.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

void greet(const char *whom) {
  /* The prefix was compiled in below another root. Relocation keeps the length with leading slashes: ask the system. */
  char here[PATH_MAX];
  const char *prefix = realpath(GREETLIB_PREFIX, here) ? here : GREETLIB_PREFIX;
  printf("Hello, %s, from %s\n", whom, prefix);
}
