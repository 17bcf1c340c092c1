#include "base/jmespath_parser.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/jmespath_functions.h"
#include "base/jmespath_lexer.h"
#include "base/jmespath_node.h"
#include "base/result.h"

namespace bellpull {

namespace {

// How strongly a word binds what stands to its left; 0: not at all.
unsigned binding_of(JmesWord word) {
  switch (word) {
    case JmesWord::bar:
      return 1;
    case JmesWord::either:
      return 2;
    case JmesWord::both:
      return 3;
    case JmesWord::equal:
    case JmesWord::unequal:
    case JmesWord::less:
    case JmesWord::less_or_equal:
    case JmesWord::greater:
    case JmesWord::greater_or_equal:
      return 5;
    case JmesWord::flatten:
      return 9;
    case JmesWord::star:
      return 20;
    case JmesWord::open_filter:
      return 21;
    case JmesWord::dot:
      return 40;
    case JmesWord::open_brace:
      return 50;
    case JmesWord::open_bracket:
      return 55;
    case JmesWord::open_parenthesis:
      return 60;
    default:
      return 0;
  }
}

constexpr unsigned binding_of_negation = 45;
// What binds more weakly ends a projection.
constexpr unsigned binding_in_projection = 10;

std::optional<JmesKind> kind_of_operator(JmesWord word) {
  switch (word) {
    case JmesWord::bar:
      return JmesKind::chain;
    case JmesWord::either:
      return JmesKind::disjunction;
    case JmesWord::both:
      return JmesKind::conjunction;
    case JmesWord::equal:
      return JmesKind::equal;
    case JmesWord::unequal:
      return JmesKind::unequal;
    case JmesWord::less:
      return JmesKind::less;
    case JmesWord::less_or_equal:
      return JmesKind::less_or_equal;
    case JmesWord::greater:
      return JmesKind::greater;
    case JmesWord::greater_or_equal:
      return JmesKind::greater_or_equal;
    default:
      return std::nullopt;
  }
}

using Node = Result<JmesNode>;

class Parser {
 public:
  Parser(std::string_view text, std::vector<JmesToken> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  Node parse() {
    Node node = expression(0);
    if (node && !is(JmesWord::end)) return expected("the end, an operator, \".\" or \"[\"");
    return node;
  }

 private:
  const JmesToken& now() const { return tokens_[at_]; }
  bool is(JmesWord word) const { return now().word == word; }
  bool accept(JmesWord word) {
    if (!is(word)) return false;
    ++at_;
    return true;
  }

  std::unexpected<Error> expected(std::string_view what) const {
    const JmesToken& token = now();
    if (token.word == JmesWord::end) {
      return fail(ErrorCode::invalid, fmt::format("{} is expected at the end", what));
    }
    const std::size_t end = at_ + 1 < tokens_.size() ? tokens_[at_ + 1].at : text_.size();
    std::string_view found = text_.substr(token.at, end - token.at);
    while (found.ends_with(' ')) found.remove_suffix(1);
    constexpr std::size_t longest = 40;
    if (found.size() > longest) found = "a long text";
    return fail(ErrorCode::invalid,
                fmt::format("{} is expected at character {}, not {}", what, token.at + 1, found));
  }

  // A node over others; refuses a tree that is too deep for a walk that recurses.
  Node over(JmesNode node) const {
    for (const JmesNode& child : node.children) node.depth = std::max(node.depth, child.depth + 1);
    if (node.depth <= max_jmes_depth) return node;
    return fail(ErrorCode::invalid,
                fmt::format("must not be nested deeper than {} levels", max_jmes_depth));
  }

  Node over(JmesKind kind, JmesNode first, Node second) const {
    if (!second) return second;
    JmesNode node{.kind = kind};
    node.children.push_back(std::move(first));
    node.children.push_back(std::move(*second));
    return over(std::move(node));
  }

  Node expression(unsigned binding) {
    // Parentheses leave no node, so that the tree's depth is not that of the calls.
    if (++calls_ > max_jmes_depth) {
      return fail(ErrorCode::invalid,
                  fmt::format("must not be nested deeper than {} levels", max_jmes_depth));
    }
    Node left = first();
    while (left && binding < binding_of(now().word)) left = further(std::move(*left));
    --calls_;
    return left;
  }

  // What can begin an expression.
  Node first() {
    const JmesToken& token = now();
    switch (token.word) {
      case JmesWord::literal:
        ++at_;
        return JmesNode{.kind = JmesKind::literal, .literal = token.literal};
      case JmesWord::at:
        ++at_;
        return JmesNode{};
      case JmesWord::name:
        ++at_;
        if (is(JmesWord::open_parenthesis)) return function(token);
        return JmesNode{.kind = JmesKind::field, .name = token.text};
      case JmesWord::quoted_name:
        ++at_;
        if (is(JmesWord::open_parenthesis))
          return expected("an operator (a function's name has no quotes)");
        return JmesNode{.kind = JmesKind::field, .name = token.text};
      case JmesWord::star:
        ++at_;
        return over(JmesKind::object_projection, {}, projected(binding_of(JmesWord::star)));
      case JmesWord::bang: {
        ++at_;
        Node operand = expression(binding_of_negation);
        if (!operand) return operand;
        JmesNode node{.kind = JmesKind::negation};
        node.children.push_back(std::move(*operand));
        return over(std::move(node));
      }
      case JmesWord::open_parenthesis:
        return parenthesis();
      case JmesWord::open_brace:
        ++at_;
        return hash();
      case JmesWord::open_bracket:
        return bracket_at_first();
      case JmesWord::flatten:
      case JmesWord::open_filter:
        return further({});
      default:
        return expected("a name, a value, or one of @ * ! ( [ {");
    }
  }

  Node parenthesis() {
    ++at_;
    Node inside = expression(0);
    if (inside && !accept(JmesWord::close_parenthesis)) return expected("\")\" or an operator");
    return inside;
  }

  // What goes on from the expression to its left.
  Node further(JmesNode left) {
    const JmesWord word = now().word;
    switch (word) {
      case JmesWord::dot:
        ++at_;
        if (accept(JmesWord::star)) {
          return over(JmesKind::object_projection, std::move(left),
                      projected(binding_of(JmesWord::dot)));
        }
        return over(JmesKind::chain, std::move(left), after_dot(binding_of(JmesWord::dot)));
      case JmesWord::flatten: {
        ++at_;
        JmesNode flat{.kind = JmesKind::flatten};
        flat.children.push_back(std::move(left));
        Node base = over(std::move(flat));
        if (!base) return base;
        return over(JmesKind::list_projection, std::move(*base),
                    projected(binding_of(JmesWord::flatten)));
      }
      case JmesWord::open_filter:
        return filter(std::move(left));
      case JmesWord::open_bracket:
        return bracket(std::move(left));
      default:
        break;
    }
    const auto kind = kind_of_operator(word);
    if (!kind) return expected("an operator, \".\" or \"[\"");
    ++at_;
    return over(*kind, std::move(left), expression(binding_of(word)));
  }

  Node filter(JmesNode left) {
    ++at_;
    Node condition = expression(0);
    if (!condition) return condition;
    if (!accept(JmesWord::close_bracket)) return expected("\"]\" or an operator");
    Node right = is(JmesWord::flatten) ? Node{} : projected(binding_of(JmesWord::open_filter));
    if (!right) return right;
    JmesNode node{.kind = JmesKind::filter_projection};
    node.children.push_back(std::move(left));
    node.children.push_back(std::move(*right));
    node.children.push_back(std::move(*condition));
    return over(std::move(node));
  }

  // "[" behind an expression: [0], [1:2] or [*].
  Node bracket(JmesNode left) {
    ++at_;
    if (is(JmesWord::number) || is(JmesWord::colon)) return index_or_slice(std::move(left));
    if (!accept(JmesWord::star)) return expected("a number, \"*\", \":\" or \"?\"");
    if (!accept(JmesWord::close_bracket)) return expected("\"]\"");
    return over(JmesKind::list_projection, std::move(left), projected(binding_of(JmesWord::star)));
  }

  Node bracket_at_first() {
    const JmesWord next = tokens_[at_ + 1].word;
    const bool is_star = next == JmesWord::star && tokens_[at_ + 2].word == JmesWord::close_bracket;
    if (next == JmesWord::number || next == JmesWord::colon || is_star) return bracket({});
    ++at_;
    return list();
  }

  Node index_or_slice(JmesNode left) {
    std::array<std::optional<std::int64_t>, 3> parts;
    std::size_t part = 0;
    while (!is(JmesWord::close_bracket)) {
      if (is(JmesWord::number) && !parts[part]) {
        parts[part] = now().literal.get_int64();
        ++at_;
      } else if (is(JmesWord::colon) && part < 2) {
        ++at_;
        ++part;
      } else {
        return expected("\"]\" of an index like [0] or a slice like [0:10:2]");
      }
    }
    ++at_;
    if (part == 0) {
      return over(JmesKind::chain, std::move(left),
                  JmesNode{.kind = JmesKind::index, .index = parts[0].value_or(0)});
    }
    if (parts[2] == 0) return fail(ErrorCode::invalid, "the step of a slice must not be 0");
    Node slice = over(
        JmesKind::chain, std::move(left),
        JmesNode{.kind = JmesKind::slice, .slice = {parts[0], parts[1], parts[2].value_or(1)}});
    if (!slice) return slice;
    return over(JmesKind::list_projection, std::move(*slice),
                projected(binding_of(JmesWord::star)));
  }

  // What is done with each element of a projection.
  Node projected(unsigned binding) {
    if (binding_of(now().word) < binding_in_projection) return JmesNode{};
    if (is(JmesWord::open_bracket) || is(JmesWord::open_filter)) return expression(binding);
    if (accept(JmesWord::dot)) return after_dot(binding);
    return expected("\".\", \"[\", an operator or the end");
  }

  Node after_dot(unsigned binding) {
    if (is(JmesWord::name) || is(JmesWord::quoted_name) || is(JmesWord::star)) {
      return expression(binding);
    }
    // These go on with what binds more strongly, which `further` does from the outside.
    if (accept(JmesWord::open_bracket)) return list();
    if (accept(JmesWord::open_brace)) return hash();
    return expected("a name, \"*\", \"[\" or \"{\"");
  }

  Node list() {
    JmesNode node{.kind = JmesKind::list};
    do {
      Node element = expression(0);
      if (!element) return element;
      node.children.push_back(std::move(*element));
    } while (accept(JmesWord::comma));
    if (!accept(JmesWord::close_bracket)) return expected("\",\", \"]\" or an operator");
    return over(std::move(node));
  }

  Node hash() {
    JmesNode node{.kind = JmesKind::hash};
    do {
      if (!is(JmesWord::name) && !is(JmesWord::quoted_name)) return expected("a name");
      node.names.push_back(now().text);
      ++at_;
      if (!accept(JmesWord::colon)) return expected("\":\"");
      Node value = expression(0);
      if (!value) return value;
      node.children.push_back(std::move(*value));
    } while (accept(JmesWord::comma));
    if (!accept(JmesWord::close_brace)) return expected("\",\", \"}\" or an operator");
    return over(std::move(node));
  }

  Node argument() {
    const bool is_reference = accept(JmesWord::ampersand);
    Node argument = expression(0);
    if (!argument || !is_reference) return argument;
    JmesNode reference{.kind = JmesKind::reference};
    reference.children.push_back(std::move(*argument));
    return over(std::move(reference));
  }

  Node function(const JmesToken& name) {
    JmesNode node{.kind = JmesKind::function, .name = name.text};
    ++at_;
    if (!accept(JmesWord::close_parenthesis)) {
      do {
        Node one = argument();
        if (!one) return one;
        node.children.push_back(std::move(*one));
      } while (accept(JmesWord::comma));
      if (!accept(JmesWord::close_parenthesis)) return expected("\",\", \")\" or an operator");
    }
    if (std::string wrong = refuse_jmes_call(node); !wrong.empty()) {
      return fail(ErrorCode::invalid, fmt::format("{} at character {}", wrong, name.at + 1));
    }
    return over(std::move(node));
  }

  std::string_view text_;
  std::vector<JmesToken> tokens_;
  std::size_t at_ = 0;
  unsigned calls_ = 0;
};

}  // namespace

Result<JmesNode> parse_jmespath(std::string_view text) {
  auto tokens = read_jmes_tokens(text);
  if (!tokens) return std::unexpected(std::move(tokens.error()));
  return Parser{text, std::move(*tokens)}.parse();
}

}  // namespace bellpull
