#include "action/fetch_places.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "action/placeholder.h"
#include "action/template.h"

namespace bellpull {

namespace {

// Stands for a placeholder in the text read so far; no instruction is stored with this byte.
constexpr char hole = '\x01';

enum class BodyKind : std::uint8_t { unknown, json, form, other };

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

// Reads an HTTP message from its beginning, as fetch will, and always knows where it is.
class Reader {
 public:
  // Behind a URL's host.
  static Reader in_path() {
    Reader reader;
    reader.line_ = "http://host/";
    return reader;
  }
  static Reader in_body(std::string_view content_type) {
    Reader reader;
    reader.in_body_ = true;
    if (!content_type.empty()) reader.note_content_type(lower(content_type));
    return reader;
  }

  void text(std::string_view text) {
    for (const char c : text) character(c);
  }

  Place placeholder() {
    const Place place = here();
    character(hole);
    return place;
  }

 private:
  void character(char c) {
    if (c == '\r') return;
    if (in_body_) {
      body_character(c);
    } else if (c != '\n') {
      line_ += c;
    } else {
      end_head_line();
    }
  }

  void end_head_line() {
    const bool blank = line_.find_first_not_of(" \t") == std::string::npos;
    if (request_line_done_ && blank) in_body_ = true;
    if (!blank && request_line_done_) note_header();
    if (!blank) request_line_done_ = true;
    line_.clear();
  }

  void note_header() {
    const std::string field = lower(line_);
    if (field.starts_with("content-type:")) note_content_type(field);
  }

  void note_content_type(std::string_view type) {
    body_ = type.contains("json")   ? BodyKind::json
            : type.contains("form") ? BodyKind::form
                                    : BodyKind::other;
  }

  void body_character(char c) {
    if (body_ == BodyKind::unknown && c != ' ' && c != '\t' && c != '\n') {
      body_ = c == '{' || c == '[' ? BodyKind::json : BodyKind::other;
    }
    if (body_ != BodyKind::json) return;
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = in_string_;
    } else if (c == '"') {
      in_string_ = !in_string_;
    }
  }

  Place here() const {
    if (!in_body_) return request_line_done_ ? Place::header : place_in_url();
    if (body_ == BodyKind::json) return in_string_ ? Place::json_string : Place::json_value;
    return body_ == BodyKind::form ? Place::form : Place::plain;
  }

  Place place_in_url() const {
    std::string_view url = line_;
    url.remove_prefix(std::min(url.find_first_not_of(" \t"), url.size()));
    if (const std::size_t blank = url.find(' '); blank != std::string_view::npos) {
      url.remove_prefix(std::min(url.find_first_not_of(' ', blank), url.size()));
    }
    if (url.empty()) return Place::url_start;
    const std::size_t scheme_end = url.find("://");
    const bool given_base = url.front() == hole && scheme_end == std::string_view::npos;
    if (!given_base && scheme_end == std::string_view::npos) return Place::url_start;
    url.remove_prefix(given_base ? 1 : scheme_end + 3);
    if (url.find_first_of("?#") != std::string_view::npos) return Place::url_query;
    if (given_base || url.contains('/')) return Place::url_path;
    return Place::url_host;
  }

  std::string line_;
  bool request_line_done_ = false;
  bool in_body_ = false;
  BodyKind body_ = BodyKind::unknown;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace

namespace {

void mark_text(Segments& segments, Reader reader) {
  for (Segment& segment : segments) {
    if (const auto* text = std::get_if<std::string>(&segment)) {
      reader.text(*text);
    } else {
      auto& field = std::get<Placeholder>(segment);
      field.place = reader.placeholder();
    }
  }
}

void mark_all(TemplateValue& value, Place place) {
  each_placeholder(value, [place](Placeholder& field) { field.place = place; });
}

// A header's literal value in the map; empty when it is not there or is not literal.
std::string header_of(TemplateMap& input, std::string_view name) {
  TemplateValue* const headers = find_entry(input, "headers");
  auto* const map = headers == nullptr ? nullptr : std::get_if<TemplateMap>(&headers->value);
  if (map == nullptr) return {};
  for (TemplateEntry& entry : *map) {
    const std::string* const key = plain_text(entry.key);
    const auto* const segments = std::get_if<Segments>(&entry.value.value);
    const std::string* const text = segments == nullptr ? nullptr : plain_text(*segments);
    if (key != nullptr && text != nullptr && lower(*key) == name) return *text;
  }
  return {};
}

bool chooses_host(TemplateValue& value) {
  bool chooses = false;
  each_placeholder(value, [&](const Placeholder& field) {
    const bool names_host = field.place == Place::url_start || field.place == Place::url_host;
    chooses = chooses || (names_host && is_chosen_by_caller(field));
  });
  return chooses;
}

}  // namespace

void mark_headers(TemplateValue& headers) { mark_all(headers, Place::header); }

bool mark_url(TemplateValue& url) {
  if (auto* const segments = std::get_if<Segments>(&url.value)) mark_text(*segments, Reader{});
  return chooses_host(url);
}

bool mark_fetch_places(TemplateMap& input) {
  bool chosen_host = false;
  for (const std::string_view name : {"request", "url"}) {
    TemplateValue* const url = find_entry(input, name);
    chosen_host = (url != nullptr && mark_url(*url)) || chosen_host;
  }
  for (const std::string_view name : {"headers", "authorization"}) {
    if (TemplateValue* const header = find_entry(input, name)) mark_headers(*header);
  }
  if (TemplateValue* const path = find_entry(input, "path")) {
    // Elements of a list are encoded whole.
    if (auto* const text = std::get_if<Segments>(&path->value)) mark_text(*text, Reader::in_path());
  }
  if (TemplateValue* const body = find_entry(input, "body")) {
    if (auto* const text = std::get_if<Segments>(&body->value)) {
      mark_text(*text, Reader::in_body(header_of(input, "content-type")));
    }
  }
  return chosen_host;
}

}  // namespace bellpull
