#include "domain/ids.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/random.h"

namespace bellpull {

namespace {

constexpr std::size_t number_size = 6;  // bytes of a resource id's number
constexpr std::int64_t max_resource_number = (std::int64_t{1} << 48) - 1;

// Digits that a message's and a step's own number takes at the end of its id.
constexpr std::size_t message_digits = 6;
constexpr std::size_t step_digits = 4;

std::optional<std::string_view> without_prefix(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  if (!text.starts_with('_')) return std::nullopt;
  return text.substr(1);
}

std::string pair_text(std::string_view prefix, std::int64_t owner, std::int64_t number,
                      std::size_t digits) {
  return std::string{prefix} + "_" + to_base32(static_cast<std::uint64_t>(owner)) +
         to_base32(static_cast<std::uint64_t>(number), digits);
}

bool parse_pair(std::string_view prefix, std::string_view text, std::size_t digits,
                std::int64_t& owner, std::int64_t& number) {
  const auto body = without_prefix(prefix, text);
  if (!body || body->size() <= digits || body->front() == '0') return false;
  const auto first = number_from_base32(body->substr(0, body->size() - digits));
  const auto second = number_from_base32(body->substr(body->size() - digits));
  if (!first || !second) return false;
  owner = *first;
  number = *second;
  return true;
}

}  // namespace

std::string resource_id_text(std::string_view prefix, std::int64_t number, const IdTag& tag) {
  std::array<std::uint8_t, number_size + tag_size> bytes{};
  for (std::size_t i = 0; i < number_size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * (number_size - 1 - i)) & 0xFF);
  }
  std::ranges::copy(tag, bytes.begin() + number_size);
  return std::string{prefix} + "_" + to_base32(bytes);
}

bool parse_resource_id(std::string_view prefix, std::string_view text, std::int64_t& number,
                       IdTag& tag) {
  const auto body = without_prefix(prefix, text);
  if (!body) return false;
  const auto bytes = from_base32(*body);
  if (!bytes || bytes->size() != number_size + tag_size) return false;
  number = 0;
  for (std::size_t i = 0; i < number_size; ++i) number = number << 8 | (*bytes)[i];
  std::copy(bytes->begin() + number_size, bytes->end(), tag.begin());
  return number > 0 && number <= max_resource_number;
}

std::string sequence_id_text(std::string_view prefix, std::int64_t number) {
  return std::string{prefix} + "_" + to_base32(static_cast<std::uint64_t>(number));
}

std::optional<std::int64_t> parse_sequence_id(std::string_view prefix, std::string_view text) {
  const auto body = without_prefix(prefix, text);
  // One row has one id: a number with leading zeros is none.
  if (!body || body->starts_with('0')) return std::nullopt;
  return number_from_base32(*body);
}

std::string MessageId::text() const {
  return pair_text("message", conversation.value, number, message_digits);
}

std::optional<MessageId> MessageId::parse(std::string_view text) {
  MessageId id;
  if (!parse_pair("message", text, message_digits, id.conversation.value, id.number)) return {};
  return id;
}

std::string StepId::text() const { return pair_text("step", run.value, number, step_digits); }

std::optional<StepId> StepId::parse(std::string_view text) {
  StepId id;
  if (!parse_pair("step", text, step_digits, id.run.value, id.number)) return std::nullopt;
  return id;
}

IdTag new_tag(Random& random) {
  IdTag tag{};
  random.fill(tag);
  return tag;
}

}  // namespace bellpull
