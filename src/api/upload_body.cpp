#include "api/upload_body.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/field_value.h"
#include "base/encoding.h"
#include "base/result.h"
#include "http/percent.h"
#include "http/text.h"

namespace bellpull {

namespace {

constexpr std::size_t max_type_bytes = 191;
constexpr std::size_t max_boundary_bytes = 200;

// A value of "form-data; name=\"file\"; filename=\"a;b.txt\"".
std::optional<std::string> parameter_of(std::string_view header, std::string_view wanted) {
  std::size_t at = header.find(';');
  while (at < header.size()) {
    const std::size_t equals = header.find('=', ++at);
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = trimmed(header.substr(at, equals - at));
    at = equals + 1;
    std::string value;
    if (at < header.size() && header[at] == '"') {
      for (++at; at < header.size() && header[at] != '"'; ++at) {
        if (header[at] == '\\' && at + 1 < header.size()) ++at;
        value += header[at];
      }
      at = header.find(';', at);
    } else {
      const std::size_t end = std::min(header.find(';', at), header.size());
      value = trimmed(header.substr(at, end - at));
      at = end;
    }
    if (equals_ignoring_case(name, wanted)) return value;
  }
  return std::nullopt;
}

// The field of a part's head.
std::string_view field_of(std::string_view head, std::string_view wanted) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos &&
        equals_ignoring_case(trimmed(line.substr(0, colon)), wanted)) {
      return trimmed(line.substr(colon + 1));
    }
    head.remove_prefix(std::min(line.size() + 2, head.size()));
  }
  return {};
}

// A line that only begins like a delimiter is content: behind one comes "--", or its line's end.
bool ends_delimiter(std::string_view rest) {
  if (rest.starts_with("--")) return true;
  const std::size_t end = rest.find_first_not_of(" \t");
  return end != std::string_view::npos && rest.substr(end).starts_with("\r\n");
}

std::size_t find_delimiter(std::string_view body, std::string_view delimiter, std::size_t from) {
  while (true) {
    const std::size_t found = body.find(delimiter, from);
    if (found == std::string_view::npos) return found;
    if (ends_delimiter(body.substr(found + delimiter.size()))) return found;
    from = found + 1;
  }
}

std::size_t behind(std::size_t found, std::string_view delimiter) {
  return found == std::string_view::npos ? found : found + delimiter.size();
}

std::unexpected<Error> broken_form(std::string_view what) {
  return fail(ErrorCode::invalid, "the form " + std::string{what},
              "send it as multipart/form-data with a part named file");
}

}  // namespace

std::string kept_content_type(std::string_view given) {
  given = trimmed(given);
  const std::size_t slash = given.find('/');
  const bool is_type =
      slash != std::string_view::npos && slash > 0 && slash + 1 < given.size() &&
      given.size() <= max_type_bytes &&
      std::ranges::all_of(given, [](char c) { return c >= ' ' && c < 0x7f && c != ','; });
  return is_type ? std::string{given} : "application/octet-stream";
}

Result<FormFile> read_form_file(std::string_view content_type, std::string_view body) {
  const auto boundary = parameter_of(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > max_boundary_bytes) {
    return broken_form("names no boundary");
  }
  const std::string delimiter = "\r\n--" + *boundary;
  // The first one may begin the body, without a line before it.
  const std::string_view first = std::string_view{delimiter}.substr(2);
  std::size_t at = body.starts_with(first) && ends_delimiter(body.substr(first.size()))
                       ? first.size()
                       : behind(find_delimiter(body, delimiter, 0), delimiter);
  if (at == std::string_view::npos) return broken_form("has no part");
  while (!body.substr(at).starts_with("--")) {
    const std::size_t head_start = body.find("\r\n", at);
    const std::size_t head_end = body.find("\r\n\r\n", at);
    const std::size_t end = head_end == std::string_view::npos
                                ? head_end
                                : find_delimiter(body, delimiter, head_end + 2);
    if (end == std::string_view::npos) return broken_form("is cut off");
    const std::string_view head = body.substr(head_start, head_end - head_start);
    const std::string_view disposition = field_of(head, "content-disposition");
    if (parameter_of(disposition, "name") == "file") {
      const std::size_t start = head_end + 4;
      return FormFile{.bytes = start <= end ? body.substr(start, end - start) : "",
                      .type = kept_content_type(field_of(head, "content-type")),
                      .name = parameter_of(disposition, "filename").value_or("")};
    }
    at = behind(end, delimiter);
  }
  return broken_form("has no part named file");
}

Result<DataUrl> read_data_url(std::string_view url) {
  constexpr std::string_view scheme = "data:";
  constexpr std::string_view encoding = ";base64";
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) {
    return fail(ErrorCode::invalid, "file is a data: URL without data",
                "such as data:text/plain;base64,aGVsbG8=");
  }
  std::string_view type = url.substr(scheme.size(), comma - scheme.size());
  const std::string_view data = url.substr(comma + 1);
  const bool is_base64 = type.size() >= encoding.size() &&
                         equals_ignoring_case(type.substr(type.size() - encoding.size()), encoding);
  if (is_base64) type.remove_suffix(encoding.size());
  DataUrl read{.type = type.empty() ? "text/plain;charset=US-ASCII" : kept_content_type(type)};
  if (!percent_decode(data, PlusSign::is_plus, read.bytes)) {
    return fail(ErrorCode::invalid, "file is a data: URL with a % that is no escape");
  }
  if (!is_base64) return read;
  auto bytes = from_base64(read.bytes);
  if (!bytes) return fail(ErrorCode::invalid, "file is a data: URL whose data is not base64");
  read.bytes = std::move(*bytes);
  return read;
}

}  // namespace bellpull
