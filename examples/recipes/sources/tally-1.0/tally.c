#include <frame.h>
#include <stdio.h>

int main(int count, char **words) {
  char text[32];
  (void)words;
  snprintf(text, sizeof text, "%d words", count - 1);
#ifdef QUIET
  puts(text);
#else
  frame_print(text);
#endif
  return 0;
}
