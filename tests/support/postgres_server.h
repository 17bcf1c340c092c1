// A PostgreSQL server of the test's own: a new cluster in a scratch folder, on a free port of
// 127.0.0.1 and a unix socket, gone with the object.
//
// It runs as an unprivileged user when the test is root's, as PostgreSQL demands, and dies with the
// test's process. Local connections are trusted, those to 127.0.0.1 need a password and may use
// TLS. The superuser is `admin`; databases are made in UTF-8 and the C locale.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace bellpull {

class PostgresServer {
 public:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // "host=<socket folder> port=... dbname=postgres user=..."
  std::string socket_text(std::string_view user) const;
  // "postgresql://user:password@127.0.0.1:.../postgres"
  std::string uri(std::string_view user, std::string_view password) const;
  std::uint16_t port() const { return port_; }

  // Runs SQL of any number of statements as the superuser; gives the last one's first value. Throws
  // std::runtime_error with the server's words.
  std::string run(std::string_view sql) const;
  // Returns once the query gives that value; false after 10 s.
  bool wait_until(std::string_view sql, std::string_view value) const;

  // As `pg_ctl stop -m immediate`: every process ends at once, as in a crash.
  void kill();
  void start();

 private:
  void make_cluster();

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace bellpull
