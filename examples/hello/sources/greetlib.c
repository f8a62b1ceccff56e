/* The library of the example: one greeting, and the folder that it was built for. */
#include "greetlib.h"
#include <stdio.h>

void greet(const char *whom) { printf("Hello, %s, from %s\n", whom, GREETLIB_PREFIX); }
