#include "api/list_lines.h"

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/error_reply.h"
#include "api/json_text.h"
#include "api/media.h"
#include "base/result.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::string line_of(ListForm form, std::string_view type, const json::value& data) {
  if (form == ListForm::server_sent_events) {
    return "event: " + std::string{type} + "\ndata: " + to_ascii(json::serialize(data)) + "\n\n";
  }
  json::object line;
  line["type"] = type;
  line["data"] = data;
  return to_ascii(json::serialize(line)) + "\n";
}

void append_quoted(std::string& line, std::string_view text) {
  if (!line.empty()) line += ',';
  line += '"';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

bool is_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// A spreadsheet calculates what begins so, whoever has written it; after a quote it is a text.
bool is_formula(std::string_view text) {
  constexpr std::string_view beginnings = "=+-@\t\r";
  return !text.empty() && beginnings.find(text.front()) != std::string_view::npos &&
         !is_number(text);
}

std::string csv_text(const json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) {
    const std::string_view text = value.get_string();
    return (is_formula(text) ? "'" : "") + std::string{text};
  }
  return json::serialize(value);
}

}  // namespace

std::string_view content_type_of(ListForm form) {
  switch (form) {
    case ListForm::json:
      return "application/json; charset=utf-8";
    case ListForm::json_lines:
      return "application/jsonl; charset=utf-8";
    case ListForm::server_sent_events:
      return "text/event-stream; charset=utf-8";
    case ListForm::csv:
      return "text/csv; charset=utf-8";
  }
  return {};
}

std::string list_head(ListForm form, const json::object& first_item) {
  if (form != ListForm::csv) return {};
  std::string line;
  for (const auto& member : first_item) append_quoted(line, member.key());
  return line + "\r\n";
}

std::string list_line(ListForm form, const json::object& item) {
  if (form != ListForm::csv) return line_of(form, "item", item);
  std::string line;
  for (const auto& member : item) append_quoted(line, csv_text(member.value()));
  return line + "\r\n";
}

std::string list_line(ListForm form, std::string_view type, const json::object& data) {
  return line_of(form, type, data);
}

std::string engine_line(ListForm form, std::string_view type, const json::object& data,
                        const json::value& created_at) {
  if (form == ListForm::server_sent_events) return line_of(form, type, data);
  const json::object line{{"type", type}, {"data", data}, {"createdAt", created_at}};
  return to_ascii(json::serialize(line)) + "\n";
}

std::string list_nop(ListForm form) {
  return form == ListForm::csv ? std::string{} : line_of(form, "nop", json::object{});
}

std::string list_failure(ListForm form, const Error& error) {
  if (form == ListForm::csv) return {};
  json::object data;
  data["message"] = error.message;
  data["code"] = error_word(error.code);
  return line_of(form, "error", data);
}

}  // namespace bellpull
