// The options that stand in a model string: `name/temperature=0.2/maxTokens=800`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/result.h"

namespace bellpull {

// Lifetime: of the object that it reads. An option that is missing, empty or `auto` is none; one
// that is no number where one is wanted fails with a message for people.
class ModelOptions {
 public:
  explicit ModelOptions(const boost::json::object& options) : options_(options) {}

  std::optional<std::string> word(std::string_view name) const;
  // As it was written, so that what is sent is what was said.
  Result<std::optional<std::string>> number(std::string_view name) const;
  Result<std::optional<double>> real(std::string_view name) const;
  Result<std::optional<std::int64_t>> whole(std::string_view name) const;

 private:
  const boost::json::object& options_;
};

}  // namespace bellpull
