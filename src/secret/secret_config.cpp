#include "secret/secret_config.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"
#include "domain/secret.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// How the names of secret members end, in lower case, without "_" and "-"; in the plural, too.
constexpr std::array<std::string_view, 5> secret_endings{"secret", "token", "password",
                                                         "passphrase", "key"};

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == '_' || c == '-') continue;
    plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

enum class Hidden : std::uint8_t { masked, left_out };

json::value shown(const json::value& value, Hidden how);

json::object shown(const json::object& config, Hidden how) {
  json::object result;
  for (const auto& member : config) {
    if (!is_secret_member(member.key()) || member.value().is_null()) {
      result[member.key()] = shown(member.value(), how);
    } else if (how == Hidden::masked) {
      result[member.key()] = json::string{secret_mask};
    }
  }
  return result;
}

json::value shown(const json::value& value, Hidden how) {
  if (value.is_object()) return shown(value.get_object(), how);
  if (!value.is_array()) return value;
  json::array result;
  for (const json::value& element : value.get_array()) result.push_back(shown(element, how));
  return result;
}

// Puts what is kept where a mask stands; gives the place of a mask without a kept value.
std::string unmask(json::value& given, const json::value* kept);

std::string unmask_member(std::string_view name, json::value& given, const json::value* kept) {
  const bool is_mask = given.is_string() && std::string_view{given.get_string()} == secret_mask;
  if (!is_secret_member(name) || !is_mask) return unmask(given, kept);
  if (kept == nullptr) return std::string{name};
  given = *kept;
  return {};
}

std::string unmask(json::value& given, const json::value* kept) {
  if (given.is_object()) {
    for (auto& member : given.get_object()) {
      const json::value* same = kept != nullptr && kept->is_object()
                                    ? kept->get_object().if_contains(member.key())
                                    : nullptr;
      if (auto place = unmask_member(member.key(), member.value(), same); !place.empty()) {
        return place;
      }
    }
  } else if (given.is_array()) {
    json::array& elements = given.get_array();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const json::value* same =
          kept != nullptr && kept->is_array() ? kept->get_array().if_contains(i) : nullptr;
      if (auto place = unmask(elements[i], same); !place.empty()) return place;
    }
  }
  return {};
}

bool is_web_address(const json::value& value) {
  if (!value.is_string()) return false;
  const std::string_view text = value.get_string();
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    return !rest.empty() && rest.front() != '/' &&
           std::ranges::none_of(rest, [](unsigned char c) { return c <= ' ' || c == 0x7F; });
  }
  return false;
}

bool is_text_or_texts(const json::value& value) {
  if (value.is_string()) return true;
  return value.is_array() && std::ranges::all_of(value.get_array(), [](const json::value& one) {
           return one.is_string();
         });
}

// A host's name or address, with "*." before it or a port behind it, or without.
bool is_host(const json::value& value) {
  if (!value.is_string()) return false;
  std::string_view text = value.get_string();
  if (text.starts_with("*.")) text.remove_prefix(2);
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view{".-_:[]"}.contains(static_cast<char>(c));
  });
}

// What is wrong with the hosts that a secret is bound to; empty: nothing.
std::string_view hosts_problem(const json::value& value) {
  if (value.is_null()) return {};
  const bool valid = value.is_array() ? !value.get_array().empty() &&
                                            std::ranges::all_of(value.get_array(), is_host)
                                      : is_host(value);
  return valid ? ""
               : "must be a list of hosts such as api.example.com, *.example.com or 10.0.0.7:8443";
}

// What is wrong with a member of an oauth configuration; empty: nothing.
std::string_view oauth_problem(std::string_view name, const json::value& value) {
  if (value.is_null()) return {};
  const std::string plain = plain_name(name);
  if (plain.ends_with("url") || plain.ends_with("endpoint")) {
    return is_web_address(value) ? "" : "must be a URL that begins with https:// or http://";
  }
  if (plain == "clientid" || plain == "clientsecret")
    return value.is_string() ? "" : "must be a string";
  if (plain == "scope" || plain == "scopes") {
    return is_text_or_texts(value) ? "" : "must be a string or a list of strings";
  }
  return {};
}

}  // namespace

bool is_secret_member(std::string_view name) {
  std::string plain = plain_name(name);
  if (plain.ends_with('s')) plain.pop_back();
  return std::ranges::any_of(secret_endings,
                             [&](std::string_view ending) { return plain.ends_with(ending); });
}

json::object masked(const json::object& config) { return shown(config, Hidden::masked); }
json::object without_secrets(const json::object& config) { return shown(config, Hidden::left_out); }

Result<json::object> unmasked(const json::object& given, const json::object& kept) {
  json::value result = given;
  const json::value known = kept;
  if (const std::string place = unmask(result, &known); !place.empty()) {
    return fail(ErrorCode::invalid,
                "config." + place + " is a mask, and nothing is kept that it could stand for",
                "send the real value, or leave it out");
  }
  return std::move(result.get_object());
}

Result<void> check_secret_config(SecretType type, const json::object& config) {
  std::string problems;
  const auto add = [&](std::string_view name, std::string_view problem) {
    if (problem.empty()) return;
    problems += (problems.empty() ? "config." : "; config.") + std::string{name} + " " +
                std::string{problem};
  };
  if (const json::value* hosts = config.if_contains("hosts")) add("hosts", hosts_problem(*hosts));
  if (type == SecretType::oauth) {
    for (const auto& member : config)
      add(member.key(), oauth_problem(member.key(), member.value()));
  }
  if (type == SecretType::templated) {
    const json::value* name = config.if_contains("template");
    const bool is_named = name != nullptr && name->is_string() && !name->get_string().empty();
    if (!is_named) add("template", "must name a template");
  }
  if (!problems.empty()) return fail(ErrorCode::invalid, std::move(problems));
  return {};
}

}  // namespace bellpull
