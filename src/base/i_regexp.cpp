#include "base/i_regexp.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <re2/re2.h>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/result.h"

namespace bellpull {

namespace {

// Bytes of compiled form and of states that are kept while matching; more than any sane pattern.
constexpr std::int64_t max_memory = 256 * std::int64_t{1024};
constexpr int max_program = 2000;  // instructions

// RE2's syntax has more than the interchange form, which is refused here so that nothing depends
// on it; and its "." matches carriage returns, so that the form's "." is written out.
class Translation {
 public:
  explicit Translation(std::string_view text) : rest_(text) {}

  Result<std::string> translate() {
    while (!rest_.empty()) {
      const bool is_quantifier = std::string_view{"*+?{"}.contains(rest_.front());
      // A second quantifier, such as the lazy ?, is no part of the form.
      const bool taken = is_quantifier ? !after_quantifier_ && take_quantifier() : take_atom();
      if (!taken) return refused();
      after_quantifier_ = is_quantifier;
    }
    return std::move(result_);
  }

 private:
  static std::unexpected<Error> refused() {
    return fail(ErrorCode::invalid, "is no regular expression in the form of RFC 9485",
                "use letters, ., classes like [a-z] and \\p{L}, ( ) | * + ? and {2,3}; write [0-9] "
                "for \\d");
  }

  void take(std::size_t length) {
    result_ += rest_.substr(0, length);
    rest_.remove_prefix(length);
  }

  bool take_atom() {
    const char c = rest_.front();
    if (c == '\\') return take_escape();
    if (c == '[') return take_class();
    if (c == ']' || c == '}' || rest_.starts_with("(?")) return false;
    if (c == '.') {
      rest_.remove_prefix(1);
      result_ += "[^\\n\\r]";
      return true;
    }
    take(1);
    return true;
  }

  // Of the braces only {2}, {2,} and {2,3}.
  bool take_quantifier() {
    std::size_t length = 1;
    if (rest_.front() == '{') {
      constexpr std::string_view digits = "0123456789";
      length = rest_.find_first_not_of(digits, 1);
      if (length == 1 || length == std::string_view::npos) return false;
      if (rest_[length] == ',') length = rest_.find_first_not_of(digits, length + 1);
      if (length == std::string_view::npos || rest_[length] != '}') return false;
      ++length;
    }
    take(length);
    return true;
  }

  // \n, \r, \t, a mark of the syntax, or a category.
  bool take_escape() {
    if (rest_.size() < 2) return false;
    const char c = rest_[1];
    std::size_t length = 2;
    if (c == 'p' || c == 'P') {
      const std::size_t end = rest_.find('}');
      if (!rest_.substr(2).starts_with('{') || end == std::string_view::npos) return false;
      length = end + 1;
    } else if (!std::string_view{"nrt()*+-.?[\\]^{|}$"}.contains(c)) {
      return false;
    }
    take(length);
    return true;
  }

  bool take_class() {
    take(rest_.starts_with("[^") ? 2 : 1);
    bool is_empty = true;
    while (!rest_.empty() && rest_.front() != ']') {
      if (rest_.front() == '[') return false;  // also [:alpha:]
      if (rest_.front() == '\\') {
        if (!take_escape()) return false;
      } else {
        take(1);
      }
      is_empty = false;
    }
    if (rest_.empty() || is_empty) return false;
    take(1);
    return true;
  }

  std::string_view rest_;
  std::string result_;
  bool after_quantifier_ = false;
};

}  // namespace

Result<IRegexp> IRegexp::parse(std::string_view text) {
  if (text.size() > max_bytes) {
    return fail(ErrorCode::invalid,
                fmt::format("a regular expression must be at most {} bytes", max_bytes));
  }
  auto translated = Translation{text}.translate();
  if (!translated) return std::unexpected(std::move(translated.error()));
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_memory);
  options.set_never_capture(true);
  auto compiled = std::make_shared<re2::RE2>(*translated, options);
  if (!compiled->ok() || compiled->ProgramSize() > max_program) {
    return fail(ErrorCode::invalid, compiled->ok()
                                        ? "is too large a regular expression"
                                        : "is no regular expression: " + compiled->error());
  }
  return IRegexp{std::move(compiled)};
}

bool IRegexp::matches(std::string_view text) const {
  return compiled_->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::ANCHOR_BOTH,
                          nullptr, 0);
}

bool IRegexp::is_within(std::string_view text) const {
  return compiled_->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, nullptr,
                          0);
}

// Every instruction may be looked at for every byte; some 16 such looks take as long as a step.
std::uint64_t IRegexp::steps_for(std::size_t bytes) const {
  return 1 + bytes * static_cast<std::uint64_t>(compiled_->ProgramSize()) / 16;
}

}  // namespace bellpull
