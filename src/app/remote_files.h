// Contents that API requests name by URL, fetched through the egress guard like a bot's calls.
//
// Requests arrive on the IO threads; the client lives on the worker's executor, so a fetch crosses
// over and back.
// Lifetime: use() before the server starts; the client outlives the last fetch. Threads: any.
#pragma once

#include <cstddef>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "api/remote_content.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"

namespace bellpull {

class HttpClient;

class RemoteFiles final : public RemoteContent {
 public:
  RemoteFiles(boost::asio::any_io_executor executor, const Clock& clock);

  void use(HttpClient& client) { client_ = &client; }
  Task<Result<Fetched>> fetch(std::string url, std::size_t limit) override;

 private:
  Task<Result<Fetched>> fetch_here(std::string url, std::size_t limit);

  const boost::asio::any_io_executor executor_;
  const Clock& clock_;
  HttpClient* client_ = nullptr;
};

}  // namespace bellpull
