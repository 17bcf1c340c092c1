#include "api/media.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/text.h"

namespace bellpull {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The part of `text` before `separator`; what follows it stays in `text`.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return part;
}

std::optional<ListForm> form_of(std::string_view media_type) {
  struct Known {
    std::string_view media_type;
    ListForm form;
  };
  static constexpr std::array known{Known{"application/json", ListForm::json},
                                    Known{"application/*", ListForm::json},
                                    Known{"*/*", ListForm::json},
                                    Known{"application/jsonl", ListForm::json_lines},
                                    Known{"text/event-stream", ListForm::server_sent_events},
                                    Known{"text/csv", ListForm::csv}};
  for (const Known& one : known) {
    if (equals_ignoring_case(media_type, one.media_type)) return one.form;
  }
  return std::nullopt;
}

// The weight among the parameters of a media type: 1 when none is given, or none can be read.
double weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view parameter = trimmed(take_until(parameters, ';'));
    const std::string_view name = trimmed(take_until(parameter, '='));
    if (!equals_ignoring_case(name, "q")) continue;
    const std::string_view value = trimmed(parameter);
    double weight = 1;
    std::from_chars(value.data(), value.data() + value.size(), weight);
    return weight;
  }
  return 1;
}

}  // namespace

Result<ListForm> choose_list_form(std::string_view accept) {
  if (trimmed(accept).empty()) return ListForm::json;
  std::optional<ListForm> best;
  double best_weight = 0;
  while (!accept.empty()) {
    std::string_view range = take_until(accept, ',');
    const std::optional<ListForm> form = form_of(trimmed(take_until(range, ';')));
    const double weight = weight_of(range);
    if (!form || weight <= best_weight) continue;
    best = form;
    best_weight = weight;
  }
  if (best) return *best;
  return fail(ErrorCode::invalid, "Unsupported accept header",
              "lists are application/json, application/jsonl, text/event-stream or text/csv");
}

bool names_media(std::string_view accept, std::string_view media_type) {
  while (!accept.empty()) {
    if (is_media_type(take_until(accept, ','), media_type)) return true;
  }
  return false;
}

bool is_media_type(std::string_view content_type, std::string_view wanted) {
  return equals_ignoring_case(trimmed(take_until(content_type, ';')), wanted);
}

}  // namespace bellpull
