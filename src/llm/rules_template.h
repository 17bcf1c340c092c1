// Texts and values with places for what a run meets: "Order {{ event.order.id }}".
//
//   {{ path }}                   the value; without one the run can't go on, and says which path
//   {{ path | default: value }}  the other value where there is none
//   {{ "text" }}                 that text: {{ "{{" }} writes two braces
//
// A value that is one place and nothing else keeps its type. What is inserted is never read again.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/json/value.hpp>

#include "llm/rules_facts.h"
#include "llm/rules_path.h"
#include "llm/rules_problem.h"
#include "llm/rules_yaml.h"

namespace bellpull {

// How much may be written, in bytes: into one call's arguments, into all replies of a run.
inline constexpr std::size_t max_written_bytes = std::size_t{256} * 1024;

// What is left of a limit.
class RulesRoom {
 public:
  explicit RulesRoom(std::size_t limit) : limit_(limit), left_(limit) {}

  // Fails when there is less.
  RulesResult<void> take(std::size_t bytes, int line);

 private:
  const std::size_t limit_;
  std::size_t left_;
};

struct RulesReference {
  RulesPath path;
  std::optional<boost::json::value> fallback;
};

class RulesText {
 public:
  // Adds a problem for each place that can't be read, or that names nothing known.
  static RulesText read(const RulesNode& scalar, const RulesScope& scope, RulesProblems& problems);

  RulesResult<std::string> text(const RulesFacts& facts, RulesRoom& room) const;
  // As the value of an argument: a text that is one place is what stands there.
  RulesResult<boost::json::value> value(const RulesFacts& facts, RulesRoom& room) const;

 private:
  using Part = std::variant<std::string, RulesReference>;

  static std::optional<Part> read_place(std::string_view inside, int line, const RulesScope& scope,
                                        RulesProblems& problems);
  RulesResult<boost::json::value> found(const RulesReference& reference, const RulesFacts& facts,
                                        RulesRoom& room) const;

  int line_ = 0;
  std::vector<Part> parts_;
};

// A value of any shape, with places in its texts.
class RulesValue {
 public:
  static RulesValue read(const RulesNode& node, const RulesScope& scope, RulesProblems& problems);

  RulesResult<boost::json::value> value(const RulesFacts& facts, RulesRoom& room) const;

 private:
  using List = std::vector<RulesValue>;
  using Map = std::vector<std::pair<std::string, RulesValue>>;

  std::variant<boost::json::value, RulesText, List, Map> content_;
};

}  // namespace bellpull
