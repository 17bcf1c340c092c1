#include "base/jmespath_lexer.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "base/json.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

struct Symbol {
  std::string_view text;
  JmesWord word;
};

// The longer ones before those that they begin with.
constexpr auto symbols = std::to_array<Symbol>({
    {"[?", JmesWord::open_filter},
    {"[]", JmesWord::flatten},
    {"&&", JmesWord::both},
    {"||", JmesWord::either},
    {"==", JmesWord::equal},
    {"!=", JmesWord::unequal},
    {"<=", JmesWord::less_or_equal},
    {">=", JmesWord::greater_or_equal},
    {".", JmesWord::dot},
    {"*", JmesWord::star},
    {"@", JmesWord::at},
    {",", JmesWord::comma},
    {":", JmesWord::colon},
    {"&", JmesWord::ampersand},
    {"|", JmesWord::bar},
    {"!", JmesWord::bang},
    {"<", JmesWord::less},
    {">", JmesWord::greater},
    {"(", JmesWord::open_parenthesis},
    {")", JmesWord::close_parenthesis},
    {"[", JmesWord::open_bracket},
    {"]", JmesWord::close_bracket},
    {"{", JmesWord::open_brace},
    {"}", JmesWord::close_brace},
});

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<JmesToken>> read() {
    std::vector<JmesToken> tokens;
    while (true) {
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
      JmesToken token{.at = at_};
      if (at_ == text_.size()) {
        tokens.push_back(std::move(token));
        return tokens;
      }
      if (auto read = read_one(token); !read) return std::unexpected(std::move(read.error()));
      tokens.push_back(std::move(token));
    }
  }

 private:
  Result<void> read_one(JmesToken& token) {
    const char first = text_[at_];
    if (is_name_start(first)) return read_name(token);
    if (first == '"') return read_quoted_name(token);
    if (first == '\'') return read_raw_text(token);
    if (first == '`') return read_json(token);
    if (first == '-' || is_digit(first)) return read_number(token);
    const std::string_view rest = text_.substr(at_);
    for (const Symbol& symbol : symbols) {
      if (!rest.starts_with(symbol.text)) continue;
      token.word = symbol.word;
      at_ += symbol.text.size();
      return {};
    }
    if (first == '=') return wrong("\"=\" is no comparison", "compare with ==");
    return wrong("nothing in JMESPath begins with this character",
                 "put a name with other characters than letters, digits and _ in double quotes, "
                 "and a text in single ones");
  }

  Result<void> read_name(JmesToken& token) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_name_start(text_[at_]) || is_digit(text_[at_]))) ++at_;
    token.word = JmesWord::name;
    token.text = text_.substr(begin, at_ - begin);
    return {};
  }

  Result<void> read_number(JmesToken& token) {
    std::int64_t number = 0;
    const char* const end = text_.data() + text_.size();
    const auto [after, error] = std::from_chars(text_.data() + at_, end, number);
    if (error == std::errc::result_out_of_range) return wrong("the number is too large");
    if (error != std::errc{}) return wrong("a digit must follow the minus");
    token.word = JmesWord::number;
    token.literal = number;
    at_ = static_cast<std::size_t>(after - text_.data());
    return {};
  }

  // What stands between two of `quote`; a backslash takes the character behind it along.
  std::optional<std::string_view> take_quoted(char quote) {
    for (std::size_t end = at_ + 1; end < text_.size(); ++end) {
      if (text_[end] == '\\') {
        ++end;
      } else if (text_[end] == quote) {
        const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return inside;
      }
    }
    return std::nullopt;
  }

  Result<void> read_quoted_name(JmesToken& token) {
    const std::size_t begin = at_;
    const auto inside = take_quoted('"');
    if (!inside) return wrong("the quoted name has no end", "close it with \"");
    auto name = parse_foreign(text_.substr(begin, at_ - begin));
    if (!name || !name->is_string()) {
      at_ = begin;
      return wrong("the quoted name is no JSON string");
    }
    token.word = JmesWord::quoted_name;
    token.text = name->get_string();
    return {};
  }

  Result<void> read_raw_text(JmesToken& token) {
    const auto inside = take_quoted('\'');
    if (!inside) return wrong("the text has no end", "close it with '");
    token.word = JmesWord::literal;
    token.literal = json::value(without_escapes(*inside, '\''));
    return {};
  }

  Result<void> read_json(JmesToken& token) {
    const std::size_t begin = at_;
    const auto inside = take_quoted('`');
    if (!inside) return wrong("the JSON has no end", "close it with `");
    const std::string text = without_escapes(*inside, '`');
    auto value = parse_foreign(text);
    if (!value) {
      // The first JMESPath had texts in backticks, and what was written for it is still about.
      const std::size_t start = text.find_first_not_of(" \t\r\n");
      const bool is_text = start != std::string::npos && !text.contains('"') &&
                           !std::string_view{"[{"}.contains(text[start]);
      if (!is_text) {
        at_ = begin;
        return wrong("what stands in backticks is no JSON", "write a text in single quotes");
      }
      value = json::value(text.substr(start));
    }
    token.word = JmesWord::literal;
    token.literal = std::move(*value);
    return {};
  }

  static std::string without_escapes(std::string_view text, char quote) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        if (text[i + 1] != quote) result += text[i];
        ++i;
      }
      result += text[i];
    }
    return result;
  }

  std::unexpected<Error> wrong(std::string_view what, std::string hint = {}) const {
    return fail(ErrorCode::invalid, fmt::format("{} at character {}", what, at_ + 1),
                std::move(hint));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<JmesToken>> read_jmes_tokens(std::string_view text) {
  return Lexer{text}.read();
}

}  // namespace bellpull
