#include "llm/anthropic_messages.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/core.h>

#include "llm/answer_reading.h"
#include "llm/provider.h"

namespace bellpull {

namespace json = boost::json;

namespace {

json::value parsed(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value() : value;
}

json::object text_block(std::string_view text) { return {{"type", "text"}, {"text", text}}; }

// The content that this server wrote; nothing when another one did, or when it would not take its
// own back.
const json::array* own_content(const json::value& message, const Turn& turn) {
  const auto* const content = member_of(message, "content");
  if (content == nullptr || !content->is_array()) return nullptr;
  std::vector<std::string> ids;
  for (const json::value& block : content->get_array()) {
    if (text_of(block, "type") != "tool_use") continue;
    const auto* const input = member_of(block, "input");
    if (input == nullptr || !input->is_object()) return nullptr;
    ids.push_back(text_of(block, "id"));
  }
  const bool same = std::ranges::equal(ids, turn.calls, {}, {}, &ToolCall::id);
  return same && !content->get_array().empty() ? &content->get_array() : nullptr;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// A text of nothing but blanks is refused, also to who wrote it.
json::array without_blanks(const json::array& content) {
  json::array kept;
  for (const json::value& block : content) {
    const bool is_nothing = text_of(block, "type") == "text" && is_blank(text_of(block, "text"));
    if (!is_nothing) kept.push_back(block);
  }
  return kept;
}

class Writer {
 public:
  void add(const Turn& turn) {
    if (turn.role == Role::user) append("user", text_blocks(turn.text));
    if (turn.role == Role::tool) append("user", {result_block(turn)});
    if (turn.role == Role::assistant) append("assistant", answer_blocks(turn));
  }
  json::array take() && { return std::move(messages_); }

 private:
  static json::array text_blocks(std::string_view text) {
    json::array blocks;
    if (!is_blank(text)) blocks.push_back(text_block(text));
    return blocks;
  }

  json::object result_block(const Turn& turn) {
    const auto known = open_.find(turn.call_id);
    json::object block{{"type", "tool_result"},
                       {"tool_use_id", known == open_.end() ? turn.call_id : known->second},
                       {"content", turn.text}};
    if (turn.failed) block["is_error"] = true;
    return block;
  }

  json::array answer_blocks(const Turn& turn) {
    open_.clear();
    const json::value message = turn.verbatim.empty() ? json::value() : parsed(turn.verbatim);
    const json::array* const own = own_content(message, turn);
    const bool is_new = std::ranges::none_of(
        turn.calls, [&](const ToolCall& call) { return used_.contains(call.id); });
    if (own != nullptr && is_new) {
      for (const ToolCall& call : turn.calls) used_.insert(call.id);
      return without_blanks(*own);
    }
    json::array blocks = text_blocks(turn.text);
    for (const ToolCall& call : turn.calls) {
      json::value input = parsed(call.arguments);
      if (!input.is_object()) input = json::object{};
      blocks.push_back({{"type", "tool_use"},
                        {"id", own_id(call.id)},
                        {"name", call.name},
                        {"input", std::move(input)}});
    }
    return blocks;
  }

  // Of [a-zA-Z0-9_-], and in no message before.
  std::string own_id(const std::string& given) {
    std::string id;
    for (const char c : given) {
      const bool legal = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '_' || c == '-';
      id += legal ? std::string(1, c) : fmt::format("_{:02x}", static_cast<unsigned char>(c));
    }
    const std::string first = id;
    for (int n = 2; id.empty() || used_.contains(id); ++n) id = fmt::format("{}_{}", first, n);
    used_.insert(id);
    open_[given] = id;
    return id;
  }

  void append(std::string_view role, json::array blocks) {
    if (blocks.empty()) return;
    if (messages_.empty() || messages_.back().at("role").as_string() != role) {
      messages_.push_back({{"role", role}, {"content", std::move(blocks)}});
      return;
    }
    json::array& content = messages_.back().at("content").get_array();
    for (json::value& block : blocks) content.push_back(std::move(block));
  }

  json::array messages_;
  std::set<std::string, std::less<>> used_;  // ids of calls
  std::map<std::string, std::string> open_;  // of the last answer's calls: the turn's id, and ours
};

}  // namespace

json::array anthropic_messages(const std::vector<Turn>& turns) {
  Writer writer;
  for (const Turn& turn : turns) writer.add(turn);
  return std::move(writer).take();
}

}  // namespace bellpull
