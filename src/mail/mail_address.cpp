#include "mail/mail_address.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "base/encoding.h"
#include "base/result.h"

namespace bellpull {

namespace {

constexpr std::size_t max_local_bytes = 64;     // RFC 5321, 4.5.3.1.1
constexpr std::size_t max_address_bytes = 254;  // what fits into a path
constexpr std::size_t max_label_bytes = 63;
constexpr std::size_t max_name_bytes = 200;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Parts between dots, none of them empty, each of which `is_part` takes.
template <class IsPart>
bool is_dotted(std::string_view text, IsPart is_part) {
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_part(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_atom(std::string_view part) {
  return !part.empty() && std::ranges::all_of(part, [](char c) {
    return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
  });
}

bool is_label(std::string_view part) {
  return !part.empty() && part.size() <= max_label_bytes && part.front() != '-' &&
         part.back() != '-' &&
         std::ranges::all_of(part, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

// What is wrong with the address between the brackets; empty: nothing.
std::string_view fault_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return "has no @";
  const std::string_view local = address.substr(0, at);
  const std::string_view domain = address.substr(at + 1);
  if (!is_ascii(local)) {
    return "has letters before the @ that are not ASCII, which mail relays need SMTPUTF8 for: it "
           "is not supported";
  }
  if (!is_ascii(domain)) return "has a domain that is not ASCII: write it in its xn-- form";
  if (local.size() > max_local_bytes || address.size() > max_address_bytes) return "is too long";
  if (!is_dotted(local, is_atom)) return "has something before the @ that is no mailbox";
  if (!is_dotted(domain, is_label)) return "has something after the @ that is no domain";
  return {};
}

// The text of a name: quotes taken off, and what was escaped in them.
std::string unquoted(std::string_view name) {
  if (name.size() < 2 || !name.starts_with('"') || !name.ends_with('"')) return std::string(name);
  std::string text;
  name = name.substr(1, name.size() - 2);
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) ++i;
    text += name[i];
  }
  return text;
}

// For an error: the text as far as it can be shown.
std::string quoted(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, 80)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
  while (!is_utf8(shown) && !shown.empty()) shown.pop_back();
  return '"' + shown + '"';
}

}  // namespace

std::string_view MailAddress::domain() const {
  return std::string_view(address).substr(address.rfind('@') + 1);
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

Result<MailAddress> parse_mail_address(std::string_view text) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::invalid, fmt::format("{} {}", quoted(text), what),
                "write it as ann@example.com or Ann Lee <ann@example.com>");
  };
  if (!is_utf8(text)) return wrong("is not UTF-8");
  if (has_control_character(text)) return wrong("holds a line break or a control character");
  std::string_view address = trim(text);
  if (address.empty()) return wrong("is no address");
  MailAddress result;
  if (const std::size_t open = address.rfind('<'); open != std::string_view::npos) {
    if (!address.ends_with('>')) return wrong("has an unclosed <");
    result.name = unquoted(trim(address.substr(0, open)));
    address = trim(address.substr(open + 1, address.size() - open - 2));
  }
  if (result.name.size() > max_name_bytes) return wrong("has a name that is too long");
  if (const std::string_view fault = fault_of(address); !fault.empty()) return wrong(fault);
  result.address = address;
  std::ranges::transform(
      result.address.begin() + static_cast<std::ptrdiff_t>(result.address.rfind('@')),
      result.address.end(),
      result.address.begin() + static_cast<std::ptrdiff_t>(result.address.rfind('@')),
      [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

std::vector<std::string> split_addresses(std::string_view text) {
  std::vector<std::string> addresses;
  std::string one;
  bool is_quoted = false;
  const auto take = [&] {
    if (!trim(one).empty()) addresses.emplace_back(trim(one));
    one.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_quoted && c == '\\' && i + 1 < text.size()) {
      one += c;
      one += text[++i];
      continue;
    }
    if (c == '"') is_quoted = !is_quoted;
    if (c == ',' && !is_quoted) {
      take();
    } else {
      one += c;
    }
  }
  take();
  return addresses;
}

}  // namespace bellpull
