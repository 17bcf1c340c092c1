#include "egress/resolver.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ares.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

#include "base/task.h"
#include "base/time.h"
#include "egress/ip_address.h"
#include "egress/socket_watches.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

using Addresses = std::vector<IpAddress>;
using Answer = std::expected<Addresses, LookupFailure>;

// c-ares is a process-wide library: initialised once, before the first channel.
void initialise_c_ares() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  if (status != ARES_SUCCESS) throw std::runtime_error(ares_strerror(status));
}

bool is_localhost(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

Addresses loopback() {
  return {IpAddress::v4({127, 0, 0, 1}),
          IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})};
}

Addresses addresses_of(const ares_addrinfo& info) {
  Addresses found;
  for (const auto* node = info.nodes; node != nullptr; node = node->ai_next) {
    const auto address = IpAddress::from(*node->ai_addr);
    if (address && std::ranges::find(found, *address) == found.end()) found.push_back(*address);
  }
  return found;
}

Duration time_to_live(const ares_addrinfo& info) {
  int seconds = info.nodes == nullptr ? 0 : info.nodes->ai_ttl;
  for (const auto* node = info.nodes; node != nullptr; node = node->ai_next) {
    seconds = std::min(seconds, node->ai_ttl);
  }
  return std::chrono::seconds{seconds};
}

LookupFailure failure_of(int status) {
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_EBADNAME:
    case ARES_ENONAME:
      return LookupFailure::unknown_host;
    default:
      return LookupFailure::no_answer;
  }
}

}  // namespace

class DnsResolver::Channel {
 public:
  Channel(const asio::any_io_executor& executor, const Clock& clock, DnsSettings settings);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  Task<Answer> resolve(std::string host, SteadyTime deadline);

 private:
  // One query under way and the coroutines that wait for it.
  struct Lookup {
    Channel* channel = nullptr;
    std::string host;
    std::vector<asio::steady_timer*> waiting;
    std::expected<Addresses, LookupFailure> answer = std::unexpected(LookupFailure::no_answer);
  };
  // A coroutine's place among them, given up even when it is destroyed half-way.
  struct Waiter {
    Waiter(Lookup& of, asio::steady_timer& wakes) : lookup(of), timer(wakes) {
      lookup.waiting.push_back(&timer);
    }
    ~Waiter() { std::erase(lookup.waiting, &timer); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    Lookup& lookup;
    asio::steady_timer& timer;
  };
  // A coroutine's place in the line of those for whose names there is no room. Whoever leaves it,
  // with its lookup begun or without one, lets the next one look.
  struct InLine {
    InLine(Channel& of, asio::steady_timer& wakes) : channel(of), timer(wakes) {
      channel.line_.push_back(&timer);
    }
    ~InLine() {
      if (was_called()) --channel.called_;
      std::erase(channel.line_, &timer);
      channel.let_next_in();
    }
    InLine(const InLine&) = delete;
    InLine& operator=(const InLine&) = delete;

    bool was_called() const {
      return std::ranges::find(channel.line_, &timer) == channel.line_.end();
    }

    Channel& channel;
    asio::steady_timer& timer;
  };
  struct Cached {
    Addresses addresses;
    SteadyTime until;
  };

  static void on_answer(void* lookup, int status, int timeouts, ares_addrinfo* info);
  std::shared_ptr<Lookup> start(const std::string& host);
  void finish(Lookup& lookup, int status, const ares_addrinfo* info);
  void remember(const Lookup& lookup, Duration time_to_live);
  const Addresses* recall(const std::string& host) const;
  // Beside what is kept for those who were called from the line and have not run since.
  bool has_room() const { return lookups_.size() + called_ < settings_.max_lookups; }
  void let_next_in();
  void set_timer();

  const asio::any_io_executor executor_;
  const Clock& clock_;
  const DnsSettings settings_;

  // The executor's:
  SocketWatches watches_;
  // Shared with its wait under way, which looks whether the timer, and so the channel, is there.
  const std::shared_ptr<asio::steady_timer> timer_;
  ares_channel channel_ = nullptr;
  std::unordered_map<std::string, Cached> cache_;
  // Shared with the coroutines that wait: a query that is over leaves the map before they wake.
  std::unordered_map<std::string, std::shared_ptr<Lookup>> lookups_;
  std::deque<asio::steady_timer*> line_;
  std::size_t called_ = 0;  // out of line_, with their InLine still there
};

DnsResolver::Channel::Channel(const asio::any_io_executor& executor, const Clock& clock,
                              DnsSettings settings)
    : executor_(executor),
      clock_(clock),
      settings_(std::move(settings)),
      watches_(executor,
               [this](int socket, Readiness ready) {
                 ares_process_fd(channel_, ready.readable ? socket : ARES_SOCKET_BAD,
                                 ready.writable ? socket : ARES_SOCKET_BAD);
                 set_timer();
               }),
      timer_(std::make_shared<asio::steady_timer>(executor)) {
  initialise_c_ares();
  std::string lookups = "fb";  // the hosts file, then name servers
  ares_options options{};
  options.lookups = lookups.data();
  options.tries = 2;
  options.timeout =
      static_cast<int>(settings_.time_limit.count() / 3);  // doubles in the second try
  options.sock_state_cb_data = this;
  options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<Channel*>(self)->watches_.set(
        socket, {.readable = readable != 0, .writable = writable != 0});
  };
  const int mask = ARES_OPT_LOOKUPS | ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS | ARES_OPT_SOCK_STATE_CB;
  if (const int status = ares_init_options(&channel_, &options, mask); status != ARES_SUCCESS) {
    throw std::runtime_error(fmt::format("c-ares: {}", ares_strerror(status)));
  }
  if (settings_.servers.empty()) return;
  if (const int status = ares_set_servers_ports_csv(channel_, settings_.servers.c_str());
      status != ARES_SUCCESS) {
    ares_destroy(channel_);
    throw std::runtime_error(
        fmt::format("DNS servers \"{}\": {}", settings_.servers, ares_strerror(status)));
  }
}

DnsResolver::Channel::~Channel() {
  // Answers every open query; their lookups are still in the map.
  ares_destroy(channel_);
}

// Also ends lookups whose waiters have gone: they are bounded by the tries of c-ares.
void DnsResolver::Channel::set_timer() {
  timeval left{};
  const timeval* next = ares_timeout(channel_, nullptr, &left);
  if (next == nullptr) {
    timer_->cancel();
    return;
  }
  timer_->expires_after(std::chrono::seconds{next->tv_sec} +
                        std::chrono::microseconds{next->tv_usec} + std::chrono::milliseconds{1});
  timer_->async_wait([this, weak = std::weak_ptr(timer_)](const boost::system::error_code& error) {
    if (error || weak.expired()) return;
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    set_timer();
  });
}

std::shared_ptr<DnsResolver::Channel::Lookup> DnsResolver::Channel::start(const std::string& host) {
  auto lookup = std::make_shared<Lookup>();
  lookup->channel = this;
  lookup->host = host;
  lookups_.emplace(host, lookup);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &Channel::on_answer, lookup.get());
  set_timer();
  return lookup;
}

void DnsResolver::Channel::on_answer(void* lookup, int status, int /*timeouts*/,
                                     ares_addrinfo* info) {
  auto& mine = *static_cast<Lookup*>(lookup);
  mine.channel->finish(mine, status, info);
  if (info != nullptr) ares_freeaddrinfo(info);
}

void DnsResolver::Channel::finish(Lookup& lookup, int status, const ares_addrinfo* info) {
  const auto keep_alive = lookups_.find(lookup.host)->second;
  lookups_.erase(lookup.host);
  if (status == ARES_SUCCESS && info != nullptr) {
    lookup.answer = addresses_of(*info);
    if (lookup.answer->empty()) {
      lookup.answer = std::unexpected(LookupFailure::unknown_host);
    } else {
      remember(lookup, time_to_live(*info));
    }
  } else {
    lookup.answer = std::unexpected(failure_of(status));
  }
  for (asio::steady_timer* waiting : std::exchange(lookup.waiting, {})) waiting->cancel();
  let_next_in();
}

void DnsResolver::Channel::let_next_in() {
  if (line_.empty() || !has_room()) return;
  asio::steady_timer* next = line_.front();
  line_.pop_front();
  ++called_;
  next->cancel();
}

void DnsResolver::Channel::remember(const Lookup& lookup, Duration time_to_live) {
  const SteadyTime now = clock_.steady_now();
  if (cache_.size() >= settings_.max_cached) {
    std::erase_if(cache_, [&](const auto& entry) { return entry.second.until <= now; });
    if (cache_.size() >= settings_.max_cached) cache_.erase(cache_.begin());
  }
  const Duration kept = std::clamp(time_to_live, settings_.min_kept, settings_.max_kept);
  cache_.insert_or_assign(lookup.host, Cached{*lookup.answer, now + kept});
}

const Addresses* DnsResolver::Channel::recall(const std::string& host) const {
  const auto cached = cache_.find(host);
  const bool is_fresh = cached != cache_.end() && cached->second.until > clock_.steady_now();
  return is_fresh ? &cached->second.addresses : nullptr;
}

Task<Answer> DnsResolver::Channel::resolve(std::string host, SteadyTime deadline) {
  if (is_localhost(host)) co_return loopback();
  asio::steady_timer turn(executor_, deadline - clock_.steady_now());
  std::optional<InLine> in_line;
  if (recall(host) == nullptr && !lookups_.contains(host) && !has_room()) {
    in_line.emplace(*this, turn);
    boost::system::error_code called;
    co_await turn.async_wait(asio::redirect_error(asio::use_awaitable, called));
    if (!called) co_return std::unexpected(LookupFailure::too_many);
    if (!in_line->was_called()) co_return std::unexpected(LookupFailure::canceled);
  }
  if (const Addresses* known = recall(host); known != nullptr) co_return *known;
  const auto running = lookups_.find(host);
  const auto lookup = running != lookups_.end() ? running->second : start(host);
  in_line.reset();
  if (!lookups_.contains(host)) co_return lookup->answer;  // answered by the hosts file

  asio::steady_timer waiting(executor_, std::min(deadline - clock_.steady_now(),
                                                 SteadyTime::duration(settings_.time_limit)));
  const Waiter waiter{*lookup, waiting};
  boost::system::error_code woken;
  co_await waiting.async_wait(asio::redirect_error(asio::use_awaitable, woken));

  const auto found = lookups_.find(host);
  if (found == lookups_.end() || found->second != lookup) co_return lookup->answer;
  co_return std::unexpected(woken ? LookupFailure::canceled : LookupFailure::no_answer);
}

DnsResolver::DnsResolver(const asio::any_io_executor& executor, const Clock& clock,
                         DnsSettings settings)
    : channel_(std::make_unique<Channel>(executor, clock, std::move(settings))) {}

DnsResolver::~DnsResolver() = default;

Task<Answer> DnsResolver::resolve(std::string host, SteadyTime deadline) {
  return channel_->resolve(std::move(host), deadline);
}

}  // namespace bellpull
