// The words of a text, as the index of records knows them: letters and digits without case and
// accents, without English endings; each ideograph and kana a word of its own.
//
// Made by SQLite's own tokenizers, so they need a connection. Lifetime: within its connection's.
// Threads: the connection's.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "sqlite/database.h"

struct Fts5Tokenizer;
struct fts5_api;
struct fts5_tokenizer;

namespace bellpull {

// A longer word is cut: what is this long is no word.
inline constexpr std::size_t max_word_bytes = 64;

// The door to FTS5 on a connection.
fts5_api& full_text_search(Database& database);

class WordFolding {
 public:
  explicit WordFolding(Database& database);
  ~WordFolding();
  WordFolding(const WordFolding&) = delete;
  WordFolding& operator=(const WordFolding&) = delete;

  // Calls `take` with each word, in order.
  void fold(std::string_view text, const std::function<void(std::string_view word)>& take) const;

 private:
  const std::unique_ptr<fts5_tokenizer> methods_;
  Fts5Tokenizer* tokenizer_ = nullptr;
};

}  // namespace bellpull
