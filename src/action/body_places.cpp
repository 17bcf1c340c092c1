#include "action/body_places.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "action/placeholder.h"
#include "action/template.h"
#include "base/text.h"

namespace bellpull {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view type_header = "content-type";

// What is the author's before the first field.
std::string_view beginning(const Segments& segments) {
  const auto* const text = segments.empty() ? nullptr : std::get_if<std::string>(&segments.front());
  return text == nullptr ? std::string_view{} : std::string_view{*text};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(blanks) == std::string_view::npos;
}

bool may_be_content_type(const Segments& name) {
  if (const std::string* const text = plain_text(name)) return lower(*text) == type_header;
  return type_header.starts_with(lower(beginning(name)));
}

BodyKind kind_of(std::string_view type) {
  const std::string media = lower(type.substr(0, type.find(';')));
  if (media.contains("json")) return BodyKind::json;
  return media.contains("form") ? BodyKind::form : BodyKind::other;
}

bool is_one_field(const Segments& body) {
  std::size_t fields = 0;
  for (const Segment& segment : body) {
    const auto* const text = std::get_if<std::string>(&segment);
    if (text != nullptr && !is_blank(*text)) return false;
    if (text == nullptr) ++fields;
  }
  return fields == 1;
}

// Knows of each place in a JSON text whether it is within a string.
class JsonReader {
 public:
  void text(std::string_view text) {
    for (const char c : text) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = in_string_;
      } else if (c == '"') {
        in_string_ = !in_string_;
      }
    }
  }

  Place place() const {
    if (escaped_)
      return Place::unknown;  // the author's backslash would take the value's first byte
    return in_string_ ? Place::json_string : Place::json_value;
  }

 private:
  bool in_string_ = false;
  bool escaped_ = false;
};

void mark_json(Segments& body) {
  JsonReader reader;
  for (Segment& segment : body) {
    if (const auto* text = std::get_if<std::string>(&segment)) {
      reader.text(*text);
    } else {
      std::get<Placeholder>(segment).place = reader.place();
    }
  }
}

void mark_all(Segments& body, Place place) {
  each_placeholder(body, [place](Placeholder& field) { field.place = place; });
}

}  // namespace

void ContentType::note(const Segments& name, const Segments& value) {
  if (!may_be_content_type(name)) return;
  const std::string_view written = beginning(value);
  const bool has_type = plain_text(value) != nullptr || written.contains(';');
  if (plain_text(name) == nullptr || !has_type) {
    is_open_ = true;
  } else if (!is_blank(written)) {  // an empty header is not sent
    note_kind(kind_of(written));
  }
}

void ContentType::note_kind(BodyKind kind) {
  is_open_ = is_open_ || (kind_ && *kind_ != kind);  // who knows which of two counts
  kind_ = kind;
}

bool looks_like_json(std::string_view body) {
  const std::size_t first = body.find_first_not_of(blanks);
  return first != std::string_view::npos && (body[first] == '{' || body[first] == '[');
}

bool mark_body(Segments& body, const ContentType& type, Place raw) {
  const std::optional<BodyKind> kind = type.kind();
  const bool by_looks = !kind && !is_one_field(body);
  if (kind == BodyKind::form) {
    mark_all(body, Place::form);
  } else if (kind == BodyKind::json || (by_looks && looks_like_json(beginning(body)))) {
    mark_json(body);
  } else if (by_looks && type.is_open()) {
    mark_all(body, Place::unknown);
  } else {
    mark_all(body, raw);
    return by_looks && body.size() > 1 && is_blank(beginning(body));
  }
  return false;
}

}  // namespace bellpull
