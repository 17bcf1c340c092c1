#include "app/named_table.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <toml++/toml.h>  // IWYU pragma: keep

#include "app/settings.h"
#include "base/duration.h"
#include "base/result.h"
#include "base/time.h"
#include "schedule/nearest_name.h"

namespace bellpull {

namespace {

constexpr std::size_t max_name = 24;

}  // namespace

// NOLINTBEGIN(misc-include-cleaner): toml++ is meant to be included by one header only.

NamedTable::NamedTable(const toml::table& table, const Environment& variables, std::string prefix)
    : table_(table), variables_(variables), prefix_(std::move(prefix)) {}

void NamedTable::complain(std::string_view key, std::string_view what) {
  problems_.push_back(fmt::format("{}{} {}", prefix_, key, what));
}

void NamedTable::check_keys(std::span<const std::string_view> known) {
  for (const auto& [key, node] : table_) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    const auto nearest = nearest_name(key.str(), candidates);
    complain(key.str(),
             nearest ? fmt::format("is unknown; did you mean {}?", *nearest) : "is unknown");
  }
}

std::string NamedTable::text(std::string_view key) {
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return {};
  const auto* const text = node->as_string();
  if (text == nullptr || text->get().empty()) {
    complain(key, "must be a text");
    return {};
  }
  return text->get();
}

std::string NamedTable::any_text(std::string_view key) {
  const toml::node* const node = table_.get(key);
  const auto* const text = node == nullptr ? nullptr : node->as_string();
  if (node != nullptr && text == nullptr) complain(key, "must be a text");
  return text == nullptr ? std::string{} : text->get();
}

std::string NamedTable::filled_text(std::string_view key) { return filled(key, text(key)); }

std::string NamedTable::filled(std::string_view key, std::string_view text) {
  std::string result;
  for (std::size_t begin = text.find("${"); begin != std::string_view::npos;
       begin = text.find("${")) {
    const std::size_t end = text.find('}', begin);
    if (end == std::string_view::npos) break;
    const std::string name(text.substr(begin + 2, end - begin - 2));
    const auto variable = variables_.find(name);
    if (variable == variables_.end()) {
      complain(key, fmt::format("needs the environment variable {}, which is not set", name));
    } else {
      result += text.substr(0, begin);
      result += variable->second;
      secrets_.push_back(variable->second);
    }
    text.remove_prefix(end + 1);
  }
  return result.append(text);
}

std::map<std::string, std::string> NamedTable::filled_texts(std::string_view key) {
  std::map<std::string, std::string> texts;
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return texts;
  const auto* const table = node->as_table();
  if (table == nullptr) {
    complain(key, "must be a table of names and texts");
    return texts;
  }
  for (const auto& [name, value] : *table) {
    const std::string place = fmt::format("{}.{}", key, name.str());
    const auto* const text = value.as_string();
    if (text == nullptr || name.str().find_first_of("= ") != std::string_view::npos) {
      complain(place, "must be a name with a text");
      continue;
    }
    texts.emplace(std::string(name.str()), filled(place, text->get()));
  }
  return texts;
}

std::vector<std::string> NamedTable::list(std::string_view key) {
  std::vector<std::string> texts;
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return texts;
  const auto* const list = node->as_array();
  const std::size_t size = list == nullptr ? 0 : list->size();
  for (std::size_t i = 0; i < size; ++i) {
    const auto* const text = list->get(i)->as_string();
    if (text != nullptr) texts.push_back(text->get());
  }
  if (texts.empty() || texts.size() != size) complain(key, "must be a list of texts");
  return texts;
}

std::optional<bool> NamedTable::flag(std::string_view key) {
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  const auto* const truth = node->as_boolean();
  if (truth == nullptr) {
    complain(key, "must be true or false");
    return std::nullopt;
  }
  return truth->get();
}

void NamedTable::whole(std::string_view key, std::int64_t least, std::int64_t most,
                       std::int64_t& into) {
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return;
  const auto* const number = node->as_integer();
  if (number == nullptr || number->get() < least || number->get() > most) {
    complain(key, fmt::format("must be a whole number from {} to {}", least, most));
    return;
  }
  into = number->get();
}

void NamedTable::duration(std::string_view key, Duration& into) {
  const toml::node* const node = table_.get(key);
  if (node == nullptr) return;
  const auto* const text = node->as_string();
  const auto duration = parse_duration(text == nullptr ? "" : text->get());
  if (!duration || *duration <= Duration{0} || *duration > std::chrono::hours{24}) {
    complain(key, "must be a duration such as 250ms, 30s, 5m or 2h, at most 24h");
    return;
  }
  into = *duration;
}

// NOLINTEND(misc-include-cleaner)

bool is_declared_name(std::string_view name) {
  return !name.empty() && name.size() <= max_name && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::unexpected<Error> told_at_once(const std::vector<std::string>& problems,
                                    std::string_view page) {
  std::string message = problems.front();
  for (std::size_t i = 1; i < problems.size(); ++i) message += "; " + problems[i];
  return fail(ErrorCode::invalid, std::move(message), fmt::format("{} has examples", page));
}

std::string no_declared_table(std::string_view kind, std::string_view name) {
  return fmt::format("{}.{} must be a table whose name is of a to z, 0 to 9 and -, at most {}",
                     kind, name, max_name);
}

}  // namespace bellpull
