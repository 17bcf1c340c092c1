#include "sqlite/word_folding.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include <sqlite3.h>

#include "sqlite/database.h"

namespace bellpull {

namespace {

using Take = std::function<void(std::string_view word)>;

std::size_t sequence_length(unsigned char first) {
  if (first >= 0xF0) return 4;
  if (first >= 0xE0) return 3;
  return first >= 0xC0 ? 2 : 1;
}

std::uint32_t code_point(std::string_view sequence) {
  constexpr std::array<std::uint32_t, 5> first_bits{0, 0x7F, 0x1F, 0x0F, 0x07};
  std::uint32_t point =
      static_cast<unsigned char>(sequence.front()) & first_bits.at(sequence.size());
  for (const char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 63);
  return point;
}

// Written without blanks between words: kana and ideographs.
bool stands_alone(std::uint32_t point) {
  return (point >= 0x3040 && point <= 0x30FF) || (point >= 0x3400 && point <= 0x4DBF) ||
         (point >= 0x4E00 && point <= 0x9FFF) || (point >= 0xF900 && point <= 0xFAFF) ||
         (point >= 0x20000 && point <= 0x2FA1F);
}

void take_cut(std::string_view word, const Take& take) {
  if (word.empty()) return;
  std::size_t end = std::min(word.size(), max_word_bytes);
  while (end < word.size() && (static_cast<unsigned char>(word[end]) & 0xC0) == 0x80) --end;
  take(word.substr(0, end));
}

void take_apart(std::string_view token, const Take& take) {
  std::size_t start = 0;
  for (std::size_t at = 0; at < token.size();) {
    const std::size_t length =
        std::min(sequence_length(static_cast<unsigned char>(token[at])), token.size() - at);
    if (length >= 3 && stands_alone(code_point(token.substr(at, length)))) {
      take_cut(token.substr(start, at - start), take);
      take(token.substr(at, length));
      start = at + length;
    }
    at += length;
  }
  take_cut(token.substr(start), take);
}

// Called by C: whatever it threw would be lost there, so it throws nothing (but for memory).
int take_token(void* context, int /*flags*/, const char* token, int size, int /*start*/,
               int /*end*/) {
  take_apart({token, static_cast<std::size_t>(size)}, *static_cast<const Take*>(context));
  return SQLITE_OK;
}

void check(int code, const char* what) {
  if (code != SQLITE_OK) throw SqliteError(code, what);
}

}  // namespace

fts5_api& full_text_search(Database& database) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database.handle(), "select fts5(?1)", -1, &statement, nullptr),
        "SQLite lacks FTS5");
  sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
  sqlite3_step(statement);
  sqlite3_finalize(statement);
  if (api == nullptr) throw SqliteError(SQLITE_ERROR, "SQLite lacks FTS5");
  return *api;
}

WordFolding::WordFolding(Database& database) : methods_(std::make_unique<fts5_tokenizer>()) {
  fts5_api& api = full_text_search(database);
  void* context = nullptr;
  check(api.xFindTokenizer(&api, "porter", &context, methods_.get()), "no tokenizer porter");
  std::array<const char*, 3> arguments{"unicode61", "remove_diacritics", "2"};
  check(
      methods_->xCreate(context, arguments.data(), static_cast<int>(arguments.size()), &tokenizer_),
      "no tokenizer unicode61");
}

WordFolding::~WordFolding() { methods_->xDelete(tokenizer_); }

void WordFolding::fold(std::string_view text, const Take& take) const {
  const int code = methods_->xTokenize(
      tokenizer_, const_cast<void*>(static_cast<const void*>(&take)), FTS5_TOKENIZE_DOCUMENT,
      text.data(), static_cast<int>(text.size()), take_token);
  check(code, "a text could not be taken apart");
}

}  // namespace bellpull
