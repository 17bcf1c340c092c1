// Texts that bots search (Dataset), and one of them (Record). Field rules: api-contract.md 2.5-2.6.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "domain/bot.h"
#include "domain/ids.h"

namespace bellpull {

struct Dataset {
  DatasetId id;
  AccountKey account;
  std::optional<std::string> alias;
  std::string name;
  std::string description;
  std::optional<BlueprintId> blueprint;
  std::string store = "default";
  std::optional<std::string> reranker;
  std::optional<std::int64_t> record_max_tokens;
  std::optional<double> search_min_score;
  std::optional<std::int64_t> search_max_records;
  std::optional<std::int64_t> search_max_tokens;
  std::optional<std::string> match_instruction;
  std::optional<std::string> mismatch_instruction;
  std::optional<std::string> separators;
  Visibility visibility = Visibility::private_;
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

struct Record {
  RecordId id;
  AccountKey account;
  DatasetId dataset;
  std::string text;
  std::optional<std::string> source;  // "file:///<file id>" when it was imported
  std::string meta = "{}";
  TimePoint created_at;
  TimePoint updated_at;
};

}  // namespace bellpull
