// A path to a value that a rule names: event.items.0.sku, stock.body."in hand", event.items[0].
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace bellpull {

class RulesPath {
 public:
  static constexpr std::size_t max_bytes = 256;
  static constexpr std::size_t max_steps = 24;

  RulesPath() = default;

  // Fails with `invalid`, saying what was expected.
  static Result<RulesPath> parse(std::string_view text);

  const std::string& text() const { return text_; }
  // The first name: what the path looks into.
  const std::string& root() const { return root_; }
  bool is_root() const { return steps_.empty(); }

  // The value below the root's. A number in the path is an index into a list, else a name. Null
  // when there is none, or when it is a JSON null.
  const boost::json::value* find(const boost::json::value& root) const;

 private:
  std::string text_;
  std::string root_;
  std::vector<std::string> steps_;
};

}  // namespace bellpull
