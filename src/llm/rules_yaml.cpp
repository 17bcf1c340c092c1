#include "llm/rules_yaml.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/yaml_bounds.h"
#include "llm/rules_problem.h"

namespace bellpull {

namespace {

constexpr std::size_t max_depth = 32;
constexpr std::size_t max_nodes = 8192;

constexpr auto quote_templates =
    "a key must be plain text; a template is written in quotes: \"{{ event.order.id }}\"";

// Ends the reading; caught where it begins.
[[noreturn]] void refuse(const YAML::Mark& mark, const std::string& why) {
  throw YAML::ParserException(mark, why);
}

// Builds the tree from the parser's events, so that nothing is made before it is judged.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(int first_line, RulesProblems& problems)
      : first_line_(first_line), problems_(problems) {}

  std::optional<RulesNode> root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) refuse(mark, "a second document begins; a program is one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    judge(mark, "", anchor);
    add({.line = line_of(mark)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    refuse(mark, YamlBounds::alias());
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    judge(mark, tag, anchor);
    if (value.contains('\0')) refuse(mark, "a zero byte can't be part of a text");
    add({.kind = RulesNode::Kind::scalar,
         .line = line_of(mark),
         .text = value,
         .is_quoted = tag == "!"});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, RulesNode::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    if (expects_key()) refuse(mark, quote_templates);
    open(mark, tag, anchor, RulesNode::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    RulesNode node;
    std::optional<RulesMember> member;  // its key is there, its value is not
  };

  int line_of(const YAML::Mark& mark) const { return first_line_ + std::max(mark.line, 0); }
  bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == RulesNode::Kind::map && !open_.back().member;
  }

  void judge(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (const std::string why = bounds_.node(anchor); !why.empty()) refuse(mark, why);
    if (!tag.empty() && tag != "!" && tag != "?") {
      refuse(mark, "tags (!name) are not taken; put a text into quotes instead");
    }
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            RulesNode::Kind kind) {
    judge(mark, tag, anchor);
    if (expects_key()) refuse(mark, quote_templates);
    if (const std::string why = bounds_.open(); !why.empty()) refuse(mark, why);
    open_.push_back({.node = {.kind = kind, .line = line_of(mark)}, .member = std::nullopt});
  }

  void close() {
    bounds_.close();
    RulesNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(RulesNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == RulesNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.member) {
      parent.member = RulesMember{.key = std::move(node.text), .line = node.line, .value = {}};
    } else {
      RulesMember member = std::move(*parent.member);
      parent.member.reset();
      keep_member(parent, std::move(member), std::move(node));
    }
  }

  void keep_member(Open& parent, RulesMember member, RulesNode value) {
    if (parent.node.find(member.key) != nullptr) {
      problems_.add(member.line, "`" + member.key + "` is here a second time");
      return;
    }
    member.value = std::move(value);
    parent.node.members.push_back(std::move(member));
  }

  const int first_line_;
  RulesProblems& problems_;
  std::vector<Open> open_;
  std::optional<RulesNode> root_;
  YamlBounds bounds_{max_nodes, max_depth};
};

}  // namespace

const RulesNode* RulesNode::find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &RulesMember::key);
  return found == members.end() ? nullptr : &found->value;
}

std::optional<RulesNode> read_rules_yaml(std::string_view text, int first_line,
                                         RulesProblems& problems) {
  if (text.size() > max_program_bytes) {
    problems.add(first_line, "the program has " + std::to_string(text.size()) + " bytes; at most " +
                                 std::to_string(max_program_bytes) + " are taken");
    return std::nullopt;
  }
  TreeBuilder builder(first_line, problems);
  try {
    std::istringstream stream{std::string{text}};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    problems.add(first_line + std::max(error.mark.line, 0), error.msg);
    return std::nullopt;
  }
  return builder.root().value_or(RulesNode{.line = first_line});
}

}  // namespace bellpull
