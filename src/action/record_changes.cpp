#include "action/record_changes.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "action/action.h"
#include "action/inner.h"
#include "action/input_fields.h"
#include "action/outcome.h"
#include "action/reached_dataset.h"
#include "action/shape.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "dataset/token_estimate.h"
#include "domain/dataset.h"
#include "domain/ids.h"
#include "domain/log_item.h"
#include "domain/log_references.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

namespace json = boost::json;

namespace {

using Verb = RecordChangeAction::Verb;

constexpr std::size_t max_source_bytes = 896;
constexpr std::size_t max_meta_bytes = std::size_t{64} * 1024;

// What a call wants of a record; what it does not name stays.
struct WantedRecord {
  std::string dataset;
  std::string record;
  std::optional<std::string> text;
  std::optional<std::string> source;
  std::optional<std::string> meta;
};

std::optional<std::string> given_text(InputFields& fields, std::string_view name,
                                      std::size_t most) {
  if (fields.find(name) == nullptr) return std::nullopt;
  std::string text = fields.text(name);
  if (text.size() > most) {
    fields.add_problem(fmt::format("{} must be at most {} bytes", name, most));
  }
  return text;
}

// Keys that start with "_" are the server's own.
std::optional<std::string> given_meta(InputFields& fields) {
  const json::value* const given = fields.find("meta");
  if (given == nullptr) return std::nullopt;
  json::value read = *given;
  if (const auto* text = given->if_string()) read = parse_foreign(*text).value_or(nullptr);
  if (!read.is_object()) {
    fields.add_problem("meta must be a map");
    return std::nullopt;
  }
  for (const auto& member : read.get_object()) {
    if (!member.key().starts_with('_')) continue;
    fields.add_problem(
        fmt::format("meta must not have the key \"{}\": those that start with "
                    "\"_\" are the server's",
                    std::string_view{member.key()}));
  }
  std::string meta = json::serialize(read);
  if (meta.size() > max_meta_bytes) {
    fields.add_problem(fmt::format("meta must be at most {} bytes as JSON", max_meta_bytes));
  }
  return meta;
}

WantedRecord read_wanted(InputFields& fields, Verb verb) {
  WantedRecord wanted;
  if (verb == Verb::create) {
    wanted.dataset = dataset_name(fields);
    wanted.text = fields.required_text("text");
    if (wanted.text->size() > max_record_bytes) {
      fields.add_problem(fmt::format("text must be at most {} bytes: split it into several records",
                                     max_record_bytes));
    }
  } else {
    // Of a record alone, `id` can only mean it.
    wanted.record = fields.text("id");
    if (wanted.record.empty()) wanted.record = fields.required_text("recordId");
  }
  if (verb == Verb::update) {
    wanted.text = given_text(fields, "text", max_record_bytes);
    if (wanted.text && wanted.text->find_first_not_of(" \t\r\n") == std::string::npos) {
      fields.add_problem("text must not be blank");
    }
  }
  if (verb == Verb::remove) return wanted;
  wanted.source = given_text(fields, "source", max_source_bytes);
  wanted.meta = given_meta(fields);
  if (verb == Verb::update && !wanted.text && !wanted.source && !wanted.meta) {
    fields.add_problem("give what to change: text, source or meta");
  }
  return wanted;
}

Result<void> check_tokens(const Dataset& dataset, std::string_view text) {
  const auto tokens = estimated_tokens(text);
  if (!dataset.record_max_tokens || tokens <= *dataset.record_max_tokens) return {};
  return fail(ErrorCode::invalid,
              fmt::format("text is about {} tokens, but a record of this dataset has at most {}: "
                          "split it into several records",
                          tokens, *dataset.record_max_tokens));
}

void apply(const WantedRecord& wanted, Record& record) {
  if (wanted.text) record.text = *wanted.text;
  if (wanted.source) record.source = *wanted.source;
  if (wanted.meta) record.meta = *wanted.meta;
}

void log_change(Transaction& rows, const ActionRequest& request, const Record& record,
                std::string_view verb, TimePoint now) {
  LogItem item{.type = "record." + std::string{verb}, .about = references_of(record)};
  log_by_call(rows, request, std::move(item), now);
}

json::object named(const Record& record) { return {{"id", record.id.text()}}; }

Result<json::object> create(Transaction& rows, const ActionRequest& request,
                            const WantedRecord& wanted, TimePoint now) {
  const Result<Dataset> dataset = writable_dataset(rows, request, wanted.dataset);
  if (!dataset) return std::unexpected(dataset.error());
  Record record{.account = dataset->account, .dataset = dataset->id};
  apply(wanted, record);
  if (auto fits = check_tokens(*dataset, record.text); !fits) return std::unexpected(fits.error());
  record.created_at = now;
  record.updated_at = now;
  if (auto added = rows.records().add(record); !added) return std::unexpected(added.error());
  log_change(rows, request, record, "create", now);
  json::object result = named(record);
  result["datasetId"] = dataset->id.text();
  return result;
}

Result<Record> find_record(const Transaction& rows, const ActionRequest& request,
                           const std::string& name) {
  if (is_strangers(request)) return std::unexpected(refused_stranger("Changing a dataset"));
  const auto id = RecordId::parse(name);
  auto record = id ? rows.records().find(*id) : std::nullopt;
  if (record && record->account == request.context.account) return std::move(*record);
  return fail(ErrorCode::not_found,
              fmt::format("There is no record \"{}\": give the id of one, as dataset/search and "
                          "dataset/record/create have it",
                          name));
}

Result<json::object> update(Transaction& rows, const ActionRequest& request,
                            const WantedRecord& wanted, TimePoint now) {
  Result<Record> record = find_record(rows, request, wanted.record);
  if (!record) return std::unexpected(record.error());
  apply(wanted, *record);
  record->updated_at = now;
  const auto dataset = rows.datasets().find(record->dataset);
  if (dataset && wanted.text) {
    if (auto fits = check_tokens(*dataset, record->text); !fits) {
      return std::unexpected(fits.error());
    }
  }
  if (auto kept = rows.records().update(*record); !kept) return std::unexpected(kept.error());
  log_change(rows, request, *record, "update", now);
  return named(*record);
}

Result<json::object> remove(Transaction& rows, const ActionRequest& request,
                            const WantedRecord& wanted, TimePoint now) {
  const Result<Record> record = find_record(rows, request, wanted.record);
  if (!record) return std::unexpected(record.error());
  log_change(rows, request, *record, "delete", now);
  rows.records().remove(record->id.key);
  return named(*record);
}

Result<json::object> change(Verb verb, Transaction& rows, const ActionRequest& request,
                            const WantedRecord& wanted, TimePoint now) {
  switch (verb) {
    case Verb::create:
      return create(rows, request, wanted, now);
    case Verb::update:
      return update(rows, request, wanted, now);
    case Verb::remove:
      break;
  }
  return remove(rows, request, wanted, now);
}

}  // namespace

const ActionShape& RecordChangeAction::shape() const {
  static const ActionShape created{.main = "text", .fields = {"datasetId", "id", "source", "meta"}};
  static const ActionShape updated{.main = "text", .fields = {"recordId", "id", "source", "meta"}};
  static const ActionShape removed{.main = "recordId", .fields = {"id"}};
  if (verb_ == Verb::create) return created;
  return verb_ == Verb::update ? updated : removed;
}

Task<ActionOutcome> RecordChangeAction::execute(ActionRequest request) {
  InputFields fields{request.input};
  const WantedRecord wanted = read_wanted(fields, verb_);
  if (const std::string problems = fields.problems(); !problems.empty()) {
    co_return error_outcome(std::string_view{problems});
  }
  const TimePoint now = store_.clock().now();
  co_return co_await write_once(
      &store_, request.context.account, request.idempotency_key,
      [&](Transaction& rows) { return change(verb_, rows, request, wanted, now); });
}

}  // namespace bellpull
