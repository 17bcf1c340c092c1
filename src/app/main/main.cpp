// The program: the server for `serve`, the command line for everything else.
#include "app/application.h"
#include "cli/command_line.h"

int main(int argc, char** argv) {
  return bellpull::run_command_line(argc, argv, [](int count, char** words) {
    return bellpull::run_serve(count - 1, words + 1);  // after the word itself
  });
}
