// One connection to a model's server: where it is, how it is asked, and how often.
//
// Tries a request up to three times by itself, when another try can help and its wait is short;
// what needs more patience goes back to the queue with its not-before time. A repeated request may
// be billed twice but changes nothing else.
//
// Lifetime: outlives every call. Threads: the worker's executor only.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/task.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_call.h"
#include "egress/http_client.h"
#include "egress/redaction.h"
#include "llm/answer_stream.h"
#include "llm/circuit_breaker.h"
#include "llm/provider.h"

namespace bellpull {

struct ConnectionSettings {
  std::string name;                          // for messages to people
  std::string base_url;                      // "https://api.openai.com/v1"
  std::string api_key;                       // empty: none is sent
  std::string key_header = "Authorization";  // "api-key" for Azure-like gateways
  std::string key_prefix = "Bearer ";        // "" for those
  std::vector<HttpField> extra_headers;      // their values count as secrets
  std::vector<std::pair<std::string, std::string>> extra_query;
  std::vector<std::string> secrets;  // parts of these that nobody gets to read
  Duration connect_timeout = std::chrono::seconds{10};
  Duration timeout = std::chrono::seconds{120};      // of one try; of a stream, until it begins
  bool streams = true;                               // whether streams are asked for
  Duration idle_timeout = std::chrono::seconds{60};  // of a stream, between two pieces
  std::int64_t failures_to_pause = 5;  // in a row, after which it is asked no more for a while
  // When the operator configured the base URL, which may then be on an inside address.
  std::optional<Allowance> allowance;
};

// One request in the language that the server speaks.
struct ModelCall {
  std::string path;                    // behind the base URL: "/chat/completions"
  std::vector<HttpField> headers;      // of the language; no secrets
  std::string body;                    // JSON
  SteadyTime deadline;                 // the answer is useless after it
  AnswerFollower* follower = nullptr;  // outlives the call
  // What puts the answer together that `body` asks a stream for; nothing: it asks for none.
  std::function<std::unique_ptr<AnswerStream>()> stream;
  // What a reply with status 2xx says that is no stream. The messages of its failures are redacted.
  std::function<std::expected<ModelAnswer, Failure>(const HttpReply& reply)> read;
};

class ModelConnection {
 public:
  ModelConnection(ConnectionSettings settings, HttpClient& client, const Clock& clock,
                  Random& random);

  // Cancelling the task closes the connection.
  Task<std::expected<ModelAnswer, Failure>> ask(ModelCall call);

  bool streams() const { return settings_.streams; }
  const ConnectionHealth& health() const { return breaker_.health(); }

  // A failure that no request was sent for.
  std::unexpected<Failure> bad_request(const std::string& message) const;

 private:
  HttpCall http_call(const ModelCall& call) const;
  std::unexpected<Failure> out_of_service(Duration pause) const;
  Task<std::expected<ModelAnswer, Failure>> try_once(const ModelCall* call, HttpCall http);
  std::expected<ModelAnswer, Failure> read(const ModelCall& call,
                                           std::expected<HttpReply, HttpFailure> reply) const;
  Duration pause_after(unsigned tried) const;
  std::string told(std::string_view message) const;  // to people

  const ConnectionSettings settings_;
  const Redactor redact_;
  HttpClient& client_;
  const Clock& clock_;
  Random& random_;
  CircuitBreaker breaker_;
};

}  // namespace bellpull
