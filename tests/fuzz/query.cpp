// What follows the '?' of a list: an Accept header in the first line, then the query.
#include "http/query.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/list_request.h"
#include "base/encoding.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "domain/meta.h"
#include "fuzz/claim.h"
#include "http/request.h"
#include "store/list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bellpull;
  static const ListRules rules{
      .kind = "contact",
      .filters = {id_filter<BotKind>("botId", "bot"), text_filter("email", "email", email_key),
                  text_filter("phone", "phone", normalise_phone)}};
  std::string_view input = text_of(data, size);
  const std::string accept{take_until(input, '\n')};

  for (const Query::Pair& pair : Query{input}.pairs()) {
    claim(pair.name.size() + pair.value.size() <= input.size(), "decoding only shortens");
  }
  ParsedHead head;
  head.query = input;
  if (!accept.empty()) head.fields.push_back({"accept", accept});
  const auto list = parse_list(rules, RequestHead{head}, {1});
  if (!list) {
    claim(is_utf8(list.error().message), "UTF-8 in an error");
    return 0;
  }
  claim(list->query.page.take >= 1 && list->query.page.take <= max_page, "a page within bounds");
  claim(list->query.page.after >= 0, "a cursor of a row");
  for (const Filter& filter : list->query.filters) {
    claim(!filter.any_of.empty() && filter.any_of.size() <= 100, "a filter within bounds");
  }
  for (const MetaFilter& filter : list->query.meta) {
    claim(!filter.path.empty() && filter.path.size() <= max_meta_depth, "a path within bounds");
    claim(is_utf8(filter.value), "UTF-8 in a filter");
  }
  return 0;
}
