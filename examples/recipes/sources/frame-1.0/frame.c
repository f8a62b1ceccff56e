#include "frame.h"

#include <stdio.h>
#include <string.h>

static void edge(int width) {
  putchar('+');
  while (width-- > 2) putchar('-');
  puts("+");
}

int frame_print(const char *text) {
  int width = (int)strlen(text) + 4;
  edge(width);
  printf("| %s |\n", text);
  edge(width);
  return width;
}
