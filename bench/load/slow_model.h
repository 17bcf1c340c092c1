// A model that takes its time: speaks just enough of Chat Completions to keep any number of runs
// waiting, each on its own connection, and then to let them succeed.
//
// Lifetime: from listen() to the end of run(). Threads: one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

#include "message_reader.h"

namespace bellpull {

class SlowModel {
 public:
  SlowModel(double delay_s, const std::atomic<bool>& interrupted);
  ~SlowModel();

  // On 127.0.0.1; gives the port.
  std::uint16_t listen();
  void run();

 private:
  struct Client {
    int socket = -1;
    MessageReader reader;
  };
  struct Due {
    double at_s = 0;
    std::uint64_t client = 0;  // may be gone by then
  };

  void accept_clients();
  void read(std::uint64_t client);
  void answer_due();
  void drop(std::uint64_t client);
  void tell_when_changed();

  const double delay_s_;
  const std::atomic<bool>& interrupted_;
  const int epoll_;
  int listener_ = -1;
  std::uint64_t last_client_ = 0;  // 0 stands for the listener
  std::unordered_map<std::uint64_t, std::unique_ptr<Client>> clients_;
  std::deque<Due> due_;
  std::size_t answered_ = 0;
  double told_at_ = 0;
};

}  // namespace bellpull
