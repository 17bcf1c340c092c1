#include "request_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "load_plan.h"

namespace bellpull {

namespace {

constexpr std::string_view number_place = "############";

// tests/crash/journal.py makes the same text again, to compare every byte.
std::string body_of(std::size_t bytes) {
  std::string body = fmt::format(R"({{"number":"{}","text":")", number_place);
  constexpr std::string_view end = "\"}";
  while (body.size() + end.size() < bytes) body += 'x';
  return body.append(end);
}

}  // namespace

std::string session_name(const LoadPlan& plan, std::size_t connection) {
  return connection < plan.sessions ? fmt::format("s{}", connection) : std::string{};
}

RequestText::RequestText(const LoadPlan& plan, std::size_t connection) {
  const std::string body = body_of(plan.bytes);
  text_ = fmt::format("POST {}", plan.path);
  const std::string session = session_name(plan, connection);
  if (!session.empty()) text_ += "?session=" + session;
  text_ += fmt::format(" HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", plan.port);
  if (!plan.secret.empty()) text_ += fmt::format("Authorization: Bearer {}\r\n", plan.secret);
  if (plan.has_keys) text_ += fmt::format("Idempotency-Key: load-{}\r\n", number_place);
  text_ += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                       body.size(), body);
  for (std::size_t at = text_.find(number_place); at != std::string::npos;
       at = text_.find(number_place, at + 1)) {
    number_at_.push_back(at);
  }
}

void RequestText::set_number(std::int64_t number) {
  const std::string digits = fmt::format("{:0{}}", number, number_place.size());
  for (const std::size_t at : number_at_) {
    std::ranges::copy(digits, text_.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

}  // namespace bellpull
