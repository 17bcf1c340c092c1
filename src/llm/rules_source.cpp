#include "llm/rules_source.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llm/rules_problem.h"

namespace bellpull {

namespace {

constexpr std::size_t least_fence = 3;
constexpr std::size_t most_indent = 3;  // as Markdown has it; more is text

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// The line that opens or closes a block: its marks and the words after them.
struct Fence {
  char mark = '`';
  std::size_t length = 0;
  std::string_view words;
};

std::optional<Fence> read_fence(std::string_view line) {
  const std::size_t indent = line.find_first_not_of(' ');
  if (indent == std::string_view::npos || indent > most_indent) return std::nullopt;
  line.remove_prefix(indent);
  const char mark = line.front();
  if (mark != '`' && mark != '~') return std::nullopt;
  const std::size_t length = std::min(line.find_first_not_of(mark), line.size());
  if (length < least_fence) return std::nullopt;
  const std::string_view words = trimmed(line.substr(length));
  // A line like ```x``` is code within a text.
  if (mark == '`' && words.contains('`')) return std::nullopt;
  return Fence{mark, length, words};
}

bool closes(const Fence& opening, const std::optional<Fence>& line) {
  return line && line->mark == opening.mark && line->length >= opening.length &&
         line->words.empty();
}

bool is_program(const Fence& fence) {
  const std::string_view language = fence.words.substr(0, fence.words.find_first_of(" \t{"));
  return language == "rules" || language == "yaml";
}

class BlockFinder {
 public:
  BlockFinder(std::string_view backstory, RulesProblems& problems)
      : backstory_(backstory), problems_(problems) {}

  std::vector<RulesSource> blocks() {
    std::size_t at = 0;
    for (int line = 1; at < backstory_.size(); ++line) {
      const std::size_t end = std::min(backstory_.find('\n', at), backstory_.size());
      take(backstory_.substr(at, end - at), line, at, std::min(end + 1, backstory_.size()));
      at = end + 1;
    }
    if (open_ && is_program(*open_)) {
      problems_.add(opened_in_, "the block is not closed; end it with a line of " +
                                    std::string(open_->length, open_->mark));
    }
    return std::move(blocks_);
  }

 private:
  void take(std::string_view text, int line, std::size_t begin, std::size_t next) {
    const std::optional<Fence> fence = read_fence(text);
    if (!open_) {
      open_ = fence;
      opened_in_ = line;
      content_ = next;
    } else if (closes(*open_, fence)) {
      if (is_program(*open_)) {
        blocks_.push_back({.text = backstory_.substr(content_, begin - content_),
                           .first_line = opened_in_ + 1,
                           .is_fenced = true});
      }
      open_.reset();
    }
  }

  const std::string_view backstory_;
  RulesProblems& problems_;
  std::vector<RulesSource> blocks_;
  std::optional<Fence> open_;
  int opened_in_ = 0;
  std::size_t content_ = 0;
};

}  // namespace

std::optional<RulesSource> find_rules(std::string_view backstory, RulesProblems& problems) {
  const std::vector<RulesSource> blocks = BlockFinder(backstory, problems).blocks();
  if (!problems.empty()) return std::nullopt;
  if (blocks.empty()) return RulesSource{.text = backstory};
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    problems.add(blocks[i].first_line - 1,
                 "a second block of rules or yaml; the first is in line " +
                     std::to_string(blocks[0].first_line - 1) +
                     ", and a backstory holds one program: put all rules into one block");
  }
  if (!problems.empty()) return std::nullopt;
  return blocks.front();
}

}  // namespace bellpull
