#include "action/yaml_outline.h"

#include <cstddef>
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

#include <fmt/core.h>

#include "base/yaml_bounds.h"

namespace bellpull {

namespace {

constexpr std::size_t max_nodes = 20'000;
constexpr std::size_t max_depth = 64;

// Goes on behind what it refuses: a text of another kind may end as no YAML, which says more.
class Outliner final : public YAML::EventHandler {
 public:
  YamlOutline outline() { return std::move(outline_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    judge(mark, bounds_.node(anchor));
    pass();
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    judge(mark, YamlBounds::alias());
    pass();
  }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& value) override {
    judge(mark, bounds_.node(anchor));
    if (open_.size() == 1 && open_.front().is_map && !open_.front().has_key) note_key(value);
    pass();
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    begin(mark, anchor, false);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    begin(mark, anchor, true);
  }
  void OnMapEnd() override { end(); }

 private:
  struct Open {
    bool is_map = false;
    bool has_key = false;  // and not yet its value
  };

  void judge(const YAML::Mark& mark, const std::string& why) {
    if (why.empty() || !outline_.refusal.empty()) return;
    outline_.refusal = fmt::format("Line {} of the instruction: {}", mark.line + 1, why);
  }

  void begin(const YAML::Mark& mark, YAML::anchor_t anchor, bool is_map) {
    judge(mark, bounds_.node(anchor));
    judge(mark, bounds_.open());
    open_.push_back({.is_map = is_map});
  }

  void end() {
    bounds_.close();
    open_.pop_back();
    pass();
  }

  // A node is over; in a map keys and values take turns.
  void pass() {
    if (!open_.empty()) open_.back().has_key = !open_.back().has_key;
  }

  void note_key(std::string_view key) {
    if (key.size() > 1 && key.ends_with('?')) key.remove_suffix(1);
    outline_.root_keys.emplace_back(key);
  }

  YamlBounds bounds_{max_nodes, max_depth};
  YamlOutline outline_;
  std::vector<Open> open_;
};

}  // namespace

YamlOutline outline_yaml(std::string_view text) {
  Outliner outliner;
  try {
    std::istringstream stream{std::string{text}};
    YAML::Parser parser(stream);
    parser.HandleNextDocument(outliner);
  } catch (const YAML::Exception& error) {
    return {.refusal = fmt::format("Line {} of the instruction is no YAML: {}", error.mark.line + 1,
                                   error.msg),
            .root_keys = {}};
  }
  return outliner.outline();
}

}  // namespace bellpull
