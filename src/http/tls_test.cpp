#include "http/tls.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/task.h"
#include "http/loopback_test.h"
#include "http/method.h"
#include "http/request.h"
#include "http/response.h"

namespace bellpull::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// A certificate for "localhost" that vouches for itself, in two files.
TlsFiles self_signed() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), &X509_free};
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  // Tests run side by side, each in a process of its own.
  const std::string own = testing::TempDir() + "bellpull_" + std::to_string(::getpid());
  const TlsFiles files{own + "_certificate.pem", own + "_key.pem"};
  using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;
  const File certificate_file{std::fopen(files.certificate.c_str(), "w"), &std::fclose};
  PEM_write_X509(certificate_file.get(), certificate.get());
  const File key_file{std::fopen(files.key.c_str(), "w"), &std::fclose};
  PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port) : stream_(io_, context_) {
    stream_.next_layer().connect({boost::asio::ip::address_v4::loopback(), port});
    stream_.handshake(boost::asio::ssl::stream_base::client);
  }
  void send(const std::string& bytes) { boost::asio::write(stream_, boost::asio::buffer(bytes)); }
  std::string read(std::size_t size) {
    std::string bytes(size, ' ');
    boost::system::error_code failure;
    bytes.resize(boost::asio::read(stream_, boost::asio::buffer(bytes), failure));
    ended_well_ = failure == boost::asio::error::eof;
    return bytes;
  }
  // True when the last read() met a TLS goodbye, not just the end of the connection.
  bool ended_well() const { return ended_well_; }

 private:
  boost::asio::io_context io_;
  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_client};
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  bool ended_well_ = false;
};

class TlsTest : public testing::Test, protected LoopbackServer {
 protected:
  void SetUp() override {
    config.tls = self_signed();
    add({Method::post}, "/", [](Request& request) { return secure_echo(request); }, 1'000'000);
  }
  static Task<Response> secure_echo(Request request) {
    co_return text_response((request.secure() ? "secure " : "plain ") + std::string{request.body});
  }
  static std::string post(const std::string& body, const std::string& headers = "") {
    return "POST / HTTP/1.1\r\nHost: h\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
};

TEST_F(TlsTest, RequestsAreServedAndPipelined) {
  start();
  TlsClient client{port};
  client.send(post("one") + post("two", "Connection: close\r\n"));
  const std::string replies = client.read(100000);
  EXPECT_THAT(replies, HasSubstr("\r\n\r\nsecure one"));
  EXPECT_THAT(replies, EndsWith("\r\n\r\nsecure two"));
  EXPECT_TRUE(client.ended_well());
}

TEST_F(TlsTest, LargeBodiesTravelBothWays) {
  start();
  TlsClient client{port};
  const std::string body(900'000, 'x');
  client.send(post(body, "Connection: close\r\n"));
  EXPECT_THAT(client.read(2'000'000), EndsWith("\r\n\r\nsecure " + body));
}

TEST_F(TlsTest, ReplyToATooLargeBodyIsNotLost) {
  start();
  TlsClient client{port};
  client.send(post(std::string(5'000'000, 'x')));
  EXPECT_THAT(client.read(2'000'000), StartsWith("HTTP/1.1 413 "));
}

TEST_F(TlsTest, IdleConnectionIsClosed) {
  start();
  TlsClient client{port};
  client.send(post("x"));
  EXPECT_THAT(client.read(12), StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(eventually([&] {
    clock.advance(std::chrono::milliseconds{500});
    return server->connections() == 0;
  }));
}

TEST_F(TlsTest, PlainAndSilentClientsAreCut) {
  start();
  RawClient plain{port};
  plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  plain.read_all();
  RawClient silent{port};
  ASSERT_TRUE(eventually([&] { return server->connections() >= 1; }));
  pass_time_until_answered(silent);
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST_F(TlsTest, StoppingDoesNotWaitForIdleClients) {
  start();
  TlsClient client{port};
  client.send(post("x"));
  EXPECT_THAT(client.read(12), StartsWith("HTTP/1.1 200"));
  server->stop(std::chrono::hours{1});
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(TlsTest, FilesThatCannotBeUsedAreNamed) {
  config.tls->key = "/nowhere/key.pem";
  try {
    prepare();
    FAIL() << "a server without its key";
  } catch (const std::runtime_error& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("/nowhere/key.pem"));
  }
}

}  // namespace
}  // namespace bellpull::test
