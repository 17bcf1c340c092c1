// How the fields of a resource lie in its table: one list of columns per resource, from which its
// insert, update and select statements are made. Adding a field to storage is a column here and a
// migration.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "base/time.h"
#include "domain/ids.h"
#include "sqlite/database.h"

namespace bellpull {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

inline IdTag tag_from(std::string_view bytes) {
  IdTag tag{};
  bytes.copy(reinterpret_cast<char*>(tag.data()), tag.size());
  return tag;
}

inline Blob tag_blob(const IdTag& tag) {
  return {{reinterpret_cast<const char*>(tag.data()), tag.size()}};
}

// One value in one column.
template <class T>
void bind_value(Statement& statement, int index, const T& value) {
  if constexpr (is_optional<T>) {
    if (value) {
      bind_value(statement, index, *value);
    } else {
      statement.bind_null(index);
    }
  } else if constexpr (std::is_same_v<T, TimePoint>) {
    statement.bind(index, to_ms(value));
  } else if constexpr (std::is_same_v<T, std::array<std::uint8_t, 32>>) {
    statement.bind(index, Blob{{reinterpret_cast<const char*>(value.data()), value.size()}});
  } else if constexpr (std::is_floating_point_v<T>) {
    statement.bind_real(index, value);
  } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
    statement.bind(index, static_cast<std::int64_t>(value));
  } else if constexpr (requires { value.value; }) {
    statement.bind(index, value.value);  // a Key
  } else {
    statement.bind(index, std::string_view{value});
  }
}

template <class T>
void read_value(const Statement& statement, int column, T& value) {
  if constexpr (is_optional<T>) {
    value.reset();
    if (!statement.is_null(column)) read_value(statement, column, value.emplace());
  } else if constexpr (std::is_same_v<T, TimePoint>) {
    value = from_ms(statement.number(column));
  } else if constexpr (std::is_same_v<T, std::array<std::uint8_t, 32>>) {
    statement.view(column).copy(reinterpret_cast<char*>(value.data()), value.size());
  } else if constexpr (std::is_floating_point_v<T>) {
    value = statement.real(column);
  } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
    value = static_cast<T>(statement.number(column));
  } else if constexpr (requires { value.value; }) {
    value.value = statement.number(column);
  } else {
    value = statement.text(column);
  }
}

// A field that is one column.
template <class Resource, class Member>
struct Column {
  std::string_view name;
  Member Resource::* member;

  std::string selected() const { return std::string{name}; }
  static constexpr int width = 1;
  void bind(Statement& statement, int index, const Resource& resource) const {
    bind_value(statement, index, resource.*member);
  }
  void read(const Statement& statement, int column, Resource& resource) const {
    read_value(statement, column, resource.*member);
  }
};

// A bytes field.
template <class Resource>
struct BlobColumn {
  std::string_view name;
  std::string Resource::* member;

  std::string selected() const { return std::string{name}; }
  static constexpr int width = 1;
  void bind(Statement& statement, int index, const Resource& resource) const {
    statement.bind(index, Blob{resource.*member});
  }
  void read(const Statement& statement, int column, Resource& resource) const {
    resource.*member = statement.text(column);
  }
};

// A reference: the number is kept, the tag is read from the target; a target that is gone reads as
// no reference.
template <class Resource, class Member>
struct ReferenceColumn {
  std::string_view name;
  Member Resource::* member;
  std::string_view target;

  std::string selected() const {
    const std::string column{name};
    return column + ", (select target.tag from " + std::string{target} +
           " target where target.id = " + column + ")";
  }
  static constexpr int width = 2;
  void bind(Statement& statement, int index, const Resource& resource) const {
    const Member& id = resource.*member;
    if constexpr (is_optional<Member>) {
      if (id) {
        statement.bind(index, id->key.value);
      } else {
        statement.bind_null(index);
      }
    } else {
      statement.bind(index, id.key.value);
    }
  }
  void read(const Statement& statement, int column, Resource& resource) const {
    Member& id = resource.*member;
    if constexpr (is_optional<Member>) {
      id.reset();
      if (statement.is_null(column + 1)) return;
      auto& found = id.emplace();
      found.key.value = statement.number(column);
      found.tag = tag_from(statement.view(column + 1));
    } else {
      id.key.value = statement.number(column);
      id.tag = tag_from(statement.view(column + 1));
    }
  }
};

// A column made from the resource for an index to find it by; never read.
template <class Resource>
struct DerivedColumn {
  std::string_view name;
  std::optional<std::string> (*derive)(const Resource& resource);

  std::string selected() const { return "null"; }
  static constexpr int width = 1;
  void bind(Statement& statement, int index, const Resource& resource) const {
    // Owned by the statement's caller for the length of one call only, so it is copied in.
    derived = derive(resource);
    bind_value(statement, index, derived);
  }
  void read(const Statement& /*statement*/, int /*column*/, Resource& /*resource*/) const {}

  mutable std::optional<std::string> derived = std::nullopt;
};

// A filter of lists: its name in ListQuery, the column it compares, and whether an index of the
// main file leads to the rows.
struct FilterColumn {
  std::string_view field;
  std::string_view column;
  bool is_indexed = false;
};

}  // namespace bellpull
