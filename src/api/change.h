// A body, read and checked against a field table: the values it sets, ready to be applied to a new
// resource or a kept one.
//
// Absent keys change nothing, unknown and read-only ones are ignored, and everything that is wrong
// is told at once (api-contract.md 1.3, 1.10).
#pragma once

#include <algorithm>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/field.h"
#include "base/result.h"

namespace bellpull {

enum class Verb : std::uint8_t { create, update };

// Gathers what is wrong with a request into one error, whose code is that of the first.
class Problems {
 public:
  void add(const Error& error);
  bool empty() const { return messages_.empty(); }
  Error error() const { return {code_, messages_, hints_}; }

 private:
  ErrorCode code_ = ErrorCode::invalid;
  std::string messages_;
  std::string hints_;
};

// Whether a needed value is not there.
bool is_missing(Needed needs, const boost::json::value* given);

Error names_differ(std::string_view name, std::string_view second_name);
// What is wrong with the value of `name`, which the body calls `used`.
Error called(std::string_view used, std::string_view name, Error error);

template <class Resource>
class Change {
 public:
  static Result<Change> parse(const Fields<Resource>& fields, const boost::json::object& body,
                              Verb verb) {
    Problems problems;
    Change change = read(fields, body, verb, problems);
    if (!problems.empty()) return std::unexpected(problems.error());
    return change;
  }
  // What can be read; what is wrong with the rest goes to `problems`.
  static Change read(const Fields<Resource>& fields, const boost::json::object& body, Verb verb,
                     Problems& problems) {
    Change change;
    for (const Field<Resource>& field : fields) {
      if (!field.read || !(verb == Verb::create ? field.on_create : field.on_update)) continue;
      if (const auto read = change.add(field, body, verb); !read) problems.add(read.error());
    }
    return change;
  }

  // Fails when references name nothing that may be used; `resource` is then half changed.
  Result<void> apply(Resource& resource, const Edit& edit) const {
    Problems problems;
    apply(resource, edit, problems);
    if (!problems.empty()) return std::unexpected(problems.error());
    return {};
  }
  void apply(Resource& resource, const Edit& edit, Problems& problems) const {
    for (const auto& assign : assignments_) {
      if (const auto assigned = assign(resource, edit); !assigned) problems.add(assigned.error());
    }
  }

  // The fields that the body had.
  const std::vector<std::string_view>& names() const { return names_; }
  // Whether the body had this field.
  bool has(std::string_view name) const { return std::ranges::find(names_, name) != names_.end(); }

 private:
  Result<void> add(const Field<Resource>& field, const boost::json::object& body, Verb verb) {
    const boost::json::value* first = body.if_contains(field.name);
    const boost::json::value* second =
        field.second_name.empty() ? nullptr : body.if_contains(field.second_name);
    if (verb == Verb::create && is_missing(field.needs, first) && is_missing(field.needs, second)) {
      return fail(ErrorCode::invalid, std::string{field.name} + " is required");
    }
    if (first == nullptr && second == nullptr) return {};

    auto assign = first == nullptr ? read_second(field, *second) : field.read(*first);
    if (!assign) return std::unexpected(std::move(assign.error()));
    if (first != nullptr && second != nullptr) {
      auto other = read_second(field, *second);
      if (!other) return std::unexpected(std::move(other.error()));
      assign = choose(field, std::move(*assign), std::move(*other), verb);
    }
    names_.push_back(field.name);
    assignments_.push_back(std::move(*assign));
    return {};
  }

  static Result<Assignment<Resource>> read_second(const Field<Resource>& field,
                                                  const boost::json::value& given) {
    auto read = field.read(given);
    if (read) return read;
    return std::unexpected(called(field.second_name, field.name, std::move(read.error())));
  }

  // The body gave both names of one value.
  static Assignment<Resource> choose(const Field<Resource>& field, Assignment<Resource> first,
                                     Assignment<Resource> second, Verb verb) {
    const bool edited_wins = verb == Verb::update && field.when_both == SecondName::edited_wins;
    return [field, first = std::move(first), second = std::move(second), edited_wins](
               Resource& resource, const Edit& edit) -> Result<void> {
      Resource by_first = resource;
      Resource by_second = resource;
      if (auto assigned = first(by_first, edit); !assigned) return assigned;
      if (auto assigned = second(by_second, edit); !assigned) return assigned;
      const auto kept = field.write(resource, View{});
      const auto one = field.write(by_first, View{});
      const auto other = field.write(by_second, View{});
      if (one == other || (edited_wins && other == kept)) {
        resource = std::move(by_first);
      } else if (edited_wins && one == kept) {
        resource = std::move(by_second);
      } else {
        return std::unexpected(names_differ(field.name, field.second_name));
      }
      return {};
    };
  }

  std::vector<Assignment<Resource>> assignments_;
  std::vector<std::string_view> names_;
};

// A body that is no resource: read into a struct of its own, whose fields refer to nothing.
template <class Body>
Result<Body> read_body(const Fields<Body>& fields, const boost::json::object& given) {
  const auto change = Change<Body>::parse(fields, given, Verb::create);
  if (!change) return std::unexpected(change.error());
  Body body;
  if (auto applied = change->apply(body, Edit{}); !applied) return std::unexpected(applied.error());
  return body;
}

}  // namespace bellpull
