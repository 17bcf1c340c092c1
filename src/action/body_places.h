// Where the fields of a body stand: it depends on what kind of body its Content-Type says it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "action/placeholder.h"
#include "action/template.h"

namespace bellpull {

enum class BodyKind : std::uint8_t { json, form, other };

// What the headers of a request say of its body, as far as their author wrote it out.
class ContentType {
 public:
  void note(const Segments& name, const Segments& value);

  // Nothing when no header says it, or one may say anything.
  std::optional<BodyKind> kind() const { return is_open_ ? std::nullopt : kind_; }
  // The caller has a part in it: by a field in a header's name, or in the type itself.
  bool is_open() const { return is_open_; }

 private:
  void note_kind(BodyKind kind);

  std::optional<BodyKind> kind_;
  bool is_open_ = false;
};

// Without a Content-Type a body is of the kind that it begins like.
inline constexpr std::string_view plain_type = "text/plain; charset=utf-8";
bool looks_like_json(std::string_view body);

// Sets `place` of each field: `raw` where a value is written as it is. A body that is one field is
// all the caller's, whatever kind it is. Gives whether the body can't be told by its beginning,
// because that is the caller's: it has to be sent as plain_type then.
bool mark_body(Segments& body, const ContentType& type, Place raw);

}  // namespace bellpull
