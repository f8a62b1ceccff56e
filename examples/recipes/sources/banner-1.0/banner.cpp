#include <frame.h>

#include <iostream>
#include <string>

int main(int count, char **words) {
  std::string text;
  for (int i = 1; i < count; i++) text += (i > 1 ? " " : "") + std::string(words[i]);
  if (text.empty()) {
    std::cerr << "usage: banner WORD...\n";
    return 2;
  }
  return frame_print(text.c_str()) > 0 ? 0 : 1;
}
