// For LD_PRELOAD: a program that dies right before or right after one of its flushes to disk, as a file says: two
// numbers of eight bytes, how many flushes until then (0: it lives) and the side (1: before, 2: after). Whoever writes
// there chooses while the program runs. What a killed process leaves behind is what it has written; so "before" leaves
// the file as the kernel has it, which is all that a process death can do.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int64_t* plan;

__attribute__((constructor(101))) static void open_file(void) {
  const char* path = getenv("CRASH_POINT_FILE");
  const int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) _exit(125);
  void* mapped = mmap(NULL, 2 * sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) _exit(125);
  plan = mapped;
  close(file);
}

static int flush(long call, int file) {
  const int64_t left = __atomic_load_n(&plan[0], __ATOMIC_SEQ_CST);
  const int is_it = left > 0 && __atomic_sub_fetch(&plan[0], 1, __ATOMIC_SEQ_CST) == 0;
  if (is_it && plan[1] == 1) kill(getpid(), SIGKILL);
  const int failed = (int)syscall(call, file);
  if (is_it) kill(getpid(), SIGKILL);
  return failed;
}

int fdatasync(int file) { return flush(SYS_fdatasync, file); }
int fsync(int file) { return flush(SYS_fsync, file); }
