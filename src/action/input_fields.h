// Reads an action's input field by field, and keeps every problem, so that all are told at once.
//
// Threads: one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace bellpull {

class InputFields {
 public:
  // `input` outlives it.
  explicit InputFields(const boost::json::object& input) : input_(input) {}

  // Texts as they are; numbers and booleans as text, because a model or YAML makes one of "17".
  std::string text(std::string_view name);
  std::string required_text(std::string_view name);
  std::optional<std::int64_t> whole(std::string_view name, std::int64_t least, std::int64_t most);
  bool flag(std::string_view name);
  // A text, or a list of texts; a text is split at commas.
  std::vector<std::string> texts(std::string_view name);
  // Nothing when it is missing or null.
  const boost::json::value* find(std::string_view name) const;

  void add_problem(std::string problem);
  // Sentences for the model; empty: none.
  std::string problems() const;

 private:
  const boost::json::object& input_;
  std::vector<std::string> problems_;
};

}  // namespace bellpull
