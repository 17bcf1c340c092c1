// An expression, and after a zero byte the JSON that it is about: JMESPath and JSONPath.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/encoding.h"
#include "base/jmespath.h"
#include "base/json.h"
#include "base/json_path.h"
#include "base/json_query.h"
#include "base/query_budget.h"
#include "base/result.h"
#include "fuzz/claim.h"

namespace bellpull {
namespace {

void check_error(const Error& error) {
  claim(is_utf8(error.message) && is_utf8(error.hint), "UTF-8 in an error");
  claim(!error.message.empty(), "a word about what is wrong");
}

void check_result(const boost::json::value& value) {
  claim(refuse_result(value).empty(), "a result within its bounds");
  claim(parse_foreign(boost::json::serialize(value)).has_value(), "a result that can be read");
}

void check_jmespath(std::string_view text, const boost::json::value& body) {
  const auto path = JmesPath::parse(text);
  if (!path) return check_error(path.error());
  const auto found = path->search(body);
  if (!found) return check_error(found.error());
  check_result(*found);
}

void check_jsonpath(std::string_view text, const boost::json::value& body) {
  const auto one = JsonPath::parse(text);
  const auto query = JsonQuery::parse(text);
  if (!query) return check_error(query.error());
  const auto found = query->search(body);
  if (!found) return check_error(found.error());
  if (*found) check_result(**found);
  if (!one) return;
  const auto* const value = one->find(body);
  claim((value != nullptr) == found->has_value(), "one answer of path and query");
  claim(value == nullptr || *value == **found, "one value of path and query");
}

}  // namespace
}  // namespace bellpull

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bellpull;
  std::string_view input = text_of(data, size);
  if (!is_utf8(input)) return 0;  // no such text gets past the JSON parser
  const std::string_view text = take_until(input, '\0');
  const auto body = parse_foreign(input);
  const boost::json::value value = body ? *body : boost::json::value{};
  check_jmespath(text, value);
  check_jsonpath(text, value);
  return 0;
}
