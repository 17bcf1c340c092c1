#include "api/file_fields.h"

#include <cstdint>
#include <limits>
#include <string_view>

#include <boost/json/value.hpp>

#include "api/field.h"
#include "api/field_value.h"
#include "api/view.h"
#include "domain/file.h"

namespace bellpull {

namespace {

template <class Member>
Field<File> shown(std::string_view name, FieldShape shape, Member File::* member) {
  shape.nullable = true;
  return {.name = name, .shape = shape, .write = [member](const File& file, const View&) {
            const Member& value = file.*member;
            return value ? boost::json::value(*value) : boost::json::value(nullptr);
          }};
}

}  // namespace

Fields<File> file_fields() {
  return {
      id_field<File>(),
      alias_field<File>(),
      text("name", &File::name, {.max_bytes = max_name_bytes}),
      text("description", &File::description, {.max_bytes = max_description_bytes}),
      blueprint_field<File>(),
      visibility_field<File>(),
      meta_field<File>(),
      shown("type", {}, &File::content_type),
      shown("size",
            {.kind = ValueKind::integer, .maximum = std::numeric_limits<std::int64_t>::max()},
            &File::content_size),
      timestamp("createdAt", &File::created_at),
      timestamp("updatedAt", &File::updated_at),
  };
}

}  // namespace bellpull
