#include "support/http_stand_in.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <istream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace bellpull {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

struct Identity {
  std::string certificate;
  std::string key;
};

template <class Write>
std::string pem(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  write(out.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Identity make_identity() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509* x509 = certificate.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key.get());
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("stand-in"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  for (const auto& [id, value] : {std::pair{NID_subject_alt_name, "IP:127.0.0.1"},
                                  std::pair{NID_basic_constraints, "critical,CA:TRUE"}}) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
  }
  X509_sign(x509, key.get(), EVP_sha256());
  return {pem([&](BIO* out) { PEM_write_bio_X509(out, x509); }), pem([&](BIO* out) {
            PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

bool same_name(std::string_view one, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::string wire_form(const StandInReply& reply) {
  if (!reply.raw.empty()) return reply.raw;
  std::string text = fmt::format("HTTP/1.1 {} Scripted\r\n", reply.status);
  for (const auto& [name, value] : reply.headers) text += fmt::format("{}: {}\r\n", name, value);
  text += fmt::format("Content-Length: {}\r\n\r\n", reply.body.size());
  return text + reply.body;
}

StandInRequest read_head(std::string_view head) {
  StandInRequest request;
  const std::size_t line_end = head.find("\r\n");
  const std::string_view line = head.substr(0, line_end);
  const std::size_t first = line.find(' ');
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, line.rfind(' ') - first - 1);
  head.remove_prefix(line_end + 2);
  while (!head.starts_with("\r\n")) {
    const std::size_t end = head.find("\r\n");
    const std::size_t colon = head.find(':');
    std::string_view value = head.substr(colon + 1, end - colon - 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    request.headers.emplace_back(head.substr(0, colon), value);
    head.remove_prefix(end + 2);
  }
  return request;
}

}  // namespace

std::string_view StandInRequest::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (same_name(field, name)) return value;
  }
  return {};
}

struct HttpStandIn::State {
  State(Script answer, Transport kind)
      : script(std::move(answer)),
        transport(kind),
        acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    acceptor.listen(4096);
    if (transport == Transport::tls) {
      identity = make_identity();
      tls.use_certificate_chain(asio::buffer(identity.certificate));
      tls.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
    }
  }

  asio::awaitable<void> accept_all() {
    for (;;) {
      tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
      change([this] { ++accepted; });
      if (transport == Transport::plain) {
        start(serve(std::move(socket)));
      } else {
        start(serve_tls(std::move(socket)));
      }
    }
  }

  void start(asio::awaitable<void> task) {
    asio::co_spawn(context, std::move(task), [](std::exception_ptr) {});
  }

  template <class Change>
  void change(Change apply) {
    const std::lock_guard lock(mutex);
    apply();
    changed.notify_all();
  }

  asio::awaitable<void> serve_tls(tcp::socket socket) {
    asio::ssl::stream<tcp::socket> stream(std::move(socket), tls);
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    co_await serve(std::move(stream));
  }

  template <class Stream>
  asio::awaitable<void> serve(Stream stream) {
    try {
      while (co_await answer_one(stream)) {
      }
    } catch (const boost::system::system_error&) {
      // The other side is gone.
    }
    change([this] { ++closed; });
  }

  // Gives false when the connection is to be closed. A test's server is single-threaded, and the
  // stream outlives the await.
  template <class Stream>
  asio::awaitable<bool> answer_one(Stream& stream) {  // NOLINT(*-reference-coroutine-parameters)
    std::string buffer;
    const std::size_t head_size = co_await asio::async_read_until(
        stream, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::use_awaitable);
    StandInRequest request = read_head(std::string_view(buffer).substr(0, head_size));
    request.body = buffer.substr(head_size);
    const std::string length(request.header("content-length"));
    const std::size_t missing = (length.empty() ? 0 : std::stoul(length)) - request.body.size();
    const std::size_t got = request.body.size();
    request.body.resize(got + missing);
    co_await asio::async_read(stream, asio::buffer(request.body.data() + got, missing),
                              asio::use_awaitable);
    change([&] { requests.push_back(request); });
    const StandInReply reply = script(request);
    std::string wire = wire_form(reply);
    if (reply.end == StandInEnd::drop) co_return false;
    if (reply.end == StandInEnd::break_off || reply.end == StandInEnd::hang_in_body) {
      wire.resize(wire.size() - reply.body.size() / 2);
    }
    if (reply.end != StandInEnd::hang) {
      co_await asio::async_write(stream, asio::buffer(wire), asio::use_awaitable);
    }
    if (reply.end == StandInEnd::hang || reply.end == StandInEnd::hang_in_body) {
      std::array<char, 1> nothing{};  // ends when the other side gives up
      co_await asio::async_read(stream, asio::buffer(nothing), asio::use_awaitable);
    }
    co_return reply.end == StandInEnd::keep;
  }

  const Script script;
  const Transport transport;
  Identity identity;
  asio::io_context context{1};
  asio::ssl::context tls{asio::ssl::context::tls_server};
  tcp::acceptor acceptor;

  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by mutex:
  std::vector<StandInRequest> requests;
  std::size_t accepted = 0;
  std::size_t closed = 0;

  std::thread thread;
};

HttpStandIn::HttpStandIn(Script script, Transport transport)
    : state_(std::make_unique<State>(std::move(script), transport)) {
  state_->start(state_->accept_all());
  state_->thread = std::thread([state = state_.get()] { state->context.run(); });
}

HttpStandIn::~HttpStandIn() {
  state_->context.stop();
  state_->thread.join();
}

std::uint16_t HttpStandIn::port() const { return state_->acceptor.local_endpoint().port(); }

std::string HttpStandIn::url(std::string_view target) const {
  const bool tls = state_->transport == Transport::tls;
  return fmt::format("{}://127.0.0.1:{}{}", tls ? "https" : "http", port(), target);
}

std::vector<StandInRequest> HttpStandIn::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

std::size_t HttpStandIn::accepted() const {
  const std::lock_guard lock(state_->mutex);
  return state_->accepted;
}

bool HttpStandIn::wait_for_closed(std::size_t connections) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, std::chrono::seconds{10},
                                  [&] { return state_->closed >= connections; });
}

bool HttpStandIn::wait_for_requests(std::size_t count) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, std::chrono::seconds{10},
                                  [&] { return state_->requests.size() >= count; });
}

std::string HttpStandIn::certificate() const { return state_->identity.certificate; }

}  // namespace bellpull
