#ifndef FRAME_H
#define FRAME_H

#ifdef __cplusplus
extern "C" {
#endif

/* Prints a text with a frame around it; returns how many characters wide that is. */
int frame_print(const char *text);

#ifdef __cplusplus
}
#endif

#endif
