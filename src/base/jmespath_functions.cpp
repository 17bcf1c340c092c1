#include "base/jmespath_functions.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>
#include <fmt/core.h>
#include <fmt/format.h>

#include "base/jmespath_evaluator.h"
#include "base/jmespath_list_functions.h"
#include "base/jmespath_node.h"
#include "base/jmespath_scalar_functions.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// What an argument may be; one bit each.
using Types = unsigned;
constexpr Types number = 1;
constexpr Types text = 2;
constexpr Types boolean = 4;
constexpr Types list = 8;
constexpr Types object = 16;
constexpr Types null = 32;
constexpr Types any = number | text | boolean | list | object | null;
constexpr Types numbers = 64;  // a list of them
constexpr Types texts = 128;
constexpr Types reference = 256;

struct Function {
  std::string_view name;
  std::array<Types, 2> types;  // 0: no such argument
  const json::value& (*run)(const JmesCall&);
  bool repeats = false;  // the last argument, any number of times

  std::size_t arguments() const { return types[1] == 0 ? 1 : 2; }
  Types type_of(std::size_t argument) const {
    return types.at(std::min(argument, arguments() - 1));
  }
};

constexpr auto functions = std::to_array<Function>({
    {"abs", {number}, jmes_abs},
    {"avg", {numbers}, jmes_avg},
    {"ceil", {number}, jmes_ceil},
    {"contains", {list | text, any}, jmes_contains},
    {"ends_with", {text, text}, jmes_ends_with},
    {"floor", {number}, jmes_floor},
    {"join", {text, texts}, jmes_join},
    {"keys", {object}, jmes_keys},
    {"length", {text | list | object}, jmes_length},
    {"map", {reference, list}, jmes_map},
    {"max", {numbers | texts}, jmes_max},
    {"max_by", {list, reference}, jmes_max_by},
    {"merge", {object}, jmes_merge, true},
    {"min", {numbers | texts}, jmes_min},
    {"min_by", {list, reference}, jmes_min_by},
    {"not_null", {any}, jmes_not_null, true},
    {"reverse", {text | list}, jmes_reverse},
    {"sort", {numbers | texts}, jmes_sort},
    {"sort_by", {list, reference}, jmes_sort_by},
    {"starts_with", {text, text}, jmes_starts_with},
    {"sum", {numbers}, jmes_sum},
    {"to_array", {any}, jmes_to_array},
    {"to_number", {any}, jmes_to_number},
    {"to_string", {any}, jmes_to_string},
    {"type", {any}, jmes_type},
    {"values", {object}, jmes_values},
});

const Function* find_function(std::string_view name) {
  const auto* const found = std::ranges::find(functions, name, &Function::name);
  return found == functions.end() ? nullptr : found;
}

Types type_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return null;
    case json::kind::bool_:
      return boolean;
    case json::kind::string:
      return text;
    case json::kind::array:
      return list;
    case json::kind::object:
      return object;
    default:
      return number;
  }
}

bool is_of(const json::value& value, Types wanted) {
  if ((type_of(value) & wanted) != 0) return true;
  const auto* array = value.if_array();
  if (array == nullptr) return false;
  const auto all = [&](Types type) {
    return std::ranges::all_of(*array, [&](const auto& one) { return type_of(one) == type; });
  };
  return ((wanted & numbers) != 0 && all(number)) || ((wanted & texts) != 0 && all(text));
}

std::string words_of(Types types) {
  struct Word {
    Types type;
    std::string_view word;
  };
  constexpr auto words = std::to_array<Word>({{number, "a number"},
                                              {text, "a text"},
                                              {boolean, "true or false"},
                                              {list, "a list"},
                                              {object, "an object"},
                                              {null, "null"},
                                              {numbers, "a list of numbers"},
                                              {texts, "a list of texts"},
                                              {reference, "an expression behind &"}});
  std::string result;
  for (const auto& [type, word] : words) {
    if ((types & type) == 0) continue;
    if (!result.empty()) result += " or ";
    result += word;
  }
  return result;
}

}  // namespace

std::string refuse_jmes_call(const JmesNode& call) {
  const Function* const function = find_function(call.name);
  if (function == nullptr) {
    std::string known;
    for (const Function& one : functions) {
      known += known.empty() ? "" : ", ";
      known += one.name;
    }
    return fmt::format("no function is named {} (there are {})", call.name, known);
  }
  const std::size_t given = call.children.size();
  const std::size_t wanted = function->arguments();
  if (function->repeats ? given < wanted : given != wanted) {
    return fmt::format("{}() takes {}{} argument{}, not {},", call.name,
                       function->repeats ? "at least " : "", wanted, wanted == 1 ? "" : "s", given);
  }
  for (std::size_t i = 0; i < given; ++i) {
    const bool is_reference = call.children[i].kind == JmesKind::reference;
    if (is_reference != (function->type_of(i) == reference)) {
      return fmt::format("{}() takes {} as argument {},", call.name, words_of(function->type_of(i)),
                         i + 1);
    }
  }
  return {};
}

const json::value& call_jmes_function(JmesCall& call) {
  const Function& function = *find_function(call.name);
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const json::value* const value = call.arguments[i].value;
    if (value == nullptr) continue;
    // Most functions look at each element, and a check of its type is one such look.
    if (value->is_array() && !call.evaluator.pay(value->get_array().size())) return jmes_null();
    if (is_of(*value, function.type_of(i))) continue;
    return call.evaluator.refuse(fmt::format("{}() needs {} as argument {}, and got {}", call.name,
                                             words_of(function.type_of(i)), i + 1,
                                             words_of(type_of(*value))));
  }
  return function.run(call);
}

}  // namespace bellpull
