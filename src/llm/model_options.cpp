#include "llm/model_options.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/result.h"

namespace bellpull {

namespace {

// As JSON has numbers, but for exponents: nobody writes one here.
std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  const bool is_whole_text = error == std::errc{} && end == text.data() + text.size();
  if (!is_whole_text || !std::isfinite(value)) return std::nullopt;
  return text.front() == '.' || text.back() == '.' ? std::nullopt : std::optional(value);
}

std::unexpected<Error> no_number(std::string_view name, std::string_view kind) {
  return fail(ErrorCode::invalid, fmt::format("The model's option {} must be a {}", name, kind));
}

}  // namespace

std::optional<std::string> ModelOptions::word(std::string_view name) const {
  const auto* const value = options_.if_contains(name);
  if (value == nullptr) return std::nullopt;
  std::string text =
      value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
  if (text.empty() || text == "auto") return std::nullopt;
  return text;
}

Result<std::optional<std::string>> ModelOptions::number(std::string_view name) const {
  auto text = word(name);
  if (text && !number_in(*text)) return no_number(name, "number");
  return text;
}

Result<std::optional<double>> ModelOptions::real(std::string_view name) const {
  const auto text = word(name);
  if (!text) return std::optional<double>{};
  const auto value = number_in(*text);
  if (!value) return no_number(name, "number");
  return value;
}

Result<std::optional<std::int64_t>> ModelOptions::whole(std::string_view name) const {
  const auto text = word(name);
  if (!text) return std::optional<std::int64_t>{};
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) {
    return no_number(name, "whole number");
  }
  return std::optional(value);
}

}  // namespace bellpull
