#include "action/instruction_form.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
namespace bellpull {

namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t backticks(std::string_view line) {
  const std::size_t count = std::min(line.find_first_not_of('`'), line.size());
  return count >= 3 ? count : 0;
}

struct Fence {
  std::string_view info;
  std::string_view block;
};

struct Fences {
  std::vector<Fence> found;  // those that name an action
  bool nameless = false;     // there is one that names none: an example for the model to read
  bool unclosed = false;
  std::string around;
};

// Takes a fence's lines from `text` up to its closing line.
Fence take_fence(std::string_view& text, std::string_view opening, Fences& fences) {
  const std::size_t ticks = backticks(opening);
  const char* const begin = text.data();
  const char* end = begin;
  bool closed = false;
  while (!text.empty() && !closed) {
    const std::string_view inner = take_line(text);
    closed = backticks(inner) >= ticks && trim(inner.substr(backticks(inner))).empty();
    if (!closed) end = text.data();
  }
  fences.unclosed = fences.unclosed || !closed;
  std::string_view block(begin, static_cast<std::size_t>(end - begin));
  if (block.ends_with('\n')) block.remove_suffix(1);
  return {trim(opening.substr(ticks)), block};
}

Fences find_fences(std::string_view text) {
  Fences fences;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t ticks = backticks(line);
    if (ticks == 0 || line.substr(ticks).contains('`')) {
      fences.around.append(line).append("\n");
      continue;
    }
    const char* const begin = line.data();
    const Fence fence = take_fence(text, line, fences);
    if (fence.info.empty()) {
      fences.nameless = true;
      fences.around.append(begin, static_cast<std::size_t>(text.data() - begin));
    } else {
      fences.found.push_back(fence);
    }
  }
  return fences;
}

std::string without_slash_escapes(std::string_view value) {
  std::string result;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string_view three = value.substr(i, 3);
    if (three == "%2F" || three == "%2f") {
      result += '/';
      i += 2;
    } else {
      result += value[i];
    }
  }
  return result;
}

// "dataset/search/id=7/rerank": the name ends where the options begin.
FencedBlock read_info(std::string_view info) {
  FencedBlock form;
  bool in_options = false;
  while (!info.empty()) {
    const std::size_t end = info.find('/');
    const std::string_view item = info.substr(0, end);
    info.remove_prefix(end == std::string_view::npos ? info.size() : end + 1);
    const std::size_t equals = item.find('=');
    in_options = in_options || equals != std::string_view::npos;
    if (!in_options) {
      form.action.append(form.action.empty() ? "" : "/").append(item);
    } else {
      form.options[item.substr(0, equals)] = equals == std::string_view::npos
                                                 ? "true"
                                                 : without_slash_escapes(item.substr(equals + 1));
    }
  }
  return form;
}

bool has_root_line(std::string_view text, std::string_view start) {
  while (!text.empty()) {
    if (take_line(text).starts_with(start)) return true;
  }
  return false;
}

}  // namespace

InstructionForm detect_form(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (trimmed.empty()) return {.form = Form::empty};
  if (trimmed.starts_with('@') && !trimmed.contains('\n')) return {.form = Form::catalogue};
  Fences fences = find_fences(trimmed);
  if (fences.unclosed) return {.form = Form::unclosed};
  if (!fences.found.empty()) {
    InstructionForm result{.form = Form::blocks, .around = std::string(trim(fences.around))};
    for (const Fence& fence : fences.found) {
      result.blocks.push_back(read_info(fence.info));
      result.blocks.back().text = fence.block;
    }
    return result;
  }
  if (fences.nameless) return {.form = Form::prose};
  if (has_root_line(trimmed, "template:")) return {.form = Form::catalogue};
  const bool tag = trimmed.size() > 1 && trimmed.front() == '!' && trimmed[1] != ' ';
  if (tag || has_root_line(trimmed, "action: !")) return {.form = Form::structured};
  return {.form = Form::prose};
}

}  // namespace bellpull
