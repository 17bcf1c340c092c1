// How a handler honours an Idempotency-Key: what it answers comes out of its transaction.
//
//   const Result<json::object> answer = co_await store_.transact([&](Transaction& rows) {
//     return answer_once(rows, call, [&]() -> Result<json::object> {
//       ...  // make it
//       return id_of(made);
//     });
//   });
#pragma once

#include <expected>
#include <optional>
#include <utility>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/keyed_calls.h"
#include "base/result.h"
#include "store/transaction.h"

namespace bellpull {

// What `make` answers, or what it answered to an earlier call with the same key, which is not made
// again. An error keeps nothing.
template <class Make>
Result<boost::json::object> answer_once(Transaction& rows, const Call& call, Make make) {
  if (!call.key) return make();
  auto first = call.key->first_answer(rows);
  if (!first) return std::unexpected(std::move(first.error()));
  std::optional<boost::json::object>& earlier = *first;
  if (earlier) return std::move(*earlier);
  Result<boost::json::object> answer = make();
  if (!answer) return answer;
  if (auto kept = call.key->keep(rows, *answer); !kept) {
    return std::unexpected(std::move(kept.error()));
  }
  return answer;
}

}  // namespace bellpull
