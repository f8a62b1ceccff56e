#include <frame.h>

int main(void) {
  frame_print("A recipe, a lockfile, a make:");
#ifdef POEM_LONG
  frame_print("the same again, whoever may bake.");
#endif
  return 0;
}
