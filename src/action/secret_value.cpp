#include "action/secret_value.h"

#include <cstddef>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "action/block.h"
#include "base/encoding.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/secret.h"
#include "secret/signed_token.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::vector<std::string> hosts_of(const json::object& config) {
  std::vector<std::string> hosts;
  const json::value* const given = config.if_contains("hosts");
  if (given == nullptr || given->is_null()) return hosts;
  if (given->is_string()) hosts.emplace_back(given->get_string());
  if (const auto* list = given->if_array()) {
    for (const json::value& host : *list) {
      if (host.is_string()) hosts.emplace_back(host.get_string());
    }
  }
  // A binding that cannot be read is none that may be ignored.
  if (hosts.empty()) hosts.emplace_back("(no host)");
  return hosts;
}

}  // namespace

Result<RenderedSecret> render_secret(SecretType type, const std::string& value,
                                     const json::object& config, TimePoint now) {
  RenderedSecret rendered{
      .value = {.text = value, .scheme = {}}, .hosts = hosts_of(config), .hidden = {}};
  rendered.hidden.push_back(value);
  switch (type) {
    case SecretType::plain:
      return rendered;
    case SecretType::bearer:
      rendered.value.scheme = "Bearer ";
      return rendered;
    case SecretType::basic: {
      rendered.value = {.text = to_base64(value), .scheme = "Basic "};
      rendered.hidden.push_back(rendered.value.text);
      const std::size_t colon = value.find(':');
      if (colon != std::string::npos) rendered.hidden.push_back(value.substr(colon + 1));
      return rendered;
    }
    case SecretType::jwt: {
      rendered.value.scheme = "Bearer ";
      if (!is_private_key(value)) return rendered;
      auto token = sign_token(value, config, now);
      if (!token) return std::unexpected(std::move(token.error()));
      rendered.value.text = std::move(*token);
      rendered.hidden.push_back(rendered.value.text);
      return rendered;
    }
    case SecretType::oauth:
    case SecretType::templated:
    case SecretType::reference:
      break;
  }
  return fail(ErrorCode::not_implemented,
              "secrets of its type can't be used in actions; plain, basic, bearer and jwt can");
}

}  // namespace bellpull
