// The program: what works on a data directory itself, and the command line for everything else.
#include "app/application.h"
#include "app/key_rotation.h"
#include "cli/command_line.h"

int main(int argc, char** argv) {
  return bellpull::run_command_line(
      argc, argv, {{"serve", bellpull::run_serve}, {"rotate-key", bellpull::run_rotate_key}});
}
