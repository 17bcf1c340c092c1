#include <cstring>

#include "app/application.h"

int main(int argc, char** argv) {
  if (argc < 2 || std::strcmp(argv[1], "serve") != 0) return 2;
  return bellpull::run_serve(argc - 2, argv + 2);
}
