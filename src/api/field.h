// The field table: everything the wire knows about a resource, in one place. From it come the
// reading and checking of bodies (change.h), the rendering of replies, and the API's description.
//
//   Fields<Bot> fields{
//       id_field<Bot>(),
//       text("name", &Bot::name, {.max_bytes = max_name_bytes}),
//       reference<Skillset>("skillsetId", &Bot::skillset),
//   };
//
// Adding a field to a resource is one line here and one where it is stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/field_value.h"
#include "api/rows.h"
#include "api/view.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/ids.h"
#include "store/transaction.h"

namespace bellpull {

// Limits that many resources share (api-contract.md 1.9).
inline constexpr std::size_t max_name_bytes = 191;
inline constexpr std::size_t max_alias_bytes = 128;
inline constexpr std::size_t max_description_bytes = 65'535;
inline constexpr std::size_t max_model_bytes = 512;
inline constexpr std::size_t max_backstory_bytes = std::size_t{256} * 1024;
// An id or an alias, as a body may name it.
inline constexpr std::size_t max_reference_bytes = 191;

// The new ids of what a document calls by ids of its own.
using NewIds = std::unordered_map<std::string, std::string>;

// Who asks for a change, and what references are resolved against: null where the fields have none
// (read_body() in change.h).
struct Edit {
  const Transaction* rows = nullptr;
  AccountKey account;
  const NewIds* new_ids = nullptr;  // of a document that is imported

  // The id that a reference means.
  std::string_view meant_by(std::string_view given) const {
    if (new_ids == nullptr) return given;
    const auto found = new_ids->find(std::string{given});
    return found == new_ids->end() ? given : std::string_view{found->second};
  }
};

// A value that was read from a body, on its way into the resource. Runs in the transaction.
template <class Resource>
using Assignment = std::function<Result<void>(Resource&, const Edit&)>;

// What a second name of the same value means when a body has both with different values.
enum class SecondName : std::uint8_t {
  must_agree,
  edited_wins,  // an update takes the one that differs from what is kept
};

// What a create must have.
enum class Needed : std::uint8_t {
  no,
  given,   // may be empty, but not absent or null
  filled,  // nor ""
};

template <class Resource>
struct Field {
  std::string_view name;
  FieldShape shape;
  // Empty: never taken from a body, which may have it nevertheless.
  std::function<Result<Assignment<Resource>>(const boost::json::value& given)> read;
  // Empty: never shown.
  std::function<boost::json::value(const Resource&, const View&)> write;
  bool on_create = true;
  bool on_update = true;
  Needed needs = Needed::no;  // on create
  std::string_view second_name;
  SecondName when_both = SecondName::must_agree;
  // Its JSON Schemas, where the shape can't say them: in a body, in a reply.
  boost::json::object taken_as;
  boost::json::object given_as;

  // Refinements, for the table.
  Field read_only() && { return read = nullptr, std::move(*this); }
  Field create_only() && { return on_update = false, std::move(*this); }
  Field needed(Needed need) && { return needs = need, std::move(*this); }
  Field also(std::string_view other, SecondName rule = SecondName::must_agree) && {
    return second_name = other, when_both = rule, std::move(*this);
  }
  Field means(std::string_view about) && { return shape.about = about, std::move(*this); }
  Field takes(boost::json::object schema) && {
    return taken_as = std::move(schema), std::move(*this);
  }
  Field gives(boost::json::object schema) && {
    return given_as = std::move(schema), std::move(*this);
  }
};

template <class Resource>
using Fields = std::vector<Field<Resource>>;

template <class Resource>
boost::json::object render(const Fields<Resource>& fields, const Resource& resource,
                           const View& view) {
  boost::json::object object;
  object.reserve(fields.size() + 4);
  for (const Field<Resource>& field : fields) {
    if (!field.write) continue;
    boost::json::value value = field.write(resource, view);
    const auto shown = object.emplace(field.name, std::move(value)).first;
    if (!field.second_name.empty()) {
      boost::json::value same = shown->value();
      object.emplace(field.second_name, std::move(same));
    }
  }
  return object;
}

// A field that is one member, and whose value needs nothing but the body. `read` is one of
// field_value.h; `write` makes JSON of the member.
template <class Resource, class Member, class Read, class Write>
Field<Resource> member_field(std::string_view name, const FieldShape& shape,
                             Member Resource::* member, Read read, const Write& write) {
  return {.name = name,
          .shape = shape,
          .read = [name, shape, member,
                   read](const boost::json::value& given) -> Result<Assignment<Resource>> {
            auto value = read(name, shape, given);
            if (!value) return std::unexpected(std::move(value.error()));
            return [member, value = std::move(*value)](Resource& resource, const Edit&) {
              resource.*member = static_cast<Member>(value);
              return Result<void>{};
            };
          },
          .write =
              [member, write](const Resource& resource, const View& view) {
                return boost::json::value(write(resource.*member, view));
              }};
}

template <class Resource>
Field<Resource> id_field() {
  return {.name = "id",
          .shape = {.kind = ValueKind::id, .about = "Opaque; it never changes."},
          .write = [](const Resource& resource, const View&) {
            return boost::json::value(resource.id.text());
          }};
}

inline boost::json::value write_text(const std::string& text, const View&) {
  return boost::json::value(text);
}
inline boost::json::value write_optional_text(const std::optional<std::string>& text, const View&) {
  if (!text) return nullptr;
  return boost::json::value(*text);
}

template <class Resource>
Field<Resource> text(std::string_view name, std::string Resource::* member,
                     const FieldShape& shape = {}) {
  return member_field(name, shape, member, read_text, write_text);
}

// null when empty.
template <class Resource>
Field<Resource> optional_text(std::string_view name, std::optional<std::string> Resource::* member,
                              FieldShape shape = {}) {
  shape.nullable = true;
  return member_field(name, shape, member, read_optional_text, write_optional_text);
}

template <class Resource>
Field<Resource> alias_field() {
  return member_field(
      "alias",
      FieldShape{.nullable = true,
                 .max_bytes = max_alias_bytes,
                 .pattern = "^[a-z0-9_-]*$",
                 .about = "A name of your own for paths and references, where it is written "
                          "with an \"@\" before it."},
      &Resource::alias, read_alias, write_optional_text);
}

// null means `by_default`.
template <class Resource>
Field<Resource> boolean(std::string_view name, bool Resource::* member, bool by_default = false) {
  const auto read = [by_default](std::string_view field, const FieldShape& shape,
                                 const boost::json::value& given) {
    return given.is_null() ? Result<bool>{by_default} : read_boolean(field, shape, given);
  };
  return member_field(name, FieldShape{.kind = ValueKind::boolean}, member, read,
                      [](bool value, const View&) { return boost::json::value(value); });
}

template <class Resource>
Field<Resource> optional_integer(std::string_view name,
                                 std::optional<std::int64_t> Resource::* member,
                                 std::int64_t minimum, std::int64_t maximum) {
  return member_field(
      name,
      FieldShape{
          .kind = ValueKind::integer, .nullable = true, .minimum = minimum, .maximum = maximum},
      member, read_optional_integer, [](const std::optional<std::int64_t>& value, const View&) {
        return value ? boost::json::value(*value) : boost::json::value(nullptr);
      });
}

template <class Resource>
Field<Resource> optional_number(std::string_view name, std::optional<double> Resource::* member,
                                std::int64_t minimum) {
  return member_field(
      name, FieldShape{.kind = ValueKind::number, .nullable = true, .minimum = minimum}, member,
      read_optional_number, [](const std::optional<double>& value, const View&) {
        return value ? boost::json::value(*value) : boost::json::value(nullptr);
      });
}

template <class Resource>
Field<Resource> optional_time(std::string_view name, std::optional<TimePoint> Resource::* member) {
  return member_field(
      name, FieldShape{.kind = ValueKind::timestamp, .nullable = true}, member, read_optional_time,
      [](const std::optional<TimePoint>& value, const View& view) { return view.time(value); });
}

// Set by the server.
template <class Resource>
Field<Resource> timestamp(std::string_view name, TimePoint Resource::* member) {
  return {.name = name,
          .shape = {.kind = ValueKind::timestamp},
          .write = [member](const Resource& resource, const View& view) {
            return view.time(resource.*member);
          }};
}

// An enumeration whose values are numbered like `names`; null is the first.
template <class Resource, class Enum>
Field<Resource> choice(std::string_view name, Enum Resource::* member,
                       std::initializer_list<std::string_view> names) {
  const std::vector<std::string_view> choices{names};
  return member_field(name, FieldShape{.kind = ValueKind::choice, .choices = choices}, member,
                      read_choice, [choices](Enum value, const View&) {
                        return boost::json::value(choices.at(static_cast<std::size_t>(value)));
                      });
}

// Another resource of ours, or one that others made public: given by id or alias, kept as id.
template <class Target, class Resource, class Id>
Field<Resource> reference(std::string_view name, std::optional<Id> Resource::* member) {
  const FieldShape shape{
      .kind = ValueKind::reference, .nullable = true, .max_bytes = max_reference_bytes};
  return {.name = name,
          .shape = shape,
          .read = [name, shape,
                   member](const boost::json::value& given) -> Result<Assignment<Resource>> {
            auto text = read_optional_text(name, shape, given);
            if (!text) return std::unexpected(std::move(text.error()));
            return [name, member, text = std::move(*text)](Resource& resource,
                                                           const Edit& edit) -> Result<void> {
              (resource.*member).reset();
              if (!text) return {};
              const auto found =
                  find_usable<Target>(*edit.rows, edit.account, edit.meant_by(*text));
              if (!found) return std::unexpected(names_field(found.error(), name, *text));
              resource.*member = found->id;
              return {};
            };
          },
          .write =
              [member](const Resource& resource, const View&) {
                const auto& id = resource.*member;
                return id ? boost::json::value(id->text()) : boost::json::value(nullptr);
              }};
}

template <class Resource>
Field<Resource> blueprint_field() {
  return reference<Blueprint>("blueprintId", &Resource::blueprint)
      .means("The blueprint that it belongs to.");
}

template <class Resource>
Field<Resource> meta_field() {
  const FieldShape shape{
      .kind = ValueKind::meta,
      .about =
          "JSON of your own, at most 64 KiB. An update replaces it whole; with {\"$update\": "
          "{...}} it replaces those keys only. Keys that start with \"_\" are the server's."};
  return {.name = "meta",
          .shape = shape,
          .read = [shape](const boost::json::value& given) -> Result<Assignment<Resource>> {
            auto change = read_meta("meta", shape, given);
            if (!change) return std::unexpected(std::move(change.error()));
            return [change = std::move(*change)](Resource& resource, const Edit&) -> Result<void> {
              auto after = apply_meta("meta", change, resource.meta);
              if (!after) return std::unexpected(std::move(after.error()));
              resource.meta = std::move(*after);
              return {};
            };
          },
          .write = [](const Resource& resource,
                      const View&) { return boost::json::value(parse_stored(resource.meta)); }};
}

template <class Resource>
Field<Resource> visibility_field() {
  return choice("visibility", &Resource::visibility,
                {visibility_names[0], visibility_names[1], visibility_names[2]})
      .means("Who else may refer to it: nobody, or everybody when it is public.");
}

template <class Resource>
Field<Resource> state_field() {
  return choice("state", &Resource::state, {"enabled", "disabled"})
      .means("Whether bots get to see it.");
}

}  // namespace bellpull
