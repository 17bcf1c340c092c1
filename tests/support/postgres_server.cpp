#include "support/postgres_server.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <netinet/in.h>
#include <pwd.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <fmt/core.h>
#include <libpq-fe.h>

namespace bellpull {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr const char* user = "postgres";  // Debian's package makes it

// Of the newest version that is installed.
fs::path program(std::string_view name) {
  fs::path found;
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql"}) {
    const fs::path candidate = version.path() / "bin" / name;
    if (fs::exists(candidate) && candidate > found) found = candidate;
  }
  if (found.empty()) throw std::runtime_error("no PostgreSQL server here; see tools/setup test");
  return found;
}

std::vector<std::string> as_unprivileged(std::vector<std::string> command) {
  if (::geteuid() != 0) return command;
  std::vector<std::string> whole = {"/usr/bin/setpriv", "--reuid",     user,  "--regid", user,
                                    "--clear-groups",   "--pdeathsig", "INT", "--"};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

// Its output goes to `log`.
pid_t spawn(std::vector<std::string> command, const fs::path& log) {
  command = as_unprivileged(std::move(command));
  std::vector<char*> arguments;
  for (std::string& one : command) arguments.push_back(one.data());
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::setsid();  // a Ctrl-C of the test ends the test, and by that the server
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

int ended(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};

}  // namespace

PostgresServer::PostgresServer() {
  std::string name = (fs::temp_directory_path() / "bellpull-postgres-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch folder");
  folder_ = name;
  make_cluster();
  start();
}

PostgresServer::~PostgresServer() {
  kill();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void PostgresServer::make_cluster() {
  if (::geteuid() == 0) {
    const passwd* owner = ::getpwnam(user);
    if (owner == nullptr) throw std::runtime_error("no user postgres here; see tools/setup test");
    if (::chown(folder_.c_str(), owner->pw_uid, owner->pw_gid) != 0) {
      throw std::runtime_error("the scratch folder can't be given away");
    }
  }
  const int status =
      ended(spawn({program("initdb").string(), "--pgdata", (folder_ / "data").string(),
                   "--username", "admin", "--auth-local", "trust", "--auth-host", "scram-sha-256",
                   "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"},
                  folder_ / "initdb.log"));
  if (status != 0) throw std::runtime_error("initdb failed; is there room in the scratch folder?");
  const int certified =
      ended(spawn({"/usr/bin/openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt",
                   "ec_paramgen_curve:prime256v1", "-subj", "/CN=127.0.0.1", "-keyout",
                   (folder_ / "data" / "server.key").string(), "-out",
                   (folder_ / "data" / "server.crt").string()},
                  folder_ / "openssl.log"));
  if (certified != 0) throw std::runtime_error("openssl made no certificate");
}

void PostgresServer::start() {
  port_ = port_ == 0 ? free_port() : port_;
  process_ = spawn(
      {program("postgres").string(), "-D", (folder_ / "data").string(), "-k", folder_.string(),
       "-p", std::to_string(port_), "-c", "listen_addresses=127.0.0.1", "-c", "ssl=on", "-c",
       "fsync=off", "-c", "max_prepared_transactions=5", "-c", "shared_buffers=16MB"},
      folder_ / "server.log");
  if (!wait_until("select 1", "1")) {
    kill();
    throw std::runtime_error("the PostgreSQL server did not start");
  }
}

void PostgresServer::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGQUIT);  // its immediate shutdown
  ended(process_);
  process_ = -1;
}

std::string PostgresServer::socket_text(std::string_view of) const {
  return fmt::format("host={} port={} dbname=postgres user={}", folder_.string(), port_, of);
}

std::string PostgresServer::uri(std::string_view of, std::string_view password) const {
  return fmt::format("postgresql://{}:{}@127.0.0.1:{}/postgres", of, password, port_);
}

std::string PostgresServer::run(std::string_view sql) const {
  const std::unique_ptr<PGconn, Finish> connection{PQconnectdb(socket_text("admin").c_str())};
  const std::unique_ptr<PGresult, Finish> result{
      PQexec(connection.get(), std::string{sql}.c_str())};
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    throw std::runtime_error(PQerrorMessage(connection.get()));
  }
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

// Nothing announces these states, so they are looked for.
bool PostgresServer::wait_until(std::string_view sql, std::string_view value) const {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < deadline) {
    try {
      if (run(sql) == value) return true;
    } catch (const std::runtime_error&) {
      int status = 0;
      if (process_ <= 0 || ::waitpid(process_, &status, WNOHANG) != 0) return false;
    }
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

}  // namespace bellpull
