#include "api/file_fields.h"

#include "api/field.h"
#include "domain/file.h"

namespace bellpull {

Fields<File> file_fields() {
  return {
      id_field<File>(),
      alias_field<File>(),
      text("name", &File::name, {.max_bytes = max_name_bytes}),
      text("description", &File::description, {.max_bytes = max_description_bytes}),
      blueprint_field<File>(),
      visibility_field<File>(),
      meta_field<File>(),
      timestamp("createdAt", &File::created_at),
      timestamp("updatedAt", &File::updated_at),
  };
}

}  // namespace bellpull
