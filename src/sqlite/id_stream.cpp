#include "sqlite/id_stream.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sqlite/database.h"
#include "sqlite/list_sql.h"
#include "store/list.h"

namespace bellpull {

namespace {

// Steps of one gather: a few milliseconds, even when each has to search an index.
constexpr int max_seeks = 4'000;
// Rows that are stepped over before searching the index from its root is cheaper.
constexpr int max_skips = 8;

bool is_before(std::int64_t id, std::int64_t from, Order order) {
  return order == Order::descending ? id > from : id < from;
}

class IndexRows final : public IdStream {
 public:
  IndexRows(Database& database, const std::string& select, std::vector<Conditions::Value> values,
            Order order)
      : values_(std::move(values)),
        order_(order),
        statement_(database, select + (order == Order::descending ? " and id <= ? order by id desc"
                                                                  : " and id >= ? order by id")) {
    int index = 0;
    for (const Conditions::Value& value : values_) {
      std::visit([&](const auto& one) { statement_.bind(++index, one); }, value);
    }
    from_index_ = index + 1;
  }

  std::optional<std::int64_t> seek(std::int64_t from) override {
    if (state_ == State::ended) return std::nullopt;
    if (state_ == State::on_a_row) {
      if (!is_before(id_, from, order_)) return id_;
      for (int skipped = 0; skipped < max_skips; ++skipped) {
        if (!step()) return std::nullopt;
        if (!is_before(id_, from, order_)) return id_;
      }
      statement_.reset();
    }
    statement_.bind(from_index_, from);
    if (!step()) return std::nullopt;
    return id_;
  }

 private:
  enum class State : std::uint8_t { fresh, on_a_row, ended };

  bool step() {
    if (!statement_.step()) {
      state_ = State::ended;
      return false;
    }
    state_ = State::on_a_row;
    id_ = statement_.number(0);
    return true;
  }

  const std::vector<Conditions::Value> values_;
  const Order order_;
  Statement statement_;
  int from_index_ = 0;
  State state_ = State::fresh;
  std::int64_t id_ = 0;
};

class TheseRows final : public IdStream {
 public:
  TheseRows(std::vector<std::int64_t> ids, Order order) : ids_(std::move(ids)), order_(order) {
    std::ranges::sort(ids_, [this](auto one, auto other) { return is_before(one, other, order_); });
  }

  std::optional<std::int64_t> seek(std::int64_t from) override {
    while (at_ < ids_.size() && is_before(ids_[at_], from, order_)) ++at_;
    if (at_ == ids_.size()) return std::nullopt;
    return ids_[at_];
  }

 private:
  std::vector<std::int64_t> ids_;
  const Order order_;
  std::size_t at_ = 0;
};

class AnyOf final : public IdStream {
 public:
  AnyOf(IdStreams streams, Order order) : streams_(std::move(streams)), order_(order) {}

  std::optional<std::int64_t> seek(std::int64_t from) override {
    std::optional<std::int64_t> first;
    for (const auto& stream : streams_) {
      const std::optional<std::int64_t> id = stream->seek(from);
      if (id && (!first || is_before(*id, *first, order_))) first = id;
    }
    return first;
  }

 private:
  const IdStreams streams_;
  const Order order_;
};

}  // namespace

std::unique_ptr<IdStream> rows_of_index(Database& database, const std::string& select,
                                        std::vector<Conditions::Value> values, Order order) {
  return std::make_unique<IndexRows>(database, select, std::move(values), order);
}

std::unique_ptr<IdStream> these_rows(std::vector<std::int64_t> ids, Order order) {
  return std::make_unique<TheseRows>(std::move(ids), order);
}

std::unique_ptr<IdStream> any_of(IdStreams streams, Order order) {
  if (streams.size() == 1) return std::move(streams.front());
  return std::make_unique<AnyOf>(std::move(streams), order);
}

Candidates gather(const IdStreams& all_of, const Page& page, std::int64_t newest) {
  const std::int64_t forwards = page.order == Order::descending ? -1 : 1;
  std::int64_t at = page.after + forwards;
  if (forwards < 0 && page.after == 0) at = newest;

  Candidates found;
  std::size_t agreeing = 0;
  std::size_t next = 0;
  for (int seeks = 0; seeks < max_seeks; ++seeks) {
    const std::optional<std::int64_t> id = all_of[next]->seek(at);
    if (!id) return found;
    agreeing = *id == at ? agreeing + 1 : 1;
    at = *id;
    next = (next + 1) % all_of.size();
    if (agreeing < all_of.size()) continue;
    found.ids.push_back(at);
    if (std::ssize(found.ids) == look_rows) {
      found.passed = at;
      return found;
    }
    at += forwards;
    agreeing = 0;
  }
  found.passed = at - forwards;
  return found;
}

}  // namespace bellpull
