// Kept answers, and how much room those of each account take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "sqlite/database.h"
#include "store/answers.h"

namespace bellpull {

class AnswerTable final : public AnswerStore {
 public:
  explicit AnswerTable(Database& database);

  std::optional<std::string> find(const AnswerName& name, TimePoint now) const override;
  Result<void> add(const Kept& answer, std::int64_t account_bytes) override;

 private:
  // The newest running total of an account, and what was its total before its oldest answer.
  struct Totals {
    std::int64_t now = 0;
    std::int64_t before = 0;
  };
  Totals totals_of(AccountKey account);

  mutable Statement find_;
  Statement forget_;
  Statement oldest_;
  Statement newest_;
  Statement insert_;
};

}  // namespace bellpull
