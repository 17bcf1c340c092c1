#include "http/http_server.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <utility>

#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include "base/log.h"
#include "base/time.h"
#include "http/io_thread.h"
#include "http/router.h"
#include "http/service.h"
#include "http/tls.h"

namespace bellpull {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

enum class Sharing : std::uint8_t { none, with_other_threads };

tcp::endpoint endpoint_of(const HttpConfig& config) {
  boost::system::error_code failure;
  const auto address = asio::ip::make_address(config.address, failure);
  if (failure) throw std::runtime_error("\"" + config.address + "\" is not an IP address");
  return {address, config.port};
}

tcp::acceptor listen(asio::io_context& io, const tcp::endpoint& endpoint, Sharing sharing,
                     int backlog) {
  try {
    tcp::acceptor acceptor{io};
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address{true});
    if (sharing == Sharing::with_other_threads) acceptor.set_option(ReusePort{true});
    acceptor.bind(endpoint);
    acceptor.listen(backlog);
    return acceptor;
  } catch (const boost::system::system_error& failure) {
    throw std::runtime_error("cannot listen on " + endpoint.address().to_string() + " port " +
                             std::to_string(endpoint.port()) + ": " + failure.code().message());
  }
}

}  // namespace

HttpServer::HttpServer(HttpConfig config, const Router& router, ServerHooks hooks,
                       const Clock& clock, Log& log)
    : config_(std::move(config)),
      tls_(config_.tls ? make_tls_context(*config_.tls) : nullptr),
      service_(std::make_unique<Service>(config_.limits, router, std::move(hooks), clock, log)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(config_.threads, 1); ++i) {
    threads_.push_back(std::make_unique<IoThread>(*service_, tls_.get()));
  }
}

HttpServer::~HttpServer() { stop(Duration{0}); }

std::uint16_t HttpServer::open() {
  tcp::endpoint endpoint = endpoint_of(config_);
  const int backlog = config_.limits.backlog;
  // Threads share the port by SO_REUSEPORT, which another server of the same user could join
  // unnoticed and take half of the connections; a socket without it finds that server first.
  endpoint.port(listen(threads_.front()->context(), endpoint, Sharing::none, backlog)
                    .local_endpoint()
                    .port());
  const Sharing sharing = threads_.size() == 1 ? Sharing::none : Sharing::with_other_threads;
  for (const auto& thread : threads_) {
    acceptors_.push_back(listen(thread->context(), endpoint, sharing, backlog));
  }
  port_ = endpoint.port();
  return port_;
}

std::uint16_t HttpServer::start() {
  if (acceptors_.empty()) open();
  for (std::size_t i = 0; i < threads_.size(); ++i) threads_[i]->start(std::move(acceptors_[i]));
  acceptors_.clear();
  is_running_ = true;
  return port_;
}

void HttpServer::stop(Duration grace) {
  if (!std::exchange(is_running_, false)) return;
  for (const auto& thread : threads_) thread->begin_stop(grace);
  for (const auto& thread : threads_) thread->join();
}

asio::io_context& HttpServer::context(std::size_t index) { return threads_.at(index)->context(); }

std::size_t HttpServer::connections() const { return service_->connections.load(); }
std::size_t HttpServer::buffered_bytes() const { return service_->budget.used(); }

}  // namespace bellpull
