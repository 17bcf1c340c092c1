// The command line in surroundings of a test's own: a stand-in server, a folder, no terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/time.h"
#include "cli/command_line.h"
#include "cli/surroundings.h"
#include "support/http_stand_in.h"

namespace bellpull::cli {

struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;

  boost::json::object json() const { return boost::json::parse(out).as_object(); }
};

// The real time in whole, but a wall clock that stands still.
class StoppedClock final : public Clock {
 public:
  TimePoint now() const override { return from_ms(1'772'366'400'000); }
  SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }
};

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): only GoogleTest destroys it
class CliTest : public testing::Test {
 protected:
  using Answers = std::map<std::string, std::vector<StandInReply>>;

  CliTest()
      : folder_(std::filesystem::temp_directory_path() / ("bellpull-cli-" + random_name())),
        server_([this](const StandInRequest& request) { return answer(request); }) {
    std::filesystem::create_directories(folder_);
    environment_ = {{"BELLPULL_URL", server_.url("")}, {"BELLPULL_TOKEN", "sk-test"}};
  }
  ~CliTest() override { std::filesystem::remove_all(folder_); }

  // Answers "GET /api/v1/bot/list" with these bodies, one a request; the last one stays.
  void answers(const std::string& request, std::vector<StandInReply> replies) {
    const std::scoped_lock lock{mutex_};
    answers_[request] = std::move(replies);
  }
  void answers(const std::string& request, std::string body, unsigned status = 200) {
    answers(request, {{.status = status, .body = std::move(body)}});
  }

  Ran run(const std::vector<std::string>& words, const std::string& input = {}) {
    std::istringstream in{input};
    std::ostringstream out;
    std::ostringstream err;
    SystemRandom random;
    Surroundings surroundings{.environment = environment_,
                              .folder = folder_,
                              .in = in,
                              .out = out,
                              .err = err,
                              .in_is_terminal = is_terminal_,
                              .out_is_terminal = is_terminal_,
                              .err_is_terminal = is_terminal_,
                              .columns = columns_,
                              .clock = clock_,
                              .random = random};
    const int code = run_command(words, surroundings);
    return {code, out.str(), err.str()};
  }

  std::vector<StandInRequest> requests_of(std::string_view start) const {
    std::vector<StandInRequest> found;
    for (const StandInRequest& request : server_.requests()) {
      if ((request.method + " " + request.target).starts_with(start)) found.push_back(request);
    }
    return found;
  }

  // Called for each request before it is answered, on the server's thread.
  std::function<void(const StandInRequest&)> on_request_ = [](const StandInRequest&) {};
  std::map<std::string, std::string> environment_;
  std::filesystem::path folder_;
  bool is_terminal_ = false;
  std::size_t columns_ = 80;
  StoppedClock clock_;

 private:
  static std::string random_name() {
    SystemRandom random;
    return random.hex(8);
  }

  // The longest key that the request begins with.
  StandInReply answer(const StandInRequest& request) {
    on_request_(request);
    const std::scoped_lock lock{mutex_};
    const std::string line = request.method + " " + request.target;
    std::vector<StandInReply>* best = nullptr;
    std::size_t longest = 0;
    for (auto& [start, replies] : answers_) {
      if (!line.starts_with(start) || start.size() < longest) continue;
      longest = start.size();
      best = &replies;
    }
    if (best == nullptr)
      return {.status = 404, .body = R"({"message":"Not found","code":"NOT_FOUND"})"};
    StandInReply reply = best->front();
    if (best->size() > 1) best->erase(best->begin());
    return reply;
  }

  std::mutex mutex_;
  Answers answers_;  // guarded by mutex_: the server's thread takes from them
  HttpStandIn server_;
};

}  // namespace bellpull::cli
