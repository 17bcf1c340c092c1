#include "action/memories.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/inner.h"
#include "action/input_fields.h"
#include "action/memory_scope.h"
#include "action/outcome.h"
#include "action/shape.h"
#include "action/word_match.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/memory.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

constexpr std::int64_t default_found = 10;
constexpr std::int64_t default_listed = 50;

json::object shown(const Memory& memory) {
  return {
      {"id", memory.id.text()}, {"text", memory.text}, {"createdAt", to_iso(memory.created_at)}};
}

Result<json::object> create(Transaction& rows, MemoryScope scope, const std::string& text,
                            TimePoint now) {
  const auto present = present_scope(rows, scope);
  if (!present) return std::unexpected(present.error());
  Memory memory{.scope = *present, .text = text, .created_at = now};
  rows.memories().add(memory);
  return json::object{{"id", memory.id.text()}};
}

Result<json::object> remove(Transaction& rows, MemoryScope scope, const std::string& name) {
  const auto present = present_scope(rows, scope);
  if (!present) return std::unexpected(present.error());
  const auto id = MemoryId::parse(name);
  if (id && rows.memories().remove(*present, *id)) return json::object{{"id", name}};
  return fail(ErrorCode::not_found,
              fmt::format("There is no memory \"{}\" of this {}: give the id of one, as "
                          "memory/search and memory/list have it",
                          name, scope.of == MemoryOf::bot ? "bot" : "contact"));
}

// One page of those that fit, newest first. Gives where to go on; nothing at the end.
struct Fit {
  std::size_t words = 0;
  Memory memory;
};
std::optional<std::int64_t> add_fitting(const Transaction& rows, MemoryScope scope,
                                        const std::string& query, std::int64_t after,
                                        std::vector<Fit>& fits) {
  const auto present = present_scope(rows, scope);
  if (!present) return std::nullopt;
  const WordMatch match{rows, query};
  std::vector<Memory> page = rows.memories().list(*present, {.after = after});
  if (page.empty() || match.empty()) return std::nullopt;
  const std::int64_t last = page.back().id.value;
  for (Memory& memory : page) {
    const std::size_t words = match.count(memory.text);
    if (words > 0) fits.push_back({words, std::move(memory)});
  }
  return last;
}

// All of a scope are read, a page at a time: there are a thousand at most.
Task<std::vector<Memory>> search(Store* store, MemoryScope scope, std::string query) {
  std::vector<Fit> fits;
  for (std::optional<std::int64_t> after = 0; after;) {
    after = co_await store->read(
        [&](const Transaction& rows) { return add_fitting(rows, scope, query, *after, fits); },
        ReadKind::list);
  }
  std::ranges::sort(fits, std::ranges::greater{},
                    [](const Fit& fit) { return std::pair{fit.words, fit.memory.id.value}; });
  std::vector<Memory> found;
  found.reserve(fits.size());
  for (Fit& fit : fits) found.push_back(std::move(fit.memory));
  co_return found;
}

}  // namespace

const ActionShape& MemoryChangeAction::shape() const {
  static const ActionShape created{.main = "text", .fields = {"scope"}};
  static const ActionShape removed{.main = "memoryId", .fields = {"id", "scope"}};
  return verb_ == Verb::create ? created : removed;
}

Task<ActionOutcome> MemoryChangeAction::execute(ActionRequest request) {
  InputFields fields{request.input};
  std::string wanted = verb_ == Verb::create ? fields.required_text("text") : fields.text("id");
  if (verb_ == Verb::remove && wanted.empty()) wanted = fields.required_text("memoryId");
  if (wanted.size() > max_memory_bytes) {
    fields.add_problem(
        fmt::format("text must be at most {} bytes: remember less at a time", max_memory_bytes));
  }
  const MemoryScope scope = memory_scope(fields, request);
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  const TimePoint now = store_.clock().now();
  co_return co_await write_once(&store_, scope.account, request.idempotency_key,
                                [&](Transaction& rows) {
                                  return verb_ == Verb::create ? create(rows, scope, wanted, now)
                                                               : remove(rows, scope, wanted);
                                });
}

const ActionShape& MemoryLookAction::shape() const {
  static const ActionShape searched{.main = "query", .fields = {"scope", "limit"}};
  static const ActionShape listed{.main = "limit", .fields = {"scope", "after"}};
  return verb_ == Verb::search ? searched : listed;
}

Task<ActionOutcome> MemoryLookAction::execute(ActionRequest request) {
  InputFields fields{request.input};
  const bool searches = verb_ == Verb::search;
  const std::string query = searches ? fields.required_text("query") : std::string{};
  const auto limit =
      fields.whole("limit", 1, max_page).value_or(searches ? default_found : default_listed);
  const std::string after = fields.text("after");
  const auto last = MemoryId::parse(after);
  if (!after.empty() && !last) fields.add_problem("after must be the id of the last one seen");
  const MemoryScope scope = memory_scope(fields, request);
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  std::vector<Memory> memories;
  if (searches) {
    memories = co_await search(&store_, scope, query);
  } else {
    const Page page{.after = last ? last->value : 0, .take = limit};
    memories = co_await store_.read([&](const Transaction& rows) {
      const auto present = present_scope(rows, scope);
      return present ? rows.memories().list(*present, page) : std::vector<Memory>{};
    });
  }
  if (std::ssize(memories) > limit) memories.resize(static_cast<std::size_t>(limit));
  json::array items;
  for (const Memory& memory : memories) items.push_back(shown(memory));
  co_return ActionOutcome{.result = json::object{{"items", std::move(items)}}};
}

}  // namespace bellpull
