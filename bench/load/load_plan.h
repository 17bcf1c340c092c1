// What a load is: who is asked, how often, with what.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bellpull {

struct LoadPlan {
  std::uint16_t port = 0;  // on 127.0.0.1
  std::string path;
  std::string secret;
  std::size_t connections = 64;
  double seconds = 10;
  std::int64_t count = 0;    // stop after so many acknowledged ones; 0: only by time
  double rate = 0;           // requests a second, from all connections; 0: as fast as they answer
  std::size_t bytes = 300;   // of a body
  std::int64_t first = 1;    // number of the first request
  std::size_t sessions = 0;  // so many connections are each a session; the others name none
  bool has_keys = false;     // each request carries an Idempotency-Key
  bool repeats = false;      // what gets no 200 is sent again, until it does or time is up
  std::string journal;       // file for what was acknowledged
};

}  // namespace bellpull
