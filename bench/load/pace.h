// When requests are due. At a fixed rate each has its own time, and what is sent late counts from
// that time: a server that stalls is not excused by the load waiting for it.
#pragma once

#include <cstdint>

namespace bellpull {

class Pace {
 public:
  // `rate` 0: always due.
  explicit Pace(double rate) : rate_(rate) {}

  bool is_due(double now_s) const;
  // Takes the next request; gives the time from which its answer is measured.
  double take(double now_s);
  // Until the next one is due, or `longest`.
  double wait(double now_s, double longest_s) const;
  // How many should have been sent by now and were not.
  std::int64_t behind(double now_s) const;

 private:
  double rate_;
  std::int64_t taken_ = 0;
};

}  // namespace bellpull
