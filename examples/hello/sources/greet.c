/* The program of the example. */
#include <greetlib.h>

int main(int argc, char **argv) {
  greet(argc > 1 ? argv[1] : "world");
  return 0;
}
