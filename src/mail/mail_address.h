// Addresses as people write them: "ann@example.com", "Ann Lee <ann@example.com>".
//
// A practical part of RFC 5322: names may be quoted, and may be any UTF-8 text; before the "@"
// stand letters, digits and what RFC 5322 calls an atom, with dots between; no comments, no quoted
// local parts, no address literals, no groups.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bellpull {

struct MailAddress {
  std::string name;     // for people; may be empty
  std::string address;  // its domain in lower case

  std::string_view domain() const;
  bool operator==(const MailAddress&) const = default;
};

// Fails with `invalid`: a sentence that quotes the address.
Result<MailAddress> parse_mail_address(std::string_view text);

// The addresses of a list, "a@b.c, Ann <d@e.f>", unparsed: commas within quotes separate nothing.
std::vector<std::string> split_addresses(std::string_view text);

// Whether the text holds a line break, NUL or another character that no header may hold.
bool has_control_character(std::string_view text);

}  // namespace bellpull
