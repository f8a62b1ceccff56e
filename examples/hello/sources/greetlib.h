#ifndef GREETLIB_H
#define GREETLIB_H
void greet(const char *whom);
#endif
